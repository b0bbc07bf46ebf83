"""`shots/sh010/control.json`: how a shot is to move, drawn by hand. It may be edited with a text editor."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from v2v_studio.project.records import Part, Positive, Record

BRUSH = r"^[A-Za-z0-9][A-Za-z0-9._-]*\.png$"


class Drag(Part):
    """A path that something is dragged along."""

    points: list[tuple[float, float]] = Field(
        min_length=1,
        description="x, y in pixels, the first where it takes hold; the others may lie outside the picture.",
    )


class Control(Record):
    """`shots/sh010/control.json`: drags and a motion brush, drawn on the footage."""

    SCHEMA: ClassVar[str] = "v2v.control/1"

    width: Positive = Field(description="Of the picture that it is drawn on: the footage's, in pixels.")
    height: Positive
    drags: list[Drag] = Field(default=[], description="Later ones win where two take hold of the same place.")
    brush: Annotated[str, Field(pattern=BRUSH, examples=["brush.png"])] | None = Field(
        default=None, description="A PNG beside this file, of that size: white may move; everything may if null."
    )

    @model_validator(mode="after")
    def _takes_hold_inside(self) -> Self:
        for number, drag in enumerate(self.drags, 1):
            x, y = drag.points[0]
            if not (0 <= x < self.width and 0 <= y < self.height):
                raise ValueError(
                    f"drag {number} starts at {x:g}, {y:g}, outside the picture of {self.width}x{self.height}"
                )
        return self
