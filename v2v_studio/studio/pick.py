"""Pick: which first frames a shot is carried from."""

from __future__ import annotations

from collections.abc import Sequence

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
