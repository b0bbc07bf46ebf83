"""Where weights lie on this machine: the only code that looks for checkpoints. Nothing is downloaded."""

from __future__ import annotations

import os
from pathlib import Path

from v2v_studio.errors import MissingError

SUFFIXES = (".safetensors", ".pth")  # the first that is there is taken


def find_weights(name: str) -> Path:
    """The file of the weights with that name: `<name>.safetensors` or `<name>.pth`, in the folder that V2V_MODELS names
    or in ~/.cache/v2v_studio/models.

    Raises:
        MissingError: it is in neither.
    """
    own = os.environ.get("V2V_MODELS")
    folders = [*([Path(own)] if own else []), Path.home() / ".cache" / "v2v_studio" / "models"]
    for path in (folder / f"{name}{suffix}" for folder in folders for suffix in SUFFIXES):
        if path.is_file():
            return path
    looked = " or ".join(map(str, folders))
    raise MissingError(
        f"the weights '{name}' are not on this machine; put {name}.safetensors or {name}.pth into {looked}, "
        "or choose what needs no weights"
    )
