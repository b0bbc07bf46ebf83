"""Work that does not fit into memory, done in smaller pieces."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import torch

from v2v_studio.errors import ResourceError

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def out_of_memory(error: BaseException) -> bool:
    """Whether that is what an error says."""
    said = str(error).lower()
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        isinstance(error, RuntimeError) and ("not enough memory" in said or "can't allocate memory" in said)
    )


def within_memory(pipeline: Any, work: Callable[[], Result]) -> Result:
    """Do work with a pipeline; whenever memory runs out, try again with more economy, and say so.

    Raises:
        ResourceError: it does not fit even so.
    """
    for economy in (_none, _slice, _offload_to_host):
        if economy(pipeline):
            result = _attempt(work)
            if result is not None:
                return result
    raise ResourceError(
        f"out of memory on {pipeline.device}, even in small pieces; paint smaller (-p side=512), or use a smaller model"
    )


def offload(pipeline: Any, device: Any) -> None:
    """Keep the weights in main memory and bring each layer to the device when its turn comes."""
    log.warning("the model does not fit on %s; its layers go there one by one, which is slow", device)
    pipeline.enable_sequential_cpu_offload(device=device)


def _attempt(work: Callable[[], Result]) -> Result | None:
    """None where memory ran out. The error is let go of here: it holds what filled the memory."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None


def _none(pipeline: Any) -> bool:
    return True


def _slice(pipeline: Any) -> bool:
    log.warning("out of memory on %s; once more with attention and decoding in slices", pipeline.device)
    pipeline.enable_attention_slicing()
    for step in ("enable_slicing", "enable_tiling"):
        if hasattr(getattr(pipeline, "vae", None), step):
            getattr(pipeline.vae, step)()
    return True


def _offload_to_host(pipeline: Any) -> bool:
    device = pipeline.device
    if device.type != "cuda":  # there already, or offloaded when it was loaded
        return False
    offload(pipeline.to("cpu"), device)
    return True
