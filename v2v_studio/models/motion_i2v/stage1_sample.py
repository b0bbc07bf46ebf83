"""Sampling of stage 1: from a picture, a text and strides to flow in pixels (sections 1, 3.4 and 4.2 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from v2v_studio.errors import UsageError
from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
from v2v_studio.models.motion_i2v.flow01 import flow_pixels
from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
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
from v2v_studio.models.vae import SCALE, SHRINK, decoded, encoded
from v2v_studio.types import Array


class Planes(Protocol):
    """Sparse motion, N planes of it: motion/rasterise.py makes them."""

    @property
    def flow01(self) -> Array:
        """(N, 2, H, W), as the autoencoder of flow takes it."""

    @property
    def known_at_latents(self) -> Array:
        """(N, 1, H / 8, W / 8), 1 where it is to be believed."""


@dataclass(frozen=True)
class Stage1:
    """The parts of stage 1, ready to run; `load.load_stage1` makes it.

    Attributes:
        unet: the network that predicts noise in flow latents.
        control_net: for control; may be missing.
        vae: the autoencoder of pictures, in float32.
        vae_flow: that of flow, in float32: half precision would cost pixels.
        texts: a text to its hidden states (1, L, C).
        noise: a seed to what draws from it.
    """

    unet: MotionFieldUNet
    control_net: TrajectoryControlNet | None
    vae: Any
    vae_flow: Any
    texts: Callable[[str], torch.Tensor]
    noise: Callable[[int], Noise] = Noise

    @torch.inference_mode()
    def flows(
        self,
        image: Array | torch.Tensor,
        prompt: str,
        negative_prompt: str,
        strides: Sequence[int],
        *,
        control: Planes | None = None,
        static: Array | torch.Tensor | None = None,
        steps: int = 25,
        guidance: float = 7.0,
        seed: int = 0,
        scheduler: str = "ddim",
        low_memory: bool = False,
        on_step: OnStep | None = None,
    ) -> Array:
        """How a picture moves. The same seed gives the same bytes on a CPU.

        Args:
            image: (3, H, W) in [0, 1]; H and W multiples of 8, best of 64.
            prompt, negative_prompt: what is to be seen, and what is not.
            strides: for each flow how many frames of footage lie between the picture and it; 8, 16, ... 120 in the release.
            control: sparse motion to follow, as many planes as strides.
            static: (H, W), 1 where nothing may move.
            steps: of the sampler.
            guidance: how strongly the prompt is followed; 1 or less asks the network half as much, without the negative one.
            scheduler: of schedule.SAMPLERS.
            low_memory: run prompt and negative prompt one after the other.
            on_step: hears of every step, with the flow latents; what it raises ends the work.

        Returns:
            (N, 2, H, W) in pixels: forward flow from the picture to the frame at each stride, without a zero flow.

        Raises:
            UsageError: control without a ControlNet or of another size, a size that is no multiple of 8, no such sampler.
        """
        device = self.unet.device
        picture, noise = as_tensor(image, device), self.noise(seed)
        height, width = picture.shape[-2:]
        check_size(height, width)
        count, h, w = len(strides), height // SHRINK, width // SHRINK
        shown = None if control is None else self.control(control, (count, height, width), noise)
        latents = noise(1, 8, count, h, w)[:, :4].to(device)  # as released: eight channels drawn, four used
        latent = encoded(self.vae, picture[None], noise(1, 4, h, w).to(device)) * SCALE
        texts = branches(self.texts(negative_prompt), self.texts(prompt), guidance, low_memory)
        stride = torch.tensor([list(strides)], device=device)
        predict = self._predictors(texts, stride, shown)
        latents = _denoised(Walk(scheduler, steps, noise), latent, latents, predict, guidance, on_step)
        moving = 1 if static is None else 1 - as_tensor(static, device)
        flows = decoded(self.vae_flow, latents[0].transpose(0, 1) / SCALE)
        return torch.stack([flow_pixels(flow) * moving for flow in flows]).cpu().numpy()

    @torch.inference_mode()
    def control(self, planes: Planes, size: tuple[int, int, int], noise: Noise) -> torch.Tensor:
        """What the ControlNet is shown: the latents of sparse motion, not scaled, and where it is known.

        Args:
            planes: sparse motion.
            size: (N, H, W) that the planes must have.
            noise: for the posterior.

        Returns:
            (1, 5, N, h, w).
        """
        if self.control_net is None:
            raise UsageError("stage 1 was loaded without its ControlNet and cannot follow drags; load it with control")
        device = self.unet.device
        flow01 = as_tensor(planes.flow01, device)
        if flow01.shape != (size[0], 2, *size[1:]):
            raise UsageError(
                f"the control has the shape {tuple(flow01.shape)}, not {(size[0], 2, *size[1:])}; make it for this size"
            )
        drawn = noise(size[0], 4, size[1] // SHRINK, size[2] // SHRINK).to(device)
        latents = encoded(self.vae_flow, flow01, drawn)
        known = as_tensor(planes.known_at_latents, device)
        return torch.cat([latents, known], dim=1).transpose(0, 1)[None]

    def _predictors(
        self, texts: list[torch.Tensor], stride: torch.Tensor, control: torch.Tensor | None
    ) -> list[Predictor]:
        """The networks for each batch of texts, with all that does not change from step to step."""
        dtype = self.unet.dtype
        if control is None or self.control_net is None:
            return [self._predictor(text.to(dtype), stride) for text in texts]
        embedded = self.control_net.controlnet_cond_embedding(control.to(dtype))
        return [self._controlled(self.control_net, text.to(dtype), stride, embedded) for text in texts]

    def _predictor(self, text: torch.Tensor, stride: torch.Tensor) -> Predictor:
        keys = self.unet.text_keys(text)
        return lambda sample, time: self.unet(self._batch(sample, text), time, keys, stride)

    def _controlled(
        self, control_net: TrajectoryControlNet, text: torch.Tensor, stride: torch.Tensor, control: torch.Tensor
    ) -> Predictor:
        keys, control_keys = self.unet.text_keys(text), control_net.text_keys(text)

        def predict(sample: torch.Tensor, time: int) -> torch.Tensor:
            sample = self._batch(sample, text)
            return self.unet(sample, time, keys, stride, control_net(sample, time, control_keys, stride, control))

        return predict

    def _batch(self, sample: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """The same sample for each text, in the networks' type."""
        return sample.to(self.unet.dtype).expand(len(text), *sample.shape[1:])


def _denoised(
    walk: Walk,
    image: torch.Tensor,
    latents: torch.Tensor,
    predict: list[Predictor],
    guidance: float,
    on_step: OnStep | None,
) -> torch.Tensor:
    """Flow latents (1, 4, N, h, w) walked to the end, with the image's latent (1, 4, h, w) before each."""
    still = image[:, :, None].expand_as(latents)
    for done, time in enumerate(walk.times, 1):
        sample = torch.cat([still, latents], dim=1)
        step = walk.step(guided((part(sample, time) for part in predict), guidance), time, latents)
        latents = step.latents
        if on_step is not None:
            on_step(done, len(walk.times), step)
    return latents
