"""Sampling: a first frame and a text to frames (sections 1, 4 and 8 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch

from v2v_studio.models.consisti2v.frame_init import FrameInitOptions
from v2v_studio.models.consisti2v.noise import Correlation
from v2v_studio.models.sampling import OnStep
from v2v_studio.types import Array


class Made(NamedTuple):
    """What was sampled."""

    frames: Array  # (T, 3, H, W) float32 in [0, 1]; frame 0 is the first frame as it was given
    latents: Array  # (T, 4, h, w), scaled: to hold a frame in the next window, or to begin one


@dataclass(frozen=True)
class ConsistI2V:
    """The parts of the model, ready to run; `load.load_consisti2v` makes it."""

    def frames(
        self,
        image: Array | torch.Tensor,
        prompt: str,
        negative_prompt: str,
        *,
        frames: int = 16,
        stride: int = 3,
        steps: int = 50,
        guidance_text: float = 7.5,
        guidance_image: float = 1.0,
        rescale: float = 0.0,
        frame_init: FrameInitOptions | None = FrameInitOptions(),  # noqa: B008 - immutable
        camera: Array | None = None,
        first: Array | None = None,
        noise: Correlation = "mixed",
        noise_alpha: float = 1.0,
        seed: int = 0,
        scheduler: str = "ddim",
        low_memory: bool = False,
        held: Mapping[int, Array] | None = None,
        on_step: OnStep | None = None,
    ) -> Made:
        """A picture as the first frame of a video. The same seed gives the same bytes on a CPU.

        Args:
            image: the first frame, (3, H, W) in [0, 1]; H and W multiples of 8, best of 64.
            prompt, negative_prompt: what is to be seen, and what is not.
            frames: how many there are, the first one too. The model has seen 16.
            stride: frames of real time from one to the next, 1 to 5; more is more motion.
            steps: of the sampler.
            guidance_text, guidance_image: how strongly the prompt and the first frame are followed; 1 is not at all more
                than the network does by itself.
            rescale: how far guidance is brought back to the contrast of the prompt's own prediction, 0 to 1.
            frame_init: low frequencies of the noise from the first frame, or from the camera's pictures; None leaves it be.
            camera: (T, 3, H, W), a moving view of the picture, one for each frame: FrameInit takes their latents in place
                of the still's. The first of them is the first frame then.
            first: (4, h, w), the first frame's latent, scaled, where a window goes on from another's last frame. The image
                gives only the size then, and frame 0 is decoded as the others are.
            noise, noise_alpha: what frames share of their noise.
            scheduler: of schedule.SAMPLERS.
            low_memory: run the branches of guidance one after the other.
            held: latents (4, h, w) of frames that are given, by their index: at every step they are put in place with the
                noise of that step, so that the others join them. Frame 0 needs none.
            on_step: hears of every step; what it raises ends the work.

        Returns:
            T frames and their latents; those held are as they were given.

        Raises:
            UsageError: a size that is no multiple of 8 or does not fit, or no such sampler.
        """
        raise NotImplementedError
