"""One first frame against two, on layered scenes whose truth is known.

    python -m benchmarks.several ../shared

For each scene of the shared benchmark tool: 24 frames taken in as a project, the truth's first frame painted, then its
last one too, both rendered in final quality. `psnr_unseen` stands on the pixels that the first frame does not show; `jump`
is the largest ratio of a frame's error to that of its worse neighbour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.record import save
from v2v_studio.media.frames import read_png
from v2v_studio.studio import Studio

FRAMES, SIZE = 24, (384, 216)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--scenes", default="1,2,3")
    chosen = parser.parse_args()
    print(save("several", [row for seed in chosen.scenes.split(",") for row in measured(chosen.shared, int(seed))]))


def scene_of(shared: Path, seed: int, frames: int = FRAMES, size: tuple[int, int] = SIZE) -> Any:
    """A scene of the shared tool: frames and truth (H, W, 3) BGR, `seen` (H, W) bool."""
    sys.path.insert(0, str(shared / "tools"))
    import propagation_bench

    pool = propagation_bench.gather_images(str(shared / "footage" / "scene_textures.txt"))
    return propagation_bench.Scene(pool, seed, size, frames)


def measured(shared: Path, seed: int) -> list[dict[str, Any]]:
    scene = scene_of(shared, seed)
    with tempfile.TemporaryDirectory() as folder:
        studio = taken_in(Path(folder), scene)
        names = [paint(studio, Path(folder), scene, index) for index in (0, FRAMES - 1)]
        return [scored(studio, scene, seed, names[:1]), scored(studio, scene, seed, names)]


def taken_in(folder: Path, scene: Any) -> Studio:
    """A project whose one shot is the scene."""
    source = folder / "scene"
    source.mkdir()
    for index, frame in enumerate(scene.frames):
        cv2.imwrite(str(source / f"{index:04d}.png"), frame)
    studio = Studio.create(folder / "film")
    studio.ingest([source])
    studio.cut(detector="fixed", options={})
    return studio


def paint(studio: Studio, folder: Path, scene: Any, index: int) -> str:
    """The truth's own frame as first frame."""
    picture = folder / f"painted{index}.png"
    cv2.imwrite(str(picture), scene.truth[index])
    made = studio.stylize(["sh010"], "painted", {"file": str(picture)}, frame=1001 + index)
    return made[0].id


def scored(studio: Studio, scene: Any, seed: int, names: list[str]) -> dict[str, Any]:
    studio.render(studio.plan(["sh010"], ask=studio.ask(["sh010"], names)), workers=1)
    take = studio.store.takes("sh010")[-1]
    errors, unseen = [], []
    for index, (truth, seen) in enumerate(zip(scene.truth, scene.seen, strict=True)):
        shown = read_png(studio.store.take_frame(take, index)).transpose(1, 2, 0)[..., ::-1]
        square = np.square(shown * 255 - truth).mean(2)
        errors.append(float(square.mean()))
        unseen.append(square[~seen])
    return {
        "scene": seed,
        "first_frames": len(names),
        "psnr": psnr(float(np.mean(errors))),
        "psnr_unseen": psnr(float(np.concatenate(unseen).mean())),
        "jump": jump(np.sqrt(errors)),
        "seconds": take.seconds,
    }


def psnr(square: float) -> float:
    return float(10 * np.log10(255**2 / square))


def jump(errors: np.ndarray) -> float:
    """The largest ratio of a frame's error to the larger one of its neighbours'."""
    inner = errors[1:-1]
    return float((inner / np.maximum(np.maximum(errors[:-2], errors[2:]), 0.5)).max())


if __name__ == "__main__":
    main()
