"""SMCD (Animate Your Motion) as a renderer: the first frame's scene, in which objects move as their boxes do.

The model makes 8 frames. A window here is the frame before it, and its own seven: in a shot's first window the frame before
is the first frame, made like the others as released, in every later one the last frame made, held as it is. The picture
that the model is shown is the shot's first frame in every window, so that the scene stays in a shot of any length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from v2v_studio.errors import RenderError, UsageError
from v2v_studio.models.canvas import Canvas
from v2v_studio.models.held import loaded, within_memory
from v2v_studio.models.smcd.params import LOAD, SMCDParams, converted
from v2v_studio.models.smcd.places import SLOTS, normalised, padded
from v2v_studio.renderers.base import Carry, OpenRender, Rendered, window_seed
from v2v_studio.types import Anchor, Array, BoxSequence, Direction, Motion, OnStep, Window, unwatched

FRAMES = 8  # that the model makes


class RenderParams(SMCDParams):
    shorter: int = Field(
        256, ge=64, le=4096, description="Shorter side that the model works at, in pixels; it was trained on 256."
    )
    slots: int = Field(
        SLOTS, ge=1, le=30, description="Objects that it is told of, those there are and free ones; trained on 8."
    )


class SMCD:
    """Makes up seven frames at once by the diffusion model SMCD; needs its weights."""

    accepts: tuple[type[Motion], ...] = (BoxSequence,)
    directions: tuple[Direction, ...] = ()
    Params: type[RenderParams] = RenderParams

    def open(self, anchor: Anchor, params: RenderParams, seed: int, on_step: OnStep = unwatched) -> OpenRender:
        """Raises UsageError where an object has no phrase, and there is no prompt to say what it is."""
        return Boxed(anchor, params, seed, on_step)


class Boxed:
    """One first frame and its objects. The model is loaded at the first window."""

    window = FRAMES - 1
    stride = 1

    def __init__(self, anchor: Anchor, params: RenderParams, seed: int, on_step: OnStep) -> None:
        self._params, self._seed, self._on_step, self._drawn = params, seed, on_step, anchor.drawn.boxes
        self._canvas = Canvas.around(anchor.styled.shape[1:], shorter=params.shorter)  # type: ignore[arg-type]
        self._image = self._canvas.picture(anchor.styled)
        if self._drawn is not None and not all(phrase.strip() or params.prompt for phrase in self._drawn.phrases):
            raise UsageError(
                "a box has no phrase, and there is no prompt that says what is in it; give one with -p prompt='a red ball'"
            )

    def render(self, window: Window, motion: BoxSequence, carry: Carry) -> Rendered:
        """See `OpenRender`. `carry` holds the last frame's latent and boxes.

        Raises:
            RenderError: the boxes are of another size than the frame.
        """
        if motion.size != window.frames.shape[2:]:
            raise RenderError(f"the boxes of frame {window.start} are of another size than the frame; draw them again")
        before = self._before(motion, carry)
        present = np.concatenate([before.present, motion.present])
        boxes = self._shares(np.concatenate([before.boxes, motion.boxes]), present)
        boxes, present = padded(boxes, present, self._params.slots)
        phrases = [phrase.strip() or self._params.prompt for phrase in motion.phrases]
        made = self._sampled(window, boxes, present, phrases, {0: carry["latent"]} if carry else {})
        frames = self._canvas.undone(made.frames[1:])
        last = motion.entry(len(motion) - 1)
        return Rendered(
            frames, {"latent": made.latents[-1], "boxes": last.boxes, "present": last.present.astype(np.float32)}
        )

    def _before(self, motion: BoxSequence, carry: Carry) -> BoxSequence:
        """The boxes of the frame before the window."""
        if carry:
            return BoxSequence(carry["boxes"], carry["present"].astype(bool), motion.phrases, motion.size)
        return self._drawn.entry(0) if self._drawn is not None else motion.entry(0)

    def _shares(self, boxes: Array, present: NDArray[np.bool_]) -> Array:
        """Boxes in pixels of the frame as shares of the canvas, cut where the picture on it ends."""
        (height, width), (h, w), whole = self._canvas.size, self._canvas.working, self._canvas.whole
        fitted = np.clip(boxes * np.array([w / width, h / height] * 2), 0, [w, h, w, h]).astype(np.float32)
        return normalised(fitted, present, whole[::-1])

    def _sampled(
        self,
        window: Window,
        boxes: Array,
        present: NDArray[np.bool_],
        phrases: Sequence[str],
        held: Mapping[int, Array],
    ) -> Any:
        """What the model makes of the frame before the window and the window's own, on its canvas."""
        given = self._params
        model = loaded(LOAD, converted(given.model), given.device, given.dtype)
        with within_memory():
            return model.frames(
                self._image,
                given.prompt,
                given.negative_prompt,
                boxes,
                present,
                phrases,
                steps=given.steps,
                guidance=given.guidance,
                guidance_mode=given.guidance_mode,
                scheduler=given.scheduler,
                seed=window_seed(self._seed, window.start),
                low_memory=given.low_memory,
                held=held,
                on_step=lambda done, steps, step: self._on_step(),
            )
