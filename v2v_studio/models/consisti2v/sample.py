"""Sampling: a first frame and a text to frames (sections 1, 4 and 8 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from v2v_studio.errors import UsageError
from v2v_studio.models.consisti2v.frame_init import FrameInitOptions, initialised
from v2v_studio.models.consisti2v.guidance import Branch, branches, guided
from v2v_studio.models.consisti2v.noise import Correlation, correlated
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet
from v2v_studio.models.given import Given
from v2v_studio.models.sampling import Noise, OnStep, Predictor, Walk, as_tensor, check_size
from v2v_studio.models.schedule import scheduler
from v2v_studio.models.vae import SCALE, SHRINK, decoded, encoded
from v2v_studio.types import Array


class Made(NamedTuple):
    """What was sampled."""

    frames: Array  # (T, 3, H, W) float32 in [0, 1]; frame 0 is the first frame as it was given
    latents: Array  # (T, 4, h, w), scaled: to hold a frame in the next window, or to begin one


@dataclass(frozen=True)
class ConsistI2V:
    """The parts of the model, ready to run; `load.load_consisti2v` makes it.

    Attributes:
        unet: the network that predicts noise in the latents of frames.
        vae: the autoencoder of pictures, in float32: half precision would show as bands.
        texts: a text to its hidden states (1, L, C).
        noise: a seed to what draws from it.
        schedule: a sampler's name to its scheduler.
    """

    unet: ConsistI2VUNet
    vae: Any
    texts: Callable[[str], torch.Tensor]
    noise: Callable[[int], Noise] = Noise
    schedule: Callable[[str], Any] = scheduler

    @torch.inference_mode()
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
            UsageError: a size that is no multiple of 8, pictures or latents of another size, or no such sampler.
        """
        device, draw = self.unet.device, self.noise(seed)
        picture = as_tensor(image, device)
        check_size(*picture.shape[1:])
        views = None if camera is None else as_tensor(camera, device)
        if views is not None and views.shape != (frames, *picture.shape):
            raise UsageError(
                f"the camera's pictures have the shape {tuple(views.shape)}, not {(frames, *picture.shape)}: one for each "
                "frame, of the first frame's size"
            )
        h, w = (side // SHRINK for side in picture.shape[1:])
        start = None if first is None else _latent(first, (4, h, w), device)[None]
        kept = {index: _latent(latent, (4, h, w), device) for index, latent in (held or {}).items()}
        layout = self._layout(picture[None] if views is None else views, start if views is None else None, draw)
        start = layout[:, :, 0] if start is None else start
        initial = correlated(noise, noise_alpha, (4, frames, h, w), draw).to(device)
        walk = Walk(scheduler, steps, draw, make=self.schedule)
        if frame_init is not None:
            initial = initialised(initial, layout.expand(initial.shape), walk, frame_init)
        given = Given(walk, start, initial, kept, None)
        rows = branches(guidance_text, guidance_image)
        parts = [
            self._predictor(part, prompt, negative_prompt, start, initial[:, :, 0], stride)
            for part in ([[row] for row in rows] if low_memory else [rows])
        ]

        def predict(sample: torch.Tensor, time: int) -> torch.Tensor:
            predicted = torch.cat([part(sample, time) for part in parts])
            return guided(predicted.split(1), guidance_text, guidance_image, rescale)

        latents = _denoised(given, walk, predict, on_step)[0].transpose(0, 1)
        shown = 0 if first is not None else 1  # frames that are there already
        made = [picture if views is None else views[0]][:shown]
        made += [(frame / 2 + 0.5).clamp(0, 1) for frame in decoded(self.vae, latents[shown:] / SCALE)]
        return Made(torch.stack([frame.cpu() for frame in made]).numpy(), latents.cpu().numpy())

    def _layout(self, views: torch.Tensor, start: torch.Tensor | None, draw: Noise) -> torch.Tensor:
        """Clean latents (1, 4, T, h, w) of pictures (T, 3, H, W), sampled; or the one that is known already."""
        if start is None:
            h, w = (side // SHRINK for side in views.shape[2:])
            start = encoded(self.vae, views * 2 - 1, draw(len(views), 4, h, w).to(views.device)) * SCALE
        return start.transpose(0, 1)[None]

    def _predictor(
        self,
        rows: list[Branch],
        prompt: str,
        negative_prompt: str,
        start: torch.Tensor,
        null: torch.Tensor,
        stride: int,
    ) -> Predictor:
        """The network for some rows of guidance, with all that does not change from step to step.

        Args:
            rows: what each row is told.
            start, null: (1, 4, h, w), the first frame's latent, and the noise that stands for none. As released, that is
                the initial noise at all steps.
        """
        kind = self.unet.dtype
        text = torch.cat([self.texts(prompt if row.prompt else negative_prompt) for row in rows])
        keys = self.unet.text_keys(text.to(kind))
        first = torch.cat([start if row.first else null for row in rows])[:, :, None].to(kind)

        def predict(sample: torch.Tensor, time: int) -> torch.Tensor:
            return self.unet(sample.to(kind).expand(len(rows), -1, -1, -1, -1), time, keys, first, stride).float()

        return predict


def _latent(values: Array, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
    """A frame's latent that is given. UsageError where it is of another size."""
    latent = as_tensor(values, device)
    if latent.shape != shape:
        raise UsageError(f"a latent that is given has the shape {tuple(latent.shape)}, not {shape} as this picture has")
    return latent


def _denoised(given: Given, walk: Walk, predict: Predictor, on_step: OnStep | None) -> torch.Tensor:
    """Latents (1, 4, F, h, w) from noise to the end. Frame 0 stands before them; it is no part of what is stepped."""
    latents = given.noise
    for done, time in enumerate(walk.times, 1):
        latents = given.put(latents, time)
        step = walk.step(predict(latents[:, :, 1:], time), time, latents[:, :, 1:])
        latents = torch.cat([latents[:, :, :1], step.latents], dim=2)
        if on_step is not None:
            on_step(done, len(walk.times), step)
    return given.put(latents, None)
