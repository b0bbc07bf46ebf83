"""What each stage of training trains of a network; all else is frozen (section 9 of the fact sheet)."""

from __future__ import annotations

import re
from typing import Literal

from torch import nn

Stage = Literal["stage1", "stage2", "control"]
TRAINED: dict[Stage, re.Pattern[str]] = {
    # on pictures, with the whole position net: the gates
    "stage1": re.compile(r"\.gate_attn\."),
    # on video, with the whole visual encoder: the first convolution, the gates' attention to the image, and the blocks of
    # temporal transformers but for the first one's, without their norms and projections
    "stage2": re.compile(r"^input_blocks\.0\.0\.|\.gate_attn\.(cross_|v_linear\.)|\.2\.transformer_blocks\."),
    # of the ControlNet: its copy of the way down stays as it is
    "control": re.compile(r"^(zero_convs|input_hint_block)\."),
}


def trainable(network: nn.Module, stage: Stage) -> list[str]:
    """The names of the weights of a UNet or ControlNet that a stage trains, in alphabetical order."""
    return sorted(name for name, _ in network.named_parameters() if TRAINED[stage].search(name))
