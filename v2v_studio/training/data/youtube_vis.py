"""YouTube-VIS (Yang, Fan and Xu 2019; 2021 version): instances of 40 categories, in every fifth frame, as SMCD trains on it.

A split is a folder `JPEGImages/VIDEO/00000.jpg ...` and a JSON file in COCO's manner: `videos` (with `file_names`),
`annotations` (one an instance: `bboxes` x, y, w, h and `segmentations`, an entry a frame, null where it is away) and
`categories`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.media.pictures import picture_files
from v2v_studio.project.atomic import read_json
from v2v_studio.training.data.masks import box_of
from v2v_studio.training.data.sources import Annotation, Source, inside
from v2v_studio.types import BoxSequence

RATE = Fraction(6)  # every fifth frame of 30 a second
FILES = ("instances.json", "train.json")  # the 2021 version's, the 2019 version's
PICTURES = "JPEGImages"


def youtube_vis(root: Path, captions: Mapping[str, str] | None = None) -> list[Source]:
    """The clips of a split, such as train/, by name.

    Args:
        root: it holds JPEGImages/ and instances.json or train.json.
        captions: of videos, by the names of their folders; the data set has none of its own.

    Raises:
        UsageError: the folder is none of YouTube-VIS, or the JSON is of something else.
    """
    path = next((root / name for name in FILES if (root / name).is_file()), None)
    if path is None or not (root / PICTURES).is_dir():
        raise UsageError(f"{root} holds no {PICTURES}/ with {' or '.join(FILES)}; give a split of YouTube-VIS")
    try:
        held = read_json(path)
        names = {category["id"]: category["name"] for category in held["categories"]}
        instances: dict[int, list[Any]] = {video["id"]: [] for video in held["videos"]}
        for instance in held["annotations"]:
            instances[instance["video_id"]].append(instance)
        videos = sorted(((_folder(video), video) for video in held["videos"]), key=lambda named: named[0])
    except (ProjectError, KeyError, TypeError):
        raise UsageError(f"{path} is no annotation of YouTube-VIS; take instances.json of the split") from None
    return [
        Source(
            name,
            root / PICTURES / name,
            partial(annotation, root, video, instances[video["id"]], names, (captions or {}).get(name, "")),
            RATE,
        )
        for name, video in videos
    ]


def _folder(video: Mapping[str, Any]) -> str:
    return str(video["file_names"][0]).partition("/")[0]


def annotation(
    root: Path, video: Mapping[str, Any], instances: Sequence[Any], names: Mapping[int, str], caption: str
) -> Annotation:
    """What is known of a clip: a box an instance and frame, of `bboxes`, or round the mask where there is none.

    Raises:
        MediaError: the pictures are not those that are annotated, or an instance has not an entry for each.
    """
    listed = [root / PICTURES / name for name in video["file_names"]]
    if (there := picture_files(listed[0].parent)) != listed:
        raise MediaError(
            f"{listed[0].parent} holds {len(there)} pictures and other ones than the {len(listed)} annotated"
        )
    size = int(video["height"]), int(video["width"])
    boxes = np.zeros((len(listed), len(instances), 4), np.float32)
    present = np.zeros(boxes.shape[:2], np.bool_)
    for n, instance in enumerate(instances):
        found = [_box(instance, t) for t in range(len(listed))]
        present[:, n] = [box is not None for box in found]
        boxes[:, n] = [box or (0, 0, 0, 0) for box in found]
    boxes, present = inside(boxes, present, size)
    phrases = tuple(names[instance["category_id"]] for instance in instances)
    return Annotation(caption, BoxSequence(boxes, present, phrases, size))


def _box(instance: Mapping[str, Any], t: int) -> tuple[float, ...] | None:
    """x0, y0, x1, y1 of an instance in a frame; None where it is away."""
    boxes, masks = (instance.get(key) or () for key in ("bboxes", "segmentations"))
    if t >= max(len(boxes), len(masks)):
        raise MediaError(f"instance {instance.get('id')} has no entry for frame {t}; unpack the data set again")
    if t < len(boxes) and boxes[t]:
        x, y, w, h = boxes[t]
        return x, y, x + w, y + h
    return box_of(masks[t]) if t < len(masks) and masks[t] else None
