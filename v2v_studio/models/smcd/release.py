"""The released files (section 11 of the fact sheet) made into folders that open at once: strictly, and once.

SMCD's release is three files. Text encoder, tokenizer and autoencoder are those of the text-to-video model that it was
trained on: as ModelScope or as diffusers has them, in the same folder or where that model was fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
import torch
from transformers import CLIPTokenizer

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import WEIGHTS, State, first_there, fitted, part, read
from v2v_studio.models.openclip import text_encoder as openclip_text_encoder
from v2v_studio.models.release import Part, Saved, read_json, save, text_encoder, there, write
from v2v_studio.models.smcd.config import RELEASED, encoder_from_release, from_release
from v2v_studio.models.smcd.controlnet import ControlNet
from v2v_studio.models.smcd.params import BASE, NAME
from v2v_studio.models.smcd.position_net import PositionNet
from v2v_studio.models.smcd.unet import UNet
from v2v_studio.models.smcd.visual_encoder import VisualEncoder
from v2v_studio.models.vae import autoencoder
from v2v_studio.models.weights import locate, present

UNET, POSITION_NET, THIRD = "pytorch_model.bin", "pytorch_model_1.bin", "pytorch_model_2.bin"  # as a trainer named them
CONFIG, OPENCLIP, VQGAN = "configuration.json", "open_clip_pytorch_model.bin", "VQGAN_autoencoder.pth"  # ModelScope's
LDM = "first_stage_model."
KINDS = {  # what the name of a gate's weight tells of its kind; the first that is there counts
    "visual_linear": "double",
    "beta_g": "vanilla_cross_vision_parallel",
    "cross_attn": "vanilla_cross_vision",
    "v_linear": "merge",
    "alpha_attn": "vanilla",
}


def convert_release(folder: Path, target: Path, on_part: Callable[[Saved], None] = lambda saved: None) -> list[Saved]:
    """Write every part of a release as safetensors with its config, in float32.

    The parts are `unet`, `position_net`, `visual_encoder` (`control_net` where the release is that ablation), `vae`,
    `text_encoder` and `tokenizer`. They appear together, when the last is written.

    Args:
        folder: the release, with the base's files in it, or with the base in its own place (`modelscope-t2v`).
        target: the folder to make.

    Raises:
        UsageError: the target exists.
        MissingError: a file is not there, or a name in it is missing, unexpected or of a wrong shape; each is listed.
        ResourceError: the target cannot be written.
    """
    places = [folder, *([locate(BASE)] if present(BASE) else [])]
    return write(target, _parts(folder, places), on_part)


def _parts(root: Path, places: Sequence[Path]) -> Iterator[Part]:
    """One at a time in memory."""
    third = there(root / THIRD, NAME)
    with_control = any(name.startswith("zero_convs.") for name in read(third))
    arch = _arch(places)
    yield "unet", lambda to: save(_unet(there(root / UNET, NAME), arch, with_control), to)
    yield "position_net", lambda to: save(_position_net(there(root / POSITION_NET, NAME)), to)
    if with_control:
        yield "control_net", lambda to: save(_control_net(third, arch), to)
    else:
        yield "visual_encoder", lambda to: save(_visual_encoder(third), to)
    yield "vae", lambda to: save(base_vae(places), to)
    yield "text_encoder", lambda to: save(base_text_encoder(places), to)
    yield "tokenizer", lambda to: _saved(base_tokenizer(places), to)


def _arch(places: Sequence[Path]) -> dict[str, Any]:
    """The sizes of the UNet, by config.RELEASED's names: ModelScope's configuration where it is there."""
    path = _first(places, [CONFIG])
    if path is None:
        return dict(RELEASED)
    given = read_json(path).get("model", {}).get("model_cfg", {})
    return {name: given.get(f"unet_{name}", released) for name, released in RELEASED.items()}


def _unet(path: Path, arch: Mapping[str, Any], with_control: bool) -> UNet:
    state = read(path)
    kind = next((kind for name, kind in KINDS.items() if any(f".gate_attn.{name}" in own for own in state)), None)
    first = _shape(state, "input_blocks.0.0.weight", path)
    tokens = {"grounding_dim": ".gate_attn.linear.weight", "v_dim": "_linear.weight"}
    own = {name: _width(state, ending) for name, ending in tokens.items()}
    given = {**arch, **own, "use_gate_self_attn": kind, "use_control": with_control}
    sizes = {**from_release(given), "in_channels": first[1]}
    return fitted(lambda: UNet(**sizes), state, str(path))


def _width(state: State, ending: str) -> int:
    """What the weights with this ending read; 1024, as released, where there are none."""
    return next((tensor.shape[1] for name, tensor in state.items() if name.endswith(ending)), 1024)


def _position_net(path: Path) -> PositionNet:
    state = read(path)
    phrase, box = (_shape(state, f"null_{what}_feature", path)[0] for what in ("positive", "position"))
    channels = _shape(state, "linears.4.weight", path)[0]
    return fitted(lambda: PositionNet(phrase, channels, box // 8), state, str(path))


def _visual_encoder(path: Path) -> VisualEncoder:
    """A stage begins where a block halves the size."""
    state = read(path)
    blocks = len({name.split(".")[1] for name in state if name.startswith("body.")})
    begins = [0, *(i for i in range(blocks) if f"body.{i}.down_opt.op.weight" in state)]
    channels = tuple(_shape(state, f"body.{i}.in_conv.weight", path)[0] for i in begins)
    latent = _shape(state, "conv_in.weight", path)[1]
    return fitted(lambda: VisualEncoder(channels, blocks // len(begins), latent), state, str(path))


def _control_net(path: Path, arch: Mapping[str, Any]) -> ControlNet:
    return fitted(lambda: ControlNet(**encoder_from_release(arch)), read(path), str(path))


def base_vae(places: Sequence[Path]) -> Any:
    """The autoencoder, of the first folder that has it, as ModelScope or as diffusers names it.

    ModelScope's file holds more than that; what is not its is left out.

    Raises:
        MissingError: no folder has it, or it does not fit.
    """
    path = _first(places, [VQGAN])
    if path is not None:
        own = {LDM + name.split(LDM, 1)[1]: tensor for name, tensor in read(path).items() if LDM in name}
        arch = vae_arch(own, str(path))
        return fitted(lambda: autoencoder(3, arch), part(own, "vae", autoencoder_config(arch)), str(path))
    config = _first(places, ["vae/config.json"])
    weights = None if config is None else first_there(config.parent, WEIGHTS)
    if config is None or weights is None:
        raise _absent("autoencoder", VQGAN, "vae")
    arch = {name: value for name, value in read_json(config).items() if not name.startswith("_")}
    return fitted(lambda: autoencoder(3, arch), part(read(weights), "vae", arch), str(weights))


def autoencoder_config(arch: Mapping[str, Any]) -> Mapping[str, Any]:
    """All arguments of the autoencoder of these sizes."""
    with torch.device("meta"):
        return autoencoder(3, arch).config


def vae_arch(state: State, source: str) -> dict[str, Any]:
    """The sizes of an autoencoder, from its weights by the names of latent diffusion."""
    levels = len({name.split(".")[3] for name in state if name.startswith(f"{LDM}encoder.down.")})
    layers = len({name.split(".")[5] for name in state if name.startswith(f"{LDM}encoder.down.0.block.")})
    widths = [_shape(state, f"{LDM}encoder.down.{i}.block.0.conv1.weight", source)[0] for i in range(levels)]
    latent = _shape(state, f"{LDM}post_quant_conv.weight", source)[0]
    return {"block_out_channels": widths, "layers_per_block": layers, "latent_channels": latent}


def base_text_encoder(places: Sequence[Path]) -> Any:
    """The text encoder, likewise."""
    path = _first(places, [OPENCLIP])
    if path is not None:
        return openclip_text_encoder(read(path), str(path))
    config = _first(places, ["text_encoder/config.json"])
    if config is None:
        raise _absent("text encoder", OPENCLIP, "text_encoder")
    return text_encoder(config.parent, BASE)


def base_tokenizer(places: Sequence[Path]) -> CLIPTokenizer:
    """CLIP's tokens, which OpenCLIP fills up with token 0 behind the end."""
    path = _first(places, ["tokenizer/vocab.json", "tokenizer/tokenizer.json"])
    if path is None:
        raise _absent("tokenizer", "tokenizer", "tokenizer")
    tokenizer = CLIPTokenizer.from_pretrained(path.parent, local_files_only=True)
    tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def _saved(tokenizer: CLIPTokenizer, to: Path) -> int:
    tokenizer.save_pretrained(to)
    return 0


def _first(places: Sequence[Path], names: Sequence[str]) -> Path | None:
    """The first of these files that one of the places has."""
    return next((path for place in places if (path := first_there(place, names))), None)


def _absent(what: str, file: str, folder: str) -> MissingError:
    return MissingError(
        f"the {what} of the text-to-video model is not there; fetch it: v2v models fetch {BASE}, or put its {file} or "
        f"{folder} beside {UNET}"
    )


def _shape(state: State, name: str, source: object) -> torch.Size:
    if name not in state:
        raise MissingError(f"{source} has no {name}. See that it is whole, and the right model's")
    return state[name].shape
