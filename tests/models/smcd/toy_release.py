"""A complete release of SMCD at widths that run in a second: upstream's files and names, weights drawn at random.

The three files are a trainer's; beside them lie those of ModelScope's text-to-video model, of which text tower and
autoencoder are read, and CLIP's tokenizer.
"""

import json
from pathlib import Path

from tests import toys
from v2v_studio.models.smcd.config import TOY, encoder_from_release, from_release

TEXT = TOY["context_dim"]
ARCH = {  # as the released code's class has it
    **TOY,
    "cat_init": True,
    "use_gate_self_attn": "vanilla_cross_vision",
    "grounding_dim": 40,
    "v_dim": 48,
}
VAE = {"block_out_channels": [32, 32, 32, 32], "layers_per_block": 1}
VISUAL = (32, 32, 32, 48)
CHECKPOINTS = {  # a part once converted -> its file
    "unet": "pytorch_model.bin",
    "position_net": "pytorch_model_1.bin",
    "visual_encoder": "pytorch_model_2.bin",
    "vae": "VQGAN_autoencoder.pth",
}
OPENCLIP, CONFIG = "open_clip_pytorch_model.bin", "configuration.json"


def toy_release(folder: Path, with_control: bool = False) -> dict[str, dict]:
    """Write it, and give what was written: the weights of each network, by the name of its folder once converted.

    Args:
        with_control: the ControlNet ablation instead of the released model.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    written = {name: network.state_dict() for name, network in drawn(with_control).items()}
    for name, state in written.items():
        if name == "vae":
            ldm = {f"first_stage_model.{toys._vae_name(key)}": own for key, own in written["vae"].items()}
            ldm = {key: own[..., None, None] if convolved(key) else own for key, own in ldm.items()}
            state = {"state_dict": {**ldm, "loss.logvar": torch.zeros(1)}}
        torch.save(state, folder / CHECKPOINTS[name if name != "control_net" else "visual_encoder"])
    torch.save(openclip(), folder / OPENCLIP)
    sizes = {f"unet_{name}": value for name, value in TOY.items()}
    (folder / CONFIG).write_text(json.dumps({"model": {"model_cfg": {**sizes, "temporal_attention": "True"}}}))
    toys._parts()["tokenizer"].save_pretrained(folder / "tokenizer")
    return written


def convolved(name: str) -> bool:
    """Whether latent diffusion has this weight as a convolution of size 1."""
    return ".mid.attn_1." in name and name.endswith(".weight") and ".norm." not in name


def drawn(with_control: bool = False) -> dict:
    """The networks, with noise where training starts from nought, so that every part matters."""
    import torch

    from v2v_studio.models.smcd.controlnet import ControlNet
    from v2v_studio.models.smcd.position_net import PositionNet
    from v2v_studio.models.smcd.unet import UNet
    from v2v_studio.models.smcd.visual_encoder import VisualEncoder
    from v2v_studio.models.vae import autoencoder

    torch.manual_seed(0)
    arch = {**ARCH, "cat_init": False, "use_gate_self_attn": "vanilla", "use_control": True} if with_control else ARCH
    networks = {
        "unet": UNet(**{**from_release(arch), **({"image_dim": 1024} if with_control else {})}),
        "position_net": PositionNet(TEXT, ARCH["grounding_dim"]),
    }
    if with_control:
        networks["control_net"] = ControlNet(**encoder_from_release(TOY))
    else:
        networks["visual_encoder"] = VisualEncoder(VISUAL, 1)
    networks["vae"] = autoencoder(3, VAE)
    for network in networks.values():
        stir(network)
    return networks


def stir(network) -> None:
    """Noise in every weight that is nought, gates well open."""
    import torch

    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.constant_(weight, 0.5) if weight.ndim == 0 else torch.nn.init.normal_(weight, std=0.05)


def openclip(layers: int = 3, length: int = 77) -> dict:
    """A text tower by OpenCLIP's names, and two of its weights that are no part of it."""
    import torch

    tokens = len(toys._vocabulary())
    generator = torch.Generator().manual_seed(1)

    def weights(*shape):
        return torch.randn(shape, generator=generator) / shape[-1] ** 0.5

    state = {
        "token_embedding.weight": weights(tokens, TEXT),
        "positional_embedding": weights(length, TEXT),
        "ln_final.weight": 1 + weights(TEXT),
        "ln_final.bias": weights(TEXT),
        "text_projection": weights(TEXT, TEXT),
        "logit_scale": torch.tensor(1.0),
        "visual.conv1.weight": weights(4, 3, 2, 2),
    }
    shapes = {
        "ln_1": (TEXT,),
        "attn.in_proj_": (3 * TEXT, TEXT),
        "attn.out_proj": (TEXT, TEXT),
        "ln_2": (TEXT,),
        "mlp.c_fc": (4 * TEXT, TEXT),
        "mlp.c_proj": (TEXT, 4 * TEXT),
    }
    for layer in range(layers):
        for module, shape in shapes.items():
            name = f"transformer.resblocks.{layer}.{module}{'' if module.endswith('_') else '.'}"
            state[f"{name}weight"] = weights(*shape) + (1 if len(shape) == 1 else 0)
            state[f"{name}bias"] = weights(shape[0])
    return state
