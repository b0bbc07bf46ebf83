"""Sampling: a first frame, a text and boxes with their phrases to frames (sections 1 and 8 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
import torch.nn.functional as F

from v2v_studio.errors import UsageError
from v2v_studio.models.given import Given
from v2v_studio.models.sampling import Noise, OnStep, as_tensor
from v2v_studio.models.smcd.controlnet import ControlNet
from v2v_studio.models.smcd.denoiser import Denoiser
from v2v_studio.models.smcd.guidance import Branch, Guidance, Mode
from v2v_studio.models.smcd.position_net import PositionNet
from v2v_studio.models.smcd.schedule import walk
from v2v_studio.models.smcd.unet import UNet
from v2v_studio.models.smcd.visual_encoder import VisualEncoder, as_tokens
from v2v_studio.models.text import Texts
from v2v_studio.models.vae import SCALE, SHRINK, decoded, encoded
from v2v_studio.types import Array

FRAMES = 8  # that the network was trained with


class Made(NamedTuple):
    """What was sampled."""

    frames: Array  # (T, 3, H, W) float32 in [0, 1]; frame 0 is like the first frame, but made as all are
    latents: Array  # (T, 4, h, w), scaled: to hold a frame in the next window


@dataclass(frozen=True)
class SMCD:
    """The parts of the model, ready to run; `load.load_smcd` makes it.

    Attributes:
        unet: predicts noise in the latents of frames.
        position_net: boxes and phrases to tokens, in float32.
        visual_encoder: the first frame's latent to tokens; None for a network that has none.
        control_net: the ablation in its place; None for the released model.
        vae: the autoencoder of pictures, in float32.
        texts: hidden states of texts, and the embeddings of phrases.
        noise: a seed to what draws from it.
    """

    unet: UNet
    position_net: PositionNet
    visual_encoder: VisualEncoder | None
    control_net: ControlNet | None
    vae: Any
    texts: Texts
    noise: Callable[[int], Noise] = Noise

    @torch.inference_mode()
    def frames(
        self,
        image: Array | torch.Tensor,
        prompt: str,
        negative_prompt: str,
        boxes: Array | torch.Tensor,
        present: Array | torch.Tensor,
        phrases: Sequence[str],
        *,
        steps: int = 50,
        guidance: float = 7.5,
        guidance_mode: Mode = "text",
        image_free: float = 0.0,
        text_image_free: float = 0.0,
        scheduler: str = "released",
        seed: int = 0,
        low_memory: bool = False,
        held: Mapping[int, Array | torch.Tensor] | None = None,
        dropout: Literal["off", "released"] = "off",
        on_step: OnStep | None = None,
    ) -> Made:
        """The scene of a picture as video, in which objects move as their boxes do.

        The same seed gives the same bytes on a CPU.

        Args:
            image: the first frame, (3, H, W) in [0, 1]; H and W multiples of 64.
            prompt, negative_prompt: what is to be seen, and what is not.
            boxes: (T, N, 4), x0, y0, x1, y1 of every object in every frame, in [0, 1] of the picture.
            present: (T, N) bool, where an object is in the picture; its box counts only there.
            phrases: what each object is. Where there are fewer than N, the last slots are free, and never present: the
                network attends to those too, and was trained with 8 of them in all.
            steps: of the sampler.
            guidance: how strongly the prompt is followed; 1 or less asks the network half as much.
            guidance_mode: what the prompt's branch is held against: "text", as released, the same boxes and picture with
                the negative prompt; "all", as the paper says, the negative prompt without boxes and picture.
            image_free, text_image_free: see `Guidance`.
            scheduler: "released", or one of schedule.SAMPLERS.
            low_memory: ask the network for one branch of guidance after the other.
            held: latents (4, h, w) of frames that are given, by their index: at every step they are put in place with the
                noise of that step, so that the others join them.
            dropout: "released" leaves it at work while sampling, as the released scripts do; for comparison only.
            on_step: hears of every step; what it raises ends the work.

        Returns:
            T frames and their latents; those held are as they were given.

        Raises:
            UsageError: a size is no multiple of 64, boxes, presence and phrases do not fit each other, or there is no such
                sampler.
        """
        device = self.unet.device
        picture, places, there = (as_tensor(values, device) for values in (image, boxes, present))
        self._check(picture, places, there, phrases)
        (height, width), noise = picture.shape[-2:], self.noise(seed)
        h, w = height // SHRINK, width // SHRINK
        drawn = noise(1, 4, len(places), h, w).to(device)
        noise(1, 4, h, w)  # as released: the picture is encoded twice, and the second time counts
        first = encoded(self.vae, picture[None] * 2 - 1, noise(1, 4, h, w).to(device)) * SCALE
        self.texts.read(prompt, negative_prompt, *phrases)
        prompted = self._branch(self.texts(prompt), first, places, there, self._phrases(phrases))
        guide = Guidance(guidance, guidance_mode, image_free, text_image_free)
        asked = guide.branches(prompted, self.texts(negative_prompt), lambda: self._dropped(prompted))
        denoiser = Denoiser(self.unet, asked, low_memory, self.control_net)
        walked = walk(scheduler, steps, noise)
        kept = {index: as_tensor(latent, device) for index, latent in (held or {}).items()}
        given, latents = Given(walked, None, drawn, kept, None), drawn
        with self._dropping(dropout, seed):
            for done, time in enumerate(walked.times, 1):
                latents = given.put(latents, time)
                step = walked.step(guide(denoiser(latents, time)), time, latents)
                latents = step.latents
                if on_step is not None:
                    on_step(done, len(walked.times), step)
        latents = given.put(latents, None)[0].transpose(0, 1)
        pictures = [(frame / 2 + 0.5).clamp(0, 1).cpu() for frame in decoded(self.vae, latents / SCALE)]
        return Made(torch.stack(pictures).numpy(), latents.cpu().numpy())

    def _branch(
        self,
        text: torch.Tensor,
        first: torch.Tensor,
        boxes: torch.Tensor,
        masks: torch.Tensor,
        phrases: torch.Tensor,
    ) -> Branch:
        tokens = self.position_net(boxes, masks, slotted(phrases, masks))
        image = None
        if self.visual_encoder is not None:
            image = as_tokens(self.visual_encoder(first.to(self.visual_encoder.dtype)))
        return Branch(text, first, tokens, image, masks)

    def _dropped(self, prompted: Branch) -> Branch:
        """The branch as trained where boxes and first frame were left out: no object there, a latent of zeros."""
        assert prompted.masks is not None
        masks = torch.zeros_like(prompted.masks)
        boxes, none = masks[..., None].expand(-1, -1, 4), self.position_net.null_positive_feature[None, None][:, :0]
        return self._branch(prompted.text, torch.zeros_like(prompted.first), boxes, masks, none)

    def _phrases(self, phrases: Sequence[str]) -> torch.Tensor:
        """(1, N, C), their embeddings."""
        return torch.stack([self.texts.end(phrase) for phrase in phrases], dim=1)

    @contextmanager
    def _dropping(self, dropout: Literal["off", "released"], seed: int) -> Iterator[None]:
        """With the dropout of training at work, or without any."""
        device = self.unet.device
        with torch.random.fork_rng([device] if device.type == "cuda" else [], enabled=dropout == "released"):
            if dropout == "released":
                torch.manual_seed(seed % 2**63)
                self.unet.train()
            try:
                yield
            finally:
                self.unet.eval()

    def _check(self, picture: torch.Tensor, boxes: torch.Tensor, present: torch.Tensor, phrases: Sequence[str]) -> None:
        multiple = SHRINK * 2 ** (len(self.unet.config["dim_mult"]) - 1)
        height, width = picture.shape[-2:]
        if height % multiple or width % multiple:
            raise UsageError(
                f"SMCD works on sides that are multiples of {multiple}, not {width}x{height}; pad the picture"
            )
        if not phrases:
            raise UsageError("SMCD needs a box of one object at least; draw one, and say what it is")
        slots = present.shape[-1]
        if boxes.shape != (*present.shape, 4) or present.ndim != 2 or slots < len(phrases):
            raise UsageError(
                f"{len(phrases)} phrases want boxes (T, {len(phrases)}, 4) and presence (T, {len(phrases)}), not "
                f"{tuple(boxes.shape)} and {tuple(present.shape)}"
            )
        if present[:, len(phrases) :].any():
            raise UsageError(f"there are boxes of {slots} objects but {len(phrases)} phrases; say what each object is")


def slotted(phrases: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Embeddings (1 or T, M, C) of M objects, masks (T, N) -> (T, N, C), nought in the slots that are free."""
    free = masks.shape[1] - phrases.shape[1]
    return F.pad(phrases, (0, 0, 0, free)).expand(len(masks), -1, -1)
