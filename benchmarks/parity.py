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

MODELS = {  # the files of a set -> what holds each against the reference
    "motion-i2v": {
        "warp": "benchmarks.parity_parts:warp",
        "scheduler": "benchmarks.parity_parts:noise_schedule",
        "flow_vae": "benchmarks.parity_parts:vae",
        "image_vae": "benchmarks.parity_parts:vae",
        "rasterise": "benchmarks.parity_parts:control",
        "motion_attention": "benchmarks.parity_networks:motion_attention",
        "stage1_unet": "benchmarks.parity_networks:stage1_unet",
        "stage1_controlnet": "benchmarks.parity_networks:stage1_controlnet",
        "stage2_unet": "benchmarks.parity_networks:stage2_unet",
        "e2e_stage1": "benchmarks.parity_sampling:e2e_stage1",
        "e2e_stage2": "benchmarks.parity_sampling:e2e_stage2",
        "e2e_app": "benchmarks.parity_sampling:e2e_app",
    },
    "consisti2v": {
        "spatial_first_frame_attention": "benchmarks.parity_consisti2v:spatial_first_frame_attention",
        "spatial_resnet_block": "benchmarks.parity_consisti2v:spatial_resnet_block",
        "temporal_conv_block": "benchmarks.parity_consisti2v:temporal_conv_block",
        "temporal_window_attention": "benchmarks.parity_consisti2v:temporal_window_attention",
        "temporal_window_attention_sinusoidal": "benchmarks.parity_consisti2v:temporal_window_attention",
        "unet_forward": "benchmarks.parity_consisti2v:unet_forward",
        "text_encoder": "benchmarks.parity_consisti2v:text_encoder",
        "vae": "benchmarks.parity_consisti2v:vae",
        "frameinit": "benchmarks.parity_consisti2v:frameinit",
        "camera_motion": "benchmarks.parity_camera:camera_motion",
        "correlated_noise": "benchmarks.parity_consisti2v:correlated_noise",
        "sampling_loop": "benchmarks.parity_consisti2v_sampling:sampling_loop",
        "autoregressive": "benchmarks.parity_consisti2v_sampling:autoregressive",
    },
    "smcd": {
        "position_net": "benchmarks.parity_smcd:position_net",
        "visual_encoder": "benchmarks.parity_smcd:visual_encoder",
        "gated_self_attn": "benchmarks.parity_smcd:gated_self_attn",
        "gated_cross_attn": "benchmarks.parity_smcd:gated_cross_attn",
        "gated_attn_variants": "benchmarks.parity_smcd:gated_attn_variants",
        "unet_blocks": "benchmarks.parity_smcd:unet_blocks",
        "unet_smcd": "benchmarks.parity_smcd:unet_smcd",
        "unet_stage1_image": "benchmarks.parity_smcd:unet_stage1_image",
        "controlnet": "benchmarks.parity_smcd:controlnet",
        "box_preprocess": "benchmarks.parity_smcd_sampling:box_preprocess",
        "diffusion_schedule": "benchmarks.parity_smcd_sampling:diffusion_schedule",
        "zero_conv_image_path": "benchmarks.parity_smcd_sampling:zero_conv_image_path",
        "vae": "benchmarks.parity_smcd_sampling:vae",
        "sampling_loop": "benchmarks.parity_smcd_sampling:sampling_loop",
        "pipeline_e2e": "benchmarks.parity_smcd_sampling:pipeline_e2e",
    },
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
        checked = check(path)
        if checked is None:
            yield {
                "component": path.stem,
                "output": "no check",
                "max": None,
                "mean": None,
                "tolerance": None,
                "pass": False,
            }
            continue
        for match in checked(Golden(path)):
            errors = {"max": match.max, "mean": match.mean, "tolerance": asdict(match.tolerance)}
            yield {"component": path.stem, "output": match.output, **errors, "pass": match.passed}


def check(path: Path) -> Check | None:
    """What holds a file against the reference; models may have files of one name, so those beside it tell whose it is."""
    beside = {other.stem for other in path.parent.glob("*.safetensors")}
    checks = max(MODELS.values(), key=lambda checks: len(beside & checks.keys()))
    if path.stem not in checks:
        return None
    module, function = checks[path.stem].split(":")
    return getattr(import_module(module), function)


def table(rows: list[dict[str, Any]]) -> str:
    """The rows for reading, one line each."""
    lines = [f"{'component':<38}{'output':<32}{'max':>10}{'mean':>10}   tolerance"]
    for row in rows:
        head = f"{row['component']:<38}{row['output']:<32}"
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
