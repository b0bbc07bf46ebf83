"""One shot rendered frame by frame into a take in the making, or a stretch of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from v2v_studio.media.frames import from_uint8, is_whole_png, read_png, to_uint8, write_png
from v2v_studio.media.writer import write_preview
from v2v_studio.metrics.picture import strip
from v2v_studio.metrics.take import TakeMetrics
from v2v_studio.motion.base import MOTION
from v2v_studio.motion.estimate import EstimateParams
from v2v_studio.project.cache import FlowCache
from v2v_studio.project.partial import PartialTake, UnderWay
from v2v_studio.project.records import Take
from v2v_studio.project.store import Store
from v2v_studio.studio.ahead import mark, suffix
from v2v_studio.studio.carry import Inherited, carry_file
from v2v_studio.studio.control import drawn_on
from v2v_studio.studio.footage import read_footage
from v2v_studio.studio.job_report import Report
from v2v_studio.studio.legs import Leg
from v2v_studio.studio.mask import ShotMasks
from v2v_studio.studio.moves import kept_moves
from v2v_studio.studio.origin import now, versions
from v2v_studio.studio.request import Request, motion_fingerprint
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.blend import faded, mixed, share_of_later, sources
from v2v_studio.tracks.run import MotionCache, Pass, Progress, Step
from v2v_studio.tracks.seam import Seam, seams, steadied
from v2v_studio.types import Anchor, Array, Drawn, FlowField, Motion

AT_IT = 0.5  # seconds between two looks whether another worker is at a stretch still
ENDS = (0, "backward"), (-1, "forward")  # first frame and direction of the legs to a take's first and last frame


def shown_of(motion: Motion) -> Array:
    """(H, W), how surely the first frame shows each pixel of a frame: wholly where the motion does not say."""
    return motion.visible[0, 0] if isinstance(motion, FlowField) else np.ones(motion.size, np.float32)


class ShotRender:
    """One shot being rendered into a partial take, frame by frame."""

    def __init__(self, store: Store, request: Request, making: PartialTake, report: Report) -> None:
        self.store, self.request, self.partial, self.report = store, request, making, report
        read = read_footage(store, request.footage, request.size)
        self.source = ShotSource(read, request.shot, footage_transitions(request.footage))
        self.anchors = [
            Anchor(self.source.frame(first.frame), read_png(store.first_frame_image(first))) for first in request.firsts
        ]
        self.masks = self._masks()
        self.seams = seams(request.wanted, request.extent) if request.span else []
        self.text = {"v2v": json.dumps(request.recipe, sort_keys=True)}
        self.began = time.monotonic()

    def run(self) -> Take:
        """Every frame, then metrics and preview; what is there already, and whole, is not made again."""
        self._unless_torn(self.partial)
        self._link_parent()
        self._take_up()
        for seam in self.seams:
            self._keep_parents_side(seam)
        if self.masks:
            self.masks.carry(*self.request.wanted)
        self._count()
        self._first_frames(range(len(self.anchors)))
        for number, legs in enumerate(self.request.stretches):
            if number:
                self._take_in(number)
            for leg in legs:
                self._leg(leg)
        self._write_metrics()
        self._hand_on()
        return self._finish()

    def make_ahead(self, stretch: int) -> None:
        """One stretch and nothing else."""
        self._unless_torn(self.partial)
        self._count()
        legs = self.request.stretches[stretch]
        self._first_frames({leg.anchor for leg in legs})
        for leg in legs:
            self._leg(leg)

    def _take_in(self, stretch: int) -> None:
        """What another worker made of a stretch ahead of this job; waits for one that is at it."""
        request = self.request
        self.partial.save_state(mark(stretch), {})
        while True:
            try:
                with self.store.open_partial(request.shot.id, request.fingerprint, AT_IT, suffix(stretch)) as ahead:
                    self._unless_torn(ahead)
                    self.partial.take_in(ahead)
                return self._count()
            except UnderWay:
                self.report.done(self.done)

    @staticmethod
    def _unless_torn(partial: PartialTake) -> None:
        """Nothing is gone on from where a picture is torn: by a power cut, as a kill tears nothing."""
        if not all(map(is_whole_png, partial.pictures())):
            partial.start_again()

    def _count(self) -> None:
        """Tell how many frames there are."""
        self.done = sum(self._wants(frame) for frame in map(self.request.shot.frame, self.partial.frames()))
        self.report.done(self.done)

    def _first_frames(self, which: Iterable[int]) -> None:
        """Each first frame as the frame that it was painted on."""
        for anchor in which:
            frame = self.request.firsts[anchor].frame
            if self._wants(frame) and self._number(frame) not in self.partial.frames():
                styled = self.anchors[anchor].styled
                sure = np.ones(styled.shape[1:], np.float32)
                self._write_source(frame, sources(anchor, anchor, 0 * sure, sure))  # before the frame that is asked for
                self._write(frame, self.anchors[anchor].source, styled, sure)

    def _masks(self) -> ShotMasks | None:
        request, mask = self.request, self.request.mask
        if mask is None:
            return None
        params = EstimateParams.model_validate(request.setup.motion_params.model_dump())
        motion = partial(self._motion, mask.frame)
        return ShotMasks(self.store, request.shot, mask, self.source, self.partial, motion, params)

    def _motion(self, frame: int, direction: str) -> MotionCache:
        """Where the motion against a footage frame is kept."""
        request, folder = self.request, self.store.cache("flow")
        if request.moves:
            return kept_moves(self.store, request.shot.id, request.moves.sha256, frame, direction)
        own = FlowCache(folder, request.motion_fingerprint(frame, direction))
        if request.kept is None or not request.kept[0] <= frame < request.kept[1]:
            return own
        assert request.parent
        if request.parent.span:  # its motion may be of another quality
            return own
        before = FlowCache(folder, motion_fingerprint(request.parent.recipe, frame, direction))
        until = request.kept[1] - 1 - frame if direction == "forward" else frame - request.kept[0]
        return Inherited(own, before, until)

    def _wants(self, frame: int) -> bool:
        return self.request.makes(frame)

    def _link_parent(self) -> None:
        """The parent's frames that are not made, the very files."""
        parent, there = self.request.parent, self.partial.frames()
        for frame in range(*self.request.extent) if parent else ():
            if not self._wants(frame) and self._number(frame) not in there:
                assert parent
                number = self._number(frame)
                self.partial.link(self.store.take_frame(parent, frame), self.partial.frame(number))
                traced = self.store.take_folder(parent.shot, parent.id) / "sources" / f"{parent.number(frame):04d}.png"
                if traced.exists():
                    self.partial.link(traced, self.partial.source(number))

    def _take_up(self) -> None:
        """Where the shot grew, go on from where its parent ended, as far as that is known still."""
        parent, kept = self.request.parent, self.request.kept
        if parent is None or kept is None or parent.span:  # a remade range may have been made otherwise
            return
        reaches = kept[0] == parent.first, kept[1] == parent.last
        for (anchor, direction), whole in zip(ENDS, reaches, strict=True):
            name = self.request.name_of(anchor, direction)
            known = carry_file(self.store, parent.fingerprint, name)
            if whole and known.exists() and not self.partial.state(name):
                self.partial.link(known, self.partial.folder / f"{name}.npz")
                self._progress(name, self._motion(self.request.firsts[anchor].frame, direction))  # keeps its motion too

    def _hand_on(self) -> None:
        """Keep what the first and the last frame would hand on, for a take that is longer than this."""
        for name in (self.request.name_of(*end) for end in ENDS):
            state, kept = self.partial.folder / f"{name}.npz", carry_file(self.store, self.request.fingerprint, name)
            if state.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                self.partial.link(state, kept)

    def _leg(self, leg: Leg) -> None:
        request = self.request
        anchor = replace(self.anchors[leg.anchor], drawn=self._drawn(leg))
        cache = self._motion(leg.start, leg.direction)
        name = request.name_of(leg.anchor, leg.direction)
        since = self._progress(name, cache)
        if since.index >= leg.length:
            return
        at = leg.start + leg.sign * since.index
        stream = (self.source.forwards if leg.sign > 0 else self.source.backwards)(at)
        previous = next(stream)
        measure = TakeMetrics(anchor)
        shown = self._shown(at) if self._wants(at) or request.parent else anchor.styled
        frames = islice(stream, leg.length - since.index)
        for step in Pass(request.setup, anchor, lambda: self.report.done(self.done)).steps(
            previous, frames, since, cache
        ):
            for offset, frame in enumerate(step.frames):
                index = leg.start + leg.sign * (step.window.start + offset)
                if leg.aside:
                    self._keep_aside(leg, index, frame, shown_of(step.motion.entry(offset)))
                elif self._wants(index):
                    shown = self._add(leg, index, step, offset, frame, shown, measure)
                elif request.parent:
                    shown = self._shown(index)
            state = {
                "index": np.array(step.progress.index),
                "followed": np.array(isinstance(step.motion, FlowField)),
                **{f"carry_{k}": v for k, v in step.progress.carry.items()},
            }
            self.partial.save_state(name, state)
            self.report.done(self.done)

    def _drawn(self, leg: Leg) -> Drawn:
        """What is drawn that the motion follows, boxes on the frames of the leg."""
        request, follows = self.request, MOTION.load(self.request.setup.track.motion).drawn
        return drawn_on(self.store, request.shot.id, request.size, leg.frames, follows) if follows else Drawn()

    def _keep_aside(self, leg: Leg, index: int, frame: Array, seen: Array) -> None:
        """Frame and visibility in 8 bits, for the leg from the other side to be blended with."""
        if self._wants(index):
            kept = {"frame": to_uint8(frame), "seen": to_uint8(seen)}
            self.partial.save_state(self._aside(leg.anchor, index), kept)

    def _aside(self, anchor: int, index: int) -> str:
        return f"{self.request.firsts[anchor].id}-aside-{self._number(index)}"

    def _add(
        self, leg: Leg, index: int, step: Step, offset: int, frame: Array, before: Array, measure: TakeMetrics
    ) -> Array:
        """Write one frame and its measurements; returns it as it was written."""
        motion = step.motion.entry(offset)
        seen, other = shown_of(motion), leg.anchor if leg.other is None else leg.other
        share = np.zeros_like(seen)
        if leg.other is not None:
            kept = {k: from_uint8(v) for k, v in self.partial.state(self._aside(leg.other, index)).items()}
            along = (index - leg.start) / (self.request.firsts[leg.other].frame - leg.start)
            share = share_of_later(frame, kept["frame"], seen, kept["seen"], along)
            frame, seen = mixed(frame, kept["frame"], share), np.maximum(seen, kept["seen"])
            if isinstance(motion, FlowField):
                motion = replace(motion, visible=seen[None, None])
        source = step.window.frames[offset]
        frame = self._write(index, source, frame, seen)
        self._write_source(index, sources(leg.anchor, other, share, seen))
        self.done += 1
        source_before = step.window.frames[offset - 1] if offset else step.window.previous
        flow = motion if isinstance(motion, FlowField) and motion.step is not None else None
        row = measure.add(source_before, source, before, frame, flow)
        self.partial.add_row({"frame": index, **row})
        return frame

    def _progress(self, name: str, cache: MotionCache) -> Progress:
        """How far an interrupted run had come; from the start where it has to follow motion that is no longer known."""
        state = self.partial.state(name)
        if not state:
            return Progress()
        index = int(state["index"])
        motion = cache.get(index)
        carry = {key.removeprefix("carry_"): value for key, value in state.items() if key.startswith("carry_")}
        return Progress(index, motion, carry) if motion is not None or not state.get("followed", True) else Progress()

    def _finish(self) -> Take:
        request = self.request
        first, last = request.extent
        files = self.partial.frames()
        preview = (read_png(files[self._number(frame)]) for frame in range(request.shot.start, request.shot.end))
        write_preview(self.partial.folder / "preview.mp4", preview, Fraction(request.footage.rate))
        return Take(
            shot=request.shot.id,
            first_frame=request.firsts[0].id,
            further=[further.id for further in request.firsts[1:]],
            parent=request.parent.id if request.parent else None,
            span=request.span,
            first=first,
            last=last,
            anchor=request.firsts[0].frame,
            start=request.shot.start,
            size=request.size,
            fingerprint=request.fingerprint,
            recipe=request.recipe,
            created=now(),
            seconds=round(time.monotonic() - self.began, 3),
            versions=versions(),
        )

    def _write_metrics(self) -> None:
        rows = {row["frame"]: row for row in [*self._rows_of_parent(), *self.partial.rows()]}
        ordered = [rows[frame] for frame in sorted(rows)]
        measured = [{k: v for k, v in row.items() if k != "frame"} for row in ordered]
        summary = TakeMetrics(self.anchors[0], measured).summary()
        frames = [row["frame"] for row in ordered]
        flagged = [{**flag, "frame": frames[flag.pop("index")]} for flag in summary.pop("flags")]  # type: ignore[attr-defined]
        self.partial.write_json(
            "metrics.json", {"schema": "v2v.metrics/1", **summary, "flags": flagged, "rows": ordered}
        )
        if ordered:
            curves = strip(ordered, self._number(frames[0]))
            write_png(self.partial.folder / "metrics.png", curves)

    def _rows_of_parent(self) -> list[dict[str, Any]]:
        parent = self.request.parent
        if parent is None:
            return []
        kept = json.loads((self.store.take_folder(parent.shot, parent.id) / "metrics.json").read_text())["rows"]
        return [row for row in kept if row["frame"] in range(*self.request.extent) and not self._wants(row["frame"])]

    def _shown(self, index: int) -> Array:
        return read_png(self.partial.frame(self._number(index)))

    def _write_source(self, index: int, picture: Array) -> None:
        write_png(self.partial.source(self._number(index)), picture)

    def _write(self, index: int, source: Array, frame: Array, seen: Array) -> Array:
        """Write a frame, masked, and at the ends of a range gone over from the parent; returns it as it was written."""
        if self.masks:
            frame = self.masks.laid(index, source, frame)
        for seam in self.seams:
            if index in seam.frames:
                frame = self._seamed(seam, index, frame, seen)
        write_png(self.partial.frame(self._number(index)), frame, self.text)
        return from_uint8(to_uint8(frame))

    def _keep_parents_side(self, seam: Seam) -> None:
        """The parent's side of a seam in 8 bits, for the new frames to be faded with."""
        if all(self.partial.state(self._beside(index)) for index in seam.frames):
            return
        stream = (self.source.forwards if seam.sign > 0 else self.source.backwards)(seam.kept)
        kept = Anchor(next(stream), self._of_parent(seam.kept))
        own = map(self._of_parent, seam.frames)
        cache = self._motion(seam.kept, seam.direction)
        sides = steadied(self.request.setup, kept, islice(stream, seam.length), own, cache)
        for index, side in zip(seam.frames, sides, strict=True):
            self.partial.save_state(self._beside(index), {"frame": to_uint8(side)})

    def _beside(self, index: int) -> str:
        return f"parent-aside-{self._number(index)}"

    def _seamed(self, seam: Seam, index: int, frame: Array, seen: Array) -> Array:
        """A new frame on the way from the parent's; where the two are one, as outside a mask, it stays as it is."""
        side = from_uint8(self.partial.state(self._beside(index))["frame"])
        met = mixed(side, frame, faded(np.ones_like(seen), seen, seam.along(index)))
        return np.where((to_uint8(self._of_parent(index)) == to_uint8(frame)).all(0), frame, met)

    def _of_parent(self, index: int) -> Array:
        assert self.request.parent
        return read_png(self.store.take_frame(self.request.parent, index))

    def _number(self, index: int) -> int:
        return self.request.shot.number(index)
