"""What the network is asked at every step, and how its answers become one (section 8 of the fact sheet)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import torch

Mode = Literal["text", "all"]


@dataclass(frozen=True)
class Branch:
    """All that the network is told of a video besides its noisy latents.

    Attributes:
        text: (B, L, C), hidden states.
        first: (B, 4, h, w), the first frame's latent.
        boxes: (B F, N, C), their tokens; None without.
        image: (B, V, C) or (B F, V, C), tokens of the first frame; None for a network without.
        masks: (B F, N), which objects are there.
    """

    text: torch.Tensor
    first: torch.Tensor
    boxes: torch.Tensor | None
    image: torch.Tensor | None
    masks: torch.Tensor | None


@dataclass(frozen=True)
class Guidance:
    """Classifier-free guidance (Ho and Salimans, 2022): null + scale (prompted - null).

    Attributes:
        scale: 1 or less asks for the prompted branch alone.
        mode: what the null branch is without. "text", as released: the prompt; boxes and first frame stay. "all", as the
            paper says: boxes and first frame as well.
        image_free, text_image_free: two more terms of the release's evaluation, which it leaves at 0, off. They are added
            without renormalising, so contrast grows.
    """

    scale: float
    mode: Mode = "text"
    image_free: float = 0.0
    text_image_free: float = 0.0

    def branches(self, prompted: Branch, negative: torch.Tensor, dropped: Callable[[], Branch]) -> list[Branch]:
        """What the network is asked at every step.

        Args:
            prompted: with all that is given.
            negative: (B, L, C), hidden states of what is not to be seen.
            dropped: gives `prompted` as the network was trained on where boxes and first frame were left out.
        """
        if self.scale <= 1:
            return [prompted]
        null = replace(prompted if self.mode == "text" else dropped(), text=negative)
        blind = replace(prompted, first=torch.zeros_like(prompted.first))
        return [null, prompted, *([blind] if self.image_free else [])]

    def __call__(self, predicted: Sequence[torch.Tensor]) -> torch.Tensor:
        """The noise to step by, from that predicted for each of the branches."""
        if len(predicted) == 1:
            return predicted[0]
        null, prompted, *blind = predicted
        noise = null + self.scale * (prompted - null)
        for other in blind:
            noise = noise + other + self.image_free * (prompted - other)
        if self.text_image_free:
            noise = noise + 2 * null + self.text_image_free * (prompted - null)
        return noise


def together(branches: Sequence[Branch]) -> Branch:
    """Several branches as one batch, one after the other."""
    parts: dict[str, Any] = {}
    for name in (field.name for field in fields(Branch)):
        each = [getattr(branch, name) for branch in branches]
        parts[name] = None if each[0] is None else torch.cat(each)
    return Branch(**parts)
