"""Draw: how a shot is to move, put down by hand on its frames."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_picture, write_png
from v2v_studio.project.control import Control
from v2v_studio.studio.desk import Desk

Point = tuple[float, float]


@dataclass(frozen=True)
class Canvas:
    """What is drawn on a shot.

    Attributes:
        width, height: of the picture that it is drawn on: the footage's, in pixels.
        drags: paths, each a list of (x, y).
        boxes: an object each, as in control.json: phrase, interpolation, keys.
        brush: the picture that is white where something may move; None where everything may.
        version: what `draw` is told, so that it replaces this and nothing newer.
    """

    width: int
    height: int
    drags: list[list[Point]]
    boxes: list[dict[str, Any]]
    brush: Path | None
    version: str


class Drawing(Desk):
    """The verb `draw`."""

    def control(self, shot: str) -> Canvas:
        """What is drawn on a shot; an empty canvas of its footage's size where nothing is."""
        version, drawn = self.store.drawing(shot), self.store.control(shot) or self._blank(shot)
        return Canvas(
            drawn.width,
            drawn.height,
            [list(drag.points) for drag in drawn.drags],
            [box.plain() for box in drawn.boxes],
            self.store.control_file(shot).with_name(drawn.brush) if drawn.brush else None,
            version,
        )

    def draw(
        self,
        shot: str,
        since: str,
        drags: Iterable[Sequence[Point]] = (),
        boxes: Iterable[Mapping[str, Any]] = (),
        brush: bytes | None = None,
    ) -> Canvas:
        """Replace all that is drawn on a shot, in pixels of its footage. What is left out is gone; undo draws what was.

        Args:
            since: the version of the canvas that this was made of.
            drags, boxes: as in `Canvas`.
            brush: a picture's bytes, white where something may move. One that is black all over is none.

        Raises:
            UsageError: someone else drew on the shot since, a drag starts outside the picture, a box that is none.
            MediaError: the brush is no picture.
        """
        before = self.store.control(shot) or self._blank(shot)
        drawn = {"drags": [{"points": list(points)} for points in drags], "boxes": [dict(box) for box in boxes]}
        try:
            control = before.changed(**drawn)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            said = first["msg"].removeprefix("Value error, ")
            raise UsageError(f"{shot} cannot be drawn on like that: {f'{where}: ' if where else ''}{said}") from None
        self.store.draw(shot, control, painted(brush, control) if brush else None, since)
        return self.control(shot)

    def _blank(self, shot: str) -> Control:
        footage = self.store.footage(self.store.shot(shot).footage)
        return Control(width=footage.width, height=footage.height)


def painted(brush: bytes, control: Control) -> bytes | None:
    """A brush as it is kept: a plain PNG; None for one that is black all over.

    Raises:
        MediaError: it is no picture.
        UsageError: it is of another size than the control.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "brush.png"
        file.write_bytes(brush)
        picture = read_picture(file).over_black
        height, width = picture.shape[1:]
        if (width, height) != (control.width, control.height):
            raise UsageError(
                f"the brush is {width}x{height} but is painted on {control.width}x{control.height}; paint it at that size"
            )
        if not picture.any():
            return None
        write_png(file, picture)
        return file.read_bytes()
