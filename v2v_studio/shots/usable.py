"""The first frame of a shot that is worth painting on."""

from __future__ import annotations

import numpy as np

from v2v_studio.shots.base import Range
from v2v_studio.shots.looks import Memory

SOON = 24  # frames in which the shot shows what it looks like
LEAST_CONTRAST = 0.5  # of the median: less is still fading, or covered
LEAST_DETAIL = 0.6  # of the median: less is blurred
DARKEST, BRIGHTEST = 0.04, 0.96  # mean brightness


def first_usable(memory: Memory, shot: Range) -> int:
    """The first frame that is neither nearly black nor white, nor poorer in contrast and detail than those that follow.

    The shot's own first frame where none is better. Frames of transitions never come into question: shots have none.
    """
    start, end = shot
    mean, contrast, detail = (np.asarray(values[start:end]) for values in (memory.mean, memory.contrast, memory.detail))
    for n in range(end - start):
        soon = slice(n, n + SOON)
        lit = DARKEST < mean[n] < BRIGHTEST
        clear = contrast[n] >= LEAST_CONTRAST * np.median(contrast[soon])
        if lit and clear and detail[n] >= LEAST_DETAIL * np.median(detail[soon]):
            return start + n
    return start
