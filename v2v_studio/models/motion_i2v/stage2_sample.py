"""Sampling of stage 2: from a first frame, a text and flow in pixels to frames (section 5 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from v2v_studio.errors import UsageError
from v2v_studio.models.given import Given
from v2v_studio.models.motion_i2v.blocks import Size
from v2v_studio.models.motion_i2v.splat import Order, Splat
from v2v_studio.models.motion_i2v.stage2 import VideoUNet
from v2v_studio.models.sampling import (
    Noise,
    OnStep,
    Predictor,
    Walk,
    as_tensor,
    branches,
    check_size,
    guided,
)
from v2v_studio.models.vae import SCALE, SHRINK, decoded, encoded, posterior
from v2v_studio.types import Array


class Sampled(NamedTuple):
    """What stage 2 made."""

    frames: Array  # (F, 3, H, W) in [0, 1]; frame 0 is the first frame as the autoencoder gives it back
    latents: Array  # (F, 4, h, w), scaled: to hold a frame in the next window


@dataclass(frozen=True)
class Stage2:
    """The parts of stage 2, ready to run; `load.load_stage2` makes it.

    Attributes:
        unet: the network that predicts noise in the latents of frames.
        vae: the autoencoder of pictures, in float32: half precision would show as bands.
        texts: a text to its hidden states (1, L, C).
        noise: a seed to what draws from it.
    """

    unet: VideoUNet
    vae: Any
    texts: Callable[[str], torch.Tensor]
    noise: Callable[[int], Noise] = Noise

    @torch.inference_mode()
    def frames(
        self,
        image: Array | torch.Tensor,
        flows: Array | torch.Tensor,
        prompt: str,
        negative_prompt: str,
        *,
        static: Array | torch.Tensor | None = None,
        steps: int = 25,
        guidance: float = 7.0,
        seed: int = 0,
        scheduler: str = "ddim",
        order: Order = "separate",
        low_memory: bool = False,
        initial: Array | torch.Tensor | None = None,
        strength: float = 1.0,
        held: Mapping[int, Array | torch.Tensor] | None = None,
        on_step: OnStep | None = None,
    ) -> Sampled:
        """A picture moved along flow, as video. The same seed gives the same bytes on a CPU.

        Args:
            image: the first frame, (3, H, W) in [0, 1]; H and W multiples of 8, best of 64.
            flows: (F, 2, H, W) in pixels, forward: from the first frame to every frame; flow 0 is zero. At most 16.
            prompt, negative_prompt: what is to be seen, and what is not.
            static: (H, W), 1 where the picture stays as it is: blended in at every step but the last.
            steps: of the sampler.
            guidance: how strongly the prompt is followed; 1 or less asks the network half as much, without the negative one.
            scheduler: of schedule.SAMPLERS.
            order: "separate", or "released" for the released code's mixing of the two branches' features.
            low_memory: run prompt and negative prompt one after the other.
            initial: (F, 4, h, w), `latents` of frames to begin from instead of noise alone.
            strength: the share of the steps that is taken from `initial`; 1 keeps the least of it.
            held: latents (4, h, w) of frames that are given, by their index: at every step they are put in place with the
                noise of that step, so that the others join them. Frame 0 needs none.
            on_step: hears of every step, with the latents of the frames; what it raises ends the work.

        Returns:
            F frames and their latents; those held are as they were given.

        Raises:
            UsageError: a size that is no multiple of 8 or does not fit, too many frames, no such sampler, or "released"
                together with low memory.
        """
        device = self.unet.device
        picture, flow, noise = as_tensor(image, device), as_tensor(flows, device), self.noise(seed)
        height, width = picture.shape[-2:]
        check_size(height, width)
        if flow.shape[1:] != (2, height, width):
            raise UsageError(
                f"the flow has the shape {tuple(flow.shape)}, not (F, 2, {height}, {width}), the picture's"
            )
        h, w = height // SHRINK, width // SHRINK
        drawn = noise(1, 4, len(flow), h, w).to(device)
        first = encoded(self.vae, picture[None] * 2 - 1, noise(1, 4, h, w).to(device)) * SCALE
        texts = branches(self.texts(negative_prompt), self.texts(prompt), guidance, low_memory)
        predict = self._predictors(texts, flow, (h, w), order)
        walk = Walk(scheduler, steps, noise, 1.0 if initial is None else strength)
        still = None if static is None else as_tensor(static, device)[::SHRINK, ::SHRINK]
        kept = {index: as_tensor(latent, device) for index, latent in (held or {}).items()}
        given = Given(walk, first, drawn, kept, still)
        latents = drawn
        if initial is not None:
            latents = walk.noised(as_tensor(initial, device).transpose(0, 1)[None], drawn, walk.times[0])
        latents = _denoised(walk, given, latents, predict, guidance, on_step)[0].transpose(0, 1)
        pictures = [(picture / 2 + 0.5).clamp(0, 1).cpu() for picture in decoded(self.vae, latents / SCALE)]
        return Sampled(torch.stack(pictures).numpy(), latents.cpu().numpy())

    def latents(self, frames: Array | torch.Tensor) -> Array:
        """Frames (F, 3, H, W) in [0, 1] as latents (F, 4, h, w), scaled, to give as `initial`: the most likely ones."""
        pictures = as_tensor(frames, self.unet.device) * 2 - 1
        return (posterior(self.vae, pictures).mean * SCALE).cpu().numpy()

    def _predictors(self, texts: list[torch.Tensor], flow: torch.Tensor, size: Size, order: Order) -> list[Predictor]:
        """The network for each batch of texts, with all that does not change from step to step."""
        if order == "released" and len(texts) > 1:
            raise UsageError(
                "the order 'released' needs both prompts at once; choose 'separate', or leave low memory out"
            )
        batch = len(texts[0])
        splats = self.unet.splats(flow.expand(batch, *flow.shape), size, order)
        return [self._predictor(text.to(self.unet.dtype), splats) for text in texts]

    def _predictor(self, text: torch.Tensor, splats: Mapping[Size, Splat]) -> Predictor:
        keys, batch = self.unet.text_keys(text), len(text)

        def predict(sample: torch.Tensor, time: int) -> torch.Tensor:
            return self.unet(sample.to(self.unet.dtype).expand(batch, -1, -1, -1, -1), time, keys, splats)

        return predict


def _denoised(
    walk: Walk,
    given: Given,
    latents: torch.Tensor,
    predict: list[Predictor],
    guidance: float,
    on_step: OnStep | None,
) -> torch.Tensor:
    """Latents (1, 4, F, h, w) walked to the end; what is given is put in place at every step."""
    for done, time in enumerate(walk.times, 1):
        latents = given.put(latents, time)
        step = walk.step(guided((part(latents, time) for part in predict), guidance), time, latents)
        if done < len(walk.times):
            step = step._replace(latents=given.stilled(step.latents, walk.times[done]))
        latents = step.latents
        if on_step is not None:
            on_step(done, len(walk.times), step)
    return given.put(latents, None)
