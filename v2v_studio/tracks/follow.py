"""A box drawn on one frame, followed through the shot: forwards or backwards, as the stream goes.

The object's silhouette in the drawn box is moved as one piece, a similarity a frame. Most of the motion that is seen inside
it decides (RANSAC); what moves otherwise, or comes in from outside while all stands still, is in front of the object and has
no say, so that a look-alike which passes does not take the box along. Then the silhouette is brought onto the outline that
colours and edges show, which ends all drift. Where little is left of the object it is moved without turning or growing,
where next to nothing is, by its pace before, which dies down, until what is inside the box looks like it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from v2v_studio.flow.grabcut import Corners, silhouette
from v2v_studio.flow.longrange import TrackParams, quantised
from v2v_studio.motion.estimate import Estimate
from v2v_studio.tracks import mask as masks
from v2v_studio.tracks.appearance import Colours
from v2v_studio.tracks.mask import agreement, drawn_to_edges
from v2v_studio.tracks.run import motions
from v2v_studio.tracks.silhouette import Affine, aligned, depth, moved, shape_motion, still, then
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, Array, FlowField
from v2v_studio.warping import backward_warp, grid, pixels

Where = NDArray[np.bool_]

TURNS = 0.5  # share of the silhouette to be seen for it to turn and grow, and to be brought onto an outline
MOVES = 0.15  # share to be seen for it to move by what is seen
BACK = 0.5  # share that looks like the object for one that was hidden to be back
SLOWING = 0.8  # of a hidden object's pace from frame to frame
AGREES = 1.5  # pixels, and
AGREES_MOVING = 0.15  # of the motion, off the common motion that still agree with it
EXACT = 0.7  # of these pixels, at least: motion is not known more exactly in a small picture
APART = 8.0  # pixels of disagreement that are evidence, after 2
NEAR = 0.08  # of the object's size, around where a pixel is looked for, in which it may be found
OFF = 0.85  # share of what is seen that lies inside the silhouette, or else that is laid over it first
WHOLE = 0.7  # of the silhouette's area, for that
CUT = 0.9  # share of a box inside the picture up to which its edges are those that are seen
EDGE = 2.0  # pixels from the picture's edge, where an edge that is seen is the object's own


@dataclass(frozen=True)
class Followed:
    """The box on one frame.

    Attributes:
        index: of the frame, counted from the drawn one.
        box: x0, y0, x1, y1 in pixels; may reach beyond the picture.
        seen: share of the object that is seen, of what of it is inside the picture.
    """

    index: int
    box: Corners
    seen: float


@dataclass(frozen=True)
class _State:
    """What is known of the object on a frame: its way back to the drawn frame, its outline and parts, its pace."""

    way: Affine
    mask: Array
    seen: Where
    pace: NDArray[np.float64]


HIDDEN = 12  # frames in a row that an object may be hidden for; hidden longer, it is not in the picture


class BoxPass:
    """One drawn box followed over a stream of source frames: the order in time is the stream's.

    Args:
        source: (3, H, W), the source frame that the box was drawn on.
        box: x0, y0, x1, y1 in its pixels.
    """

    def __init__(self, source: Array, box: Corners) -> None:
        cv2.setNumThreads(1)  # the last bits of a blur are not to depend on how the picture is shared out
        self._box = np.array(box, np.float64)
        self._silhouette = silhouette(source, box)
        self._grid = grid(*source.shape[1:])
        self._unit = max(min(source.shape[1:]) / masks.LINES, 0.25)
        self._exact = max(self._unit, EXACT)
        self._near = max(3.0, NEAR * float(np.sqrt(self._silhouette.sum())))
        self._colours = Colours(source, self._silhouette, round(masks.AROUND * self._unit))
        # Motion of a draft: at half the size, what is fast and blurred is found more surely.
        self._motion = Estimate().open(Anchor(source, source), TrackParams(quality="draft"))

    def steps(self, previous: Array, frames: Iterable[Array]) -> Iterator[Followed]:
        """The box on every frame of the stream.

        Args:
            previous: (3, H, W), the source frame that the box was drawn on.
            frames: (3, H, W) each, those next to it in order.
        """
        now = _State(still(), self._silhouette, self._silhouette > 0.5, np.zeros(2))
        for window, motion in motions(self._motion, windows(previous, frames, 1)):
            now = self._step(window.frames[0], motion, now)
            shape = moved(self._silhouette, now.way) > 0.5
            yield Followed(window.start, self._corners(now), float(now.seen.sum() / max(shape.sum(), 1)))

    def _step(self, frame: Array, motion: FlowField, before: _State) -> _State:
        assert motion.step is not None
        step, displacement, visible = pixels(motion.step[0]), pixels(motion.displacement[0]), motion.visible[0, 0]
        followed = backward_warp(before.seen.astype(np.float32), step) > 0.5
        share = followed.sum() / max((moved(self._silhouette, before.way) > 0.5).sum(), 1)
        pace = before.pace * (SLOWING if share <= MOVES else 1)
        last = self._moved(followed, step, share, pace)  # from this frame to the one before
        way = then(last, before.way)
        found = np.hypot(*(self._grid + displacement - _mapped(way, self._grid)).transpose(2, 0, 1)) < self._near
        looked_up = backward_warp(self._silhouette, displacement) * found
        apart = np.hypot(*(self._grid + step - _mapped(last, self._grid)).transpose(2, 0, 1))
        mask = self._mask(frame, before.mask, step, way, looked_up, visible, apart)
        shape, whole = moved(self._silhouette, way) > 0.5, mask > 0.5
        speed = float(np.median(np.hypot(*step[followed].T))) if followed.any() else 0.0
        agrees = apart < AGREES * self._exact + AGREES_MOVING * speed
        seen = shape & whole & ((followed & agrees) | ((looked_up > 0.5) & (visible > 0.5)))
        if speed > self._unit:  # what moves with it is of it; where all stands still, nothing tells
            seen |= shape & whole & agrees
        if share <= MOVES and (whole & shape).sum() > BACK * shape.sum():
            seen = whole & shape
        if seen.sum() > TURNS * shape.sum():
            way = aligned(self._laid(way, shape, whole), self._silhouette, whole, masks.NEAR * self._unit)
        if share > MOVES:
            pace = (pace + self._centre(way) - self._centre(before.way)) / 2
        return _State(way, mask, seen, pace)

    def _moved(self, followed: Where, step: Array, share: float, pace: NDArray[np.float64]) -> Affine:
        """The motion of the object back to the frame before, as much of it as can be told from what is seen."""
        if share > TURNS:
            return shape_motion(followed, step)
        last = still()
        last[:, 2] = np.median(step[followed], 0) if share > MOVES else -pace
        return last

    def _mask(
        self, frame: Array, before: Array, step: Array, way: Affine, looked_up: Array, visible: Array, apart: Array
    ) -> Array:
        """(H, W) in [0, 1], the object as colours and edges show it. The witnesses are those of `tracks.mask`."""
        followed = backward_warp(before, step)
        shaped, known = (depth(a > 0.5) / self._unit for a in (moved(self._silhouette, way), followed))
        known = np.where(shaped > 0, np.maximum(known, masks.BEHIND), known)
        trust = agreement(followed > 0.5, looked_up > 0.5)
        evidence = (
            np.clip(known, *masks.FOLLOWED) / masks.SLOW
            + np.clip(shaped + masks.SLACK, *masks.SHAPED) / masks.SLOW
            + masks.LOOKED_UP * trust * visible * (2 * looked_up - 1)
            + masks.COLOURED * self._colours.odds(frame)
            - np.clip(apart / self._exact - 2, 0, APART - 2)
        )
        return quantised(drawn_to_edges(evidence, frame, self._unit), masks.LEVELS)

    def _laid(self, way: Affine, shape: Where, whole: Where) -> Affine:
        """The way with the silhouette laid over what is seen, where the two have come apart although most is seen."""
        if (whole & shape).sum() >= OFF * whole.sum() or whole.sum() <= WHOLE * shape.sum():
            return way
        shift = still()
        shift[:, 2] = _middle(shape) - _middle(whole)
        return then(shift, way)

    def _centre(self, way: Affine) -> NDArray[np.float64]:
        """(x, y) of the box's centre on the frame that a way leads back from."""
        centre = (self._box[:2] + self._box[2:]) / 2
        forth = np.asarray(cv2.invertAffineTransform(way), np.float64)
        return np.asarray(_mapped(forth, centre[None, None]), np.float64)[0, 0]

    def _corners(self, now: _State) -> Corners:
        """The box: the drawn one moved and scaled; cut by the picture's edge, it ends where the object is seen to end."""
        scale = float(abs(np.linalg.det(now.way[:, :2]))) ** -0.5
        half, centre = (self._box[2:] - self._box[:2]) / 2 * scale, self._centre(now.way)
        box = np.concatenate([centre - half, centre + half])
        height, width = now.mask.shape
        whole = now.mask > 0.5
        if _inside(tuple(box.tolist()), (width, height)) < CUT and whole.any():
            seen = extent(whole)
            own = np.array([*(seen[:2] > EDGE), *(seen[2:] < np.array([width, height]) - EDGE)])
            box = np.where(own, seen, box)
        return tuple(box.tolist())


def present(followed: Sequence[Followed], size: tuple[int, int]) -> list[bool]:
    """Where an object is in a picture of a size (width, height).

    It is not where its box is outside, nor where it is hidden for long, nor where it is hidden and half outside.
    """
    inside = [_inside(one.box, size) for one in followed]
    there = [share > (0.5 if one.seen <= MOVES else 0) for one, share in zip(followed, inside, strict=True)]
    for hidden, run in groupby(range(len(followed)), lambda index: followed[index].seen <= MOVES):
        frames = list(run)
        if hidden and len(frames) > HIDDEN:
            for index in frames:
                there[index] = False
    return there


def _inside(box: Corners, size: tuple[int, int]) -> float:
    """Share of a box that is inside a picture of a size (width, height)."""
    low, high = np.clip(box[:2], 0, size), np.clip(box[2:], 0, size)
    return float(np.prod(high - low) / ((box[2] - box[0]) * (box[3] - box[1])))


def extent(where: Where) -> NDArray[np.float64]:
    """x0, y0, x1, y1 around what is true, but for single pixels far out."""
    y, x = np.nonzero(where)
    low, high = (np.percentile([x, y], q, axis=1) for q in (0.5, 99.5))
    return np.concatenate([low, high + 1])


def _middle(where: Where) -> NDArray[np.float64]:
    y, x = np.nonzero(where)
    return np.array([x.mean(), y.mean()])


def _mapped(way: Affine, positions: Array | NDArray[np.float64]) -> Array:
    """(H, W, 2) positions through a map."""
    return np.asarray(cv2.transform(positions, way))
