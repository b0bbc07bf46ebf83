"""Quality and cost of carrying one styled frame, where the truth is known: filters on clips, and layered scenes.

    python -m benchmarks.propagation ../shared [--draft] [--held-out]

Runs the benchmark tool of the shared folder over `v2v propagate` and over plain chained optical flow (`chain`) in one run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.record import save

SETS = {
    "baseline": (
        ("1", ("bear_walk", "bedroom_jump", "umbrella_spin"), "1,2,3"),
        ("4", ("car_turn", "bmx_trees", "mallard_water"), ""),
    ),
    "held-out": (("11", ("rollercoaster", "juggle_grass", "cups_shuffle", "rabbit_orbit"), "7,8,9"),),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--draft", action="store_true")
    parser.add_argument("--held-out", action="store_true", help="clips, styles and scenes that nothing was chosen on")
    parser.add_argument("--size", default="384x216")
    chosen = parser.parse_args()
    name = "held-out" if chosen.held_out else "baseline"
    rows = [row for half in SETS[name] for row in run(chosen.shared, half, chosen.draft, chosen.size)]
    quality = "draft" if chosen.draft else "final"
    print(save(f"propagation-{name}-{quality}-{chosen.size}", rows))


def run(shared: Path, half: tuple[str, tuple[str, ...], str], draft: bool, size: str) -> list[dict[str, Any]]:
    """One call of the tool; its rows without the per-frame figures."""
    seed, clips, scenes = half
    renderer = f"{sys.executable} -m v2v_studio -q propagate {{src}} {{key}} {{out}}" + (" --draft" if draft else "")
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, str(shared / "tools" / "propagation_bench.py"), "run", "--styles", "S1,S2"]
        command += ["--clips", *(str(shared / "footage" / f"{clip}.mp4") for clip in clips), "--style-seed", seed]
        command += ["--frames", "9", "--step", "2", "--size", size, "--builtin", "chain"]
        command += ["--renderer", f"embedded={renderer}", "--json", str(result)]
        if scenes:
            textures = str(shared / "footage" / "scene_textures.txt")
            command += ["--scenes", scenes, "--mixed", scenes, "--scene-images", textures]
        subprocess.run(command, check=True)
        rows = json.loads(result.read_text())["results"]
    return [{key: value for key, value in row.items() if key != "per_frame"} for row in rows]


if __name__ == "__main__":
    main()
