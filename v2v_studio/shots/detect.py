"""Footage taken apart: hard cuts by a detector, transitions by us, the clean shots between them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from v2v_studio.errors import MediaError
from v2v_studio.shots.base import DETECTORS, Cut, Detector, DetectorParams, Range, Transition
from v2v_studio.shots.confirm import separates
from v2v_studio.shots.looks import Memory, look, small
from v2v_studio.shots.transitions import TransitionFinder, reach
from v2v_studio.shots.usable import first_usable
from v2v_studio.types import Array


def detect(
    frames: Iterable[Array], rate: Fraction, detector: str = "adaptive", params: DetectorParams | None = None
) -> Cut:
    """Find the shots of a footage and the transitions between them.

    Args:
        frames: (3, H, W) RGB in [0, 1], in order. Each is looked at once and let go; a few hundred bytes of it are kept.
        rate: frames a second.
        detector: name in DETECTORS.
        params: that detector's `Params`; None for its defaults.

    Raises:
        UsageError: unknown detector.
        MediaError: there are no frames.
    """
    hard_cuts: Detector = DETECTORS.load(detector)()
    params = params or hard_cuts.Params()
    watching = hard_cuts.open(params, rate)
    memory = Memory(reach(rate))
    finder = TransitionFinder(memory)
    for frame in frames:
        picture = small(frame)
        watching.push(picture)
        memory.push(look(picture))
        finder.look_back()
    if not len(memory):
        raise MediaError("the footage has no frames, so there is nothing to cut; ingest it again")

    transitions = finder.transitions()
    cuts = watching.cuts()
    if hard_cuts.confirm:
        cuts = [cut for cut in cuts if separates(memory, cut)]
    shots = shots_between(len(memory), cuts, transitions, params.min_length)
    return Cut(
        frames=len(memory),
        shots=shots,
        transitions=transitions,
        scores=np.asarray(watching.scores, np.float32),
        usable=tuple(first_usable(memory, shot) for shot in shots),
        threshold=getattr(params, "threshold", None),
    )


def shots_between(
    frames: int, cuts: Iterable[int], transitions: Iterable[Transition], min_length: int
) -> tuple[Range, ...]:
    """The clean ranges left by the transitions, divided at every cut that leaves `min_length` frames on both sides.

    Example:
        >>> shots_between(20, [4, 5], [Transition("dissolve", 10, 12, (0.3, 0.7))], min_length=3)
        ((0, 4), (4, 10), (12, 20))
    """
    shots: list[Range] = []
    start = 0
    for stop, after in [*((t.start, t.end) for t in transitions), (frames, frames)]:
        for cut in sorted(cuts):
            if start + min_length <= cut <= stop - min_length:
                shots.append((start, cut))
                start = cut
        if start < stop:
            shots.append((start, stop))
        start = after
    return tuple(shots)
