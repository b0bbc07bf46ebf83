"""Footage made of pictures: a folder of numbered PNG, JPEG or TIFF files, or a single one."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from v2v_studio.errors import MediaError
from v2v_studio.media.footage import Probe
from v2v_studio.media.frames import frame_files, picture_size, read_picture


def picture_files(path: Path) -> list[Path]:
    """The pictures of a folder in order, or the one picture itself.

    Raises:
        MediaError: a folder without pictures.
    """
    path = Path(path)
    files = frame_files(path) if path.is_dir() else [path]
    if not files:
        raise MediaError(f"{path} is a folder without pictures; give PNG, JPEG or TIFF files, or a video")
    return files


def probe_pictures(path: Path, rate: Fraction, held: int = 1) -> Probe:
    """Describe a folder of pictures, or one that is `held` so many frames, as footage at `rate`.

    The first picture is read whole; of the others only the header, for their size.

    Raises:
        MediaError: no pictures, a damaged one, or pictures of different sizes.
    """
    files = picture_files(path)
    first = read_picture(files[0])
    _, height, width = first.rgb.shape
    for file in files[1:]:
        if (size := picture_size(file)) != (width, height):
            raise MediaError(
                f"{file} is {size[0]}x{size[1]} but {files[0].name} is {width}x{height}; "
                "the pictures of a sequence must have one size: move the others out, or scale them"
            )
    notes = []
    if path.is_dir():
        notes.append(f"Pictures carry no rate: taken at {rate} frames per second.")
    if gaps := _missing_numbers(files):
        notes.append(f"Numbers are missing after {gaps[0].name}: the pictures are taken one after another.")
    if first.alpha is not None:
        notes.append("The pictures are transparent: laid over black.")
    if first.profile is not None:
        notes.append(f"The colour profile '{first.profile}' is converted to sRGB.")
    return Probe(
        kind="sequence" if path.is_dir() else "still",
        width=width,
        height=height,
        frames=len(files) if path.is_dir() else held,
        rate=str(rate),
        variable=False,
        time_base=str(1 / rate),
        start=0,
        times=(),
        codec=files[0].suffix.lower().lstrip("."),
        pixel_format="rgb" if first.alpha is None else "rgba",
        bit_depth=first.depth,
        range="full",
        matrix="rgb",
        coded_width=width,
        coded_height=height,
        sample_aspect="1",
        orientation=1,
        interlaced=None,
        damaged=0,
        intact=True,
        audio=(),
        notes=tuple(notes),
    )


def _missing_numbers(files: list[Path]) -> list[Path]:
    """The files after which the numbering, otherwise evenly spaced, makes a jump."""
    numbers = [int(found[-1]) if (found := re.findall(r"\d+", file.stem)) else None for file in files]
    steps = [b - a if a is not None and b is not None else 0 for a, b in pairwise(numbers)]
    return [file for file, step in zip(files, steps, strict=False) if step > min(steps)]
