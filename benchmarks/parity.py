"""Every component of a model against the reference implementation's own results.

    python -m benchmarks.parity ../shared/golden/motion-i2v [--json]

Each component is built from the config in its golden file, loads that file's weights strictly and is run on its inputs.
Exits with 1 where one output is further from the reference than its tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.golden import Golden, Match

Check = Callable[[Golden], Iterable[Match]]

CHECKS = {  # the name of a file -> what holds it against the reference
    "warp": "benchmarks.parity_parts:warp",
    "scheduler": "benchmarks.parity_parts:noise_schedule",
    "flow_vae": "benchmarks.parity_parts:vae",
    "image_vae": "benchmarks.parity_parts:vae",
    "rasterise": "benchmarks.parity_parts:control",
    "camera_motion": "benchmarks.parity_camera:camera_motion",
    "motion_attention": "benchmarks.parity_networks:motion_attention",
    "stage1_unet": "benchmarks.parity_networks:stage1_unet",
    "stage1_controlnet": "benchmarks.parity_networks:stage1_controlnet",
    "stage2_unet": "benchmarks.parity_networks:stage2_unet",
    "e2e_stage1": "benchmarks.parity_sampling:e2e_stage1",
    "e2e_stage2": "benchmarks.parity_sampling:e2e_stage2",
    "e2e_app": "benchmarks.parity_sampling:e2e_app",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = list(compared(chosen.folder))
    print(json.dumps(rows, indent=1) if chosen.json else table(rows))
    sys.exit(0 if rows and all(row["pass"] for row in rows) else 1)


def compared(folder: Path) -> Iterator[dict[str, Any]]:
    """One row for each output of each golden file; a file that nothing checks is a row that does not pass."""
    for path in sorted(folder.glob("*.safetensors")):
        if path.stem not in CHECKS:
            yield {
                "component": path.stem,
                "output": "no check",
                "max": None,
                "mean": None,
                "tolerance": None,
                "pass": False,
            }
            continue
        for match in check(path.stem)(Golden(path)):
            errors = {"max": match.max, "mean": match.mean, "tolerance": asdict(match.tolerance)}
            yield {"component": path.stem, "output": match.output, **errors, "pass": match.passed}


def check(component: str) -> Check:
    module, function = CHECKS[component].split(":")
    return getattr(import_module(module), function)


def table(rows: list[dict[str, Any]]) -> str:
    """The rows for reading, one line each."""
    lines = [f"{'component':<20}{'output':<28}{'max':>10}{'mean':>10}   tolerance"]
    for row in rows:
        head = f"{row['component']:<20}{row['output']:<28}"
        if row["tolerance"] is None:
            lines.append(f"{head}MISS")
            continue
        allowed = f"{row['tolerance']['max']:.0e} / {row['tolerance']['mean']:.0e}"
        lines.append(
            f"{head}{row['max']:>10.1e}{row['mean']:>10.1e}   {allowed:<16} {'pass' if row['pass'] else 'MISS'}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
