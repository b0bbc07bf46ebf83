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

from v2v_studio.errors import ProjectError, UsageError, unknown
from v2v_studio.flow.picture import arrows, colour_wheel, warped_grid, with_legend
from v2v_studio.flow.turned import backwards
from v2v_studio.media.flo import write_flo
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.writer import Written, write_video
from v2v_studio.motion.base import MOTION
from v2v_studio.params import parse_params
from v2v_studio.project.cache import FlowCache
from v2v_studio.project.records import Footage, Shot
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.boxes import Boxing
from v2v_studio.studio.control import drawn_on
from v2v_studio.studio.desk import Tell, silent, told
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.studio.legs import Leg
from v2v_studio.studio.moves import AS_MADE, Adjustment, file_name, kept_moves, take_in_moves
from v2v_studio.studio.request import Ask, Request, made_field, request_for
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.run import motions
from v2v_studio.tracks.table import TRACKS, set_up
from v2v_studio.tracks.windows import windows
from v2v_studio.types import Anchor, Array, BoxSequence, Drawn, FlowField

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


class Moving(Boxing):
    """The verb `motion`."""

    def motion(
        self,
        name: str,
        path: Path,
        options: Mapping[str, Any] | None = None,
        on_progress: Tell = silent,
        track: str | None = None,
        adjustment: Adjustment = AS_MADE,
    ) -> Written:
        """Write a video of a shot's motion: arrows on the footage, and the motion from the frame before as colours.

        Colours are those of the colour wheel of Baker et al. 2007 (legend in the corner); what the first frame cannot
        show is dark. Of a track that moves by boxes, it is the boxes on the footage.

        Args:
            track: whose motion, with its options; the footage's own where not given.
            adjustment: what is done to a track's motion.

        Raises:
            ProjectError: the shot has one frame only, or no first frame that a track could move.
            UsageError: the track's motion is none of pixels.
        """
        shot = self._moving(name)
        if boxed(track):
            return Written(self.show_boxes(name, path, on_progress), shot.end - shot.start, ())
        since = self._painted(shot) if track else shot.start
        followed = self._followed(shot, since, shot.end - 1, options, track, adjustment)
        pictures = (picture(frame, motion.step[0], motion.visible[0]) for frame, motion in followed)  # type: ignore[index]
        rate = Fraction(self.store.footage(shot.footage).rate)
        return write_video(path, told(pictures, shot.end - since - 1, on_progress), rate)

    def preview_motion(
        self,
        name: str,
        path: Path,
        number: int | None = None,
        options: Mapping[str, Any] | None = None,
        on_progress: Tell = silent,
        track: str | None = None,
        adjustment: Adjustment = AS_MADE,
    ) -> Preview:
        """Write one picture (PNG) of how the shot's first frame has moved by a frame: as colours, as arrows, as a grid.

        Of a track that moves by boxes, the boxes on that frame.

        Args:
            number: the frame, from 1001; halfway to the farther end of the shot where not given.
            track: whose motion, with its options; the footage's own where not given.
            adjustment: what is done to a track's motion.

        Raises:
            ProjectError: the shot has one frame only, or no first frame that a track could move.
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
        if boxed(track):
            shown = self.show_boxes(name, path, on_progress, shot.number(frame))
            return Preview(shown, name, shot.number(frame), shot.number(since), track or "")
        followed = self._followed(shot, since, frame, options, track, adjustment)
        for seen, motion in told(followed, abs(frame - since), on_progress):
            last = seen, motion
        made = Preview(path, name, shot.number(frame), shot.number(since), self._estimator(options, track))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, three_views(*last, made))
        return made

    def export_motion(
        self,
        name: str,
        folder: Path,
        track: str,
        options: Mapping[str, Any] | None = None,
        adjustment: Adjustment = AS_MADE,
        on_progress: Tell = silent,
    ) -> int:
        """Write the motion that a track makes, one .flo a frame, to be edited and given to `ask`. Returns how many.

        Raises:
            ProjectError: the shot has one frame only, or no first frame that the track could move.
            UsageError: the track makes no motion.
        """
        shot = self._moving(name)
        check_made(track)
        request = self._request(shot, track, options or {}, adjustment)
        folder.mkdir(parents=True, exist_ok=True)
        everything = ((leg, made) for leg in request.legs for made in self._made(request, leg, adjustment))
        count = sum(leg.length for leg in request.legs)
        for leg, (index, _, motion) in told(everything, count, on_progress):
            write_flo(folder / file_name(shot, leg.start, leg.start + leg.sign * index), motion.displacement[0])
        return count

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

    def _estimator(self, options: Mapping[str, Any] | None, track: str | None) -> str:
        """The motion source and its options, as a recipe has them; of a track, its name."""
        if track:
            return track
        chosen = self._params(options).model_dump(exclude_none=True)
        return f"{SOURCE} " + " ".join(f"{key}={str(value)[:12]}" for key, value in chosen.items())

    def _followed(
        self,
        shot: Shot,
        since: int,
        until: int,
        options: Mapping[str, Any] | None,
        track: str | None,
        adjustment: Adjustment,
    ) -> Iterator[tuple[Array, FlowField]]:
        """Every frame after `since` up to `until`, forwards or backwards in time, with its motion against `since`."""
        if track:
            yield from self._moved(
                shot, since, until, self._request(shot, track, options or {}, adjustment), adjustment
            )
            return
        if adjustment != AS_MADE:
            raise UsageError("only motion that is made can be changed; name its track, as in --track animate")
        frames = self._frames_since(shot, self.store.footage(shot.footage), since, until > since)
        first = next(frames)
        opened = MOTION.load(SOURCE)().open(Anchor(first, first), self._params(options))
        stream = windows(first, islice(frames, abs(until - since)), length=1)
        yield from ((window.frames[0], motion) for window, motion in motions(opened, stream))

    def _request(self, shot: Shot, track: str, options: Mapping[str, Any], adjustment: Adjustment) -> Request:
        """What a render of the track would be asked for.

        Raises:
            ProjectError: the shot has no first frame.
            UsageError: something is to be done to motion that the footage has.
        """
        if shot.first_frame is None:
            raise ProjectError(f"{shot.id} has no first frame that could move; make one with: v2v stylize {shot.id}")
        if adjustment != AS_MADE:
            check_made(track)
        setup = set_up(track, options, self.store.project().defaults.seed)
        given = take_in_moves(self.store, shot, self.size(shot), adjustment.given) if adjustment.given else None
        return request_for(self.store, shot, setup, Ask(moves=given))

    def _moved(
        self, shot: Shot, since: int, until: int, request: Request, adjustment: Adjustment
    ) -> Iterator[tuple[Array, FlowField]]:
        """The same by a track's motion, all of which is kept for its render: what is made up is made up once."""
        leg = next(leg for leg in request.legs if leg.start == since and (leg.sign > 0) == (until > since))
        before: FlowField | None = None
        for index, frame, motion in self._made(request, leg, adjustment):
            if index <= abs(until - since):
                yield frame, backwards(motion, before)
            before = motion

    def _made(self, request: Request, leg: Leg, adjustment: Adjustment) -> Iterator[tuple[int, Array, FlowField]]:
        """Every frame of a leg with its motion by the track: its index from the first frame, and its footage."""
        store, shot, first = self.store, request.shot, request.firsts[leg.anchor]
        stream = self._frames_since(shot, request.footage, leg.start, leg.sign > 0)
        footage = next(stream)
        follows = MOTION.load(request.setup.track.motion).drawn
        drawn = drawn_on(store, shot.id, request.size, leg.frames, follows) if follows else Drawn()
        anchor = Anchor(footage, read_png(store.first_frame_image(first)), drawn)
        opened = MOTION.load(request.setup.track.motion)().open(anchor, request.setup.motion_params)
        cache = (
            kept_moves(store, shot.id, request.moves.sha256, leg.start, leg.direction)
            if request.moves
            else FlowCache(store.cache("flow"), request.motion_fingerprint(leg.start, leg.direction))
        )
        change = adjustment.on(request.size) if adjustment != AS_MADE else lambda motion: motion
        for window, motion in motions(opened, windows(footage, islice(stream, leg.length), length=1), cache=cache):
            if not isinstance(motion, FlowField):
                raise UsageError(
                    f"what track '{request.setup.track.name}' moves by is no motion of pixels, so there is none to show: "
                    "render it"
                )
            yield window.start, window.frames[0], change(motion)

    def _frames_since(self, shot: Shot, footage: Footage, since: int, forwards: bool) -> Iterator[Array]:
        """The shot's frames from one on, at working size."""
        read = read_footage(self.store, footage, size_of(self.store, footage))
        source = ShotSource(read, shot, footage_transitions(footage))
        return (source.forwards if forwards else source.backwards)(since)


def check_made(track: str) -> None:
    """UsageError for a track whose motion is found in the footage, or is no flow."""
    if track not in TRACKS:
        raise unknown("track", track, TRACKS)
    if not made_field(MOTION.load(TRACKS[track].motion)):
        able = [name for name, one in TRACKS.items() if made_field(MOTION.load(one.motion))]
        raise UsageError(
            f"track '{track}' makes no motion that could be changed or written; these do: {', '.join(able)}"
        )


def boxed(track: str | None) -> bool:
    """Whether a track moves by boxes."""
    return track in TRACKS and MOTION.load(TRACKS[track].motion).gives == (BoxSequence,)


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
