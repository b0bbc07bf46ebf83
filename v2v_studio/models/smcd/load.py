"""The model out of a converted folder (`release.convert_release`)."""

from __future__ import annotations

from pathlib import Path

from v2v_studio.models.smcd.sample import SMCD


def load_smcd(folder: Path, device: str = "auto", dtype: str = "auto") -> SMCD:
    """The model, ready to run.

    Args:
        folder: as `release.convert_release` made it.
        device: "cpu", "cuda", ...; "auto" is a GPU where there is one.
        dtype: of the networks: "float32", "bfloat16", on a GPU "float16"; "auto" is float32 on a CPU, else bfloat16. The
            autoencoder and the position net stay in float32.

    Raises:
        MissingError: the folder is not whole.
        UsageError: the device is not here, or cannot work in that type.
    """
    raise NotImplementedError
