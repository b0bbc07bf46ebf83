"""One step of a video model's network at the released widths: a forward pass, in float32 and in bfloat16.

    python -m benchmarks.forward motion-i2v
    python -m benchmarks.forward consisti2v
    python -m benchmarks.forward smcd

Random weights, two threads, each case in a process of its own, whose peak memory is thus the network's. Where they are
known, the released code's figures on a machine of this class stand beside.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.record import save

THREADS = 2
Case = tuple[str, int, int, int, int]  # type, rows and columns of latents, batch, forwards of which the quickest counts
Forward = Callable[[], object]


def motion_i2v(kind: Any, height: int, width: int, batch: int) -> Forward:
    """Stage 2, with flow of 8 pixels."""
    import torch

    from v2v_studio.models.motion_i2v.config import RELEASED
    from v2v_studio.models.motion_i2v.stage2 import VideoUNet

    frames = FRAMES["motion-i2v"]
    unet = _random(VideoUNet, RELEASED, kind)
    sample = torch.randn(batch, 4, frames, height, width, dtype=kind)
    text = unet.text_keys(torch.randn(batch, 77, RELEASED["cross_attention_dim"], dtype=kind))
    splats = unet.splats(8 * torch.randn(batch, frames, 2, 8 * height, 8 * width), (height, width))
    return lambda: unet(sample, 481, text, splats)


def consisti2v(kind: Any, height: int, width: int, batch: int) -> Forward:
    """Fifteen noisy frames behind the first one."""
    import torch

    from v2v_studio.models.consisti2v.config import RELEASED
    from v2v_studio.models.consisti2v.unet import ConsistI2VUNet

    unet = _random(ConsistI2VUNet, RELEASED, kind)
    sample = torch.randn(batch, 4, FRAMES["consisti2v"] - 1, height, width, dtype=kind)
    text = unet.text_keys(torch.randn(batch, 77, RELEASED["cross_attention_dim"], dtype=kind))
    first = torch.randn(batch, 4, 1, height, width, dtype=kind)
    return lambda: unet(sample, 481, text, first)


def smcd(kind: Any, height: int, width: int, batch: int) -> Forward:
    """The released network, with 8 boxes a frame."""
    import torch

    from v2v_studio.models.smcd.unet import UNet

    frames = FRAMES["smcd"]
    unet = _random(UNet, {}, kind)
    sample = torch.randn(batch, 8, frames, height, width, dtype=kind)
    text = torch.randn(batch, 77, 1024, dtype=kind)
    boxes = torch.randn(batch * frames, 8, 1024, dtype=kind)
    image = torch.randn(batch, -(-height // 8) * -(-width // 8), 1024, dtype=kind)
    kept = unet.kept(text, boxes, image)
    return lambda: unet(sample, 481, kept)


@dataclass(frozen=True)
class Model:
    """What is measured of a model.

    Attributes:
        result: the name of the result.
        made: makes the network with its inputs, and gives what runs it once.
        cases: what it is run at.
        release: figures of the released code, for the first case.
    """

    result: str
    made: Callable[[Any, int, int, int], Forward]
    cases: tuple[Case, ...]
    release: dict[str, float] = field(default_factory=dict)


FRAMES = {"motion-i2v": 16, "consisti2v": 16, "smcd": 8}
MODELS = {
    "motion-i2v": Model(  # the last two are the released size, 320x512 pixels, with guidance
        "stage2-forward",
        motion_i2v,
        (
            ("float32", 32, 32, 1, 2),
            ("bfloat16", 32, 32, 1, 2),
            ("float32", 40, 64, 2, 1),
            ("bfloat16", 40, 64, 2, 1),
        ),
        {"release_cpu_s": 47.0, "release_tflop": 4.32, "release_peak_gb": 6.9},
    ),
    "consisti2v": Model(  # of the released size, 256x256 pixels; the last two with guidance by the text
        "consisti2v-forward",
        consisti2v,
        (
            ("float32", 32, 32, 1, 2),
            ("bfloat16", 32, 32, 1, 2),
            ("float32", 32, 32, 2, 1),
            ("bfloat16", 32, 32, 2, 1),
        ),
        {"release_cpu_s": 70.0, "release_tflop": 5.44, "release_peak_gb": 6.3},
    ),
    "smcd": Model(  # of the released size, 256x256 pixels; the last two with guidance
        "smcd-forward",
        smcd,
        (
            ("float32", 32, 32, 1, 3),
            ("bfloat16", 32, 32, 1, 3),
            ("float32", 32, 32, 2, 1),
            ("bfloat16", 32, 32, 2, 1),
        ),
        {"release_cpu_s": 36.0, "release_tflop": 3.29, "release_peak_gb": 8.5},
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=MODELS)
    name = parser.parse_args().model
    model, rows = MODELS[name], []
    for case in model.cases:
        rows.append(apart(name, case) | (model.release if case is model.cases[0] else {}))
        print(rows[-1], flush=True)
        save(model.result, rows)  # a case takes minutes: what is measured stays


def apart(model: str, case: Case) -> dict[str, Any]:
    """`measure` in a process of its own, whose threads sleep while they wait: time spent waiting is not the network's."""
    command = [sys.executable, "-c", f"from benchmarks.forward import measure; measure({model!r}, *{case!r})"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def measure(model: str, dtype: str, height: int, width: int, batch: int, runs: int) -> None:
    """Print CPU seconds of the quickest forward, its floating point operations, and this process's peak memory."""
    import resource
    import time

    import torch

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    seconds, walls = [], []
    with torch.inference_mode():
        forward = MODELS[model].made(getattr(torch, dtype), height, width, batch)
        operations = counted(forward)  # and warm
        for _ in range(runs):
            began, wall = time.process_time(), time.perf_counter()
            forward()
            seconds.append(time.process_time() - began)
            walls.append(time.perf_counter() - wall)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    case = {"dtype": dtype, "latents": [FRAMES[model], height, width], "batch": batch, "threads": THREADS}
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
