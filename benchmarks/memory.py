"""Peak memory of rendering against the length of the footage: a clip is looped, and must cost the same memory.

python -m benchmarks.memory [--frames 600,6000] [--size 320x180] [--case final]
python -m benchmarks.memory --frames 32,320 --size 64x36 --case diffusion      (toy weights; or animate)
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.record import save

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "draft": ("restyle", {"quality": "draft"}),
    "final": ("restyle", {"quality": "final"}),
    "diffusion": ("restyle-diffusion", {"quality": "draft", "steps": 1, "guidance": 1, "prompt": "a cup"}),
    "animate": ("animate-consisti2v", {"steps": 1, "guidance_text": 1, "prompt": "a cup"}),
}
RENDER = """
import json, resource, sys, time
from pathlib import Path
from v2v_studio.studio import Studio
studio = Studio(Path(sys.argv[1]))
began = time.process_time()
studio.render(studio.plan(track=sys.argv[2], options=json.loads(sys.argv[3])), workers=1)
print(json.dumps({"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                  "cpu_s": time.process_time() - began}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", default="600,6000")
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--case", choices=CASES, default="draft")
    chosen = parser.parse_args()
    width, height = (int(side) for side in chosen.size.split("x"))
    rows = [measure(int(frames), (width, height), *CASES[chosen.case]) for frames in chosen.frames.split(",")]
    for row in rows:
        row["ratio"] = row["peak_mb"] / rows[0]["peak_mb"]
        print(row)
    print(save(f"memory-{chosen.case}", rows))


def measure(frames: int, size: tuple[int, int], track: str, options: dict[str, Any]) -> dict[str, Any]:
    """Peak resident memory and CPU seconds of rendering one shot, in a process of its own."""
    from v2v_studio.studio import Studio

    with tempfile.TemporaryDirectory() as folder:
        clip = looped(Path(folder) / "loop.mp4", frames, size)
        studio = Studio.create(Path(folder) / "p")
        studio.ingest([clip])
        studio.cut(detector="fixed", options={"every": frames})
        studio.stylize(translator="filters", options={"preset": "poster"})
        done = subprocess.run(
            [sys.executable, "-c", RENDER, str(Path(folder) / "p"), track, json.dumps(options)],
            capture_output=True,
            text=True,
            env={**os.environ, "V2V_MODELS": str(toy_weights(Path(folder), track))},
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        return {"frames": frames, "size": list(size), "track": track, "options": options, **json.loads(done.stdout)}


def toy_weights(folder: Path, track: str) -> Path:
    """A release of the track's model at toy widths, in a folder of models; of most tracks none: where it lies."""
    models = folder / "models"
    if track == "restyle-diffusion":
        from tests.models.motion_i2v.toy_release import toy_release
        from v2v_studio.models.motion_i2v.release import convert_release

        toy_release(folder / "release")
        convert_release(folder / "release", models / "motion-i2v" / "converted")
    elif track == "animate-consisti2v":
        from tests.models.consisti2v.toy_release import toy_release as toy_consisti2v

        toy_consisti2v(models / "consisti2v")
    return models


def looped(path: Path, frames: int, size: tuple[int, int]) -> Path:
    """A photograph that sways to and fro, two seconds a sway."""
    import cv2
    import numpy as np
    from skimage import data

    from v2v_studio.media.frames import from_uint8
    from v2v_studio.media.writer import write_video

    photograph = cv2.resize(data.coffee(), (size[0] + 48, size[1] + 24), interpolation=cv2.INTER_AREA)

    def sway():
        for t in range(frames):
            x, y = 24 + round(20 * np.sin(t * 2 * np.pi / 48)), 12 + round(8 * np.sin(t * 2 * np.pi / 48 + 1))
            crop = photograph[y : y + size[1], x : x + size[0]]
            yield from_uint8(np.ascontiguousarray(crop.transpose(2, 0, 1)))

    write_video(path, sway(), Fraction(24), preset="veryfast")
    return path


if __name__ == "__main__":
    main()
