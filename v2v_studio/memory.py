"""How the C library (glibc) keeps memory: what a process takes is not to follow from what it did before."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
LARGE = 2**22  # bytes


@contextmanager
def frugal() -> Iterator[None]:
    """A block of work after which this process holds no more memory than before it, however often that is done.

    By itself the C library gives each thread a heap of its own, whose free parts no other can use, and keeps what is freed:
    the more shots a process rendered, the more it held. Here later ones share one, and what is free is given back, what
    Python has not collected yet too.
    """
    one_heap()
    try:
        yield
    finally:
        gc.collect()
        with suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def one_heap() -> None:
    """Threads that begin from now on share one heap."""
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


@contextmanager
def apart() -> Iterator[None]:
    """A block whose allocations do not break up the heap: each lies by itself, and is gone when it is freed.

    Afterwards that holds for those of 4 MB and more; by itself the library would move that bound, by what was freed.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, 2**16)
    try:
        yield
    finally:
        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE)
            ctypes.CDLL(None).mallopt(TRIM_THRESHOLD, 2 * LARGE)  # in the library's own proportion
