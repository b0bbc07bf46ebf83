"""What a render is asked for: the shot, its first frames, a range of a take, a mask; and the recipe that comes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from v2v_studio import __version__
from v2v_studio.errors import UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.motion.base import MOTION, MotionSource
from v2v_studio.project.records import FirstFrame, Footage, Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.shots.base import Transition
from v2v_studio.studio.control import control_digest
from v2v_studio.studio.footage import size_of
from v2v_studio.studio.legs import Leg, legs, stretches
from v2v_studio.studio.mask import Mask
from v2v_studio.studio.moves import Moves, check_kept, file_name
from v2v_studio.timeline.extent import extent, footage_transitions
from v2v_studio.tracks.table import Setup
from v2v_studio.types import FlowField


@dataclass(frozen=True)
class Ask:
    """What is asked for beside the shot as it stands.

    Attributes:
        first_frames: those to carry; the shot's own where empty.
        parent: a take of which only `span` is made anew; without a span, one whose frames are kept where the shot grew.
        span: [first, last) in footage frames.
        mask: where the look applies; everywhere if None.
        moves: motion that is given, in place of what would be made.
    """

    first_frames: tuple[str, ...] = ()
    parent: str | None = None
    span: tuple[int, int] | None = None
    mask: Mask | None = None
    moves: Moves | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON; `from_plain` undoes it."""
        return json.loads(json.dumps(asdict(self)))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Ask:
        span, mask, moves = plain["span"], plain["mask"], plain.get("moves")
        return cls(
            tuple(plain["first_frames"]),
            plain["parent"],
            tuple(span) if span else None,
            Mask(**mask) if mask else None,
            Moves(moves["sha256"], tuple(tuple(run) for run in moves["runs"])) if moves else None,
        )


AS_IT_STANDS = Ask()


@dataclass(frozen=True)
class Request:
    """One shot to be rendered in one way: everything that decides its pixels.

    Attributes:
        firsts: first frames, in the order of their frames.
        parent, span, mask, moves: see `Ask`.
        control: digest of what is drawn, for motion that follows it.
    """

    shot: Shot
    footage: Footage
    firsts: tuple[FirstFrame, ...]
    setup: Setup
    size: tuple[int, int]
    parent: Take | None = None
    span: tuple[int, int] | None = None
    mask: Mask | None = None
    control: str | None = None
    moves: Moves | None = None

    @property
    def transitions(self) -> list[Transition]:
        """Those beside the shot."""
        first, last = self.extent
        return [t for t in footage_transitions(self.footage) if first <= t.start and t.end <= last]

    @property
    def plain_transitions(self) -> list[list[Any]]:
        """The same as plain values."""
        return [[t.kind, t.start, t.end, list(t.curve), t.ground] for t in self.transitions]

    @property
    def extent(self) -> tuple[int, int]:
        """[first, last) of the take, in footage frames."""
        return extent(self.shot, footage_transitions(self.footage))

    @property
    def kept(self) -> tuple[int, int] | None:
        """[first, last) of the frames that a shot which grew has from its parent; None where it has none to go on from.

        They are those whose footage is as it was: the frames of both ranges, and a transition that is still beside them.
        """
        if self.parent is None or self.span is not None:
            return None
        first, last = self.extent
        start, end = self.parent.of_shot
        before, after = self.parent.recipe.get("transitions", []), self.plain_transitions
        into = start == self.shot.start and sides(before, start)[0] == sides(after, start)[0]
        out = end == self.shot.end and sides(before, start)[1] == sides(after, start)[1]
        return first if into else max(start, self.shot.start), last if out else min(end, self.shot.end)

    @cached_property
    def made(self) -> list[tuple[int, int]]:
        """[first, last) of each run of frames to be made."""
        if self.kept is None:
            return [self.span or self.extent]
        (first, last), (low, high) = self.extent, self.kept
        return [(a, b) for a, b in ((first, low), (high, last)) if a < b]

    @property
    def wanted(self) -> tuple[int, int]:
        """[first, last) from the first to the last of the frames to be made."""
        return self.made[0][0], self.made[-1][1]

    @property
    def count(self) -> int:
        """How many frames are to be made."""
        return sum(last - first for first, last in self.made)

    def makes(self, frame: int) -> bool:
        """Whether a footage frame is to be made; the others of the take are the parent's."""
        return any(first <= frame < last for first, last in self.made)

    @property
    def legs(self) -> list[Leg]:
        anchors = [first.frame for first in self.firsts]
        return [leg for made in self.made for leg in legs(anchors, made, self.extent)]

    @property
    def stretches(self) -> list[list[Leg]]:
        """The legs in groups of which none needs what another makes; one where a parent or a mask ties them together."""
        return [self.legs] if self.parent or self.mask else stretches(self.legs)

    def name_of(self, anchor: int, direction: str) -> str:
        """A leg's name, for what is kept of it."""
        return f"{self.firsts[anchor].id}-{direction}"

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything that decides the pixels, as plain values; nothing that does not (no time, no machine)."""
        first, last = self.extent
        described = [{"frame": first.frame, "sha256": first.sha256} for first in self.firsts]
        own = {"kept": list(self.kept)} if self.kept else {"span": list(self.wanted)}
        retake = {"parent": self.parent.fingerprint, **own} if self.parent else {}
        return {
            "footage": self.footage.sha256,
            "shot": [self.shot.start, self.shot.end],
            "frames": [first, last],
            "transitions": self.plain_transitions,
            "size": list(self.size),
            "first_frame": described[0],
            **({"further": described[1:]} if described[1:] else {}),
            **retake,
            **({"mask": self.mask.recipe} if self.mask else {}),
            **({"control": self.control} if self.control else {}),
            **({"moves": self.moves.recipe} if self.moves else {}),
            **self.setup.describe(),
            "v2v_studio": __version__,
        }

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.recipe)

    def motion_fingerprint(self, frame: int, direction: str) -> str:
        return motion_fingerprint(self.recipe, frame, direction)


def motion_fingerprint(recipe: Mapping[str, Any], frame: int, direction: str) -> str:
    """Identity of the motion alone of a take's recipe, against one footage frame. A look changes only what is made up."""
    kept = ("footage", "shot", "frames", "transitions", "size", "motion", "motion_params", "v2v_studio")
    made = {key: recipe.get(key) for key in ("first_frame", "further", "control")}
    own = made if MOTION.load(recipe["motion"]).made else {}
    return fingerprint({key: recipe[key] for key in kept} | own | {"anchor": frame, "direction": direction})


def sides(transitions: Sequence[Sequence[Any]], start: int) -> tuple[list[Any], list[Any]]:
    """Those before a shot that starts there, and those after it."""
    return [t for t in transitions if t[2] <= start], [t for t in transitions if t[2] > start]


def request_for(store: Store, shot: Shot, setup: Setup, ask: Ask) -> Request:
    """The request for a shot that has a first frame, as it stands now.

    Raises:
        UsageError: the range is not of the take, the shot was trimmed since that take, nothing is drawn that the motion
            could follow, or motion that is given does not fit.
    """
    footage = store.footage(shot.footage)
    firsts = [store.first_frame(shot.id, name) for name in names_of(shot, ask)]
    ordered = tuple(sorted(firsts, key=lambda first: first.frame))
    parent = store.take(shot.id, ask.parent) if ask.parent else None
    first, last = extent(shot, footage_transitions(footage))
    suited = setup.for_shot(shot.prompt, last - first)
    source = MOTION.load(setup.track.motion)
    control = control_digest(store, shot.id, source.drawn) if source.drawn else None
    size = size_of(store, footage)
    request = Request(shot, footage, ordered, suited, size, parent, ask.span, ask.mask, control, ask.moves)
    if not setup.follows and (ask.span or ask.mask):
        raise UsageError(
            f"track '{setup.track.name}' does not follow the footage pixel by pixel, so no range of a take can be made anew "
            "and no mask carried; leave out --range and --mask"
        )
    check_retake(request)
    check_moves(store, request, source)
    return request


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Names of what differs between two recipes, nested names with dots."""
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from (f"{key}.{name}" for name in changes(before, after))
        else:
            yield key


def names_of(shot: Shot, ask: Ask) -> tuple[str, ...]:
    """The first frames that a shot is carried from; none where it has none."""
    own = (shot.first_frame, *shot.further) if shot.first_frame else ()
    return tuple(dict.fromkeys(ask.first_frames or own))


def made_field(source: type[MotionSource]) -> bool:
    """Whether a source makes up a motion of pixels, in whose place another can be given."""
    return source.made and source.gives == (FlowField,)


def check_moves(store: Store, request: Request, source: type[MotionSource]) -> None:
    """UsageError where motion is given that the track does not take, or that does not reach every frame."""
    shot, moves = request.shot, request.moves
    if moves is None:
        return
    if not made_field(source):
        raise UsageError(
            f"track '{request.setup.track.name}' finds its motion in the footage, so none can be given; leave out --motion"
        )
    for leg in request.legs:
        if moves.reaches(leg.start, leg.direction) < leg.length:
            needed = file_name(shot, leg.start, leg.stop)
            raise UsageError(
                f"the motion that is given does not reach every frame of {shot.id}: {needed} is needed; write it anew "
                f"with: v2v motion {shot.id} --track {request.setup.track.name} --export FOLDER"
            )
    check_kept(store, shot.id, moves, request.size)


def check_retake(request: Request) -> None:
    parent, shot = request.parent, request.shot
    if parent is None:
        return
    if (kept := request.kept) is not None:
        if parent.size != request.size or kept[0] >= kept[1] or not request.made:
            raise UsageError(
                f"{parent.id} is no take that {shot.id} can go on from now; see what is to be done: v2v plan {shot.id}"
            )
        return
    if (parent.first, parent.last, parent.start, parent.size) != (*request.extent, shot.start, request.size):
        raise UsageError(
            f"{shot.id} has another range or size than {parent.id} has; render it first with: v2v render {shot.id} --again"
        )
    first, last = request.wanted
    if not parent.first <= first < last <= parent.last:
        numbers = f"{shot.number(parent.first)}:{shot.number(parent.last)}"
        raise UsageError(f"{parent.id} of {shot.id} holds frames {numbers}; give a range inside it, the end left out")
