"""Stylize: first frames made and selected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.fingerprint import file_digest, fingerprint
from v2v_studio.media.frames import from_uint8, read_png, to_uint8, write_png
from v2v_studio.params import parse_params
from v2v_studio.project.records import FirstFrame, Shot
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.footage import size_of
from v2v_studio.studio.origin import now, versions
from v2v_studio.translators.base import TRANSLATORS
from v2v_studio.translators.palette import matched, palette_distance
from v2v_studio.types import Array

LIKE_TONE, LIKE_COLOUR = 0.35, 0.7  # how far a first frame is drawn towards its model: a dark shot stays a dark shot


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
        on_progress: Tell = silent,
    ) -> list[FirstFrame]:
        """Make the first frame of the shots named, or of all that have none, and select it.

        Args:
            translator, options, seed: the project's defaults where not given.
            frame: the number (from 1001) of the frame to paint on; the first usable one where not given.
            like: a first frame such as sh010/ff002, whose translator, options and seed are taken in place of these, and
                which the new ones are drawn towards in colour.

        Raises:
            UsageError: no such frame, `like` beside a look of one's own, or like a painting.
        """
        defaults = self.store.project().defaults
        model = None if like is None else self._model(like)
        if model:
            if translator or options or seed is not None:
                raise UsageError(
                    f"a look like {like} has its translator, options and seed; give none, or leave out --like"
                )
            translator, options, seed = model.translator, model.params, model.seed
        name = translator or defaults.translator
        usual = defaults.translator_params if name == defaults.translator else {}
        maker = TRANSLATORS.load(name)()
        params = parse_params(maker.Params, options or usual, f"translator '{name}'")
        chosen = [self.store.shot(shot) for shot in dict.fromkeys(shots)] or [
            shot for shot in self.active_shots() if shot.first_frame is None
        ]
        made = []
        for done, shot in enumerate(chosen):
            on_progress(done, len(chosen))
            at = shot.frame(frame) if frame is not None else shot.usable if shot.usable is not None else shot.start
            if not shot.start <= at < shot.end:
                raise UsageError(
                    f"{shot.id} has frames {shot.number(shot.start)} to {shot.number(shot.end - 1)}, not {frame}"
                )
            made.append(self._stylize(shot, at, name, maker, params, defaults.seed if seed is None else seed, model))
        on_progress(len(chosen), len(chosen))
        return made

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
        if old.like:
            return self.stylize([shot.id], frame=frame, like=old.like["first_frame"])[0]
        return self.stylize([shot.id], old.translator, old.params, old.seed, frame)[0]

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

    def _stylize(
        self, shot: Shot, frame: int, name: str, maker: Any, params: Any, seed: int, model: FirstFrame | None
    ) -> FirstFrame:
        footage = self.store.footage(shot.footage)
        size = size_of(self.store, footage)
        described = params.model_dump(mode="json")
        job = {
            "footage": footage.sha256,
            "frame": frame,
            "size": list(size),
            "translator": name,
            "params": described | ({"file": picture_digest(Path(params.file))} if hasattr(params, "file") else {}),
            "seed": seed,
            "versions": versions(),
        }
        if model:
            job["like"] = {"sha256": model.sha256, "tone": LIKE_TONE, "colour": LIKE_COLOUR}
        known = [f for f in self.store.first_frames(shot.id) if f.fingerprint == fingerprint(job)]
        if known:
            self.store.pick(shot.id, [known[-1].id])
            return known[-1]
        styled = maker.translate(self.still(shot, frame), params, seed)
        like = None
        if model:
            image = read_png(self.store.first_frame_image(model))
            styled = matched(styled, image, LIKE_TONE, LIKE_COLOUR)
            like = {
                "first_frame": f"{model.shot}/{model.id}",
                "palette_distance": round(palette_distance(styled, image), 1),
            }
        styled = from_uint8(to_uint8(styled))
        record = FirstFrame(
            shot=shot.id,
            frame=frame,
            translator=name,
            params=described,
            seed=seed,
            size=size,
            fingerprint=fingerprint(job),
            sha256=pixels_digest(styled),
            like=like,
            created=now(),
            versions=versions(),
        )
        return self.store.add_first_frame(record, lambda path: write_png(path, styled, {"v2v": json.dumps(job)}))

    def before_after(self, made: Iterable[FirstFrame], path: Path) -> None:
        """A sheet with a row a shot: the footage, and the first frame made of it."""
        rows = [
            [
                Cell(self.still(self.store.shot(first.shot), first.frame), f"{first.shot}"),
                Cell(read_png(self.store.first_frame_image(first)), f"{first.id}  {self.describe(first)}"),
            ]
            for first in made
        ]
        write_png(path, sheet(rows, height=240))

    def describe(self, first: FirstFrame) -> str:
        """A first frame's options in one line."""
        return " ".join(f"{key}={value}" for key, value in first.params.items() if value is not None)


def has(shot: Shot, first: FirstFrame) -> bool:
    """Whether the frame that a first frame was painted on is in the shot."""
    return shot.start <= first.frame < shot.end


def picture_digest(file: Path) -> str:
    """sha256 of a picture's file. MediaError where there is none."""
    if not file.is_file():
        raise MediaError(f"{file} does not exist; check the spelling and the folder")
    return file_digest(file)


def pixels_digest(image: Array) -> str:
    """sha256 of a picture's size and 8-bit values: the same for the same picture, however its file is compressed."""
    return hashlib.sha256(repr(image.shape).encode() + to_uint8(image).tobytes()).hexdigest()
