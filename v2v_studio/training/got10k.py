"""GOT-10k (Huang, Zhao and Huang 2018): one followed object a clip, as SMCD trains on it.

A clip is a folder of JPEGs with `groundtruth.txt` (a line "x,y,w,h" a frame, in pixels), `absence.label` (1 where the
object is away), `cover.label` (0 to 8, how much of it is seen) and `meta_info.ini` (its class, its motion, the rate).
"""

from __future__ import annotations

from configparser import ConfigParser
from configparser import Error as IniError
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.media.frames import picture_size
from v2v_studio.media.pictures import picture_files
from v2v_studio.training.sources import Annotation, Source, inside
from v2v_studio.types import Array, BoxSequence

RATE = Fraction(10)  # at which all clips are annotated
PROMPT = "A {object_class} that is {motion_class}. "  # SMCD's, with the space at its end

# Clips that SMCD leaves out. The released code looks for these digits anywhere in the path; here they are the clip's number.
_LEFT_OUT = """
001665 001849 001858 001867 001898 002446 002449 004419 005912 007610 007643 007645 007788 008628 008630 008721
008917 008925 008931 009027 009031 009032 009058 009059 009065 009094 009102 009210 009211 009214 009274 009302
009320 009323
"""
LEFT_OUT = frozenset(_LEFT_OUT.split())


def got10k(root: Path) -> list[Source]:
    """The clips of a split, such as GOT-10k/train, by name; those SMCD leaves out are left out.

    Raises:
        UsageError: there is no clip.
    """
    folders = sorted(path.parent for path in root.glob("*/groundtruth.txt"))
    if not folders:
        raise UsageError(f"{root} holds no clip of GOT-10k; give a split's folder, such as GOT-10k/train")
    return [
        Source(folder.name, folder, partial(annotation, folder), RATE)
        for folder in folders
        if folder.name.rpartition("_")[2] not in LEFT_OUT
    ]


def annotation(folder: Path) -> Annotation:
    """What is known of a clip.

    Raises:
        MediaError: a file is missing or not as it should be, or there is not a line for every frame.
    """
    about = _about(folder)
    name, motion = about.get("object_class", ""), about.get("motion_class", "")
    pictures = picture_files(folder)
    boxes = _numbers(folder / "groundtruth.txt", len(pictures), 4)
    away = _numbers(folder / "absence.label", len(pictures))
    seen = _numbers(folder / "cover.label", len(pictures))
    width, height = picture_size(pictures[0])
    boxes[:, 2:] += boxes[:, :2]
    found, there = inside(boxes[:, None], (away == 0) & (seen > 0), (height, width))
    caption = PROMPT.format(object_class=name, motion_class=motion)
    return Annotation(caption, BoxSequence(found, there, (name,), (height, width)))


def _about(folder: Path) -> dict[str, str]:
    path = folder / "meta_info.ini"
    ini = ConfigParser(interpolation=None)
    try:
        ini.read_string(path.read_text(encoding="utf-8"))
        return dict(ini["METAINFO"])
    except (OSError, UnicodeDecodeError, IniError, KeyError):
        raise MediaError(f"{path} is missing or has no [METAINFO]; unpack the data set again") from None


def _numbers(path: Path, lines: int, columns: int = 1) -> Array:
    """(lines, columns) numbers of a text file, a line a frame."""
    try:
        values = np.loadtxt(path, np.float32, delimiter=",", ndmin=2)
    except (OSError, ValueError):
        raise MediaError(f"{path} is missing or not a list of numbers; unpack the data set again") from None
    if values.shape != (lines, columns):
        raise MediaError(f"{path} has {len(values)} lines for {lines} frames; there must be one for each")
    return values
