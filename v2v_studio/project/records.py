"""What a project folder holds, as records: JSON with the schema first, a fixed order, and unknown keys kept.

Frames are counted in footage frames from 0; ranges are half-open. Names are checked, because they become file names.
Times are ISO-8601 in UTC and take no part in any fingerprint.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from v2v_studio.project.naming import EXAMPLES, FIRST_NUMBER, PATTERNS, Kind


def _name(kind: Kind) -> Any:
    return Field(pattern=f"^(?:{PATTERNS[kind]})$", examples=[EXAMPLES[kind]])


FootageName = Annotated[str, _name("footage")]
ShotName = Annotated[str, _name("shot")]
FirstFrameName = Annotated[str, _name("first frame")]
TakeName = Annotated[str, _name("take")]
JobName = Annotated[str, _name("job")]
MAX_SIDE = 16384  # pixels
MAX_PIXELS = 2**26  # of a picture: four times 4K cinema
MAX_FRAME = 10_000_000  # four days at 25 frames a second

Unnamed = Literal[""]  # before the store has given a name
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", examples=["9f86d081..."])]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}(/[1-9][0-9]{0,17})?$", examples=["24000/1001"])]
Positive = Annotated[int, Field(gt=0)]
Index = Annotated[int, Field(ge=0)]
Side = Annotated[int, Field(gt=0, le=MAX_SIDE)]
Size = tuple[Side, Side]
Frame = Annotated[int, Field(ge=0, le=MAX_FRAME)]

ShotStatus = Literal["todo", "wip", "review", "approved", "retake", "omit"]
TakeStatus = Literal["pending", "approved", "rejected"]
JobState = Literal["queued", "paused", "running", "done", "failed", "cancelled"]
JobExecutor = Literal["local", "ray"]


class Part(BaseModel):
    """A piece of a record. It never changes; `changed` gives a new one."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, allow_inf_nan=False)

    def plain(self) -> dict[str, Any]:
        """As it stands in the file."""
        return self.model_dump(mode="json", by_alias=True)

    def changed(self, **values: Any) -> Self:
        """The same with other values, checked. ValueError where one is refused."""
        return type(self).model_validate({**self.plain(), **values})


class Record(Part):
    """A file of a project. SCHEMA is the name and version of its form."""

    SCHEMA: ClassVar[str]

    schema_: str = Field(default="", alias="schema", description="Name and version of the record's form.")

    @model_validator(mode="before")
    @classmethod
    def _of_this_schema(cls, values: Any) -> Any:
        return {**values, "schema": cls.SCHEMA} if isinstance(values, dict) else values


class Defaults(Part):
    """What is used where a command does not say."""

    translator: str = Field(default="filters", description="Where first frames come from.")
    translator_params: dict[str, Any] = Field(default={}, description="Its options.")
    track: str = Field(default="restyle", description="How a first frame is carried through a shot.")
    params: dict[str, Any] = Field(default={}, description="The track's options.")
    seed: int = 0


class Project(Record):
    """`project.json`: the project itself."""

    SCHEMA = "v2v.project/1"

    name: str
    rate: Rate | None = Field(default=None, description="Frames a second, a fraction; null for the footage's own.")
    size: Size | None = Field(default=None, description="Width and height to work inside; null for the footage's own.")
    defaults: Defaults = Defaults()


class TransitionRecord(Part):
    """Frames of a footage that belong to no shot."""

    kind: Literal["dissolve", "fade-in", "fade-out"]
    start: Frame
    end: Frame
    curve: list[float] = Field(description="One value a frame: share of the incoming picture, or gain in a fade.")
    ground: float = Field(default=0.0, description="What a fade comes from or goes to: 0 black, 1 white.")

    @model_validator(mode="after")
    def _one_value_a_frame(self) -> Self:
        if not self.curve or len(self.curve) != self.end - self.start:
            raise ValueError(f"[{self.start}, {self.end}) has {len(self.curve)} values in its curve; one a frame")
        return self


class CutRecord(Part):
    """How a footage was cut."""

    detector: str
    params: dict[str, Any] = {}
    threshold: float | None = Field(default=None, description="What the detector held its scores against.")
    transitions: list[TransitionRecord] = []
    scores: str | None = Field(default=None, description="File of the score curve, relative to the project folder.")


class Footage(Record):
    """`footage/a001.json`: one source, as it lies."""

    SCHEMA = "v2v.footage/1"

    id: FootageName
    path: str = Field(description="Relative to the project folder, with forward slashes.")
    copied: bool = Field(default=False, description="Whether it lies inside the project folder.")
    sha256: Digest = Field(description="Of the file; for a sequence, of its files' digests.")
    bytes: Index
    kind: Literal["video", "sequence", "still"]
    frames: Annotated[int, Field(gt=0, le=MAX_FRAME)]
    rate: Rate = Field(description="Frames a second, as a fraction.")
    width: Side = Field(description="As shown: rotation and sample aspect applied.")
    height: Side
    probe: dict[str, Any] = Field(default={}, description="Everything that was found in it.")
    notes: list[str] = Field(default=[], description="What a user should know about it.")
    cut: CutRecord | None = Field(default=None, description="null until it is cut.")

    @model_validator(mode="after")
    def _can_be_held(self) -> Self:
        if self.width * self.height > MAX_PIXELS:
            raise ValueError(
                f"{self.width}x{self.height} is more than the {MAX_PIXELS // 2**20} megapixels that are read"
            )
        return self


class Shot(Record):
    """`shots/sh010/shot.json`: a range of a footage, and what is chosen for it."""

    SCHEMA = "v2v.shot/1"

    id: ShotName
    footage: FootageName
    start: Frame = Field(description="First footage frame; its number is 1001.")
    end: Frame = Field(description="One past the last footage frame.")
    prompt: str = ""
    status: ShotStatus = "todo"
    usable: Frame | None = Field(default=None, description="First footage frame that is worth painting on.")
    first_frame: FirstFrameName | None = Field(default=None, description="The one selected.")
    further: list[FirstFrameName] = Field(default=[], description="More first frames, each pinned to its own frame.")
    take: TakeName | None = Field(default=None, description="The one selected.")
    note: str = ""

    @model_validator(mode="after")
    def _has_frames(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"[{self.start}, {self.end}) holds no frame")
        return self

    def number(self, frame: int) -> int:
        """The number of a footage frame, as editors count: 1001 is the shot's first."""
        return FIRST_NUMBER + frame - self.start

    def frame(self, number: int) -> int:
        """The footage frame of a number."""
        return self.start + number - FIRST_NUMBER


class FirstFrame(Record):
    """`shots/sh010/firstframes/ff001/firstframe.json`: a styled frame, `image.png` beside it. It never changes."""

    SCHEMA = "v2v.firstframe/1"

    id: FirstFrameName | Unnamed = Field(default="", description="Given when it is added.")
    shot: ShotName
    frame: Frame = Field(description="Footage frame that it was painted on.")
    size: Size = Field(description="Width and height.")
    translator: str
    params: dict[str, Any] = {}
    seed: int = 0
    fingerprint: Digest
    sha256: Digest = Field(description="Of its picture.")
    like: dict[str, Any] | None = Field(
        default=None,
        description="The `first_frame` it was made to look like, the `palette_distance` to it in delta E, and their "
        "`clip_similarity` where CLIP's weights are there.",
    )
    mask: dict[str, Any] | None = Field(
        default=None, description="Where it differs from the footage; all over if null."
    )
    weights: dict[str, Digest] = Field(default={}, description="What it was made by, where that is a network.")
    created: str
    versions: dict[str, str] = {}


class Take(Record):
    """`shots/sh010/takes/t001/take.json`: a rendered shot, its frames beside it. It never changes."""

    SCHEMA = "v2v.take/1"

    id: TakeName | Unnamed = Field(default="", description="Given when it is committed.")
    shot: ShotName
    first_frame: FirstFrameName
    further: list[FirstFrameName] = Field(default=[], description="More first frames that it was carried from.")
    parent: TakeName | None = Field(default=None, description="The take that all frames but its own are those of.")
    span: tuple[Frame, Frame] | None = Field(
        default=None, description="Footage frames that are its own; null with a parent: those that the parent lacks."
    )
    size: Size = Field(description="Width and height of its frames.")
    start: Frame = Field(description="Footage frame that has the number 1001.")
    first: Frame = Field(description="First footage frame rendered.")
    last: Frame = Field(description="One past the last footage frame rendered.")
    anchor: Frame = Field(description="Footage frame that the first frame was painted on.")
    fingerprint: Digest
    recipe: dict[str, Any] = Field(default={}, description="Everything that decided the frames.")
    created: str
    seconds: float = 0.0
    versions: dict[str, str] = {}

    @model_validator(mode="after")
    def _has_frames(self) -> Self:
        if self.last <= self.first:
            raise ValueError(f"[{self.first}, {self.last}) holds no frame")
        return self

    @model_validator(mode="after")
    def _recipe_of_its_kinds(self) -> Self:
        for key, kind in {
            "params": dict,
            "motion_params": dict,
            "transitions": list,
            "track": str,
            "motion": str,
        }.items():
            if not isinstance(self.recipe.get(key, kind()), kind):
                raise ValueError(f"'{key}' of its recipe is {self.recipe[key]!r:.40}, which is no {kind.__name__}")
        if not isinstance(self.recipe.get("mask") or {}, dict):
            raise ValueError("the mask of its recipe is none")
        start, end = self.of_shot
        if not 0 <= start < end <= MAX_FRAME:
            raise ValueError(f"the shot of its recipe, [{start}, {end}), holds no frame")
        return self

    @property
    def of_shot(self) -> tuple[int, int]:
        """[start, end) in footage frames of the shot when this was rendered."""
        shot = self.recipe.get("shot", (self.first, self.last))
        if not isinstance(shot, list | tuple) or [type(frame) for frame in shot] != [int, int]:
            raise ValueError(f"the shot of its recipe, {shot!r:.40}, is no range")
        return shot[0], shot[1]

    def number(self, frame: int) -> int:
        """The number of a footage frame in this take's files, whatever became of the shot's range since."""
        return FIRST_NUMBER + frame - self.start


class Note(Part):
    """What someone said of a take."""

    text: str
    frame: Frame | None = Field(default=None, description="Footage frame that it is pinned to.")
    box: tuple[float, float, float, float] | None = Field(default=None, description="x, y, width, height in pixels.")
    created: str


class Review(Record):
    """`shots/sh010/takes/t001/review.json`: what is thought of a take."""

    SCHEMA = "v2v.review/1"

    take: TakeName | Unnamed = ""
    status: TakeStatus = "pending"
    notes: list[Note] = []


class Job(Record):
    """`jobs/*.json`: work that is waiting, running or over; what it said lies beside it, in `jobs/*.log`."""

    SCHEMA = "v2v.job/2"

    id: JobName | Unnamed = Field(default="", description="Given when it is queued.")
    kind: str = Field(default="render", description="The verb that is carried out.")
    shot: ShotName | Unnamed = Field(default="", description="Empty where it is not of one shot.")
    task: dict[str, Any] | None = Field(
        default=None, description="All that the verb is told; null in older records, which cannot be carried out again."
    )
    alone: bool = Field(default=False, description="Whether it loads a network, and so runs beside no other.")
    memory: int = Field(default=0, description="Bytes that it takes up, as far as that is known.")
    executor: JobExecutor = Field(
        default="local", description="Where it is to be carried out: this machine, or a farm."
    )
    priority: int = Field(default=0, description="Higher ones are carried out first, the older first among equals.")
    state: JobState = "queued"
    done: Index = 0
    total: Index = 0
    seconds: float = Field(default=0.0, description="Spent on it, all its runs together.")
    left: float | None = Field(default=None, description="Estimate of the seconds left, while it runs.")
    message: str = ""
    pid: int | None = Field(default=None, description="Of the process that has it; null for one that anyone may take.")
    born: str | None = Field(default=None, description="When that process began: its number may be given again.")
    host: str | None = Field(default=None, description="The machine that has it, or had it last.")
    lost: int = Field(default=0, description="Workers that it lost; it went on with others.")
    started: str | None = None
    updated: str | None = None


RECORDS: tuple[type[Record], ...] = (Project, Footage, Shot, FirstFrame, Take, Review, Job)
