"""A project inside the project, gone when its block ends: something is made again there, and nothing else changes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

from v2v_studio.media.frames import fit
from v2v_studio.parts import passing
from v2v_studio.project.records import CutRecord, FirstFrame, Footage, Shot, Take, TransitionRecord
from v2v_studio.project.store import Store
from v2v_studio.studio.desk import Tell
from v2v_studio.studio.job_report import Report
from v2v_studio.studio.mask import Mask, mask_file
from v2v_studio.studio.moves import Moves, moves_folder
from v2v_studio.studio.request import Request
from v2v_studio.studio.shot_render import ShotRender


@contextmanager
def scratch(
    store: Store, footages: Mapping[str, tuple[Footage, Sequence[TransitionRecord]]], size: tuple[int, int]
) -> Iterator[Store]:
    """A project inside the cache without shots, with these footages where they lie.

    Args:
        footages: each under the name given, with the transitions given.
        size: (width, height) that is worked at.
    """
    cache = store.cache()
    cache.mkdir(exist_ok=True)  # it may be deleted at any time
    with passing("replay", cache) as folder:
        first, _ = next(iter(footages.values()))
        made = Store.create(Path(folder) / "replay", box_of((first.width, first.height), size))
        for name, (footage, transitions) in footages.items():
            file = store.media_path(footage).resolve()
            cut = CutRecord(detector="recipe", transitions=list(transitions))
            add_footage(made, footage.changed(id=name, cut=cut.plain()), file)
        yield made


def add_footage(made: Store, footage: Footage, file: Path) -> Footage:
    path = Path(os.path.relpath(file, made.folder)).as_posix()
    return made.add_footage(lambda _: footage.changed(path=path, copied=False))


def box_of(own: tuple[int, int], size: tuple[int, int]) -> tuple[int, int] | None:
    """A project's box that footage of its own size fits into at that size; None for footage that is worked at as it is.

    The sides of a working size are rounded, so its box may be a little wider or higher than itself.
    """
    boxes = [(size[0] + right, size[1] + down) for right, down in product(range(4), repeat=2)]
    return None if own == size else next((box for box in boxes if fit(own, box) == size), size)


def add_shot(made: Store, shot: Shot) -> Shot:
    with made.cutting():
        return made.add_shot(shot)


def borrow_first_frame(store: Store, made: Store, first: FirstFrame) -> None:
    """The first frame under its own name, in a project that has its shot."""
    source = store.first_frame_image(first).parent
    shutil.copytree(source, made.first_frame_image(first).parent)


def borrow_mask(store: Store, made: Store, shot: str, mask: Mask) -> None:
    """The mask under its digest, in a project that has its shot."""
    source, target = (mask_file(one, shot, mask.sha256) for one in (store, made))
    target.parent.mkdir()
    shutil.copyfile(source, target)


def borrow_moves(store: Store, made: Store, shot: str, moves: Moves) -> None:
    """Motion that was given under its digest, in a project that has its shot; its files are the same files."""
    source, target = (moves_folder(one, shot, moves.sha256) for one in (store, made))
    shutil.copytree(source, target, copy_function=os.link)


def borrow_control(store: Store, made: Store, shot: str) -> None:
    """What is drawn on the shot as it stands now, in a project that has its shot."""
    control = store.control(shot)
    if control is None:
        return
    made.write_control(shot, control)
    if control.brush:
        shutil.copyfile(*(one.control_file(shot).with_name(control.brush) for one in (store, made)))


def borrow_take(store: Store, made: Store, take: Take) -> None:
    """The take under its own name, not reviewed; its files are the same files, not copies."""
    source, target = (one.take_folder(take.shot, take.id) for one in (store, made))
    shutil.copytree(source, target, copy_function=os.link, ignore=shutil.ignore_patterns("review.json"))


class Reached(Exception):
    """The frame that was wanted is there."""


class Until(Report):
    """A report that is kept nowhere: it tells the progress, and ends the render once a file is there."""

    def __init__(self, file: Path | None, total: int, tell: Tell) -> None:
        self._file, self._frames, self._tell = file, total, tell

    def done(self, frames: int, total: int | None = None) -> None:
        self._tell(frames, self._frames)
        if self._file and self._file.exists():
            raise Reached


@contextmanager
def rendered(made: Store, request: Request, number: int | None, tell: Tell) -> Iterator[Mapping[int, Path]]:
    """The frames of a request, number -> file, while the block lasts; with a number, that frame and those on the way."""
    with made.open_partial(request.shot.id, request.fingerprint) as partial:
        until = Until(
            partial.frame(number) if number is not None else None, request.extent[1] - request.extent[0], tell
        )
        with suppress(Reached):
            ShotRender(made, request, partial, until).run()
        yield partial.frames()


def moves_otherwise(store: Store, made: Store) -> bool:
    """Whether motion that was estimated again is not what the project keeps of it; False where it keeps none."""
    folder = made.folder / "cache" / "flow"
    again = [(file, store.folder / "cache" / "flow" / file.relative_to(folder)) for file in folder.rglob("*.flow")]
    return any(kept.is_file() and kept.read_bytes() != file.read_bytes() for file, kept in again)
