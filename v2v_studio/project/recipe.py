"""Recipes as they are believed: every value named, bounded and of its kind, whatever text they were found in.

A recipe names what went in by digest, never by path. Keys that are not known here are let pass, for they may be of another
version; nothing is done with them but to compare them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, ValidationError, model_validator

from v2v_studio.errors import UsageError
from v2v_studio.project.records import MAX_FRAME, MAX_SIDE, Digest, Footage, FootageName, Shot, ShotName, Take

MAX_CURVE = 10_000  # frames of a transition

Frame = Annotated[int, Field(strict=True, ge=0, le=MAX_FRAME)]
Side = Annotated[int, Field(strict=True, ge=1, le=MAX_SIDE)]
Word = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Level = Annotated[float, Field(ge=-100, le=100)]  # of a curve or a ground, both about 0 to 1
Mixed = tuple[
    Literal["dissolve", "fade-in", "fade-out"], Frame, Frame, Annotated[list[Level], Field(max_length=MAX_CURVE)], Level
]
Whole = Annotated[int, Field(strict=True, ge=-(2**63), lt=2**63)]
Plain = StrictBool | Whole | StrictFloat | Annotated[str, Field(strict=True, max_length=1024)] | None
Options = Annotated[dict[Annotated[str, Field(max_length=64)], Plain], Field(max_length=64)]


class Believed(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class PaintedFrame(Believed):
    """A first frame of a take: where it stands and what it shows."""

    frame: Frame
    sha256: Digest


class PaintedMask(Believed):
    """The mask of a take: its picture, the frame that it was painted on, and how it is laid. See `studio.mask.Mask`."""

    sha256: Digest
    frame: Frame
    protect: StrictBool
    feather: Annotated[float, Field(strict=True, ge=0, le=MAX_SIDE)]


class GivenMotion(Believed):
    """Motion that was given for a take. See `studio.moves.Moves`."""

    sha256: Digest
    runs: Annotated[list[tuple[Frame, Literal["forward", "backward"], Frame]], Field(max_length=2000)]


class TakeRecipe(Believed):
    """What decided the frames of a take. `Request.recipe` writes it."""

    footage: Digest
    shot: tuple[Frame, Frame]
    frames: tuple[Frame, Frame]
    transitions: Annotated[list[Mixed], Field(max_length=4)]
    size: tuple[Side, Side]
    first_frame: PaintedFrame
    further: Annotated[list[PaintedFrame], Field(max_length=1000)] = []
    parent: Digest | None = None
    span: tuple[Frame, Frame] | None = None
    mask: PaintedMask | None = None
    control: Digest | None = None
    moves: GivenMotion | None = None
    track: Word
    motion_params: Options
    params: Options
    seed: Whole

    @model_validator(mode="after")
    def _ranges_hold_each_other(self) -> Self:
        if not self.frames[0] <= self.shot[0] < self.shot[1] <= self.frames[1]:
            raise ValueError("the shot is not inside the frames")
        if self.mask and not self.shot[0] <= self.mask.frame < self.shot[1]:
            raise ValueError("the mask is not of a frame of the shot")
        return self

    @property
    def first_frames(self) -> list[PaintedFrame]:
        return [self.first_frame, *self.further]


class Likeness(Believed):
    """The first frame that another was drawn towards, and how far."""

    sha256: Digest
    tone: Annotated[float, Field(ge=0, le=1)]
    colour: Annotated[float, Field(ge=0, le=1)]


class FirstFrameRecipe(Believed):
    """What decided a first frame. `Stylizing` writes it."""

    footage: Digest
    frame: Frame
    size: tuple[Side, Side]
    translator: Word
    params: Options
    seed: Whole
    like: Likeness | None = None
    mask: PaintedMask | None = None
    weights: Annotated[dict[Annotated[str, Field(max_length=256)], Digest], Field(max_length=64)] = {}


class PlayedFootage(Believed):
    """A footage of an edit, and its dissolves and fades, which are remade."""

    sha256: Digest
    transitions: Annotated[list[Mixed], Field(max_length=100_000)]


class ShownShot(Believed):
    """A shot of an edit: its range, and the fingerprint of the take it shows, null for the source."""

    footage: FootageName
    range: tuple[Frame, Frame]
    take: Digest | None


class EditRecipe(Believed):
    """What decided an assembled video. `edit_recipe` writes it."""

    footages: Annotated[dict[FootageName, PlayedFootage], Field(min_length=1, max_length=1000)]
    spans: Annotated[list[tuple[FootageName, Frame, Frame]], Field(min_length=1, max_length=100_000)]
    size: tuple[Side, Side]
    form: Literal["mp4", "prores"]
    crf: Annotated[int, Field(strict=True, ge=0, le=51)]
    shots: Annotated[dict[ShotName, ShownShot], Field(max_length=100_000)]
    takes: Annotated[dict[Digest, TakeRecipe], Field(max_length=100_000)]

    @model_validator(mode="after")
    def _names_only_its_own(self) -> Self:
        footages = {name for name, _, _ in self.spans} | {shot.footage for shot in self.shots.values()}
        takes = {shot.take for shot in self.shots.values()} - {None}
        if not (footages <= set(self.footages) and takes <= set(self.takes)):
            raise ValueError("it names a footage or a take that it does not describe")
        ranges = [(start, end) for _, start, end in self.spans] + [shot.range for shot in self.shots.values()]
        if any(start >= end for start, end in ranges):
            raise ValueError("a range holds no frame")
        return self

    def last(self, footage: str) -> int:
        """One past the last frame of a footage that is asked for."""
        played = [end for name, _, end in self.spans if name == footage]
        return max(played + [shot.range[1] for shot in self.shots.values() if shot.footage == footage], default=0)


Recipe = TakeRecipe | FirstFrameRecipe | EditRecipe


def believed(raw: Mapping[str, Any], where: str) -> Recipe:
    """A recipe's JSON object as the recipe of a take, of a first frame or of an edit.

    Args:
        where: the file it was found in, for the error.

    Raises:
        UsageError: it is none of them, or a value is missing, of another kind, or absurd.
    """
    kinds: dict[str, type[Recipe]] = {"takes": EditRecipe, "translator": FirstFrameRecipe, "track": TakeRecipe}
    kind = next((model for key, model in kinds.items() if key in raw), None)
    if kind is None:
        raise UsageError(f"{where} holds a recipe of no kind known here: that of a take, a first frame or an edit")
    try:
        return kind.model_validate(dict(raw))
    except (ValidationError, RecursionError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "nested too deep"}
        name = ".".join(str(part)[:64] for part in first["loc"]) or "it"
        raise UsageError(
            f"{where} holds a recipe that cannot be followed: '{name}' is wrong ({first['msg']})"
        ) from None


def edit_recipe(
    footages: Sequence[Footage],
    spans: Sequence[tuple[str, int, int]],
    size: tuple[int, int],
    shots: Sequence[Shot],
    shown: Mapping[str, Take | None],
    form: str,
    crf: int,
) -> dict[str, Any]:
    """Everything that decides an assembled video, as plain values.

    Args:
        footages: those it plays.
        spans: (footage, start, end) in the order they are played.
        size: width and height.
        shots: those of the footages in the edit.
        shown: shot -> the take it shows, None for the source.
        form: "mp4" or "prores"; `crf`: x264's constant quality.
    """
    takes = {shot.id: take for shot in shots if (take := shown.get(shot.id))}
    return {
        "footages": {
            one.id: {
                "sha256": one.sha256,
                "transitions": [
                    [t.kind, t.start, t.end, list(t.curve), t.ground] for t in (one.cut.transitions if one.cut else ())
                ],
            }
            for one in footages
        },
        "spans": [list(span) for span in spans],
        "size": list(size),
        "form": form,
        "crf": crf,
        "shots": {
            shot.id: {
                "footage": shot.footage,
                "range": [shot.start, shot.end],
                "take": takes[shot.id].fingerprint if shot.id in takes else None,
            }
            for shot in shots
        },
        "takes": {take.fingerprint: take.recipe for take in takes.values()},
    }
