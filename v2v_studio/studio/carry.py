"""What the last frame of a take hands on, kept so that a longer take goes on from there. Safe to delete, like all the cache.

Without it the frames that are kept are passed through once more, which gives the same bytes and takes their time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from v2v_studio.project.cache import FlowCache
from v2v_studio.project.store import Store
from v2v_studio.types import FlowField


def carry_file(store: Store, take: str, name: str) -> Path:
    """Where the state at the end of a take's leg is kept.

    Args:
        take: the take's fingerprint.
        name: of the leg.
    """
    return store.cache("carry", take, f"{name}.npz")


@dataclass(frozen=True)
class Inherited:
    """Motion of a shot that grew: its own, and of the frames that it kept what is known from before.

    Attributes:
        own: where all of it is kept from now on.
        before: that of the parent.
        until: the last index that the two have in common.
    """

    own: FlowCache
    before: FlowCache
    until: int

    def get(self, index: int) -> FlowField | None:
        found = self.own.get(index)
        if found is None and index <= self.until and (found := self.before.get(index)) is not None:
            self.own.put(index, found)
        return found

    def put(self, index: int, motion: FlowField) -> None:
        self.own.put(index, motion)
