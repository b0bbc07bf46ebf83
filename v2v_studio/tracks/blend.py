"""Two first frames carried to one frame, made one picture without ghosts."""

from __future__ import annotations

import cv2
import numpy as np

from v2v_studio.types import Array

UNSEEN = 0.02  # weight of what a first frame does not show: enough to decide where neither does
ALIKE, APART = 0.03, 0.12  # mean difference of the two in [0, 1]: below, they mix; above, one of them stands alone
LINES = 160  # height of a picture of sources
COLOURS = np.array(
    [(230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (204, 121, 167), (213, 94, 0)], np.float32
) / np.float32(255)  # told apart by colour-blind eyes too (Okabe and Ito 2008)
EDGE = 0.12  # half the range of shares over which one takes over from the other where they are apart


def share_of_later(earlier: Array, later: Array, seen_earlier: Array, seen_later: Array, along: float) -> Array:
    """(H, W) in [0, 1], what part of each pixel comes from the later first frame.

    The nearer in time and the more surely seen counts more. Where the two disagree, mixing them would show both drawings
    at once, so there the stronger one stands almost alone, and the change from one to the other is short.

    Args:
        earlier, later: (3, H, W), the frame as carried from either side.
        seen_earlier, seen_later: (H, W) in [0, 1], how surely each first frame shows a pixel.
        along: in (0, 1), where the frame lies between the two first frames.
    """
    share = faded(seen_earlier, seen_later, along)
    gap = cv2.GaussianBlur(np.abs(later - earlier).mean(0), (0, 0), 2)
    alone = smoothstep(0.5 - EDGE, 0.5 + EDGE, share)
    return (share + smoothstep(ALIKE, APART, gap) * (alone - share)).astype(np.float32)


def faded(seen_earlier: Array, seen_later: Array, along: float) -> Array:
    """(H, W) in [0, 1], the later one's part by time and visibility alone: the evenest way over, in equal steps."""
    one = (1 - along) * np.square(UNSEEN + cv2.GaussianBlur(seen_earlier, (0, 0), 2))
    other = along * np.square(UNSEEN + cv2.GaussianBlur(seen_later, (0, 0), 2))
    return (other / (one + other)).astype(np.float32)


def mixed(earlier: Array, later: Array, share: Array) -> Array:
    """(3, H, W): the share (H, W) of the later one, the rest of the earlier."""
    return earlier + share * (later - earlier)


def sources(own: int, other: int, share: Array, seen: Array) -> Array:
    """A picture, small: the colour of the first frame that each pixel came from, darker the less it was seen.

    Args:
        own, other: numbers of the two first frames, which choose colours.
        share: (H, W), of the other one. seen: (H, W) in [0, 1].
    """
    size = (max(1, round(share.shape[1] * min(1, LINES / share.shape[0]))), min(LINES, share.shape[0]))
    part, shown = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (share, seen))
    one, two = (COLOURS[which % len(COLOURS)][:, None, None] for which in (own, other))
    return ((one + part * (two - one)) * (0.25 + 0.75 * shown)).astype(np.float32)


def smoothstep(low: float, high: float, value: Array) -> Array:
    x = np.clip((value - low) / (high - low), 0, 1)
    return x * x * (3 - 2 * x)
