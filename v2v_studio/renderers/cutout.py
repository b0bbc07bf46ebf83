"""A look at boxes before any network is asked: what is in them is cut out of the first frame and moved along them.

What was behind is filled in from around it. An object that is not in the first frame is only outlined where its box is.
"""

from __future__ import annotations

import cv2
import numpy as np
from pydantic import BaseModel

from v2v_studio.flow.boxes_picture import outlined
from v2v_studio.flow.grabcut import silhouette
from v2v_studio.renderers.base import Carry, OpenRender, Rendered
from v2v_studio.renderers.filled import filled
from v2v_studio.types import Anchor, Array, BoxSequence, Direction, Motion, OnStep, Window, unwatched

LINES = 480  # lines of a picture in which the length below is pixels
SOFT = 2.0  # pixels, of an edge that is laid over


class CutoutParams(BaseModel):
    pass


class Cutout:
    """Moves pieces of the first frame along boxes; needs no weights."""

    accepts: tuple[type[Motion], ...] = (BoxSequence,)
    directions: tuple[Direction, ...] = ()
    Params: type[BaseModel] = CutoutParams

    def open(self, anchor: Anchor, params: BaseModel, seed: int, on_step: OnStep = unwatched) -> OpenRender:
        return Pieces(anchor)


class Pieces:
    """A first frame taken to pieces: its objects, each with a soft edge, and what is behind them."""

    window = stride = 1

    def __init__(self, anchor: Anchor) -> None:
        cv2.setNumThreads(1)  # the last bits of a blur are not to depend on how the picture is shared out
        self._styled, self._drawn = np.clip(anchor.styled, 0, 1), anchor.drawn.boxes
        self._unit = max(min(anchor.styled.shape[1:]) / LINES, 0.25)
        self._shapes: list[Array] = []
        if self._drawn is not None:
            there = zip(self._drawn.boxes[0], self._drawn.present[0], strict=True)
            self._shapes = [silhouette(anchor.source, box) if is_there else _empty(anchor) for box, is_there in there]
        self._behind = filled(self._styled, np.any([_empty(anchor) > 0, *(shape > 0.5 for shape in self._shapes)], 0))
        self._textures = [filled(self._styled, self._in_front(number)) for number in range(len(self._shapes))]

    def render(self, window: Window, motion: BoxSequence, carry: Carry) -> Rendered:
        """See `OpenRender`."""
        return Rendered(np.stack([self._frame(motion.entry(index)) for index in range(len(motion))]), {})

    def _frame(self, now: BoxSequence) -> Array:
        frame = self._behind.copy()
        for number in np.argsort(now.boxes[0, :, 3], kind="stable"):  # what ends lower in the picture is nearer
            if not now.present[0, number]:
                continue
            if self._shapes[number].any():
                assert self._drawn is not None
                frame = self._laid(frame, number, self._drawn.boxes[0, number], now.boxes[0, number])
            else:
                frame = outlined(frame, now.boxes[0, number], now.phrases[number], int(number))
        return frame

    def _laid(self, frame: Array, number: int, start: Array, box: Array) -> Array:
        """An object over a frame, from its box in the first frame to its box now."""
        scale = (box[2:] - box[:2]) / (start[2:] - start[:2])
        way = np.array(
            [[scale[0], 0, box[0] - scale[0] * start[0]], [0, scale[1], box[1] - scale[1] * start[1]]], np.float64
        )
        size = frame.shape[2], frame.shape[1]
        how = cv2.INTER_AREA if scale.max() < 1 else cv2.INTER_LINEAR
        texture = self._textures[number].transpose(1, 2, 0)
        piece = cv2.warpAffine(texture, way, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        soft = cv2.GaussianBlur(self._shapes[number], (0, 0), max(0.3, SOFT * self._unit / 2))
        cover = cv2.warpAffine(soft, way, size, flags=how)
        return np.asarray(frame + cover * (piece.transpose(2, 0, 1) - frame), np.float32)

    def _in_front(self, number: int) -> np.ndarray:
        """(H, W) bool, where smaller objects hide parts of one: they do not move along with it."""
        own = self._shapes[number]
        smaller = [shape > 0.5 for shape in self._shapes if 0 < shape.sum() < own.sum()]
        return np.any([np.zeros(own.shape, bool), *smaller], 0) & (own > 0.5)


def _empty(anchor: Anchor) -> Array:
    return np.zeros(anchor.styled.shape[1:], np.float32)
