"""What it costs to make samples for training, and to read them: CPU seconds and bytes of a sample, for each estimator.

    python -m benchmarks.prepare ../shared

Samples are of the default kind: 16 frames, every fourth of the footage, 512x320. Two of each clip.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.record import save
from v2v_studio.project.atomic import read_json
from v2v_studio.studio.prepare import prepare_shards
from v2v_studio.training.data.cutting import PrepareParams
from v2v_studio.training.data.shards import Shards

CLIPS = ("bear", "cat")
FLOWS = ("none", "dis", "longrange")
EVERY = 20  # frames from the first sample of a clip to the second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clips = Path(folder) / "clips"
        clips.mkdir()
        for name in CLIPS:
            (clips / f"{name}.mp4").symlink_to((chosen.shared / "training-clips" / f"{name}.mp4").resolve())
        print(save("prepare", [measured(clips, Path(folder) / flow, flow) for flow in FLOWS]))


def measured(clips: Path, out: Path, flow: str) -> dict[str, Any]:
    began = time.process_time()
    made = prepare_shards(clips, out, params=PrepareParams(flow=flow, every=EVERY))
    written, samples = time.process_time(), made["samples"]
    for _ in islice(Shards([out]), samples):
        pass
    read = time.process_time()
    size = sum(shard["bytes"] for shard in read_json(out / "manifest.json")["shards"])
    row = {
        "flow": flow,
        "samples": samples,
        "cpu_per_sample": round((written - began) / samples, 2),
        "read_cpu_per_sample": round((read - written) / samples, 3),
        "mb_per_sample": round(size / samples / 1e6, 2),
    }
    print(row, file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    main()
