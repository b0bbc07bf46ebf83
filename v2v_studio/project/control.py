"""`shots/sh010/control.json`: how a shot is to move, drawn by hand. It may be edited with a text editor."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from v2v_studio.project.records import MAX_SIDE, Frame, Part, Record

BRUSH = r"^[A-Za-z0-9][A-Za-z0-9._-]*\.png$"

Side = Annotated[float, Field(gt=0)]
Pixels = Annotated[int, Field(gt=0, le=MAX_SIDE)]


class Drag(Part):
    """A path that something is dragged along."""

    points: list[tuple[float, float]] = Field(
        min_length=1,
        description="x, y in pixels, the first where it takes hold; the others may lie outside the picture.",
    )


class Key(Part):
    """Where an object is in one frame."""

    frame: Frame = Field(description="Of the footage, from 0.")
    box: tuple[float, float, Side, Side] | None = Field(
        description="x, y of the upper left corner, width, height, in pixels; it may lie partly or wholly outside the "
        "picture. null: not in the picture from this frame on, until the next key."
    )


class Box(Part):
    """An object and its box: before its first key it is not in the picture, after its last the box stays."""

    phrase: str = Field(default="", description="What it is, such as a red ball; empty: what the prompt says.")
    interpolation: Literal["linear", "smooth"] = Field(
        default="linear", description="Between keys. smooth: without a jerk at a key, and never beyond one."
    )
    keys: list[Key] = Field(min_length=1, description="In the order of their frames.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for before, after in pairwise(self.keys):
            if after.frame <= before.frame:
                raise ValueError(f"key of frame {after.frame} comes after that of {before.frame}; keys go up in frames")
        if self.keys[0].box is None:
            raise ValueError("the first key has no box; begin with the frame where the object comes into the picture")
        return self


class Control(Record):
    """`shots/sh010/control.json`: drags, a motion brush and boxes, drawn on the footage."""

    SCHEMA: ClassVar[str] = "v2v.control/1"

    width: Pixels = Field(description="Of the picture that it is drawn on: the footage's, in pixels.")
    height: Pixels
    drags: list[Drag] = Field(default=[], description="Later ones win where two take hold of the same place.")
    brush: Annotated[str, Field(pattern=BRUSH, examples=["brush.png"])] | None = Field(
        default=None, description="A PNG beside this file, of that size: white may move; everything may if null."
    )
    boxes: list[Box] = Field(default=[], description="One an object, for the track `boxes`.")

    @model_validator(mode="after")
    def _named(self) -> Self:
        for number, box in enumerate(self.boxes, 1):
            if len(self.boxes) > 1 and not box.phrase.strip():
                raise ValueError(f"box {number} of {len(self.boxes)} has no phrase; say of each what it is")
        return self

    @model_validator(mode="after")
    def _takes_hold_inside(self) -> Self:
        for number, drag in enumerate(self.drags, 1):
            x, y = drag.points[0]
            if not (0 <= x < self.width and 0 <= y < self.height):
                raise ValueError(
                    f"drag {number} starts at {x:g}, {y:g}, outside the picture of {self.width}x{self.height}"
                )
        return self
