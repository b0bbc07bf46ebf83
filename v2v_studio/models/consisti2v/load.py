"""The model out of the released folder, as it was fetched."""

from __future__ import annotations

from pathlib import Path

from v2v_studio.models.consisti2v.sample import ConsistI2V


def load_consisti2v(folder: Path, device: str = "auto", dtype: str = "auto") -> ConsistI2V:
    """ConsistI2V, every name and shape of its weights checked.

    Args:
        folder: the release, a pipeline as diffusers saves it.
        device: "cpu", "cuda", ...; "auto" is a GPU where there is one.
        dtype: of the UNet: "float32", "bfloat16", on a GPU "float16"; "auto" is float32 on a CPU, else bfloat16. The
            autoencoder stays in float32.

    Raises:
        MissingError: the folder is not whole, or weights do not fit; every name that does not is listed.
        UsageError: the device is not here, or cannot work in that type.
    """
    raise NotImplementedError
