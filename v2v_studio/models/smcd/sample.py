"""Sampling: a first frame, a text and boxes with their phrases to frames (sections 1 and 8 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch

from v2v_studio.types import Array

FRAMES = 8  # that the network was trained with


class Made(NamedTuple):
    """What was sampled."""

    frames: Array  # (T, 3, H, W) float32 in [0, 1]; frame 0 is like the first frame, but made as all are
    latents: Array  # (T, 4, h, w), scaled: to hold a frame in the next window


@dataclass(frozen=True)
class SMCD:
    """The parts of the model, ready to run; `load.load_smcd` makes it."""

    def frames(
        self,
        image: Array | torch.Tensor,
        prompt: str,
        negative_prompt: str,
        boxes: Array,
        present: Array,
        phrases: Sequence[str],
        *,
        steps: int = 50,
        guidance: float = 7.5,
        guidance_mode: Literal["text", "all"] = "text",
        scheduler: str = "released",
        seed: int = 0,
        low_memory: bool = False,
        held: Mapping[int, Array | torch.Tensor] | None = None,
        dropout: Literal["off", "released"] = "off",
        on_step: Callable[[int, int, Any], None] | None = None,
    ) -> Made:
        """The scene of a picture as video, in which objects move as their boxes do.

        Args:
            image: the first frame, (3, H, W) in [0, 1]; H and W multiples of 64.
            prompt, negative_prompt: what is to be seen, and what is not.
            boxes: (T, N, 4), x0, y0, x1, y1 of every object in every frame, in [0, 1] of the picture.
            present: (T, N) bool, where an object is in the picture; its box counts only there.
            phrases: N of them, what each object is.
            steps: of the sampler.
            guidance: how strongly the prompt is followed; 1 or less asks the network half as much.
            guidance_mode: what the prompt's branch is held against: "text", as released, the same boxes and picture with
                the negative prompt; "all", as the paper says, the negative prompt without boxes and picture.
            scheduler: of schedule.SAMPLERS: "released", "ddim", "dpm++" or "unipc".
            low_memory: run the two branches one after the other.
            held: latents (4, h, w) of frames that are given, by their index.
            dropout: "released" leaves it at work while sampling, as the released scripts do; for comparison only.
            on_step: hears of every step: steps done, steps in all, the step; what it raises ends the work.

        Returns:
            T frames and their latents; those held are as they were given.

        Raises:
            UsageError: a size is no multiple of 64, boxes, presence and phrases do not fit each other, or there is no such
                sampler.
        """
        raise NotImplementedError
