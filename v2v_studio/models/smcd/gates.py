"""Gated attention to boxes and to the first frame, between a block's self-attention and its attention to the text.

Motion integration (section 3.2 of the fact sheet) and dual image integration (section 4.3), and what the ablations put in
their place (section 4.4). Whatever a gate makes of boxes and image alone does not change while sampling: `keys` works it
out once, `forward` is given it at every step.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import torch
from torch import nn

from v2v_studio.errors import UsageError
from v2v_studio.models.layers import Attention, FeedForward, Keys, Linear

Value = TypeVar("Value")


class GateKeys(NamedTuple):
    """What a gate keeps of boxes and image.

    Attributes:
        boxes: keys and values (B F, heads, N, C), of each frame.
        image: keys and values of the image tokens, of each frame, or one for all frames of an entry.
        mask: (B F, N) bool, which boxes count, for the gates that ask.
    """

    boxes: Keys
    image: Keys | None = None
    mask: torch.Tensor | None = None


class Gate(nn.Module):
    """Gated self-attention over the pixels and the boxes of a frame: the released stage 1, "vanilla".

        x1 = x + tanh(alpha_attn) SelfAttn(LN([x, Linear(boxes)]))[pixels]
        x2 = x1 + tanh(alpha_dense) FF(LN(x1))

    Tokens of objects that are not there are attended to as all others are, so their number matters.

    Args:
        channels: width of the pixels' tokens.
        heads, head_dim: of the attentions.
        box_channels, image_channels: width of the tokens of boxes and image.
    """

    def __init__(self, channels: int, heads: int, head_dim: int, box_channels: int, image_channels: int) -> None:
        super().__init__()
        self._sizes = channels, heads, head_dim
        self.linear = Linear(box_channels, channels)
        self._add("")
        self._add_image(image_channels)

    def _add(self, branch: str) -> None:
        """The parts of one branch, whose names begin with its own."""
        channels, heads, head_dim = self._sizes
        for alpha in ("alpha_attn", "alpha_dense"):
            setattr(self, branch + alpha, nn.Parameter(torch.tensor(0.0)))
        setattr(self, f"{branch}attn", Attention(channels, heads, channels, heads * head_dim))
        setattr(self, f"{branch}norm1", nn.LayerNorm(channels))
        setattr(self, f"{branch}norm2", nn.LayerNorm(channels))
        setattr(self, f"{branch}ff", FeedForward(channels))

    def _add_image(self, image_channels: int) -> None:
        """The parts for the image tokens."""

    def keys(self, boxes: torch.Tensor, image: torch.Tensor | None, masks: torch.Tensor | None) -> GateKeys:
        """What to give to `forward`.

        Args:
            boxes: (B F, N, box_channels).
            image: (B F, V, image_channels), or (B, V, image_channels) for all frames of an entry alike.
            masks: (B F, N), 1 for objects that are there; looked at by the gates "double" and "merge" alone.
        """
        return GateKeys(self._normed_keys("", self.linear(boxes)))

    def forward(self, hidden: torch.Tensor, keys: GateKeys) -> torch.Tensor:
        """hidden (B F, P, C) -> the same shape, with what is added."""
        return self._beside("", hidden, keys.boxes)

    def _normed_keys(self, branch: str, tokens: torch.Tensor) -> Keys:
        return self._part(branch, "attn").keys(self._part(branch, "norm1")(tokens))

    def _beside(
        self, branch: str, hidden: torch.Tensor, others: Keys, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Self-attention over the pixels and other tokens of their frame, and the feed-forward."""
        normed = self._part(branch, "norm1")(hidden)
        keys = joined(self._part(branch, "attn").keys(normed), others)
        return self._gated(branch, hidden, self._part(branch, "attn").attend(normed, keys, mask))

    def _gated(self, branch: str, hidden: torch.Tensor, attended: torch.Tensor) -> torch.Tensor:
        hidden = torch.addcmul(hidden, self._part(branch, "alpha_attn").tanh(), attended)
        added = self._part(branch, "ff")(self._part(branch, "norm2")(hidden))
        return torch.addcmul(hidden, self._part(branch, "alpha_dense").tanh(), added)

    def _part(self, branch: str, name: str) -> Any:
        return getattr(self, branch + name)


class CrossGate(Gate):
    """The released stage 2, "vanilla_cross_vision": the boxes' stage, then attention to the image, gated alike.

    x3 = x2 + tanh(cross_alpha_attn) CrossAttn(LN(x2), Linear(image))
    x4 = x3 + tanh(cross_alpha_dense) FF(LN(x3))
    """

    def _add_image(self, image_channels: int) -> None:
        self.v_linear = Linear(image_channels, self._sizes[0])
        self._add("cross_")

    def keys(self, boxes: torch.Tensor, image: torch.Tensor | None, masks: torch.Tensor | None) -> GateKeys:
        seen = self.v_linear(needed(image))
        return GateKeys(self._normed_keys("", self.linear(boxes)), self._part("cross_", "attn").keys(seen))

    def forward(self, hidden: torch.Tensor, keys: GateKeys) -> torch.Tensor:
        return self._across(self._beside("", hidden, keys.boxes), needed(keys.image))

    def _across(self, hidden: torch.Tensor, image: Keys) -> torch.Tensor:
        """Attention to the image; frames that share their keys are one sequence of queries."""
        queries = self._part("cross_", "norm1")(hidden).reshape(len(image[0]), -1, hidden.shape[-1])
        return self._gated("cross_", hidden, self._part("cross_", "attn").attend(queries, image).view(hidden.shape))


class ParallelGate(CrossGate):
    """Both stages on the same input, "vanilla_cross_vision_parallel": x + tanh(beta_g) x_boxes + tanh(beta_v) x_image."""

    def _add_image(self, image_channels: int) -> None:
        super()._add_image(image_channels)
        self.beta_g, self.beta_v = (nn.Parameter(torch.tensor(0.0)) for _ in range(2))

    def forward(self, hidden: torch.Tensor, keys: GateKeys) -> torch.Tensor:
        boxes, image = self._beside("", hidden, keys.boxes), self._across(hidden, needed(keys.image))
        return hidden + self.beta_g.tanh() * boxes + self.beta_v.tanh() * image


class DoubleGate(Gate):
    """Two self-attentions side by side, "double": beside the boxes that are there, and beside the image tokens."""

    def _add_image(self, image_channels: int) -> None:
        self.visual_linear = Linear(image_channels, self._sizes[0])
        self._add("visual_")
        self.beta_g, self.beta_v = (nn.Parameter(torch.tensor(0.0)) for _ in range(2))

    def keys(self, boxes: torch.Tensor, image: torch.Tensor | None, masks: torch.Tensor | None) -> GateKeys:
        tokens = self.visual_linear(of_each_frame(needed(image), len(boxes)))
        return GateKeys(
            self._normed_keys("", self.linear(boxes)), self._normed_keys("visual_", tokens), counting(masks)
        )

    def forward(self, hidden: torch.Tensor, keys: GateKeys) -> torch.Tensor:
        boxes = self._beside("", hidden, keys.boxes, after(hidden.shape[1], keys.mask))
        image = self._beside("visual_", hidden, needed(keys.image))
        return hidden + self.beta_g.tanh() * boxes + self.beta_v.tanh() * image


class MergeGate(Gate):
    """One self-attention over pixels, image tokens and the boxes that are there, "merge"."""

    def _add_image(self, image_channels: int) -> None:
        self.v_linear = Linear(image_channels, self._sizes[0])

    def keys(self, boxes: torch.Tensor, image: torch.Tensor | None, masks: torch.Tensor | None) -> GateKeys:
        seen = self.v_linear(of_each_frame(needed(image), len(boxes)))
        mask = after(seen.shape[1], counting(masks))
        return GateKeys(self._normed_keys("", torch.cat([seen, self.linear(boxes)], dim=1)), mask=mask)

    def forward(self, hidden: torch.Tensor, keys: GateKeys) -> torch.Tensor:
        return self._beside("", hidden, keys.boxes, after(hidden.shape[1], keys.mask))


GATES: dict[str, type[Gate]] = {  # by the names that the released scripts have for them
    "vanilla": Gate,
    "vanilla_cross_vision": CrossGate,
    "vanilla_cross_vision_parallel": ParallelGate,
    "double": DoubleGate,
    "merge": MergeGate,
}


def needed(value: Value | None) -> Value:
    """What this kind of gate cannot do without.

    Raises:
        UsageError: it is not given.
    """
    if value is None:
        raise UsageError("this SMCD network attends to the first frame; give its image tokens too")
    return value


def joined(own: Keys, others: Keys) -> Keys:
    """Keys and values of two sets of tokens as one."""
    return torch.cat([own[0], others[0]], dim=2), torch.cat([own[1], others[1]], dim=2)


def of_each_frame(image: torch.Tensor, frames: int) -> torch.Tensor:
    """Image tokens of entries, or of frames -> of frames (B F, V, C)."""
    return image.repeat_interleave(frames // len(image), dim=0)


def counting(masks: torch.Tensor | None) -> torch.Tensor | None:
    return None if masks is None else masks.bool()


def after(tokens: int, mask: torch.Tensor | None) -> torch.Tensor | None:
    """A mask (B, N) behind so many tokens that all count."""
    return None if mask is None else torch.cat([mask.new_ones(len(mask), tokens), mask], dim=1)
