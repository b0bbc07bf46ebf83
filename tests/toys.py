"""Toy checkpoints: the networks of Stable Diffusion at widths that run in a second on a CPU, their weights drawn at random.

Folders and files are laid out as the released ones are, so that they load through the same code. Nothing is downloaded:
the text encoder's vocabulary is CLIP's byte alphabet and no merges. torch and diffusers are imported where they are used.
"""

import re
from pathlib import Path

import numpy as np

_Y, _X = np.indices((40, 56), dtype=np.float32)
FRAME = np.where(
    (_X - 30) ** 2 + (_Y - 18) ** 2 < 100, 0.9, np.stack([_X / 56, _Y / 40, 1 - _X / 56])
)  # a ball on a ramp

WIDTH = 32  # of the text encoder and of attention to it
LATENTS = 4  # channels

_UNET = {
    "sample_size": 8,
    "out_channels": LATENTS,
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "block_out_channels": (32, 64),
    "layers_per_block": 1,
    "cross_attention_dim": WIDTH,
    "attention_head_dim": 4,
    "norm_num_groups": 8,
}


def differ(one, other):
    """Whether two pictures are not the same: far above rounding, far below what a toy's noise does."""
    return float(np.abs(one - other).max()) > 0.01


def _ready():
    """torch, seeded: the same toy is the same file."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import torch

    torch.manual_seed(0)
    return torch


def _vocabulary():
    """CLIP's tokens of single bytes, and the two that begin and end a text."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + place) for place in range(len(others))]
    tokens = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return {token: place for place, token in enumerate(tokens)}


def _parts(in_channels=LATENTS, prediction="epsilon"):
    """What both pipelines are made of."""
    _ready()
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    tokens = _vocabulary()
    text = CLIPTextConfig(
        vocab_size=len(tokens),
        hidden_size=WIDTH,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        projection_dim=WIDTH,
        bos_token_id=tokens["<|startoftext|>"],
        eos_token_id=tokens["<|endoftext|>"],
        pad_token_id=tokens["<|endoftext|>"],
    )
    return {
        "unet": UNet2DConditionModel(in_channels=in_channels, **_UNET),
        "vae": AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            block_out_channels=(16, 32, 32, 32),
            latent_channels=LATENTS,
            norm_num_groups=8,
            sample_size=64,
        ),
        "text_encoder": CLIPTextModel(text),
        "tokenizer": CLIPTokenizer(vocab=tokens, merges=[], model_max_length=77),
        "scheduler": DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
        ),
        "safety_checker": None,
        "feature_extractor": None,
        "requires_safety_checker": False,
    }


def stable_diffusion(folder: Path) -> Path:
    """Stable Diffusion 1.5's layout: a text-to-image pipeline."""
    _ready()
    from diffusers import StableDiffusionPipeline

    StableDiffusionPipeline(**_parts()).save_pretrained(folder)
    return folder


def instruct_pix2pix(folder: Path) -> Path:
    """InstructPix2Pix's layout: a network of eight channels, the footage's latents beside the noise."""
    _ready()
    from diffusers import StableDiffusionInstructPix2PixPipeline

    StableDiffusionInstructPix2PixPipeline(**_parts(in_channels=2 * LATENTS)).save_pretrained(folder)
    return folder


def sdxl(folder: Path) -> Path:
    """SDXL's layout: two text encoders, and a network that is also told the picture's size."""
    _ready()
    from diffusers import StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextModelWithProjection

    parts = _parts()
    config = parts["text_encoder"].config
    told = {"addition_embed_type": "text_time", "addition_time_embed_dim": 8}
    told["projection_class_embeddings_input_dim"] = 6 * 8 + config.projection_dim
    parts["unet"] = UNet2DConditionModel(in_channels=LATENTS, **_UNET | told | {"cross_attention_dim": 2 * WIDTH})
    parts |= {"text_encoder_2": CLIPTextModelWithProjection(config), "tokenizer_2": parts["tokenizer"]}
    for name in ("safety_checker", "requires_safety_checker"):
        del parts[name]
    StableDiffusionXLPipeline(**parts).save_pretrained(folder)
    return folder


def flux_kontext(folder: Path) -> Path:
    """Flux Kontext's layout: an editor by a transformer, which paints a megapixel whatever it is shown."""
    _ready()
    from diffusers import AutoencoderKL, FlowMatchEulerDiscreteScheduler, FluxKontextPipeline, FluxTransformer2DModel
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    parts = _parts()
    letters = [(token, 0.0) for token in ("<pad>", "</s>", "<unk>")] + [(chr(byte), -1.0) for byte in range(32, 127)]
    FluxKontextPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=AutoencoderKL.from_config(parts["vae"].config, scaling_factor=0.36, shift_factor=0.12),
        text_encoder=parts["text_encoder"],
        tokenizer=parts["tokenizer"],
        text_encoder_2=T5EncoderModel(
            T5Config(vocab_size=len(letters) + 1, d_model=WIDTH, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
        ),
        tokenizer_2=T5Tokenizer(vocab=[*letters, ("▁", -1.0)], extra_ids=0),
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=4 * LATENTS,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=WIDTH,
            pooled_projection_dim=WIDTH,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=True,
        ),
    ).save_pretrained(folder)
    return folder


def controlnet(folder: Path, seed: int = 0) -> Path:
    """A ControlNet for `stable_diffusion`. A new one's last layers are nought and change nothing; here they are drawn."""
    torch = _ready()
    from diffusers import ControlNetModel

    torch.manual_seed(seed)
    shared = {
        key: value for key, value in _UNET.items() if key not in ("sample_size", "out_channels", "up_block_types")
    }
    network = ControlNetModel(conditioning_embedding_out_channels=(8, 8, 16, 16), **shared)
    for layer in [
        network.controlnet_cond_embedding.conv_out,
        network.controlnet_mid_block,
        *network.controlnet_down_blocks,
    ]:
        torch.nn.init.normal_(layer.weight, std=0.3)
    network.save_pretrained(folder)
    return folder


def lora(file: Path, pipeline: Path, seed: int = 0) -> Path:
    """A LoRA for the attention of a pipeline's network, in diffusers' layout."""
    torch = _ready()
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(pipeline, subfolder="unet")
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    layers = get_peft_model_state_dict(unet)
    for name, weight in layers.items():
        layers[name] = torch.randn_like(weight)
    StableDiffusionPipeline.save_lora_weights(file.parent, layers, weight_name=file.name)
    return file


def single_file(file: Path, pipeline: Path) -> Path:
    """A pipeline's weights in one file, named as the first releases of Stable Diffusion name them."""
    _ready()
    from safetensors.torch import load_file, save_file

    parts = {
        "model.diffusion_model.": (pipeline / "unet" / "diffusion_pytorch_model.safetensors", _unet_name),
        "first_stage_model.": (pipeline / "vae" / "diffusion_pytorch_model.safetensors", _vae_name),
        "cond_stage_model.transformer.text_model.": (
            pipeline / "text_encoder" / "model.safetensors",
            lambda name: name.removeprefix("text_model."),
        ),
    }
    weights = {}
    for prefix, (part, renamed) in parts.items():
        for name, weight in load_file(part).items():
            weights[prefix + renamed(name)] = weight
    save_file(weights, file)
    return file


_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_OUTER = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "mid_block.resnets.0": "middle_block.0",
    "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}


def _unet_name(name):
    """diffusers' name of a network's tensor -> the first releases' name."""
    for ours, theirs in _OUTER.items():
        name = re.sub(rf"^{re.escape(ours)}\.", f"{theirs}.", name)
    part = re.match(r"(down|up)_blocks\.(\d)\.(resnets|attentions|downsamplers|upsamplers)\.(\d)\.(.*)", name)
    if part:
        way, block, kind, layer, rest = part.groups()
        layers = _UNET["layers_per_block"] + (way == "up")
        place = int(block) * 2 * _UNET["layers_per_block"] + int(layer) + (way == "down")
        if kind.endswith("samplers"):
            place += layers if way == "down" else layers - 1
        slot = {"resnets": "0", "attentions": "1", "downsamplers": "0.op", "upsamplers": "1.conv"}[kind]
        rest = rest.removeprefix("conv.") if kind.endswith("samplers") else rest
        name = f"{'input' if way == 'down' else 'output'}_blocks.{place}.{slot}.{rest}"
    if re.match(r"(input_blocks|output_blocks)\.\d\.0\.|middle_block\.[02]\.", name):
        *path, layer, end = name.split(".")
        name = ".".join([*path, _RESNET.get(layer, layer), end])
    return name


def _vae_name(name):
    """diffusers' name of a VAE's tensor -> the first releases' name."""
    name = re.sub(r"up_blocks\.(\d)", lambda found: f"up.{3 - int(found[1])}", name)
    for ours, theirs in (
        (r"down_blocks\.", "down."),
        (r"(\d)\.resnets\.", r"\1.block."),
        (r"mid_block\.resnets\.0", "mid.block_1"),
        (r"mid_block\.resnets\.1", "mid.block_2"),
        (r"mid_block\.attentions\.0", "mid.attn_1"),
        (r"samplers\.0", "sample"),
        (r"conv_shortcut", "nin_shortcut"),
        (r"conv_norm_out", "norm_out"),
        (r"attn_1\.group_norm", "attn_1.norm"),
        (r"attn_1\.to_([qkv])", r"attn_1.\1"),
        (r"attn_1\.to_out\.0", "attn_1.proj_out"),
    ):
        name = re.sub(ours, theirs, name)
    return name
