"""Motion: what the studio believes moves, as a video or as one picture to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.flow.picture import arrows, colour_wheel, warped_grid, with_legend
from v2v_studio.media.frames import write_png
from v2v_studio.media.writer import Written, write_video
from v2v_studio.motion.base import MOTION
from v2v_studio.params import parse_params
from v2v_studio.project.records import Shot
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk, Tell, silent, told
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.run import motions
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, Array, FlowField

SOURCE = "estimate"
LONGEST = 4.0  # pixels at full colour, at least: noise stays pale


@dataclass(frozen=True)
class Preview:
    """A picture of the motion between two frames of a shot: where it is, and what made the motion."""

    path: Path
    shot: str
    frame: int
    since: int
    estimator: str


class Moving(Desk):
    """The verb `motion`."""

    def motion(
        self, name: str, path: Path, options: Mapping[str, Any] | None = None, on_progress: Tell = silent
    ) -> Written:
        """Write a video of a shot's motion: arrows on the footage, and the motion from the frame before as colours.

        Colours are those of the colour wheel of Baker et al. 2007 (legend in the corner); what the first frame cannot
        show is dark.

        Raises:
            ProjectError: the shot has one frame only.
        """
        shot = self._moving(name)
        followed = self._followed(shot, shot.start, shot.end - 1, options)
        pictures = (picture(frame, motion.step[0], motion.visible[0]) for frame, motion in followed)  # type: ignore[index]
        rate = Fraction(self.store.footage(shot.footage).rate)
        return write_video(path, told(pictures, shot.end - shot.start - 1, on_progress), rate)

    def preview_motion(
        self,
        name: str,
        path: Path,
        number: int | None = None,
        options: Mapping[str, Any] | None = None,
        on_progress: Tell = silent,
    ) -> Preview:
        """Write one picture (PNG) of how the shot's first frame has moved by a frame: as colours, as arrows, as a grid.

        Args:
            number: the frame, from 1001; halfway to the farther end of the shot where not given.

        Raises:
            ProjectError: the shot has one frame only.
            UsageError: the shot has no such frame, or it is the first frame itself.
        """
        shot = self._moving(name)
        since = self._painted(shot)
        frame = shot.frame(number) if number is not None else halfway(shot, since)
        if not shot.start <= frame < shot.end or frame == since:
            raise UsageError(
                f"{name} has frames {shot.number(shot.start)} to {shot.number(shot.end - 1)}, and motion is measured from "
                f"{shot.number(since)}; choose another of them than {number}"
            )
        for seen, motion in told(self._followed(shot, since, frame, options), abs(frame - since), on_progress):
            last = seen, motion
        made = Preview(path, name, shot.number(frame), shot.number(since), self._estimator(options))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, three_views(*last, made))
        return made

    def _moving(self, name: str) -> Shot:
        shot = self.store.shot(name)
        if shot.end - shot.start < 2:
            raise ProjectError(f"{name} has one frame, so nothing moves in it")
        return shot

    def _painted(self, shot: Shot) -> int:
        """The frame that motion is measured from: the one the selected first frame was painted on, else the shot's first."""
        if shot.first_frame is None:
            return shot.start
        painted = self.store.first_frame(shot.id, shot.first_frame).frame
        return painted if shot.start <= painted < shot.end else shot.start

    def _params(self, options: Mapping[str, Any] | None) -> BaseModel:
        return parse_params(MOTION.load(SOURCE).Params, options or {}, f"motion '{SOURCE}'")

    def _estimator(self, options: Mapping[str, Any] | None) -> str:
        """The motion source and its options, as a recipe has them."""
        chosen = self._params(options).model_dump(exclude_none=True)
        return f"{SOURCE} " + " ".join(f"{key}={str(value)[:12]}" for key, value in chosen.items())

    def _followed(
        self, shot: Shot, since: int, until: int, options: Mapping[str, Any] | None
    ) -> Iterator[tuple[Array, FlowField]]:
        """Every frame after `since` up to `until`, forwards or backwards in time, with its motion against `since`."""
        footage = self.store.footage(shot.footage)
        read = read_footage(self.store, footage, size_of(self.store, footage))
        source = ShotSource(read, shot, footage_transitions(footage))
        frames = (source.forwards if until > since else source.backwards)(since)
        first = next(frames)
        opened = MOTION.load(SOURCE)().open(Anchor(first, first), self._params(options))
        stream = windows(first, islice(frames, abs(until - since)), length=1)
        yield from ((window.frames[0], motion) for window, motion in motions(opened, stream))


def halfway(shot: Shot, since: int) -> int:
    """The frame halfway from one frame to the farther end of the shot; never that frame itself."""
    far = shot.end - 1 if shot.end - 1 - since >= since - shot.start else shot.start
    return (since + far + 1) // 2 if far > since else (since + far) // 2


def picture(frame: Array, step: Array, visible: Array) -> Array:
    """One frame of the video: the frame with arrows, and beside it the motion as colours."""
    to_here = -step  # for the eye only: where things went, not where they came from
    return np.concatenate([arrows(frame, to_here), coloured(to_here, visible)], axis=2)


def three_views(frame: Array, motion: FlowField, made: Preview) -> Array:
    """The picture of a preview: colour wheel, arrows and warped grid side by side."""
    displacement, visible = motion.displacement[-1], motion.visible[-1]
    to_here, side = -displacement, min(frame.shape[1:])  # for the eye only
    moved, spacing = longest(displacement, visible), max(24, side // 9)
    share = min(1.0, 1.5 * spacing / max(moved, 1.0))  # of an arrow's length, so that arrows do not hide each other
    cells = [
        Cell(coloured(to_here, visible), f"moved since {made.since}, up to {moved:.0f} px"),
        Cell(
            arrows(frame, to_here * np.float32(share) * (visible > 0.5), spacing),
            "arrows" if share == 1 else f"arrows at {share:.0%} of their length",
        ),
        Cell(warped_grid(frame, displacement, visible[0], max(16, side // 16)), f"a grid drawn on {made.since}"),
    ]
    title = f"{made.shot}  {made.since} to {made.frame}  {made.estimator}"
    return sheet([cells], min(max(frame.shape[1], 180), 540), title)


def coloured(motion: Array, visible: Array) -> Array:
    """Motion as colours with the wheel in the corner; dark where it is not visible."""
    colours = colour_wheel(motion, max(LONGEST, longest(motion, visible)))
    return with_legend(colours * (0.25 + 0.75 * visible))


def longest(motion: Array, visible: Array) -> float:
    """Pixels that what is visible has moved at most, a hundredth of it left out: single wrong vectors are long."""
    lengths = np.hypot(*motion)[visible[0] > 0.5]
    return float(np.percentile(lengths, 99)) if lengths.size else 0.0
