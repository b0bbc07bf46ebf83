"""Compare: two takes, first frames, sources or files, seen together and measured."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.probe import PICTURE_RATE, probe
from v2v_studio.media.reader import open_reader
from v2v_studio.media.writer import FORMATS, write_video
from v2v_studio.metrics.fidelity import psnr
from v2v_studio.project.naming import FIRST_NUMBER, PATTERNS
from v2v_studio.studio.desk import Desk, Tell, silent, told
from v2v_studio.studio.footage import read_footage
from v2v_studio.timeline.source import Read
from v2v_studio.types import Array

OF_SHOT = re.compile(rf"(?P<shot>{PATTERNS['shot']})(/(?P<what>[^/]+))?")
LONGEST = 24  # letters of a name in a caption
Row = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """What stands on one side.

    Attributes:
        name: as asked for.
        size: width and height.
        frames: how many.
        read: (start, stop) -> frames, counted from 0.
        number: of its first frame, as editors count; a file's is 1001.
        shot: whose clock it keeps; "" for a file.
        first: on that clock, the footage frame that it begins with.
        rate: frames per second; None for pictures, which carry none.
    """

    name: str
    size: tuple[int, int]
    frames: int
    read: Read
    number: int = FIRST_NUMBER
    shot: str = ""
    first: int = 0
    rate: Fraction | None = None

    @property
    def still(self) -> bool:
        """Whether it is a picture that can stand beside any frame."""
        return self.frames == 1 and not self.shot

    @property
    def caption(self) -> str:
        name = self.name if self.shot else Path(self.name).name
        return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


class Comparing(Desk):
    """The verb `compare`."""

    def compare(
        self,
        a: str,
        b: str,
        layout: str = "side",
        number: int | None = None,
        path: Path | None = None,
        on_progress: Tell = silent,
    ) -> dict[str, Any]:
        """See the function `compare`, which does it without a project too."""
        return compare(a, b, self, layout, number, path, on_progress)


def compare(
    a: str,
    b: str,
    desk: Desk | None = None,
    layout: str = "side",
    number: int | None = None,
    path: Path | None = None,
    on_progress: Tell = silent,
) -> dict[str, Any]:
    """Write A and B as one picture (PNG) or video, and measure how far apart they are.

    What is of one shot is held against each other by footage frame, over the frames that both have, unless both are
    pictures; anything else from its first frame on, and must be of one length.

    Args:
        a, b: a take ("sh010/t001"), a first frame ("sh010/ff001"), the footage of a shot ("sh010/source"), a picture, a
            video, or a folder of pictures.
        desk: the project the names are of; None for files only.
        layout: "side", "wipe" or "difference".
        number: one frame only, numbered as in the shot: 1001 is the first, in a file too.
        path: where to write it. Default: exports/A_B_LAYOUT.png (or .mp4), without a project in the current folder.

    Returns:
        path, frames, size, layout; `difference`, the mean of |A - B| in levels of 255, and `psnr` in decibels (peak 1),
        None where A and B agree, both over all frames; `rows`, the same frame by frame.

    Raises:
        UsageError: unlike sizes or lengths, a frame that one of them does not have, or a name that is none.
        ProjectError: a name of a project, and `desk` is None.
    """
    from v2v_studio.timeline.layouts import (
        GAIN,
        Captions,
        composited,
    )  # here: moviepy takes a sixth of a second to import

    left, right = side(a, desk), side(b, desk)
    starts, count = _common(left, right) if number is None else (_at(left, right, number), 1)
    path = path or _default(left, right, layout, count, desk)
    _check_path(path, count, (a, b))
    numbers = [(number or left.number + starts[0]) + index for index in range(count)]
    frames = zip(
        *(one.read(start, start + count) for one, start in zip((left, right), starts, strict=True)), strict=True
    )
    rows: list[Row] = []
    remark = f"  |A - B| x {GAIN}" if layout == "difference" else ""
    rate = left.rate or right.rate or PICTURE_RATE
    shown = composited(
        _measured(frames, numbers, rows),
        count,
        rate,
        layout,
        lambda index: Captions(left.caption, f"{numbers[index]}{remark}", right.caption),
    )
    if count == 1:
        write_png(path, next(shown))
    else:
        path = write_video(path, told(shown, count, on_progress), rate, preset="veryfast").path
    squared = float(np.mean([row.pop("squared") for row in rows]))
    return {
        "path": str(path),
        "layout": layout,
        "size": list(left.size),
        "frames": count,
        "difference": round(float(np.mean([row["difference"] for row in rows])), 4),
        "psnr": _psnr(squared),
        "rows": rows,
    }


def side(name: str, desk: Desk | None) -> Side:
    """What a name stands for. UsageError for one that is neither of the project nor a file."""
    found = OF_SHOT.fullmatch(name)
    if found is None:
        return _file(name)
    if desk is None:
        raise ProjectError(f"'{name}' is part of a project, and none is open; name its folder with: v2v -C DIR compare")
    for pattern, make in OF_PROJECT.items():
        if re.fullmatch(pattern, found["what"] or ""):
            return make(desk, name, found["shot"], found["what"])
    raise UsageError(
        f"'{name}' is nothing that can be compared; name a take (sh010/t001), a first frame (sh010/ff001), the footage "
        "(sh010/source) or a file"
    )


def _take(desk: Desk, name: str, shot: str, what: str) -> Side:
    take = desk.store.take(shot, what)

    def read(start: int, stop: int) -> Iterator[Array]:
        return (read_png(desk.store.take_frame(take, take.first + index)) for index in range(start, stop))

    rate = Fraction(desk.store.footage(desk.store.shot(shot).footage).rate)
    count, number = take.last - take.first, take.number(take.first)
    return Side(name, take.size, count, read, number, shot, take.first, rate)


def _first_frame(desk: Desk, name: str, shot: str, what: str) -> Side:
    first = desk.store.first_frame(shot, what)

    def read(start: int, stop: int) -> Iterator[Array]:
        return islice(iter([read_png(desk.store.first_frame_image(first))]), start, stop)

    return Side(name, first.size, 1, read, desk.store.shot(shot).number(first.frame), shot, first.frame)


def _source(desk: Desk, name: str, shot: str, _: str) -> Side:
    record = desk.store.shot(shot)
    footage, size = desk.store.footage(record.footage), desk.size(record)
    read = read_footage(desk.store, footage, size)
    return Side(
        name,
        size,
        record.end - record.start,
        lambda start, stop: read(record.start + start, record.start + stop),
        shot=shot,
        first=record.start,
        rate=Fraction(footage.rate),
    )


OF_PROJECT: dict[str, Callable[[Desk, str, str, str], Side]] = {
    PATTERNS["take"]: _take,
    PATTERNS["first frame"]: _first_frame,
    "source": _source,
}


def _file(name: str) -> Side:
    found = probe(Path(name))
    rate = Fraction(found.rate) if found.kind == "video" else None
    return Side(name, (found.width, found.height), found.frames, open_reader(Path(name), found).frames, rate=rate)


def _common(left: Side, right: Side) -> tuple[tuple[int, int], int]:
    """Where each side begins, and how many frames they have in common."""
    _check_size(left, right)
    if left.shot and left.shot == right.shot and left.frames + right.frames > 2:
        first = max(left.first, right.first)
        count = min(left.first + left.frames, right.first + right.frames) - first
        if count > 0:
            return (first - left.first, first - right.first), count
        raise UsageError(f"{left.name} and {right.name} have no frame in common: {_range(left)}, {_range(right)}")
    if left.frames == right.frames:
        return (0, 0), left.frames
    raise UsageError(
        f"{left.name} has {left.frames} frames and {right.name} {right.frames}; give what has one length, or choose one "
        "frame of each with: --frame N"
    )


def _at(left: Side, right: Side, number: int) -> tuple[int, int]:
    """Where each side has the frame of a number, that of the left side for two of one shot."""
    _check_size(left, right)
    here = _index(left, number)
    if left.shot and left.shot == right.shot:
        number = right.number + left.first + here - right.first
    return here, _index(right, number)


def _index(one: Side, number: int) -> int:
    if one.still:
        return 0
    if not one.number <= number < one.number + one.frames:
        raise UsageError(f"{_range(one)}, not {number}")
    return number - one.number


def _range(one: Side) -> str:
    last = one.number + one.frames - 1
    return f"{one.name} has frame{f's {one.number} to' if one.frames > 1 else ''} {last}"


def _check_size(left: Side, right: Side) -> None:
    if left.size != right.size:
        sizes = ["x".join(map(str, one.size)) for one in (left, right)]
        raise UsageError(
            f"{left.name} is {sizes[0]} and {right.name} is {sizes[1]}; only one size can be compared: render or export "
            "one of them at the size of the other"
        )


def _check_path(path: Path, count: int, names: Iterable[str]) -> None:
    if path.resolve() in {Path(name).resolve() for name in names}:
        raise UsageError(f"{path} is what is to be compared and would be written over; give another name with: --out")
    what, possible = ("one picture", (".png",)) if count == 1 else (f"a video of {count} frames", tuple(FORMATS))
    if path.suffix.lower() not in possible:
        hint = "" if count == 1 else ", or choose one frame with: --frame N"
        raise UsageError(f"{path} would be {what}; end its name in {' or '.join(possible)}{hint}")


def _default(left: Side, right: Side, layout: str, count: int, desk: Desk | None) -> Path:
    folder = desk.store.folder / "exports" if desk else Path()
    names = (one.name.replace("/", "-") if one.shot else Path(one.name).stem for one in (left, right))
    return folder / f"{'_'.join([*names, layout])}{'.png' if count == 1 else '.mp4'}"


def _measured(
    pairs: Iterable[tuple[Array, Array]], numbers: Iterable[int], rows: list[Row]
) -> Iterator[tuple[Array, Array]]:
    """The same pairs, each measured into `rows` as it passes."""
    for (one, other), number in zip(pairs, numbers, strict=True):
        apart = one.astype(np.float64) - other
        squared = float(np.mean(apart**2))
        difference = round(255 * float(np.abs(apart).mean()), 4)
        rows.append({"frame": number, "difference": difference, "psnr": _psnr(squared), "squared": squared})
        yield one, other


def _psnr(squared: float) -> float | None:
    """Of a mean squared error, in thousandths of a decibel."""
    decibels = psnr(squared)
    return None if decibels is None else round(decibels, 3)
