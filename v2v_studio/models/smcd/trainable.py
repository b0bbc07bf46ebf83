"""What each stage of training trains; all else is frozen (section 9 of the fact sheet)."""

from __future__ import annotations

import re

from torch import nn

STAGE1 = re.compile(r"\.gate_attn\.")  # with the whole position net
STAGE2 = re.compile(  # with the whole visual encoder
    r"^input_blocks\.0\.0\.|\.gate_attn\.(cross_|v_linear\.)|\.2\.transformer_blocks\."
)
CONTROL = re.compile(r"^(zero_convs|input_hint_block)\.")  # of the ablation: the copy of the way down stays as it is


def trained(network: nn.Module, stage: re.Pattern[str]) -> list[str]:
    """The names of a network's weights that a stage trains, in order.

    Stage 1, on pictures: the gates. Stage 2, on video: the gates' attention to the image, the first convolution, and inside
    temporal transformers the blocks, but for the first one's, and not their norms and projections.
    """
    return sorted(name for name, _ in network.named_parameters() if stage.search(name))
