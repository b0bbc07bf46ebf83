"""Memory that the C library holds on to, given back: what a process takes is not to follow from what it did before."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h


@contextmanager
def frugal() -> Iterator[None]:
    """A block of work after which this process holds no more memory than before it, however often that is done.

    By itself the C library gives each thread a heap of its own, whose free parts no other can use, and keeps what is freed:
    the more shots a process rendered, the more it held. Here all threads share two, and what is free is given back.
    """
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(ARENA_MAX, 2)
    try:
        yield
    finally:
        give_back()


def give_back() -> None:
    """Return what is free to the system; a few milliseconds."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
