"""Replay: something made again from the recipe it carries, and the first stage at which the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from filecmp import cmp
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.fingerprint import fingerprint
from v2v_studio.media.frames import read_png
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.media.recipes import read_recipe
from v2v_studio.project.naming import FIRST_NUMBER
from v2v_studio.project.recipe import EditRecipe, FirstFrameRecipe, TakeRecipe, believed
from v2v_studio.project.records import Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.studio.assemble import Assembling
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.differ import Difference, difference, said_by
from v2v_studio.studio.origin import versions
from v2v_studio.studio.provenance import (
    check_named,
    first_frame_again,
    first_frames_of,
    footage_of,
    mask_of,
    moves_of,
    parent_of,
    take_of,
)
from v2v_studio.studio.recipe import frame_files, number_of, recipe_of, setup_of, transitions_of
from v2v_studio.studio.request import Ask, request_for
from v2v_studio.studio.scratch import (
    add_shot,
    borrow_control,
    borrow_first_frame,
    borrow_mask,
    borrow_moves,
    borrow_take,
    moves_otherwise,
    rendered,
    scratch,
)
from v2v_studio.timeline.cut import Span

FROM_A_FILE = "it was made from a file that is not opened here: it is known by its digest, and was not made again"


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    Attributes:
        agrees: whether every byte is the same.
        made: what was made again and compared, in words; empty where it did not come to that.
        stage: the first stage that differs, None where all agree.
        reason: how it differs, in words.
        notes: what else a user should know of what agrees.
    """

    agrees: bool
    made: str = ""
    stage: str | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        return asdict(self)


class Replaying(Desk):
    """The verb `replay`."""

    def replay(self, path: Path, on_progress: Tell = silent) -> Replay:
        """Make a frame, a take, a first frame or an assembled video again from its recipe and compare the bytes.

        It is made in a scratch project inside the cache; nothing of this project changes. What the recipe names is found
        by digest among what the project has; no path in it is opened.

        Raises:
            UsageError: there is no recipe, or none that can be believed.
        """
        path = Path(path)
        raw = recipe_of(path)
        recipe = believed(raw, path.name)
        try:
            if isinstance(recipe, EditRecipe):
                return self._edit(path, raw, recipe, on_progress)
            if isinstance(recipe, FirstFrameRecipe):
                again = first_frame_again(self.store, raw, recipe, read_png(path), path.name)
                return Replay(True, "first frame", notes=() if again else (FROM_A_FILE,))
            return self._take(path, raw, recipe, on_progress)
        except Difference as found:
            return Replay(False, stage=found.stage, reason=found.reason)

    # ---- frames of a take

    def _take(self, path: Path, raw: dict[str, Any], recipe: TakeRecipe, tell: Tell) -> Replay:
        footage = footage_of(self.store, recipe.footage, recipe.frames[1])
        firsts = first_frames_of(self.store, recipe, footage)
        start, end = recipe.shot
        shot = Shot(id=firsts[0].shot, footage=footage.id, start=start, end=end, first_frame=firsts[0].id)
        numbers = range(shot.number(recipe.frames[0]), shot.number(recipe.frames[1]))
        files = self._as_made(path, shot.id, raw) or frame_files(path, numbers)
        parent = parent_of(self.store, shot.id, recipe)
        mask, moves = mask_of(self.store, shot.id, recipe), moves_of(self.store, shot.id, recipe)
        with scratch(self.store, {footage.id: (footage, transitions_of(recipe.transitions))}, recipe.size) as made:
            add_shot(made, shot)
            for first in firsts:
                borrow_first_frame(self.store, made, first)
            if parent:
                borrow_take(self.store, made, parent)
            if mask:
                borrow_mask(self.store, made, shot.id, mask)
            if moves:
                borrow_moves(self.store, made, shot.id, moves)
            if recipe.control:
                borrow_control(self.store, made, shot.id)
            ask = Ask(tuple(first.id for first in firsts), parent.id if parent else None, recipe.span, mask, moves)
            check_named(self.store, recipe)
            request = request_for(made, shot, setup_of(recipe), ask)
            now = request.recipe
            if found := difference(raw, said_by(now, raw), path.name, "what can be made of it", but=["versions"]):
                raise found
            only = next(iter(files)) if len(files) == 1 else None
            with rendered(made, request, only, tell) as frames:
                replayed = self._compared(path, raw, now, files, frames, made)
        return replace(replayed, notes=self._notes({shot.id: raw}, path.name)) if replayed.agrees else replayed

    def _as_made(self, path: Path, shot: str, raw: dict[str, Any]) -> dict[int, Path]:
        """A take's picture under the number that it was made with: a take that has it from there may count otherwise."""
        take = self.store.find_take(shot, fingerprint(raw))
        if take is None or number_of(path) is None:
            return {}
        files = {take.number(frame): self.store.take_frame(take, frame) for frame in range(take.first, take.last)}
        own_first = sorted(files, key=lambda number: number != number_of(path))  # a still has the same frame many times
        same = (number for number in own_first if files[number].is_file() and cmp(path, files[number], shallow=False))
        return dict.fromkeys(islice(same, 1), path)

    def _compared(
        self,
        path: Path,
        raw: dict[str, Any],
        now: dict[str, Any],
        files: Mapping[int, Path],
        frames: Mapping[int, Path],
        made: Store,
    ) -> Replay:
        if missing := sorted(set(frames) - set(files)) if path.suffix.lower() != ".png" else []:
            raise Difference("frames", f"frame {missing[0]} is not there")
        if strange := sorted(set(files) - set(frames)):
            raise Difference("frames", f"frame {strange[0]} is not of this recipe")
        what = f"frame {next(iter(files))}" if len(files) == 1 else f"{len(files)} frames"
        other = [number for number, file in files.items() if file.read_bytes() != frames[number].read_bytes()]
        if not other:
            return Replay(True, what)
        apart = [number for number in other if not same_picture(files[number], frames[number])]
        number = (apart or other)[0]
        file = files[number]
        found = self._origin(path, raw, file, number) if apart else None
        if found is None and apart and moves_otherwise(self.store, made):
            found = Difference("motion", "the motion comes out otherwise than what is kept of it in cache/flow")
        with_what = {**raw, "versions": self._versions_of(raw)}
        found = found or difference(with_what, {**now, "versions": versions()}, path.name, "what is made now")
        if found is None and apart:
            found = Difference("frames", f"{file.name} or its recipe was changed after it was written")
        found = found or Difference("frames", f"{file.name} was written anew by something else, or without its recipe")
        if len(files) > 1:
            what += f", of which {len(other)} have other bytes and {len(apart)} other pixels, the first {number}"
        else:
            what += ", other pixels" if apart else ", other bytes though every pixel agrees"
        return Replay(False, what, found.stage, found.reason)

    def _origin(self, path: Path, raw: dict[str, Any], file: Path, number: int) -> Difference | None:
        """How a recipe differs from those that the project has of the picture in a file."""
        origins = self._recipes_of_picture(file, number)
        found = (
            difference(raw, origin, path.name, f"{name}, whose picture it is", but=["versions"])
            for name, origin in origins
        )
        return next((one for one in found if one), None)

    def _recipes_of_picture(self, file: Path, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every recipe that the project has of the picture in a file: what its takes say, and what their frames do."""
        for shot in self.store.shots():
            for take in self.store.takes(shot.id):
                frame = self.store.take_frame(take, take.start + number - FIRST_NUMBER)
                if frame.is_file() and same_picture(frame, file):
                    yield f"{take.shot}/{take.id}", take.recipe
                    yield frame.name, read_recipe(frame) or take.recipe

    def _versions_of(self, raw: dict[str, Any]) -> dict[str, str]:
        """The versions that a take of this recipe was made with; today's where no take tells."""
        takes = [take for shot in self.store.shots() for take in self.store.takes(shot.id) if take.recipe == raw]
        return takes[-1].versions if takes else versions()

    def _notes(self, recipes: Mapping[str, Mapping[str, Any]], name: str) -> tuple[str, ...]:
        """Where the takes that are shown now were made otherwise."""
        notes = []
        for shot, recipe in recipes.items():
            take = self.shown(self.store.shot(shot))
            found = difference(recipe, take.recipe, name, f"{shot}/{take.id}, which is shown now") if take else None
            notes += [f"{found.stage}: {found.reason}"] if found else []
        return tuple(notes)

    # ---- an assembled video

    def _edit(self, path: Path, raw: dict[str, Any], recipe: EditRecipe, tell: Tell) -> Replay:
        footages = {
            name: (footage_of(self.store, one.sha256, recipe.last(name)), transitions_of(one.transitions))
            for name, one in recipe.footages.items()
        }
        takes = {
            name: take_of(self.store, name, shot.take, raw["takes"][shot.take], path.name)
            for name, shot in recipe.shots.items()
            if shot.take
        }
        with scratch(self.store, footages, recipe.size) as made:
            for name, shown in recipe.shots.items():
                start, end = shown.range
                add_shot(made, Shot(id=name, footage=shown.footage, start=start, end=end))
            for take in takes.values():
                borrow_take(self.store, made, take)
            again = Again(made.folder, [Span(*span) for span in recipe.spans])
            export = again.assemble(
                "replay", crf=recipe.crf, on_progress=tell, formats=[recipe.form], embed=read_recipe(path) is not None
            )["exports"][0]
            file = Path(export["path"])
            if file.read_bytes() != path.read_bytes():
                raise self._edit_reason(path, raw, recipe, file, takes)
        recipes = {name: take.recipe for name, take in takes.items()}
        what = f"{export['frames']} frames and everything beside them"
        return Replay(True, what, notes=self._notes(recipes, path.name))

    def _edit_reason(
        self, path: Path, raw: dict[str, Any], recipe: EditRecipe, file: Path, takes: Mapping[str, Take]
    ) -> Difference:
        """Why a video is not what its recipe gives."""
        if found := difference(raw, recipe_of(file), path.name, "what can be made of it"):
            return found
        at = most_apart(path, file)
        if at is None:
            return Difference("encoding", "every picture agrees, but the sound, the tags or the container do not")
        footage, frame = played_at(recipe, at)
        for name, shown in recipe.shots.items():
            if name in takes and shown.footage == footage and shown.range[0] <= frame < shown.range[1]:
                deeper = self.replay(self.store.take_frame(takes[name], frame))
                if deeper.stage:
                    return Difference(
                        deeper.stage, f"{name}/{takes[name].id}, frame {at} of the video: {deeper.reason}"
                    )
        return Difference("encoding", f"its pictures differ, most at frame {at}, though what goes in is the same")


class Again(Assembling):
    """An edit that plays the spans it is given."""

    def __init__(self, folder: Path, spans: list[Span]) -> None:
        super().__init__(folder)
        self._spans = spans

    def spans(self, name: str) -> list[Span] | None:
        return self._spans


def played_at(recipe: EditRecipe, at: int) -> tuple[str, int]:
    """(footage, frame) of a frame of the video."""
    for footage, start, end in recipe.spans:
        if at < end - start:
            return footage, start + at
        at -= end - start
    return footage, end - 1


def same_picture(one: Path, other: Path) -> bool:
    return np.array_equal(read_png(one), read_png(other))


def most_apart(one: Path, other: Path) -> int | None:
    """The frame at which two videos differ most; None where they show the same.

    Not the first: an encoder that looks ahead lets a frame that was changed tell on those before it.
    """
    first, second = (open_reader(path, found := probe(path)).frames(0, found.frames) for path in (one, other))
    gaps = [1.0 if a is None or b is None else float(np.abs(a - b).mean()) for a, b in zip_longest(first, second)]
    return gaps.index(max(gaps)) if any(gaps) else None
