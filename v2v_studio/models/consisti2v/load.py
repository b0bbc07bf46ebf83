"""The model out of the released folder, as it was fetched: a pipeline as diffusers saves it (section 12 of the fact sheet).

model = load_consisti2v(locate("consisti2v"))
made = model.frames(image, "a boat on a lake", "")
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from v2v_studio.errors import MissingError
from v2v_studio.models.checkpoint import WEIGHTS, fitted, read, renamed
from v2v_studio.models.consisti2v.config import RELEASED, from_release
from v2v_studio.models.consisti2v.params import NAME
from v2v_studio.models.consisti2v.sample import ConsistI2V
from v2v_studio.models.consisti2v.unet import ConsistI2VUNet
from v2v_studio.models.opened import chosen
from v2v_studio.models.release import read_json, text_encoder, there
from v2v_studio.models.text import Texts
from v2v_studio.models.vae import autoencoder

# the released tools set these, whatever the config says
SET = {
    "augment_temporal_attention": True,
    "first_frame_condition_mode": "concat",
    "temp_pos_embedding": "rotary",
    "use_frame_stride_condition": True,
    "use_temporal": True,
}


def load_consisti2v(folder: Path, device: str = "auto", dtype: str = "auto") -> ConsistI2V:
    """ConsistI2V, every name and shape of its weights checked.

    Args:
        folder: the release.
        device: "cpu", "cuda", ...; "auto" is a GPU where there is one.
        dtype: of the UNet: "float32", "bfloat16", on a GPU "float16"; "auto" is float32 on a CPU, else bfloat16. The
            autoencoder stays in float32.

    Raises:
        MissingError: the folder is not whole, or weights do not fit; every name that does not is listed.
        UsageError: the device is not here, or cannot work in that type.
    """
    place, kind = chosen(device, dtype)
    text_encoder(there(folder / "text_encoder", NAME), NAME)  # for its names; it is read again when there is a text
    there(folder / "tokenizer", NAME)
    unet: Any = load_unet(folder / "unet", kind)
    vae = load_vae(folder / "vae")
    return ConsistI2V(unet.to(place), vae.to(place), Texts(folder, place))


def load_unet(folder: Path, dtype: torch.dtype = torch.float32) -> ConsistI2VUNet:
    """The UNet of a folder with its config, a release's or a training run's. Raises as `load_consisti2v`."""
    config = _config(folder)
    trained = set(RELEASED) <= set(config)  # as our class saves itself
    sizes = {name: config[name] for name in RELEASED} if trained else from_release({**config, **SET})
    path = weights(folder)
    return fitted(lambda: ConsistI2VUNet(**sizes), read(path), str(path), dtype=dtype)


def load_vae(folder: Path) -> Any:
    """The autoencoder of a folder with its config, under today's names or the old ones. Raises as `load_consisti2v`."""
    arch, path = _config(folder), weights(folder)
    return fitted(lambda: autoencoder(3, arch), renamed(read(path)), str(path))


def _config(folder: Path) -> Mapping[str, Any]:
    config = read_json(there(folder / "config.json", NAME))
    return {name: value for name, value in config.items() if not name.startswith("_")}


def weights(folder: Path) -> Path:
    """The file of a folder's weights.

    Raises:
        MissingError: there is none, or it is pickled.
    """
    safe, pickled = (folder / name for name in WEIGHTS)
    if not safe.is_file() and pickled.is_file():
        raise MissingError(f"{pickled} is pickled; make it a safe file once with: v2v models convert {pickled}")
    return there(safe, NAME)
