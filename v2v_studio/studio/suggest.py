"""Suggest: where one more first frame would help, from the motion alone, before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.flow.longrange import followed_size
from v2v_studio.media.frames import fit, write_png
from v2v_studio.metrics.coverage import Choice
from v2v_studio.metrics.coverage_picture import Curve, coverage_picture
from v2v_studio.motion.base import MOTION
from v2v_studio.motion.estimate import Estimate, EstimateParams
from v2v_studio.project.atomic import read_json, write_json
from v2v_studio.project.cache import FlowCache
from v2v_studio.project.records import FirstFrame, Shot
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.footage import read_footage
from v2v_studio.studio.request import Request
from v2v_studio.studio.survey import Direction, Follow, Survey, View, spread
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.table import Setup, set_up
from v2v_studio.types import Anchor, Array

SIDE = 320  # pixels of the longer side, at most, that candidates are looked for at
GRID = 12  # frames looked from at first
ROUNDS = 2  # further looks, from candidates that come up once the first ones are known exactly
SECONDS = {"draft": 0.22e-6, "final": 0.9e-6}  # of one core, for every pixel that is followed to one more frame
RAFT_SECONDS = 4e-6  # instead, where a network estimates


@dataclass(frozen=True)
class Suggestion:
    """One more first frame.

    Attributes:
        frame: its number, from 1001.
        covers: by how much the unseen pixels become fewer with it, as a share of those unseen now.
        unseen_before, unseen_after: share of all pixels of the shot that are unseen in a take without it, and with it.
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
        self,
        shot: str,
        count: int = 3,
        picture: Path | None = None,
        options: Mapping[str, Any] | None = None,
        on_progress: Tell = silent,
    ) -> list[Suggestion]:
        """Frames of a shot to make further first frames of, best first; fewer where no frame shows anything new.

        Candidates are looked for on small frames with a draft's motion: a dozen over the shot, then those halfway between
        the best of them and their neighbours. The best are then followed with the motion that a render with the same
        options has, which is kept for it; so what is said of them is what the take measures. A shot that has no first
        frame yet is wholly unseen.

        Args:
            count: how many frames.
            picture: write the unseen share of every frame, now and after each suggestion, as a PNG here.
            options: of the project's track, as for a render.

        Raises:
            UsageError: the picture would be no .png, in no folder, or in the place of footage.
        """
        if picture:
            self._check_curve_file(picture)
        one, setup = self.store.shot(shot), self._setup(options)
        rough, exact = self._rough(one), self._exact(one, setup)
        work = Work(expected(rough, exact, count), on_progress)
        scout(rough, count, work)
        choices = settled(rough, exact, count, work)
        unseen = [exact.unseen_pixels(exact.now), *(choice.unseen for choice in choices)]
        numbers = [one.number(frame) for frame in exact.counted]
        curves = [list(zip(numbers, (pixels / exact.pixels).tolist(), strict=True)) for pixels in unseen]
        made = [
            Suggestion(
                one.number(choice.frame),
                float((before - choice.unseen).sum() / unseen[0].sum()),
                float(before.mean() / exact.pixels),
                float(choice.unseen.mean() / exact.pixels),
                curve,
            )
            for choice, before, curve in zip(choices, unseen, curves[1:], strict=False)
        ]
        captions = ["now", *(f"with {suggestion.frame}" for suggestion in made)]
        drawn = coverage_picture(dict(zip(captions, curves, strict=True)))
        if picture:
            write_png(picture, drawn)
        self._note(self._kept(one, setup, count), made, drawn)
        work.end()
        return made

    def suggested(
        self, shot: str, count: int = 3, options: Mapping[str, Any] | None = None
    ) -> tuple[list[Suggestion], Path] | None:
        """What `suggest` said last of the shot as it stands, and its picture; None where it was not asked that."""
        kept = self._kept(self.store.shot(shot), self._setup(options), count)
        if not kept.exists():
            return None
        rows = read_json(kept)["suggestions"]
        made = [Suggestion(**{**row, "curve": [tuple(point) for point in row["curve"]]}) for row in rows]
        return made, kept.with_suffix(".png")

    def _kept(self, shot: Shot, setup: Setup, count: int) -> Path:
        """The file of what was suggested: named by all that decides it."""
        motion = {key: value for key, value in setup.describe().items() if key.startswith("motion")}
        footage, span = self.store.footage(shot.footage).sha256, [shot.start, shot.end]
        asked = {"count": count, "now": self._painted_on(shot), "size": self.size(shot), **motion}
        name = fingerprint({"footage": footage, "span": span, **asked})
        return self.store.cache("suggestions", f"{name[:32]}.json")

    def _note(self, file: Path, made: Sequence[Suggestion], drawn: Array) -> None:
        file.parent.mkdir(exist_ok=True)
        write_png(file.with_suffix(".png"), drawn)
        write_json(file, {"suggestions": [asdict(suggestion) for suggestion in made]})

    def suggest_seconds(self, name: str, count: int = 3, options: Mapping[str, Any] | None = None) -> float:
        """About how long `suggest` takes, in seconds of one core; less where motion is known from renders."""
        shot = self.store.shot(name)
        return expected(self._rough(shot), self._exact(shot, self._setup(options)), count)

    def _check_curve_file(self, path: Path) -> None:
        """Before the work is done for it."""
        if path.suffix.lower() != ".png" or not path.parent.is_dir():
            raise UsageError(f"{path} cannot be written; give a name that ends in .png, in a folder that is there")
        self.spare_footage(path)

    def _setup(self, options: Mapping[str, Any] | None) -> Setup:
        """That of a render with these options. UsageError where its motion is not the footage's own."""
        defaults = self.store.project().defaults
        setup = set_up(defaults.track, {**defaults.params, **(options or {})}, defaults.seed)
        if not setup.follows:
            raise UsageError(
                f"track '{defaults.track}' does not follow the footage pixel by pixel, so no frame of it shows what another "
                "lacks; suggest is for tracks such as restyle"
            )
        return setup

    def _painted_on(self, shot: Shot) -> list[int]:
        """Footage frames of the shot that its first frames were made of."""
        names = [shot.first_frame, *shot.further] if shot.first_frame else []
        frames = [self.store.first_frame(shot.id, name).frame for name in names]
        return [frame for frame in frames if shot.start <= frame < shot.end]

    def _rough(self, shot: Shot) -> Survey:
        """By the motion of a draft, on small frames."""
        params = EstimateParams(quality="draft")

        def follow(frame: int, direction: Direction, picture: Array) -> View:
            return View(Estimate().open(Anchor(picture, picture), params))

        return self._survey(shot, fit(self.size(shot), (SIDE, SIDE)), params, follow)

    def _exact(self, shot: Shot, setup: Setup) -> Survey:
        """By the motion of a render, which is kept where the render looks for it."""
        any_look = FirstFrame.model_construct(frame=shot.start, sha256="")  # of which motion knows nothing
        request = Request(shot, self.store.footage(shot.footage), (any_look,), setup, self.size(shot))
        params = EstimateParams.model_validate(setup.motion_params.model_dump())
        source, folder = MOTION.load(setup.track.motion)(), self.store.cache("flow")

        def follow(frame: int, direction: Direction, picture: Array) -> View:
            cache = FlowCache(folder, request.motion_fingerprint(frame, direction))
            return View(source.open(Anchor(picture, picture), params), cache)

        return self._survey(shot, request.size, params, follow)

    def _survey(self, shot: Shot, size: tuple[int, int], params: EstimateParams, follow: Follow) -> Survey:
        footage = self.store.footage(shot.footage)
        source = ShotSource(read_footage(self.store, footage, size), shot, footage_transitions(footage))
        rate = RAFT_SECONDS if params.flow == "raft" else SECONDS[params.quality]
        height, width = followed_size(size[::-1], params.quality)
        return Survey(source, range(shot.start, shot.end), size, self._painted_on(shot), follow, rate * height * width)


class Work:
    """Progress as hundredths of the seconds that are expected.

    Args:
        expected: seconds of one core.
    """

    def __init__(self, expected: float, tell: Tell) -> None:
        self._expected, self._tell, self._done = expected, tell, 0.0

    def more(self, seconds: float) -> None:
        """So much is still to come, at least."""
        self._expected = max(self._expected, self._done + seconds)

    def add(self, seconds: float) -> None:
        self._done += seconds
        self._tell(min(99, int(100 * self._done / self._expected)), 100)

    def end(self) -> None:
        self._tell(100, 100)


def expected(rough: Survey, exact: Survey, count: int) -> float:
    """Seconds of one core for so many suggestions, where the first candidates remain the best."""
    near = spread(rough.frames, 2 * count)
    roughly = rough.seconds([*spread(rough.frames, GRID), *near])
    return roughly + exact.seconds([*exact.now, *spread(exact.frames, count)])


def scout(rough: Survey, count: int, work: Work) -> None:
    """Look for candidates from frames over the shot, then from those halfway between the best and their neighbours."""
    rough.look_from({*spread(rough.frames, GRID), *rough.now}, work.add)
    best = [choice.frame for choice in rough.chosen(rough.now, count)]
    rough.look_from(halfway(rough.masks, best), work.add)


def settled(rough: Survey, exact: Survey, count: int, work: Work) -> list[Choice]:
    """The greedy choice among candidates that are known exactly.

    What comes next by the rough survey after each of the chosen is looked from too, until that is nothing new.
    """
    now = exact.now
    wanted = {*now, *(choice.frame for choice in rough.chosen(now, count))}
    for _ in range(1 + ROUNDS):
        work.more(exact.seconds(wanted))
        exact.look_from(wanted, work.add)
        choices = exact.chosen(now, count)
        so_far = [{*now, *(choice.frame for choice in choices[:taken])} for taken in range(count)]
        wanted = {choice.frame for taken in so_far for choice in rough.chosen(taken, 1)} - exact.masks.keys()
        if not wanted:
            break
    return choices


def halfway(frames: Iterable[int], best: Iterable[int]) -> set[int]:
    """Frames between the best of some and their neighbours on either side.

    Example:
        >>> sorted(halfway([0, 10, 20, 30], [10]))
        [5, 15]
    """
    pairs = pairwise(sorted(frames))
    near = set(best)
    return {(left + right) // 2 for left, right in pairs if right - left > 1 and near & {left, right}}
