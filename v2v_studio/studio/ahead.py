"""Stretches of a long shot that other workers make ahead of the job that makes its take.

A stretch is what no other needs anything of (`legs.stretches`). The shot's job goes through its stretches from the front and
takes in what was made of them apart; whoever helps begins at the end. So a shot is whole with helpers, without, or with some
that were lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from v2v_studio.project.store import Store
from v2v_studio.studio.legs import Leg
from v2v_studio.studio.request import Request

LONG = 48  # frames for which handing them to another worker pays


def helpful(request: Request) -> list[tuple[int, int]]:
    """The stretches that are worth another worker, the last first, and the frames of each.

    The first one never is: the shot's own job begins with it.
    """
    found = [(number, made_of(legs)) for number, legs in enumerate(request.stretches)]
    return [(number, frames) for number, frames in reversed(found) if number and frames >= LONG]


def made_of(legs: Sequence[Leg]) -> int:
    """How many frames of the take come of them."""
    return sum(leg.length for leg in legs if not leg.aside)


def suffix(stretch: int) -> str:
    """Of the partial take that a stretch is made in."""
    return f"-{stretch}"


def mark(stretch: int) -> str:
    """The state by which a shot's job says that it has come to a stretch."""
    return f"stretch-{stretch}"


def needed(store: Store, request: Request, stretch: int) -> bool:
    """Whether a stretch is still to be made: the shot's job has not come to it, and is not over."""
    shot, fingerprint = request.shot.id, request.fingerprint
    reached = (store.partial_folder(shot, fingerprint) / f"{mark(stretch)}.npz").exists()
    return not reached and store.find_take(shot, fingerprint) is None
