"""Data sets made by hand, a few frames each, and clips of a moving picture."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from v2v_studio.media.frames import write_png
from v2v_studio.training.sample import Sample
from v2v_studio.types import BoxSequence

META = """[METAINFO]
url: https://example.org/100%25
begin: 00:00:01
end: 00:00:10
anno_fps: 10Hz
object_class: red fox
motion_class: running
major_class: dog
root_class: animal
motion_adverb: quickly
resolution: (32, 24)
"""


def drawn(folder: Path, count: int, size=(32, 24), suffix="png") -> Path:
    """Pictures of a bright square that moves a pixel to the right a frame, over noise that stands still."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).random((3, size[1], size[0]), np.float32) / 2
    for t in range(count):
        frame = noise.copy()
        frame[:, 6:18, 4 + t : 16 + t] = noise[:, 6:18, 4:16] + 0.5
        write_png(folder / f"{t:05d}.{suffix}", frame)
    return folder


@pytest.fixture
def got(tmp_path) -> Path:
    """A split of GOT-10k with two clips of four frames, the second of which SMCD leaves out."""
    root = tmp_path / "train"
    for name in ("GOT-10k_Train_000001", "GOT-10k_Train_009323"):
        folder = drawn(root / name, 4)
        (folder / "meta_info.ini").write_text(META)
        (folder / "groundtruth.txt").write_text("4,6,12,12\n5.5,6,12,12\n-3,6,12,12\n0,0,0,0\n")
        (folder / "absence.label").write_text("0\n0\n0\n1\n")
        (folder / "cover.label").write_text("8\n8\n4\n0\n")
        (folder / "cut_by_image.label").write_text("0\n0\n1\n1\n")
    (root / "list.txt").write_text("GOT-10k_Train_000001\nGOT-10k_Train_009323\n")
    return root


@pytest.fixture
def vis(tmp_path) -> Path:
    """A split of YouTube-VIS with a clip of three frames: a fox that leaves, and a dog of which there are only masks."""
    root = tmp_path / "vis"
    drawn(root / "JPEGImages" / "0a1b", 3)
    square = {"size": [24, 32], "counts": [4 * 24 + 6, *[12, 12] * 11, 12, 6 + 16 * 24]}
    held = {
        "info": {},
        "videos": [
            {"id": 7, "width": 32, "height": 24, "length": 3, "file_names": [f"0a1b/{t:05d}.png" for t in range(3)]}
        ],
        "categories": [{"id": 2, "name": "fox", "supercategory": "object"}, {"id": 5, "name": "dog"}],
        "annotations": [
            {"id": 1, "video_id": 7, "category_id": 2, "bboxes": [[4, 6, 12, 12], [30, 6, 12, 12], None]},
            {
                "id": 2,
                "video_id": 7,
                "category_id": 5,
                "bboxes": [None, None, None],
                "segmentations": [square, None, [[1, 2, 9, 2, 9, 20]]],
            },
        ],
    }
    (root / "instances.json").write_text(json.dumps(held))
    return root


@pytest.fixture
def sample():
    """sample(name): two frames of 8 bits that the name decides, with everything a sample can have."""

    def make(name: str) -> Sample:
        chance = np.random.default_rng(list(name.encode()))
        return Sample(
            name,
            chance.integers(0, 256, (2, 3, 8, 16)).astype(np.float32) / np.float32(255),
            Fraction(24000, 1001),
            np.array([0, 3]),
            f"a picture of {name}",
            chance.integers(-900, 900, (1, 2, 8, 16)).astype(np.float32) / np.float32(64),
            chance.random((1, 8, 16)) < 0.5,
            BoxSequence(
                np.float32([[[1, 2, 3.3, 4]], [[0, 0, 1, 1]]]), np.array([[True], [False]]), ("a fox",), (8, 16)
            ),
        )

    return make


@pytest.fixture
def same():
    """same(one, other): whether two samples are equal to the last bit."""

    def equal(one: Sample, other: Sample) -> bool:
        plain = (one.name, one.rate, one.caption) == (other.name, other.rate, other.caption)
        arrays = [(one.frames, other.frames), (one.indices, other.indices)]
        arrays += [(one.flow, other.flow), (one.visible, other.visible)]
        if one.boxes is not None and other.boxes is not None:
            plain &= (one.boxes.phrases, one.boxes.size) == (other.boxes.phrases, other.boxes.size)
            arrays += [(one.boxes.boxes, other.boxes.boxes), (one.boxes.present, other.boxes.present)]
        else:
            plain &= one.boxes is other.boxes
        return plain and all((a is b) or (a.dtype == b.dtype and np.array_equal(a, b)) for a, b in arrays)

    return equal
