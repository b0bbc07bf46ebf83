"""Motion: what the studio believes moves, as a video to look at."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from v2v_studio.errors import ProjectError
from v2v_studio.flow.picture import arrows, colour_wheel
from v2v_studio.media.writer import Written, write_video
from v2v_studio.motion.base import MOTION
from v2v_studio.params import parse_params
from v2v_studio.studio.desk import Desk, Tell, silent, told
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, Array


class Moving(Desk):
    """The verb `motion`."""

    def motion(self, name: str, path: Path, quality: str = "final", on_progress: Tell = silent) -> Written:
        """Write a video of a shot's motion: arrows on the footage, and the motion from the frame before as colours.

        Colours are those of the colour wheel of Baker et al. 2007 (legend in the corner); what the first frame cannot
        show is dark.

        Raises:
            ProjectError: the shot has one frame only.
        """
        shot = self.store.shot(name)
        if shot.end - shot.start < 2:
            raise ProjectError(f"{name} has one frame, so nothing moves in it")
        footage = self.store.footage(shot.footage)
        read = read_footage(self.store, footage, size_of(self.store, footage))
        first, *_ = read(shot.start, shot.start + 1)
        source = MOTION.load("estimate")()
        params = parse_params(source.Params, {"quality": quality}, "motion 'estimate'")
        opened = source.open(Anchor(first, first), params)

        def pictures() -> Iterator[Array]:
            before = None
            for window in windows(first, read(shot.start + 1, shot.end), length=1):
                before = opened.motion(window, before)
                yield picture(window.frames[0], before.step[0], before.visible[0])

        count = shot.end - shot.start - 1
        return write_video(path, told(pictures(), count, on_progress), Fraction(footage.rate))


def picture(frame: Array, step: Array, visible: Array) -> Array:
    """One frame of the video: the frame with arrows, and beside it the motion as colours."""
    to_here = -step  # for the eye only: where things went, not where they came from
    colours = colour_wheel(to_here, longest=max(4.0, float(np.hypot(*to_here).max())), legend=True)
    return np.concatenate([arrows(frame, to_here), colours * (0.25 + 0.75 * visible)], axis=2)
