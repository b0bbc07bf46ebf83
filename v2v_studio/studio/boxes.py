"""Boxes of a shot: listed, followed from one that is drawn, and shown on the footage."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.flow.boxes_picture import overlaid
from v2v_studio.media.frames import write_png
from v2v_studio.media.writer import write_video
from v2v_studio.motion.boxes import corners
from v2v_studio.motion.keys import keys_of
from v2v_studio.project.control import Box, Control
from v2v_studio.project.records import Shot
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.control import boxes_on
from v2v_studio.studio.desk import Desk, Tell, silent, told
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.source import ShotSource

SHOWN = 8  # frames on a sheet


class Boxing(Desk):
    """The verb `boxes`."""

    def boxes(self, name: str) -> list[Box]:
        """Those of a shot, as they are in its control.json."""
        self.store.shot(name)
        control = self.store.control(name)
        return control.boxes if control else []

    def follow(
        self,
        name: str,
        box: tuple[float, float, float, float],
        number: int,
        phrase: str = "",
        on_progress: Tell = silent,
    ) -> Box:
        """Follow an object through a shot from one box drawn around it, and keep the keys in the shot's control.json.

        Args:
            box: x, y, width, height in pixels of the footage.
            number: the frame it is drawn on, from 1001.
            phrase: what it is; a box of the same phrase is replaced.

        Raises:
            UsageError: the shot has no such frame, nothing of the picture is in the box, or of several boxes one would have
                no phrase.
        """
        from v2v_studio.tracks.follow import present  # here: numba takes half a second to import

        shot = self.store.shot(name)
        footage = self.store.footage(shot.footage)
        frame, own = shot.frame(number), (footage.width, footage.height)
        if not shot.start <= frame < shot.end:
            raise UsageError(
                f"{name} has frames {shot.number(shot.start)} to {shot.number(shot.end - 1)}, not {number}; "
                "draw the box on one of them"
            )
        drawn = corners(np.array(box, np.float64))
        inside = np.clip(drawn, 0, [*own, *own])
        if min(box[2:]) <= 0 or (inside[2:] - inside[:2] < 1).any():
            raise UsageError(f"nothing of {name} is in the box {_numbers(box)}; its frames are {own[0]}x{own[1]}")
        size = size_of(self.store, footage)
        scale = np.array(own) / size
        by_frame = dict(told(self._found_in(shot, frame, drawn / [*scale, *scale]), shot.end - shot.start, on_progress))
        found = [by_frame[index] for index in range(shot.start, shot.end)]
        there = np.array(present(found, size))
        there[frame - shot.start] = True
        return self._keep(shot, phrase, np.array([one.box for one in found]) * [*scale, *scale], there, own)

    def show_boxes(self, name: str, path: Path, on_progress: Tell = silent, number: int | None = None) -> Path:
        """Write the boxes on the footage: a video, or for a path that ends in .png a sheet, or one frame of it.

        Raises:
            UsageError: no boxes are drawn on the shot, or it has no such frame.
        """
        shot = self.store.shot(name)
        footage = self.store.footage(shot.footage)
        own = range(shot.start, shot.end)
        if number is not None and shot.frame(number) not in own:
            raise UsageError(f"{name} has frames {shot.number(own[0])} to {shot.number(own[-1])}, not {number}")
        boxes = boxes_on(self.store, name, size_of(self.store, footage), own)
        frames = self._source(shot)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() != ".png":
            stream = islice(frames.forwards(shot.start), len(own))
            pictures = (overlaid(frame, boxes.entry(i)) for i, frame in enumerate(stream))
            return write_video(path, told(pictures, len(own), on_progress), Fraction(footage.rate)).path
        if number is not None:
            frame = shot.frame(number)
            write_png(path, overlaid(frames.frame(frame), boxes.entry(frame - shot.start)))
            return path
        chosen = sorted({round(i) for i in np.linspace(shot.start, shot.end - 1, SHOWN)})
        cells = [
            Cell(overlaid(frames.frame(i), boxes.entry(i - shot.start)), str(shot.number(i)))
            for i in told(chosen, len(chosen), on_progress)
        ]
        write_png(path, sheet([cells[:4], *([cells[4:]] if cells[4:] else [])], title=f"{name}  boxes"))
        return path

    def _found_in(self, shot: Shot, frame: int, box: np.ndarray) -> Iterator[tuple[int, Any]]:
        """Every frame of the shot with what was found in it; boxes are in pixels of the working size."""
        from v2v_studio.tracks.follow import BoxPass, Followed

        source = self._source(shot)
        start = tuple(box.tolist())
        yield frame, Followed(0, start, 1.0)
        for sign, stream, count in (
            (1, source.forwards(frame), shot.end - 1 - frame),
            (-1, source.backwards(frame), frame - shot.start),
        ):
            first = next(stream)
            one = BoxPass(first, start) if count else None
            for followed in one.steps(first, islice(stream, count)) if one else ():
                yield frame + sign * followed.index, followed

    def _source(self, shot: Shot) -> ShotSource:
        footage = self.store.footage(shot.footage)
        read = read_footage(self.store, footage, size_of(self.store, footage))
        return ShotSource(read, shot, footage_transitions(footage))

    def _keep(self, shot: Shot, phrase: str, boxes: np.ndarray, there: np.ndarray, own: tuple[int, int]) -> Box:
        """Write keys beside what is drawn, in its pixels."""

        def change(control: Control | None) -> Control:
            drawn = control or Control(width=own[0], height=own[1])
            scale = np.array([drawn.width, drawn.height] * 2) / [*own, *own]
            made = Box(phrase=phrase, keys=keys_of(range(shot.start, shot.end), boxes * scale, there))
            boxed = [*(box for box in drawn.boxes if box.phrase.strip() != phrase.strip()), made]
            if len(boxed) > 1 and not all(box.phrase.strip() for box in boxed):
                raise UsageError(
                    f"{shot.id} has several boxes then, and one of them no phrase; say with --phrase what it is"
                )
            return drawn.model_copy(update={"boxes": boxed})

        return self.store.change_control(shot.id, change).boxes[-1]


def _numbers(box: tuple[float, ...]) -> str:
    return ",".join(f"{value:g}" for value in box)
