"""Suggest: where one more first frame would help, from the motion alone, before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count as counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from v2v_studio.media.frames import fit, write_png
from v2v_studio.metrics.coverage import greedy, pixels_in
from v2v_studio.metrics.coverage_picture import Curve, coverage_picture
from v2v_studio.project.records import Shot
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.footage import read_footage
from v2v_studio.studio.survey import Survey, spread
from v2v_studio.timeline.source import ShotSource

SIDE = 320  # pixels of the longer side, at most, that frames are followed at
GRID = 12  # frames looked from at first
SECONDS = 0.22e-6  # of one core, for every pixel that is looked for


@dataclass(frozen=True)
class Suggestion:
    """One more first frame.

    Attributes:
        frame: its number, from 1001.
        covers: share of the pixels now unseen that it shows, and no suggestion before it does.
        unseen_before, unseen_after: share of all pixels of the shot that no first frame shows.
        curve: (frame number, share of its pixels unseen), with this suggestion and those before it.
    """

    frame: int
    covers: float
    unseen_before: float
    unseen_after: float
    curve: Curve


class Suggesting(Desk):
    """The verb `suggest`."""

    def suggest(
        self, name: str, count: int = 3, picture: Path | None = None, on_progress: Tell = silent
    ) -> list[Suggestion]:
        """Frames of a shot to make further first frames of, best first; fewer where no frame shows anything new.

        A dozen frames over the shot are looked from, then those halfway between the best of them and their neighbours.
        Motion is a draft's, on small frames. A shot that has no first frame yet is wholly unseen.

        Args:
            count: how many frames.
            picture: write the unseen share of every frame, now and after each suggestion, as a PNG here.
        """
        shot = self.store.shot(name)
        now, survey = self._painted_on(shot), self._survey(shot)
        steps, work = counter(1), 4 * len(survey.frames)  # two looks, two ways each
        survey.look_from({*spread(survey.frames, GRID), *now}, lambda: on_progress(next(steps), work))
        best = [frame for frame, _ in chosen(survey, now, count)]
        survey.look_from(halfway(survey.masks, best), lambda: on_progress(next(steps), work))
        picks = chosen(survey, now, count)
        unseen = [pixels_in(survey.unseen(now)), *(after for _, after in picks)]
        numbers = [shot.number(frame) for frame in survey.counted]
        curves = [list(zip(numbers, (pixels / survey.pixels).tolist(), strict=True)) for pixels in unseen]
        made = [
            Suggestion(
                shot.number(frame),
                float((before - after).sum() / unseen[0].sum()),
                float(before.mean() / survey.pixels),
                float(after.mean() / survey.pixels),
                curve,
            )
            for (frame, after), before, curve in zip(picks, unseen, curves[1:], strict=False)
        ]
        if picture:
            captions = ["now", *(f"with {suggestion.frame}" for suggestion in made)]
            write_png(picture, coverage_picture(dict(zip(captions, curves, strict=True))))
        return made

    def suggest_seconds(self, name: str, count: int = 3) -> float:
        """About how long `suggest` takes, in seconds of one core."""
        shot = self.store.shot(name)
        width, height = self._surveyed_size(shot)
        frames = shot.end - shot.start
        return (min(GRID, frames) + 2 * count) * frames * width * height * SECONDS

    def _painted_on(self, shot: Shot) -> list[int]:
        """Footage frames of the shot that its first frames were made of."""
        names = [shot.first_frame, *shot.further] if shot.first_frame else []
        frames = [self.store.first_frame(shot.id, name).frame for name in names]
        return [frame for frame in frames if shot.start <= frame < shot.end]

    def _surveyed_size(self, shot: Shot) -> tuple[int, int]:
        return fit(self.size(shot), (SIDE, SIDE))

    def _survey(self, shot: Shot) -> Survey:
        size = self._surveyed_size(shot)
        source = ShotSource(read_footage(self.store, self.store.footage(shot.footage), size), shot, [])
        return Survey(source, range(shot.start, shot.end), size)


def chosen(survey: Survey, now: Iterable[int], count: int) -> list[tuple[int, np.ndarray]]:
    """The frames that show the most of what those of `now` do not, and after each the pixels of every frame unseen."""
    frames = sorted(survey.masks)
    choices = greedy(survey.unseen(now), [survey.masks[frame] for frame in frames], count)
    return [(frames[choice.index], choice.unseen) for choice in choices]


def halfway(frames: Iterable[int], best: Iterable[int]) -> set[int]:
    """Frames between the best of some and their neighbours on either side.

    Example:
        >>> sorted(halfway([0, 10, 20, 30], [10]))
        [5, 15]
    """
    pairs = pairwise(sorted(frames))
    near = set(best)
    return {(left + right) // 2 for left, right in pairs if right - left > 1 and near & {left, right}}
