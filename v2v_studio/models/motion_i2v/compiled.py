"""The networks' blocks compiled by torch: those that many layers share and that take nothing but tensors.

A network as a whole would be traced layer by layer for many minutes, and again for every window, whose splats differ.
Its resnets and gated units are each compiled once a width, for frames and sizes of any number.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from typing import Any

import torch

from v2v_studio.errors import UsageError

BLOCKS = ["ResnetBlock2D", "GatedGelu"]
WIDTHS = 64  # of a block that are compiled, more than a network has; torch gives up after eight


def compile_blocks(network: Any) -> None:
    """Have a network's blocks compiled when they are first run, for the device it is on.

    Raises:
        UsageError: this machine has nothing to compile with.
    """
    on_gpu = network.device.type == "cuda"
    names = [os.environ.get("CC" if on_gpu else "CXX", ""), *(("gcc", "cc", "clang") if on_gpu else ("g++", "clang++"))]
    if not any(map(shutil.which, filter(None, names))) or (on_gpu and find_spec("triton") is None):
        needed = "a C compiler and the package triton" if on_gpu else "a C++ compiler such as g++"
        raise UsageError(
            f"compile needs {needed}, which this machine has not; install it, or leave out -p compile=true"
        )
    torch._dynamo.config.recompile_limit = max(WIDTHS, torch._dynamo.config.recompile_limit)
    network.compile_repeated_blocks(fullgraph=True, dynamic=True)
