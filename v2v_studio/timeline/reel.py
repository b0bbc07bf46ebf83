"""The review reel: the source beside what an edit shows, with shot, take, frame number and timecode burnt in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import accumulate

from v2v_studio.media.timecode import frame_to_timecode
from v2v_studio.project.records import Footage, Shot
from v2v_studio.timeline.edit import Segment
from v2v_studio.timeline.layouts import Captions


def captions_of(
    segments: Sequence[tuple[Footage, Segment]], shots: Iterable[Shot], rate: Fraction
) -> Callable[[int], Captions]:
    """Frame of the edit, counted from 0 -> what the reel says of it.

    Frames are numbered as the files of the take that is shown; in a dissolve both takes and both numbers are told. The
    timecode is that of the edit, from 00:00:00:00.

    Args:
        segments: what the edit plays, in order.
        shots: of all its footage.
        rate: its frames per second.
    """
    starts = [0, *accumulate(segment.end - segment.start for _, segment in segments)]
    shots = list(shots)

    def captions(index: int) -> Captions:
        which = bisect_right(starts, index) - 1
        footage, segment = segments[which]
        frame = segment.start + index - starts[which]
        takes = [take for take in (segment.outgoing, segment.incoming) if take]
        shot = next((s for s in shots if s.footage == footage.id and s.start <= frame < s.end), None)
        if takes:
            title = " > ".join(f"{take.shot} {take.id}" for take in takes)
            number = " > ".join(f"{take.number(frame):04d}" for take in takes)
        else:
            title = f"{shot.id} source" if shot else "source"
            number = f"{shot.number(frame):04d}" if shot else ""
        return Captions("source", f"{number}  {frame_to_timecode(index, rate)}".strip(), title)

    return captions
