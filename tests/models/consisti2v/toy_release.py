"""A complete release of ConsistI2V at widths that run in a second: every file, upstream's names, weights drawn at random.

The autoencoder has the old names of attention, the text encoder its old table of positions, as the release may.
"""

import json
from pathlib import Path

from tests import toys
from tests.models.motion_i2v.toy_release import VAE, old
from v2v_studio.models.consisti2v.config import TOY

UNET = {  # as upstream's config.json has it
    "_class_name": "VideoLDMUNet3DConditionModel",
    "act_fn": "silu",
    "attention_head_dim": list(TOY["heads"]),
    "block_out_channels": list(TOY["block_out_channels"]),
    "cross_attention_dim": TOY["cross_attention_dim"],
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "in_channels": 4,
    "layers_per_block": TOY["layers_per_block"],
    "n_frames": 16,
    "n_temp_heads": TOY["temporal_heads"],
    "norm_num_groups": TOY["norm_num_groups"],
    "out_channels": 4,
    "sample_size": 64,
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
    "use_linear_projection": True,
}
WEIGHTS = "diffusion_pytorch_model.safetensors"


def toy_release(folder: Path) -> dict[str, dict]:
    """Write it, and give the weights of the UNet and the autoencoder by today's names."""
    import torch
    from safetensors.torch import save_file

    unet, vae, text = drawn()
    written = {"unet": unet.state_dict(), "vae": vae.state_dict()}
    parts = {"unet": (UNET, WEIGHTS, written["unet"]), "vae": (VAE, WEIGHTS, old(written["vae"]))}
    for part, (config, file, state) in parts.items():
        (folder / part).mkdir(parents=True)
        (folder / part / "config.json").write_text(json.dumps(config))
        save_file(state, folder / part / file)
    text["text_encoder"].save_pretrained(folder / "text_encoder")
    named = {f"text_model.{name}": tensor for name, tensor in text["text_encoder"].state_dict().items()}
    named["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    save_file(named, folder / "text_encoder" / "model.safetensors", {"format": "pt"})
    text["tokenizer"].save_pretrained(folder / "tokenizer")
    text["scheduler"].save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "ConditionalAnimationPipeline"}))
    return written


def drawn():
    """UNet, autoencoder and parts for text, with noise where training starts from nought, so that every part matters."""
    import torch

    from v2v_studio.models.vae import autoencoder

    torch.manual_seed(0)
    return moving(TOY), autoencoder(3, VAE), toys._parts()


def moving(sizes: dict):
    """A UNet in which no layer changes nothing, and no table is as it was before training."""
    import torch

    from v2v_studio.models.consisti2v.unet import ConsistI2VUNet

    unet = ConsistI2VUNet(**sizes)
    for name, weight in unet.named_parameters():
        if name.endswith(".alpha"):
            torch.nn.init.uniform_(weight, 0.1, 0.6)
        elif name.endswith(".freqs"):
            weight.data *= 1 + 0.1 * torch.randn(weight.shape)
        elif not weight.any():
            torch.nn.init.normal_(weight, std=0.02)
    return unet.eval()
