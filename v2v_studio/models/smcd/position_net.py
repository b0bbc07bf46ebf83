"""Box tokens: where an object is and what it is, as one token per object and frame (section 3.1 of the fact sheet)."""

from __future__ import annotations

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import nn

FREQUENCIES = 8
TEMPERATURE = 100
HIDDEN = 512


def fourier(boxes: torch.Tensor, frequencies: int = FREQUENCIES) -> torch.Tensor:
    """Boxes (..., 4) as x0, y0, x1, y1 in [0, 1] -> (..., 8 * frequencies).

    For each frequency 100^(k / frequencies), without any pi: the sines of the four numbers, then their cosines.
    """
    angles = boxes[..., None, :] * bands(frequencies).to(boxes)[:, None]
    return torch.cat([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def bands(frequencies: int) -> torch.Tensor:
    """(frequencies,) of the embedding."""
    return TEMPERATURE ** (torch.arange(frequencies) / frequencies)


class PositionNet(ModelMixin, ConfigMixin):  # type: ignore[misc]  # diffusers' own pair
    """A perceptron over a phrase's embedding and its box's; learned features stand in for objects that are not there.

    Args:
        phrase_channels: of a phrase's embedding.
        channels: of a token.
        frequencies: of the box's embedding.
    """

    @register_to_config
    def __init__(self, phrase_channels: int = 1024, channels: int = 1024, frequencies: int = FREQUENCIES) -> None:
        super().__init__()
        self.frequencies = frequencies
        box_channels = 8 * frequencies
        self.linears = nn.Sequential(
            nn.Linear(phrase_channels + box_channels, HIDDEN),
            nn.SiLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.SiLU(),
            nn.Linear(HIDDEN, channels),
        )
        self.null_positive_feature = nn.Parameter(torch.zeros(phrase_channels))
        self.null_position_feature = nn.Parameter(torch.zeros(box_channels))

    def forward(self, boxes: torch.Tensor, masks: torch.Tensor, phrases: torch.Tensor) -> torch.Tensor:
        """Tokens of objects.

        Args:
            boxes: (..., N, 4), x0, y0, x1, y1 in [0, 1].
            masks: (..., N), 1 where the object is there; elsewhere neither its box nor its phrase counts.
            phrases: (..., N, phrase_channels), their embeddings.

        Returns:
            (..., N, channels).
        """
        there = masks[..., None].to(boxes)
        phrase = there * phrases + (1 - there) * self.null_positive_feature
        place = there * fourier(boxes, self.frequencies) + (1 - there) * self.null_position_feature
        return self.linears(torch.cat([phrase, place], dim=-1))
