"""The model that is in memory: one at a time, kept from shot to shot."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from v2v_studio.errors import ResourceError

FULL = ("out of memory", "not enough memory", "can't allocate memory")  # as torch says it
_turn = threading.Lock()
_held: list[tuple[Any, Any]] = []


def loaded(maker: str, *parts: Any) -> Any:
    """What a function, "module:function", loads with these arguments; the module takes seconds to import.

    The one that is held, or else a new one, for which the one that is held is let go first.
    """
    with _turn:
        if not _held or _held[0][0] != (maker, parts):
            module, function = maker.split(":")
            load = getattr(import_module(module), function)
            _held.clear()
            gc.collect()
            _held.append(((maker, parts), load(*parts)))
        return _held[0][1]


SMALLER = "work at a smaller size (v2v init --size), with -p low_memory=true, or with -p dtype=bfloat16"


@contextmanager
def within_memory(remedy: str = SMALLER) -> Iterator[None]:
    """ResourceError, with what to do, where a network does not fit into memory."""
    try:
        yield
    except RuntimeError as error:
        if not any(words in str(error).lower() for words in FULL):
            raise
        raise ResourceError(f"out of memory; {remedy}") from error
