"""What a render is asked for: the shot, its first frames, a range of a take, a mask; and the recipe that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from v2v_studio import __version__
from v2v_studio.errors import UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.project.records import FirstFrame, Footage, Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.shots.base import Transition
from v2v_studio.studio.footage import size_of
from v2v_studio.studio.legs import Leg, legs
from v2v_studio.studio.mask import Mask
from v2v_studio.timeline.extent import extent, footage_transitions
from v2v_studio.tracks.table import Setup


@dataclass(frozen=True)
class Ask:
    """What is asked for beside the shot as it stands.

    Attributes:
        first_frames: those to carry; the shot's own where empty.
        parent: a take of which only `span` is made anew.
        span: [first, last) in footage frames.
        mask: where the look applies; everywhere if None.
    """

    first_frames: tuple[str, ...] = ()
    parent: str | None = None
    span: tuple[int, int] | None = None
    mask: Mask | None = None


AS_IT_STANDS = Ask()


@dataclass(frozen=True)
class Request:
    """One shot to be rendered in one way: everything that decides its pixels.

    Attributes:
        firsts: first frames, in the order of their frames.
        parent, span, mask: see `Ask`.
    """

    shot: Shot
    footage: Footage
    firsts: tuple[FirstFrame, ...]
    setup: Setup
    size: tuple[int, int]
    parent: Take | None = None
    span: tuple[int, int] | None = None
    mask: Mask | None = None

    @property
    def transitions(self) -> list[Transition]:
        """Those beside the shot."""
        first, last = self.extent
        return [t for t in footage_transitions(self.footage) if first <= t.start and t.end <= last]

    @property
    def extent(self) -> tuple[int, int]:
        """[first, last) of the take, in footage frames."""
        return extent(self.shot, footage_transitions(self.footage))

    @property
    def wanted(self) -> tuple[int, int]:
        """[first, last) of the frames to be made."""
        return self.span or self.extent

    @property
    def legs(self) -> list[Leg]:
        return legs([first.frame for first in self.firsts], self.wanted, self.extent)

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything that decides the pixels, as plain values; nothing that does not (no time, no machine)."""
        first, last = self.extent
        described = [{"frame": first.frame, "sha256": first.sha256} for first in self.firsts]
        retake = {"parent": self.parent.fingerprint, "span": list(self.wanted)} if self.parent else {}
        return {
            "footage": self.footage.sha256,
            "shot": [self.shot.start, self.shot.end],
            "frames": [first, last],
            "transitions": [[t.kind, t.start, t.end, list(t.curve), t.ground] for t in self.transitions],
            "size": list(self.size),
            "first_frame": described[0],
            **({"further": described[1:]} if described[1:] else {}),
            **retake,
            **({"mask": self.mask.recipe} if self.mask else {}),
            **self.setup.describe(),
            "v2v_studio": __version__,
        }

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.recipe)

    def motion_fingerprint(self, frame: int, direction: str) -> str:
        """Identity of the motion alone, against one footage frame, which no look changes."""
        kept = ("footage", "shot", "frames", "transitions", "size", "motion", "motion_params", "v2v_studio")
        return fingerprint({key: self.recipe[key] for key in kept} | {"anchor": frame, "direction": direction})


def request_for(store: Store, shot: Shot, setup: Setup, ask: Ask) -> Request:
    """The request for a shot that has a first frame, as it stands now.

    Raises:
        UsageError: the range is not of the take, or the shot was trimmed since that take.
    """
    footage = store.footage(shot.footage)
    firsts = [store.first_frame(shot.id, name) for name in names_of(shot, ask)]
    ordered = tuple(sorted(firsts, key=lambda first: first.frame))
    parent = store.take(shot.id, ask.parent) if ask.parent else None
    request = Request(shot, footage, ordered, setup, size_of(store, footage), parent, ask.span, ask.mask)
    check_retake(request)
    return request


def names_of(shot: Shot, ask: Ask) -> tuple[str, ...]:
    """The first frames that a shot is carried from; none where it has none."""
    own = (shot.first_frame, *shot.further) if shot.first_frame else ()
    return tuple(dict.fromkeys(ask.first_frames or own))


def check_retake(request: Request) -> None:
    parent, shot = request.parent, request.shot
    if parent is None:
        return
    if (parent.first, parent.last, parent.start, parent.size) != (*request.extent, shot.start, request.size):
        raise UsageError(
            f"{shot.id} has another range or size than {parent.id} has; render it whole with: v2v render {shot.id}"
        )
    first, last = request.wanted
    if not parent.first <= first < last <= parent.last:
        numbers = f"{shot.number(parent.first)}:{shot.number(parent.last)}"
        raise UsageError(f"{parent.id} of {shot.id} holds frames {numbers}; give a range inside it, the end left out")
