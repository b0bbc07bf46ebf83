"""The stage that is in memory: one at a time, kept from shot to shot."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from v2v_studio.errors import ResourceError

FULL = ("out of memory", "not enough memory", "can't allocate memory")  # as torch says it
_turn = threading.Lock()
_held: list[tuple[Any, Any]] = []


def stage(which: Literal["stage1", "stage2"], *parts: Any) -> Any:
    """A stage, loaded as `load.load_stage1` or `load.load_stage2` does with these arguments.

    The one that is held, or else a new one, for which the one that is held is let go first.
    """
    with _turn:
        if not _held or _held[0][0] != (which, parts):
            from v2v_studio.models.motion_i2v import load  # here: it takes seconds to import

            _held.clear()
            gc.collect()
            makers: dict[str, Callable[..., Any]] = {"stage1": load.load_stage1, "stage2": load.load_stage2}
            _held.append(((which, parts), makers[which](*parts)))
        return _held[0][1]


@contextmanager
def within_memory() -> Iterator[None]:
    """ResourceError, with what to do, where a network does not fit into memory."""
    try:
        yield
    except RuntimeError as error:
        if not any(words in str(error).lower() for words in FULL):
            raise
        raise ResourceError(
            "out of memory; work at a smaller size (v2v init --size), with -p low_memory=true, or with -p dtype=bfloat16"
        ) from error
