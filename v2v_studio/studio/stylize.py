"""Stylize: first frames made and selected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.media.frames import pixels_digest, read_png, write_png
from v2v_studio.metrics.clip import image_similarity
from v2v_studio.params import parse_params
from v2v_studio.project.records import FirstFrame, Shot
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.look import Look, Model
from v2v_studio.studio.mask import FEATHER, kept_mask, mask_file, take_in
from v2v_studio.studio.origin import now
from v2v_studio.translators.base import TRANSLATORS
from v2v_studio.translators.palette import palette_distance
from v2v_studio.types import Array

CONTROL = "control-"  # how the files of controls begin
MOST = 64  # candidates of one shot at once


@dataclass(frozen=True)
class Masking:
    """A mask as a user asks for it: a picture, white where the look applies or with `protect` where it does not.

    `feather`: pixels to either side of its edge over which frame and look mix.
    """

    file: str
    protect: bool = False
    feather: float = FEATHER


class Stylizing(Desk):
    """The verb `stylize`."""

    def stylize(
        self,
        shots: Sequence[str] = (),
        translator: str | None = None,
        options: Mapping[str, Any] | None = None,
        seed: int | None = None,
        frame: int | None = None,
        like: str | None = None,
        mask: Masking | None = None,
        candidates: int = 1,
        on_progress: Tell = silent,
    ) -> list[FirstFrame]:
        """Make the first frame of the shots named, or of all that have none, and select it.

        Args:
            translator, options, seed: the project's defaults where not given.
            frame: the number (from 1001) of the frame to paint on; the first usable one where not given.
            like: a first frame such as sh010/ff002, whose translator, options and seed are taken in place of these, and
                which the new ones are drawn towards in colour.
            mask: where the look applies; everywhere if None.
            candidates: so many of each shot, with seeds one after the other, to choose from; the first is selected.

        Raises:
            UsageError: no such frame, `like` beside a look of one's own, or like a painting.
            MissingError: weights are not on this machine.
        """
        if not 1 <= candidates <= MOST:
            raise UsageError(f"{candidates} candidates of a shot are not possible; ask for 1 to {MOST}")
        look = self._look_of(translator, options, seed) if like is None else self._look_like(like)
        if like is not None and (translator or options or seed is not None):
            raise UsageError(f"a look like {like} has its translator, options and seed; give none, or leave out --like")
        chosen = [self.store.shot(shot) for shot in dict.fromkeys(shots)] or [
            shot for shot in self.active_shots() if shot.first_frame is None
        ]
        places = [(shot, self._painted_at(shot, frame)) for shot in chosen]
        made: list[FirstFrame] = []
        on_progress(0, len(places) * candidates)
        for shot, at in places:
            own = self._masked(look, shot, at, mask)
            for seed in range(look.seed, look.seed + candidates):
                tell = partial(tell_step, on_progress, len(made), len(places) * candidates)
                made.append(self._stylize(shot, at, replace(own, seed=seed), like, tell))
            self.store.pick(shot.id, [made[-candidates].id])
        return made

    def _look_of(self, translator: str | None, options: Mapping[str, Any] | None, seed: int | None) -> Look:
        """A look as asked for; the project's defaults where nothing is said."""
        defaults = self.store.project().defaults
        name = translator or defaults.translator
        usual = defaults.translator_params if name == defaults.translator else {}
        maker = TRANSLATORS.load(name)()
        params = parse_params(maker.Params, options or usual, f"translator '{name}'")
        return Look(name, maker, params, defaults.seed if seed is None else seed)

    def _look_like(self, name: str) -> Look:
        """The look of a first frame, and its colours."""
        first = self._model(name)
        look = self._look_of(first.translator, first.params, first.seed)
        return replace(look, model=Model(read_png(self.store.first_frame_image(first)), first.sha256))

    def _painted_at(self, shot: Shot, number: int | None) -> int:
        """Footage frame of the shot to paint on."""
        usable = shot.usable if shot.usable is not None else shot.start
        frame = usable if number is None else shot.frame(number)
        if not shot.start <= frame < shot.end:
            raise UsageError(
                f"{shot.id} has frames {shot.number(shot.start)} to {shot.number(shot.end - 1)}, not {number}"
            )
        return frame

    def _masked(self, look: Look, shot: Shot, frame: int, masking: Masking | None) -> Look:
        if masking is None:
            return look
        size = self.size(shot)
        taken = take_in(self.store, shot, size, masking.file, masking.protect, masking.feather)
        return replace(look, mask=replace(taken, frame=frame), painted=kept_mask(self.store, shot.id, taken.sha256))

    def refit(self, shots: Iterable[str]) -> list[FirstFrame]:
        """Make the first frames of these shots again that no longer fit, the size or the shot's range having changed.

        Each as it was made: same translator, options and seed, and on the same frame if the shot still has it; of further
        first frames those only.
        """
        made = []
        for shot in map(self.store.shot, shots):
            if shot.first_frame is None or self.unfit(shot) is None:
                continue
            first, *further = [self.store.first_frame(shot.id, name) for name in (shot.first_frame, *shot.further)]
            again = [self._again(shot, old) for old in (first, *further) if old is first or has(shot, old)]
            if len(again) > 1:
                self.store.pick(shot.id, [one.id for one in again])
            made += again
        return made

    def _again(self, shot: Shot, old: FirstFrame) -> FirstFrame:
        frame = shot.number(old.frame) if has(shot, old) else None
        mask = self._masking(old)
        if old.like:
            return self.stylize([shot.id], frame=frame, like=old.like["first_frame"], mask=mask)[0]
        return self.stylize([shot.id], old.translator, old.params, old.seed, frame, mask=mask)[0]

    def _masking(self, first: FirstFrame) -> Masking | None:
        """The mask of a first frame, as it was asked for."""
        if first.mask is None:
            return None
        kept = mask_file(self.store, first.shot, first.mask["sha256"])
        return Masking(str(kept), first.mask["protect"], first.mask["feather"])

    def _model(self, name: str) -> FirstFrame:
        """The first frame that others are to look like."""
        shot, slash, first = name.partition("/")
        if not slash:
            raise UsageError(f"'{name}' is no first frame; name the shot and the first frame, such as sh010/ff001")
        model = self.store.first_frame(shot, first)
        if model.translator == "painted":
            raise UsageError(
                f"{name} was painted, and a painting fits its own shot only; carry its look with: "
                f"--translator reference -p file={self.store.first_frame_image(model)}"
            )
        return model

    def _stylize(self, shot: Shot, frame: int, look: Look, like: str | None, on_step: Tell) -> FirstFrame:
        footage, size = self.store.footage(shot.footage), self.size(shot)
        job = {"footage": footage.sha256, "frame": frame, "size": list(size), **look.recipe()}
        known = [f for f in self.store.first_frames(shot.id) if f.fingerprint == fingerprint(job)]
        if known:
            on_step(1, 1)
            return known[-1]
        image = self.still(shot, frame)
        styled, controls = look.of(image, on_step), look.controls(image)
        record = FirstFrame(
            shot=shot.id,
            frame=frame,
            translator=look.name,
            params=look.options,
            seed=look.seed,
            size=size,
            fingerprint=fingerprint(job),
            sha256=pixels_digest(styled),
            like={"first_frame": like, **likeness(styled, look.model.image)} if look.model else None,
            mask=job.get("mask"),
            weights=job.get("weights", {}),
            created=now(),
            versions=job["versions"],
        )
        return self.store.add_first_frame(record, partial(write, styled, controls, {"v2v": json.dumps(job)}))

    def before_after(self, made: Iterable[FirstFrame], path: Path) -> None:
        """A sheet with a row a shot: the footage, and the first frames made of it."""
        rows = [
            [self._footage_cell(firsts[0]), *(self._cell(first, seeded=len(firsts) > 1) for first in firsts)]
            for firsts in (list(group) for _, group in groupby(made, lambda first: (first.shot, first.frame)))
        ]
        write_png(path, sheet(rows, height=240))

    def show_controls(self, made: Iterable[FirstFrame], path: Path) -> None:
        """A sheet with a row a first frame: the footage, the controls drawn from it, and what was made.

        Raises:
            UsageError: none of them was held to any control.
        """
        rows = [
            [self._footage_cell(first), *(Cell(read_png(file), name) for name, file in controls), self._cell(first)]
            for first in made
            if (controls := sorted(self.controls(first).items()))
        ]
        if not rows:
            raise UsageError("no controls were drawn: of the translators, 'controlnet' is the one that is held to some")
        write_png(path, sheet(rows, height=240))

    def controls(self, first: FirstFrame) -> dict[str, Path]:
        """What each control of a first frame is called -> its picture's file."""
        files = self.store.first_frame_image(first).parent.glob(f"{CONTROL}*.png")
        return {file.stem.removeprefix(CONTROL): file for file in files}

    def _footage_cell(self, first: FirstFrame) -> Cell:
        return Cell(self.still(self.store.shot(first.shot), first.frame), first.shot)

    def _cell(self, first: FirstFrame, seeded: bool = False) -> Cell:
        named = f"{first.id}  seed {first.seed}" if seeded else first.id
        return Cell(read_png(self.store.first_frame_image(first)), f"{named}  {self.describe(first)}")

    def describe(self, first: FirstFrame) -> str:
        """A first frame's options in one line."""
        return " ".join(f"{key}={value}" for key, value in first.params.items() if value not in (None, ""))


def has(shot: Shot, first: FirstFrame) -> bool:
    """Whether the frame that a first frame was painted on is in the shot."""
    return shot.start <= first.frame < shot.end


def tell_step(tell: Tell, before: int, total: int, done: int, steps: int) -> None:
    """Steps of one first frame, told as part of them all."""
    tell(before * steps + done, total * steps)


def likeness(styled: Array, model: Array) -> dict[str, float]:
    """How near a first frame came to its model, as its record has it."""
    alike = image_similarity(styled, model)
    return {
        "palette_distance": round(palette_distance(styled, model), 1),
        **({} if alike is None else {"clip_similarity": round(alike, 3)}),
    }


def write(styled: Array, controls: Mapping[str, Array], text: Mapping[str, str], path: Path) -> None:
    """A first frame into its file, and its controls beside it."""
    write_png(path, styled, text)
    for name, picture in controls.items():
        write_png(path.with_name(f"{CONTROL}{name}.png"), picture)
