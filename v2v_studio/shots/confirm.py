"""Whether a suspected hard cut separates two pictures."""

from __future__ import annotations

from itertools import combinations, product

from v2v_studio.shots.looks import Memory

SIDE = 3  # frames looked at on either side


def separates(memory: Memory, cut: int) -> bool:
    """Whether the frames before a cut differ more from those after it than either do among themselves.

    A flash, a damaged frame, a keyframe of the codec and noise in black frames change one frame as much as a cut does, but
    the frames on the other side of it are the same picture as before; fast motion changes all frames alike.
    """
    before = range(max(0, cut - SIDE), cut)
    after = range(cut, min(len(memory), cut + SIDE))
    across = min(memory.near(late, late - early) for early, late in product(before, after))
    within = (memory.near(late, late - early) for side in (before, after) for early, late in combinations(side, 2))
    return memory.unlike[cut] > 0.5 and bool(across > max(within, default=0.0))
