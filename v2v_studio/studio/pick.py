"""Pick: which first frames a shot is carried from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.project.records import Shot
from v2v_studio.studio.desk import Desk


class Picking(Desk):
    """The verb `pick`."""

    def pick(self, shot: str, names: Sequence[str]) -> Shot:
        """Select first frames of a shot; those after the first are further ones, each for its own frame.

        Raises:
            UsageError: none is named, there is no such first frame, or two are of one frame or do not fit the shot.
        """
        if not names:
            raise UsageError(f"name the first frames to carry, as in: v2v pick {shot} ff001 ff002")
        wanted = list(dict.fromkeys(names))
        if reason := self.unfit(self.store.shot(shot), wanted):
            raise UsageError(f"{shot} cannot be carried from {' and '.join(wanted)}: {reason}")
        return self.store.pick(shot, wanted)

    def first_frame_rows(self, name: str) -> list[dict[str, Any]]:
        """One row a first frame of a shot, for listings: the number it was painted on, its look, whether it is carried."""
        shot = self.store.shot(name)
        carried = [shot.first_frame, *shot.further]
        return [
            {
                "id": first.id,
                "number": shot.number(first.frame),
                "translator": first.translator,
                "options": " ".join(f"{key}={value}" for key, value in first.params.items()),
                "seed": first.seed,
                "carried": first.id in carried,
            }
            for first in self.store.first_frames(name)
        ]
