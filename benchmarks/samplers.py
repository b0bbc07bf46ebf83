"""Motion-I2V's samplers against the released one, DDIM at 25 steps: how far what they make is from what it makes.

    python -m benchmarks.samplers

Toy networks with random weights, for the released ones could not be had: the samplers walk the same schedule through the
same network from the same noise with guidance 7, so the figures say how differently they walk, not how good the pictures
are. `psnr` is of stage 2's frames; `flow` is the mean distance of stage 1's vectors in pixels, beside their mean length.
DDIM at other steps says what a change of steps alone does.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.record import save

WALKS = (
    ("ddim", 25),
    ("ddim", 50),
    ("ddim", 15),
    ("ddim", 10),
    ("dpm++", 25),
    ("dpm++", 15),
    ("dpm++", 10),
    ("unipc", 25),
    ("unipc", 15),
    ("unipc", 10),
    ("lcm", 8),
    ("lcm", 4),
)
SIZE, FRAMES, SEEDS = (64, 96), 6, (1, 2, 3)


def main() -> None:
    print(save("samplers", measured()))


def measured() -> list[dict[str, Any]]:
    from tests.models.motion_i2v.toy_release import drawn
    from v2v_studio.models.motion_i2v.stage1_sample import Stage1
    from v2v_studio.models.motion_i2v.stage2_sample import Stage2

    parts = {name: part.eval() for name, part in drawn().items() if hasattr(part, "eval")}
    stage1 = Stage1(parts["stage1/unet"], None, parts["stage1/vae"], parts["stage1/vae_flow"], text)
    stage2 = Stage2(parts["stage2/unet"], parts["stage2/vae"], text)
    rows, first = list[dict[str, Any]](), dict[int, tuple[np.ndarray, np.ndarray]]()
    for sampler, steps in WALKS:
        began = time.process_time()
        made = {seed: walked(stage1, stage2, sampler, steps, seed) for seed in SEEDS}
        took = time.process_time() - began
        first = first or made
        error = np.mean([np.square(made[seed][1] - first[seed][1]).mean() for seed in SEEDS])
        apart = np.mean([np.hypot(*(made[seed][0] - first[seed][0]).swapaxes(0, 1)).mean() for seed in SEEDS])
        long = np.mean([np.hypot(*made[seed][0].swapaxes(0, 1)).mean() for seed in SEEDS])
        rows.append(
            {
                "sampler": sampler,
                "steps": steps,
                "psnr": float(-10 * np.log10(error)) if error else None,
                "flow": float(apart),
                "flow_length": float(long),
                "cpu_s": took / len(SEEDS),
            }
        )
        print(rows[-1], flush=True)
    return rows


def text(prompt: str) -> Any:
    """Hidden states of the toy's width, by the prompt's length."""
    import torch

    return torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(len(prompt)))


def walked(stage1: Any, stage2: Any, sampler: str, steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Flow (N, 2, H, W) that stage 1 makes, and frames (F, 3, H, W) that stage 2 makes along a pan."""
    y, x = np.indices(SIZE, dtype=np.float32)
    image = np.stack([y / SIZE[0], x / SIZE[1], np.full(SIZE, 0.25, np.float32)])
    pan = np.zeros((FRAMES, 2, *SIZE), np.float32)
    pan[:, 0] = 4 * np.arange(FRAMES)[:, None, None]
    given = {"steps": steps, "guidance": 7.0, "seed": seed, "scheduler": sampler}
    flows = stage1.flows(image, "a boat", "blur", range(8, 8 * FRAMES, 8), **given)
    return flows, stage2.frames(image, pan, "a boat", "blur", **given).frames[1:]


if __name__ == "__main__":
    main()
