"""A complete release of Motion-I2V at widths that run in a second: every file, upstream's names, weights drawn at random.

As trainers leave them, the networks' names begin with `module.`; the autoencoder of flow has the old names of attention;
the look is one file with the names of latent diffusion, its attention as 1x1 convolutions, and its UNet again in half
precision.
"""

import json
import re
from pathlib import Path

from tests import toys
from v2v_studio.models.motion_i2v.config import TOY

VAE = {
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "block_out_channels": [16, 16, 16, 16],
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "sample_size": 64,
}
UNET = {  # as upstream's config.json has it
    "_class_name": "UNet3DConditionModel",
    "block_out_channels": list(TOY["block_out_channels"]),
    "layers_per_block": TOY["layers_per_block"],
    "norm_num_groups": TOY["norm_num_groups"],
    "attention_head_dim": TOY["heads"],
    "cross_attention_dim": TOY["cross_attention_dim"],
    "motion_module_kwargs": {
        "num_attention_heads": TOY["motion_heads"],
        "attention_block_types": ["Temporal_Self"] * TOY["motion_attentions"],
        "temporal_position_encoding_max_len": TOY["motion_positions"],
    },
}
OLD = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
FLOW, BASE = "stage1/StableDiffusion-FlowGen", "stage2/StableDiffusion"
CHECKPOINTS = {  # what an own network reads -> its file
    "stage1/unet": f"{FLOW}/unet/diffusion_pytorch_model.bin",
    "stage1/controlnet": f"{FLOW}/controlnet/controlnet.bin",
    "stage1/vae_flow": f"{FLOW}/vae_flow/diffusion_pytorch_model.bin",
    "stage1/vae": f"{BASE}/vae/diffusion_pytorch_model.bin",
    "stage2/unet": "stage2/Motion_Module/motion_block.bin",
    "stage2/vae": "stage2/DreamBooth_LoRA/realisticVisionV51_v20Novae.safetensors",
}
LOOK = "stage2/DreamBooth_LoRA/realistic_unet.ckpt"


def toy_release(folder: Path) -> dict[str, dict]:
    """Write it, and give what was written: the weights of each network, by the name of its folder once converted."""
    import torch
    from safetensors.torch import save_file

    networks = drawn()
    written = {name: network.state_dict() for name, network in networks.items() if name in CHECKPOINTS}
    unet, control = written["stage1/unet"], written["stage1/controlnet"]
    stage2 = written["stage2/unet"]
    stage2 |= {name: tensor.half().float() for name, tensor in stage2.items() if "motion_modules" not in name}
    flat = {name: tensor for name, tensor in stage2.items() if "motion_modules" not in name}
    motion = {name: tensor for name, tensor in stage2.items() if "motion_modules" in name}
    files = {
        CHECKPOINTS["stage1/unet"]: {f"module.{name}": tensor for name, tensor in unet.items()},
        CHECKPOINTS["stage1/controlnet"]: {f"module.controlnet.{name}": tensor for name, tensor in control.items()},
        CHECKPOINTS["stage1/vae_flow"]: old(written["stage1/vae_flow"]),
        CHECKPOINTS["stage1/vae"]: old(written["stage1/vae"]),
        f"{BASE}/unet/diffusion_pytorch_model.bin": {name: torch.zeros_like(tensor) for name, tensor in flat.items()},
        CHECKPOINTS["stage2/unet"]: {"state_dict": {f"module.{name}": tensor for name, tensor in motion.items()}},
        LOOK: {name: tensor.half() for name, tensor in flat.items()},
    }
    for file, held in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        torch.save(held, folder / file)
    save_file(ldm(flat, written["stage2/vae"]), folder / CHECKPOINTS["stage2/vae"])
    configs = {f"{FLOW}/unet": UNET, f"{BASE}/unet": UNET, f"{FLOW}/vae": VAE, f"{BASE}/vae": VAE}
    for part, config in configs.items():
        (folder / part).mkdir(exist_ok=True)
        (folder / part / "config.json").write_text(json.dumps(config))
    for root in (FLOW, BASE):
        for part in ("text_encoder", "tokenizer"):
            networks[part].save_pretrained(folder / root / part)
    return written


def drawn() -> dict:
    """The networks, with noise where training starts from nought, so that every part matters."""
    import torch

    from v2v_studio.models.motion_i2v.controlnet import TrajectoryControlNet
    from v2v_studio.models.motion_i2v.stage1 import MotionFieldUNet
    from v2v_studio.models.motion_i2v.stage2 import VideoUNet
    from v2v_studio.models.vae import autoencoder

    torch.manual_seed(0)
    text = toys._parts()
    networks = {
        "stage1/unet": MotionFieldUNet(**TOY),
        "stage1/controlnet": TrajectoryControlNet(**TOY),
        "stage1/vae_flow": autoencoder(2, VAE),
        "stage1/vae": autoencoder(3, VAE),
        "stage2/unet": VideoUNet(**TOY),
        "stage2/vae": autoencoder(3, VAE),
        "text_encoder": text["text_encoder"],
        "tokenizer": text["tokenizer"],
    }
    for name in CHECKPOINTS:
        for weight in networks[name].parameters():
            if not weight.any():
                torch.nn.init.normal_(weight, std=0.02)
    return networks


def old(state: dict) -> dict:
    """An autoencoder's weights under the old names of attention."""
    pattern = re.compile(rf"(attentions\.0\.)({'|'.join(map(re.escape, OLD))})(?=\.)")
    return {pattern.sub(lambda found: found[1] + OLD[found[2]], name): tensor for name, tensor in state.items()}


def ldm(unet: dict, vae: dict) -> dict:
    """A UNet and an autoencoder under the names of latent diffusion, as one file of a whole model has them."""
    named = {}
    for name, tensor in unet.items():  # the upsampler comes after the attention where a level has one
        named["model.diffusion_model." + re.sub(r"(_blocks\.[35])\.1\.conv", r"\1.2.conv", toys._unet_name(name))] = (
            tensor
        )
    for name, tensor in vae.items():
        convolution = re.search(r"to_(q|k|v|out\.0)\.weight", name)
        named["first_stage_model." + toys._vae_name(name)] = tensor[..., None, None] if convolution else tensor
    return {name: tensor.contiguous() for name, tensor in named.items()}
