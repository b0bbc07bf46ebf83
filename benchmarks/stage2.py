"""One step of Motion-I2V's stage 2 at the released widths: a forward of its UNet, in float32 and in bfloat16.

    python -m benchmarks.stage2

Random weights, 16 frames, two threads: a batch of one with 32 x 32 latents, and the released size (320x512 pixels) with
guidance, which is a batch of two. Each in a process of its own, whose peak memory is thus the network's. Where they are
known, the released code's figures on a machine of this class stand beside.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.record import save

CASES = (  # type, rows and columns of latents, batch, forwards of which the quickest counts
    ("float32", 32, 32, 1, 2),
    ("bfloat16", 32, 32, 1, 2),
    ("float32", 40, 64, 2, 1),
    ("bfloat16", 40, 64, 2, 1),
)
RELEASE = {("float32", 32, 32, 1): {"release_cpu_s": 47.0, "release_tflop": 4.32, "release_peak_gb": 6.9}}
THREADS, FRAMES = 2, 16


def main() -> None:
    rows = [apart(*case) for case in CASES]
    for row in rows:
        print(row)
    print(save("stage2-forward", rows))


def apart(*case: Any) -> dict[str, Any]:
    """`measure` in a process of its own, whose threads sleep while they wait: time spent waiting is not the network's."""
    command = [sys.executable, "-c", f"from benchmarks.stage2 import measure; measure(*{case!r})"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr)
    return {**json.loads(done.stdout.splitlines()[-1]), **RELEASE.get(case[:4], {})}


def measure(dtype: str, height: int, width: int, batch: int, runs: int) -> None:
    """Print CPU seconds of the quickest forward, its floating point operations, and this process's peak memory."""
    import resource
    import time

    import torch

    from v2v_studio.models.motion_i2v.config import RELEASED
    from v2v_studio.models.motion_i2v.stage2 import VideoUNet

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    kind = getattr(torch, dtype)
    unet = _random(VideoUNet, RELEASED, kind)
    seconds, walls = [], []
    with torch.inference_mode():
        sample = torch.randn(batch, 4, FRAMES, height, width, dtype=kind)
        text = unet.text_keys(torch.randn(batch, 77, RELEASED["cross_attention_dim"], dtype=kind))
        splats = unet.splats(8 * torch.randn(batch, FRAMES, 2, 8 * height, 8 * width), (height, width))
        operations = counted(lambda: unet(sample, 481, text, splats))  # and warm
        for _ in range(runs):
            began, wall = time.process_time(), time.perf_counter()
            unet(sample, 481, text, splats)
            seconds.append(time.process_time() - began)
            walls.append(time.perf_counter() - wall)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    case = {"dtype": dtype, "latents": [FRAMES, height, width], "batch": batch, "threads": THREADS}
    took = {"cpu_s": min(seconds), "wall_s": min(walls), "tflop": operations / 1e12, "peak_gb": peak / 1e9}
    print(json.dumps({**case, **took, "torch": torch.__version__}))


def _random(network: Any, sizes: dict[str, Any], dtype: Any) -> Any:
    """The network with small random weights, made in the type it works in: its memory is never there twice."""
    import torch

    with torch.device("meta"):
        made = network(**sizes).to(dtype)
    made = made.to_empty(device="cpu").eval()
    for tensor in (*made.parameters(), *made.buffers()):
        tensor.data.uniform_(-0.03, 0.03)
    return made


def counted(work: Callable[[], object]) -> int:
    """Floating point operations of products, convolutions and attention; torch leaves out attention on a CPU."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

    def attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
        return sdpa_flop_count(query, key, value)

    on_cpu = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    with FlopCounterMode(display=False, custom_mapping={on_cpu: attention}) as counter:
        work()
    return counter.get_total_flops()


if __name__ == "__main__":
    main()
