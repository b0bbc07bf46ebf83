"""ConsistI2V's first frame and its camera against the reference implementation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from benchmarks.golden import Golden, Match, Tolerance
from v2v_studio.models.consisti2v.released_view import released_view

CAMERA = Tolerance(1e-5, 1e-5)  # bilinear weights in another order


def camera_motion(golden: Golden) -> Iterator[Match]:
    """Every case that the reference gets through in the size that was asked for."""
    for name, case in golden.config["cases"].items():
        if isinstance(case, str):  # what the reference says where it fails
            continue
        size = case["height"], case["width"]
        if tuple(golden[f"out.{name}"].shape[2:]) != size:
            continue
        picture = golden[f"in.{name.split('.')[0]}.rgb_u8"].numpy().transpose(2, 0, 1).astype(np.float32) / 255
        seen = released_view(picture, size, case["camera_motion"], case.get("video_length", 1))
        yield golden.match(name, torch.from_numpy(2 * seen - 1), CAMERA)
