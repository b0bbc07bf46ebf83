"""Following a box that is drawn once, against boxes marked by eye on real footage.

    python -m benchmarks.boxes ../shared --pictures boxes

Each clip of marked_boxes.json is taken in as a project and its drawn box followed; what is compared are the keys that were
written, interpolated. `iou` is the mean over the marked frames, but for the drawn one, of intersection over union of what of
the boxes is inside the picture; `held` is that of the drawn box left where it is. `absent_right` counts the frames that are
marked as without the object and found so.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.record import save
from v2v_studio.studio import Studio
from v2v_studio.studio.control import boxes_on

MARKED = Path(__file__).with_name("marked_boxes.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--pictures", type=Path, help="Folder for sheets and videos of the boxes on the footage.")
    chosen = parser.parse_args()
    clips = json.loads(MARKED.read_text())["clips"]
    print(save("boxes", [measured(chosen.shared / "footage" / name, clips[name], chosen.pictures) for name in clips]))


def measured(path: Path, marked: dict[str, Any], pictures: Path | None) -> dict[str, Any]:
    first = marked["drawn"]
    x0, y0, x1, y1 = marked["boxes"][str(first)]
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio.create(Path(folder) / "film")
        footage = studio.ingest([path])[0]
        studio.cut(detector="fixed", options={})
        began = time.process_time()
        box = studio.follow("sh010", (x0, y0, x1 - x0, y1 - y0), 1001 + first, marked["object"])
        seconds = time.process_time() - began
        if pictures:
            for suffix in ("png", "mp4"):
                studio.show_boxes("sh010", pictures / f"{path.stem}.{suffix}")
        size = footage.width, footage.height
        found = boxes_on(studio.store, "sh010", size, range(footage.frames))
    others = {int(frame): at for frame, at in marked["boxes"].items() if int(frame) != first}
    ious = [iou(found.boxes[f, 0], at, size) if found.present[f, 0] else 0.0 for f, at in others.items() if at]
    held = [iou(np.array([x0, y0, x1, y1]), at, size) for at in others.values() if at]
    absent = [f for f, at in others.items() if at is None]
    return {
        "clip": path.stem,
        "frames": footage.frames,
        "marked": len(ious),
        "iou": round(float(np.mean(ious)), 3),
        "worst": round(min(ious), 3),
        "held": round(float(np.mean(held)), 3),
        "absent": len(absent),
        "absent_right": sum(not found.present[f, 0] for f in absent),
        "keys": len(box.keys),
        "cpu_per_frame": round(seconds / footage.frames, 3),
    }


def iou(found: np.ndarray, marked: list[float], size: tuple[int, int]) -> float:
    """Intersection over union of two boxes x0, y0, x1, y1, inside a picture of a size (width, height)."""
    a, b = (np.clip(box, 0, [*size, *size]) for box in (found, np.array(marked)))
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    common = np.prod(np.maximum(high - low, 0))
    return float(common / (np.prod(a[2:] - a[:2]) + np.prod(b[2:] - b[:2]) - common))


if __name__ == "__main__":
    main()
