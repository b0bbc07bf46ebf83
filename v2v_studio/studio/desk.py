"""What every verb stands on: the open project, and how progress is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.project.records import Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.studio.footage import read_footage, size_of

Tell = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


class Desk:
    """An open project.

    Args:
        folder: a project.

    Raises:
        ProjectError: it is none.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(Path(folder))

    def still(self, shot: Shot, frame: int) -> Any:
        footage = self.store.footage(shot.footage)
        return next(read_footage(self.store, footage, size_of(self.store, footage))(frame, frame + 1))

    def active_shots(self) -> list[Shot]:
        """Every shot that is not disabled, in the order of the film. ProjectError where there is none at all."""
        shots = self.store.shots()
        if not shots:
            raise ProjectError(f"{self.store.folder.name} has no shots yet; find them with: v2v cut")
        return [shot for shot in shots if shot.status != "omit"]

    def take_named(self, name: str) -> Take:
        """The take of a name such as sh010/t001. UsageError for a name that is none, or a take that is not there."""
        shot, slash, take = name.partition("/")
        if not slash:
            raise UsageError(f"'{name}' is not a take; one is named like sh010/t001")
        return self.store.take(shot, take)

    def size(self, shot: Shot) -> tuple[int, int]:
        """(width, height) that this project works at for a shot."""
        return size_of(self.store, self.store.footage(shot.footage))

    def spare_footage(self, path: Path) -> None:
        """UsageError for a path to write to that is footage."""
        for footage in self.store.footages():
            if path.resolve() == self.store.media_path(footage).resolve():
                raise UsageError(f"{path} is the footage {footage.id} and would be written over; give another name")

    def unfit(self, shot: Shot, names: Sequence[str] = ()) -> str | None:
        """Why the shot cannot be rendered from its first frames, or those named, and what to do; None where it can."""
        remedy = f"v2v stylize {shot.id}"
        names = names or ([shot.first_frame, *shot.further] if shot.first_frame else [])
        if not names:
            return f"no first frame; make one with: {remedy}"
        taken: dict[int, str] = {}
        for first in (self.store.first_frame(shot.id, name) for name in names):
            if first.size != self.size(shot):
                made, wanted = ("x".join(map(str, side)) for side in (first.size, self.size(shot)))
                return f"its first frame is {made}, the work is {wanted}; {remedy}"
            if not shot.start <= first.frame < shot.end:
                return f"its first frame was made of frame {shot.number(first.frame)}, outside the shot; {remedy}"
            if first.frame in taken:
                pair = f"{taken[first.frame]} and {first.id} are both of frame {shot.number(first.frame)}"
                return f"{pair}; name the one to use with --first-frame"
            taken[first.frame] = first.id
        return None

    def shown(self, shot: Shot, strict: bool = False, size: tuple[int, int] | None = None) -> Take | None:
        """The take an edit shows: one that is approved or, unless `strict`, at least not rejected.

        Of several, what fits the shot as it stands goes before what is approved, before the selected one, before the
        newest. None for a disabled shot, or where there is none.

        Args:
            strict: approved takes only.
            size: that the project works at for the shot, where it is known already.
        """
        if shot.status == "omit":
            return None
        size, best = size or self.size(shot), None
        for take in self.store.takes(shot.id):
            status = self.store.review(shot.id, take.id).status
            if status == "approved" or (status == "pending" and not strict):
                rank = fits(take, shot, size), status == "approved", take.id == shot.take
                if best is None or rank >= best[0]:
                    best = rank, take
        return best[1] if best else None

    def metrics(self, take: Take) -> dict[str, Any]:
        """What was measured of a take, frame by frame."""
        return json.loads((self.store.take_folder(take.shot, take.id) / "metrics.json").read_text())


def fits(take: Take, shot: Shot, size: tuple[int, int]) -> bool:
    """Whether a take has a frame of that size for every frame of the shot."""
    return take.size == size and take.first <= shot.start and shot.end <= take.last


def told(frames: Iterable[Any], total: int, tell: Tell) -> Iterator[Any]:
    """The same frames, each counted aloud."""
    for done, frame in enumerate(frames, 1):
        yield frame
        tell(done, total)


def shifted(tell: Tell, before: int, total: int) -> Tell:
    """Progress of one part as progress of the whole."""
    return lambda done, _: tell(before + done, total)
