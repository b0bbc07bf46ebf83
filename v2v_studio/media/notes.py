"""What the user is told about awkward footage: one plain sentence for each thing, with what is done about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from v2v_studio.media.colour import is_transparent
from v2v_studio.media.footage import Probe

_SLACK = 0.1  # seconds; sound that starts or ends this near to the picture is not worth a word
_HDR_TRANSFERS = {16: "PQ", 18: "HLG"}  # H.273 code points


def notes_on(probe: Probe, stream: VideoStream, first: VideoFrame, lost: int, promised: int | None) -> Iterator[str]:
    """The notes on a video file.

    Args:
        lost: frames between good ones that could not be decoded.
        promised: frames that the index promises, where the file ends before.
    """
    yield from _on_damage(probe, lost, promised)
    yield from _on_picture(probe, first)
    yield from _on_time(probe)
    yield from _on_sound(probe)
    yield from _on_other_streams(stream)


def _on_damage(probe: Probe, lost: int, promised: int | None) -> Iterator[str]:
    if promised:
        yield f"Cut off: {probe.frames} of {promised} frames are there."
    if lost:
        yield f"Damaged: {lost} of {probe.frames} frames cannot be decoded and show the frame before."
    if probe.damaged > lost:
        yield f"Damaged: {probe.damaged - lost} of {probe.frames} frames show what the decoder could save of them."


def _on_picture(probe: Probe, first: VideoFrame) -> Iterator[str]:
    size = f"{probe.width}x{probe.height}"
    if probe.orientation != 1:
        yield f"Stored turned or mirrored: shown upright, {size}."
    if probe.sample_aspect != "1":
        yield f"Pixels are not square ({probe.sample_aspect}): resampled to {size}."
    if probe.interlaced:
        field = "top" if probe.interlaced == "tff" else "bottom"
        yield f"Interlaced, {field} field first: deinterlaced, one frame for one."
    if probe.bit_depth > 8:
        yield f"{probe.bit_depth} bits: read at full depth; rendered frames have 8."
    if first.color_trc in _HDR_TRANSFERS:
        yield f"High dynamic range ({_HDR_TRANSFERS[first.color_trc]}): read without tone mapping, so it looks flat."
    if is_transparent(first):
        yield "Transparent pixels are laid over black."


def _on_time(probe: Probe) -> Iterator[str]:
    if probe.variable:
        yield (
            f"Variable frame rate, {float(Fraction(probe.rate)):.3f} on average: each frame keeps its own time in the "
            "exported video; edit lists count evenly spaced frames."
        )


def _on_sound(probe: Probe) -> Iterator[str]:
    begin = float(probe.start * Fraction(probe.time_base))
    end = begin + float(probe.frames / Fraction(probe.rate))
    for number, track in enumerate(probe.audio, start=1):
        sound = "The sound" if len(probe.audio) == 1 else f"Sound track {number}"
        late = begin - track.start
        side = "before" if late > 0 else "after"
        longer = track.start + track.duration - end
        if abs(late) > _SLACK:
            yield f"{sound} starts {abs(late):.2f} s {side} the picture: the offset is kept."
        if abs(longer) > _SLACK:
            yield f"{sound} ends {abs(longer):.2f} s {'after' if longer > 0 else 'before'} the picture: kept as it is."
    if len(probe.audio) > 1:
        yield f"{len(probe.audio)} sound tracks: all are kept."


def _on_other_streams(stream: VideoStream) -> Iterator[str]:
    others = Counter(s.type for s in stream.container.streams if s.type != "audio" and s.index != stream.index)
    for kind, count in others.items():
        yield f"{count} {kind} stream{'s' if count > 1 else ''} beside picture and sound: not carried over."
