"""ConsistI2V as a renderer: the model makes up what moves, from the first frame and a text; a camera can be given.

The model makes 16 frames, the first of which is its first frame. A longer shot is made in windows, in one of two ways.
Anchored: every window begins with the shot's own first frame and the last frames of the window before, held as they are.
Autoregressive, as released: every window begins with the last frame of the window before, of which the model knows no more.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Literal

import cv2
import numpy as np
from pydantic import Field

from v2v_studio.errors import RenderError, UsageError
from v2v_studio.models.canvas import Canvas
from v2v_studio.models.consisti2v.params import LOAD, ConsistI2VParams, released
from v2v_studio.models.held import loaded, within_memory
from v2v_studio.renderers.base import Carry, OpenRender, Rendered, window_seed
from v2v_studio.types import Anchor, Array, Direction, FlowField, FreeMotion, Motion, OnStep, Window, unwatched
from v2v_studio.warping import backward_warp, compose, pixels, planes

FRAMES = 16  # that the model makes, with its first frame
HELD = 3  # of them from the window before, where windows are anchored


class RenderParams(ConsistI2VParams):
    windows: Literal["anchored", "autoregressive"] = Field(
        "anchored",
        description="Of a long shot: each from the shot's first frame, or as released from the last frame before it.",
    )
    shorter: int = Field(
        256, ge=64, le=4096, description="Shorter side that the model works at, in pixels; it was trained on 256."
    )


class ConsistI2V:
    """Makes up twelve or fifteen frames at once by the diffusion model ConsistI2V; needs its weights."""

    accepts: tuple[type[Motion], ...] = (FreeMotion, FlowField)
    directions: tuple[Direction, ...] = ("backward",)
    Params: type[RenderParams] = RenderParams

    def open(self, anchor: Anchor, params: RenderParams, seed: int, on_step: OnStep = unwatched) -> OpenRender:
        kind = Anchored if params.windows == "anchored" else Autoregressive
        return kind(anchor, params, seed, on_step)


class Sampling:
    """One first frame, ready to be moved. The model is loaded at the first window, after motion is made."""

    stride = 1

    def __init__(self, anchor: Anchor, params: RenderParams, seed: int, on_step: OnStep) -> None:
        self._styled, self._params, self._seed, self._on_step = anchor.styled, params, seed, on_step
        self._canvas = Canvas.around(anchor.styled.shape[1:], shorter=params.shorter)  # type: ignore[arg-type]
        self._image = self._canvas.picture(anchor.styled)

    def _sampled(self, window: Window, frames: int, **given: Any) -> Any:
        """What the model makes of so many frames, on the canvas."""
        options = self._params
        model = loaded(LOAD, released(options.model), options.device, options.dtype)
        with within_memory():
            return model.frames(
                self._image,
                options.prompt,
                options.negative_prompt,
                frames=frames,
                stride=options.stride,
                steps=options.steps,
                guidance_text=options.guidance_text,
                guidance_image=options.guidance_image,
                rescale=options.rescale,
                frame_init=self._frame_init("camera" in given),
                noise=options.noise,
                noise_alpha=options.noise_alpha,
                seed=window_seed(self._seed, window.start),
                scheduler=options.scheduler,
                low_memory=options.low_memory,
                on_step=lambda done, steps, step: self._on_step(),
                **given,
            )

    def _frame_init(self, camera: bool) -> Any:
        """How the noise is begun with; None where it is not. With a camera it is to say more, as in the paper."""
        from v2v_studio.models.consisti2v.frame_init import FrameInitOptions  # imports torch

        given = self._params
        if not given.frame_init:
            return None
        level, cut_off = (750, 0.5) if camera else (850, 0.25)
        return FrameInitOptions(
            noise_level=given.noise_level or level,
            filter=given.filter,
            order=given.order,
            d_s=cut_off if given.d_s is None else given.d_s,
            d_t=cut_off if given.d_t is None else given.d_t,
        )

    def _checked(self, window: Window, motion: FreeMotion | FlowField) -> None:
        finite = not isinstance(motion, FlowField) or np.isfinite(motion.displacement).all()
        if motion.size != window.frames.shape[2:] or not finite:
            raise RenderError(
                f"the motion of frame {window.start} does not fit the frame or is not finite; make it again"
            )
        if isinstance(motion, FlowField) and not self._params.frame_init:
            raise UsageError("a camera is told to the model by FrameInit; leave out frame_init=false, or the camera")

    def _pictures(self, first: Array, ways: Array) -> Array:
        """(1 + T, 3, h, w): a first frame, and as a camera then sees it, on the canvas; mirrored beyond its sides.

        Args:
            ways: (T, 2, H, W), backward.
        """
        moved = (backward_warp(pixels(first), pixels(way), border=cv2.BORDER_REFLECT_101) for way in ways)
        return np.stack([self._canvas.picture(picture) for picture in chain([first], map(planes, moved))])


class Anchored(Sampling):
    """Windows that all begin with the shot's first frame."""

    window = FRAMES - 1 - HELD

    def render(self, window: Window, motion: FreeMotion | FlowField, carry: Carry) -> Rendered:
        """See `OpenRender`. `carry` holds latents of the first frame and of the last ones, and the way of a camera to those.

        Raises:
            RenderError: the motion is of another size, or not finite.
            UsageError: there is a camera and no FrameInit.
        """
        self._checked(window, motion)
        held = dict(enumerate(carry["latents"], 1)) if carry else {}
        given: dict[str, Any] = {"held": held, "first": carry["first"]} if carry else {"held": held}
        ways = None
        if isinstance(motion, FlowField):
            ways = np.concatenate([*([carry["ways"]] if carry else []), motion.displacement])
            given["camera"] = self._pictures(self._styled, ways)
        made = self._sampled(window, 1 + len(held) + len(window.frames), **given)
        frames = self._canvas.undone(made.frames[-len(window.frames) :])
        kept = {"first": made.latents[0], "latents": made.latents[1:][-HELD:]}
        return Rendered(frames, kept if ways is None else {**kept, "ways": ways[-HELD:]})


class Autoregressive(Sampling):
    """Windows that begin with the last frame of the one before."""

    window = FRAMES - 1

    def render(self, window: Window, motion: FreeMotion | FlowField, carry: Carry) -> Rendered:
        """See `OpenRender`. `carry` holds the last latent, and for a camera to go on from, the last frame.

        Raises:
            RenderError: the motion is of another size, or not finite.
            UsageError: there is a camera and no FrameInit.
        """
        self._checked(window, motion)
        given: dict[str, Any] = {"first": carry["latent"]} if carry else {}
        if isinstance(motion, FlowField):
            given["camera"] = self._pictures(carry.get("frame", self._styled), since_the_first(motion))
        made = self._sampled(window, 1 + len(window.frames), **given)
        frames = self._canvas.undone(made.frames[1:])
        kept = {"latent": made.latents[-1]}
        return Rendered(frames, {**kept, "frame": frames[-1]} if "camera" in given else kept)


def since_the_first(motion: FlowField) -> Array:
    """(T, 2, H, W): the way from each frame back to the one before the first of them, step by step."""
    assert motion.step is not None
    ways: list[Array] = []
    for step in map(pixels, motion.step):
        ways.append(compose(step, ways[-1]) if ways else step)
    return np.stack([planes(way) for way in ways])
