"""Rendering one shot into a take: what will be done and why, and the job that does it in whatever process it is run."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np

from v2v_studio import __version__
from v2v_studio.errors import Cancelled
from v2v_studio.fingerprint import fingerprint
from v2v_studio.media.frames import from_uint8, read_png, to_uint8, write_png
from v2v_studio.media.writer import write_preview
from v2v_studio.metrics.picture import strip
from v2v_studio.metrics.take import TakeMetrics
from v2v_studio.project.cache import FlowCache
from v2v_studio.project.partial import PartialTake
from v2v_studio.project.records import FirstFrame, Footage, Job, Shot, Take
from v2v_studio.project.store import Store
from v2v_studio.shots.base import Transition
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.studio.origin import now, versions
from v2v_studio.timeline.extent import extent, footage_transitions
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.run import Pass, Progress, Step
from v2v_studio.tracks.table import Setup
from v2v_studio.types import Anchor, Array, Motion

REPORT_EVERY = 0.5  # seconds between two looks at the job's record
PASSES: tuple[Literal["forward", "backward"], ...] = ("forward", "backward")


@dataclass(frozen=True)
class Request:
    """One shot to be rendered in one way: everything that decides its pixels."""

    shot: Shot
    footage: Footage
    first: FirstFrame
    setup: Setup
    size: tuple[int, int]

    @property
    def transitions(self) -> list[Transition]:
        """Those beside the shot."""
        first, last = self.extent
        return [t for t in footage_transitions(self.footage) if first <= t.start and t.end <= last]

    @property
    def extent(self) -> tuple[int, int]:
        """[first, last) of the take, in footage frames."""
        return extent(self.shot, footage_transitions(self.footage))

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything that decides the pixels, as plain values; nothing that does not (no time, no machine)."""
        first, last = self.extent
        return {
            "footage": self.footage.sha256,
            "shot": [self.shot.start, self.shot.end],
            "frames": [first, last],
            "transitions": [[t.kind, t.start, t.end, list(t.curve), t.ground] for t in self.transitions],
            "size": list(self.size),
            "first_frame": {"frame": self.first.frame, "sha256": self.first.sha256},
            **self.setup.describe(),
            "v2v_studio": __version__,
        }

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.recipe)

    def motion_fingerprint(self, direction: str) -> str:
        """Identity of the motion alone, which no look changes."""
        recipe = {k: v for k, v in self.recipe.items() if k not in ("renderer", "params", "seed", "track")}
        return fingerprint({**recipe, "first_frame": self.first.frame, "direction": direction})


def request_for(store: Store, shot: Shot, setup: Setup) -> Request:
    """The request for a shot that has a first frame, as it stands now."""
    assert shot.first_frame is not None
    footage = store.footage(shot.footage)
    size = size_of(store, footage)
    return Request(shot, footage, store.first_frame(shot.id, shot.first_frame), setup, size)


@dataclass(frozen=True)
class RenderJob:
    """What a worker is sent: names only, so that it can be pickled and reads what is on the disk."""

    folder: str
    shot: str
    setup: Setup
    job: str
    again: bool


def render_shot(job: RenderJob) -> str:
    """Render the shot, or go on where a killed process stopped, and commit the take. Returns the take's name.

    What another process has rendered in the meantime is taken as it is, unless it is to be rendered again.
    """
    store = Store(Path(job.folder))
    request = request_for(store, store.shot(job.shot), job.setup)
    report = Report(store, job.job, request.extent[1] - request.extent[0])
    try:
        with store.open_partial(job.shot, request.fingerprint) as partial:
            known = None if job.again else store.find_take(job.shot, request.fingerprint)
            if known:
                partial.discard()
            else:
                known = partial.commit(partial.finished() or ShotRender(store, request, partial, report).run())
    except BaseException as error:
        report.end("cancelled" if isinstance(error, Cancelled | KeyboardInterrupt) else "failed", str(error))
        raise
    store.change_shot(job.shot, lambda shot: begun(selected(shot, known.id)))
    report.end("done", known.id)
    return known.id


def selected(shot: Shot, take: str) -> Shot:
    """The shot with that take as the one to show, unless one is approved."""
    return shot if shot.status == "approved" else shot.changed(take=take)


def begun(shot: Shot) -> Shot:
    return shot.changed(status="wip") if shot.status in ("todo", "retake") else shot


class Report:
    """A job's record, kept up to date now and then; its `cancelled` state stops the work."""

    def __init__(self, store: Store, name: str, total: int) -> None:
        self._store, self._name, self._next = store, name, 0.0
        self._change(state="running", total=total, pid=os.getpid(), host=platform.node(), started=now())

    def done(self, frames: int) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + REPORT_EVERY
            self._change(done=frames)

    def end(self, state: str, message: str) -> None:
        def change(job: Job) -> Job:
            done = job.total if state == "done" else job.done
            return job.changed(state=state, message=message, done=done, updated=now())

        self._store.change_job(self._name, change)

    def _change(self, **values: Any) -> None:
        def change(job: Job) -> Job:
            if job.state == "cancelled":
                raise Cancelled(f"shot {job.shot} was cancelled; what is rendered of it is kept")
            return job.changed(**values, updated=now())

        self._store.change_job(self._name, change)


class ShotRender:
    """One shot being rendered into a partial take, frame by frame."""

    def __init__(self, store: Store, request: Request, partial: PartialTake, report: Report) -> None:
        self.store, self.request, self.partial, self.report = store, request, partial, report
        read = read_footage(store, request.footage, request.size)
        self.source = ShotSource(read, request.shot, footage_transitions(request.footage))
        styled = read_png(store.first_frame_image(request.first))
        self.anchor = Anchor(self.source.frame(request.first.frame), styled)
        self.text = {"v2v": json.dumps(request.recipe, sort_keys=True)}
        self.began = time.monotonic()
        self.done = len(partial.frames())

    def run(self) -> Take:
        """Every frame, then metrics and preview; what is there already is not made again."""
        if self._number(self.request.first.frame) not in self.partial.frames():
            self._write(self.request.first.frame, self.anchor.styled)
        for direction in PASSES:
            self._pass(direction)
        rows = {row["frame"]: row for row in self.partial.rows()}
        self._write_metrics([rows[frame] for frame in sorted(rows)])
        return self._finish()

    def _pass(self, direction: Literal["forward", "backward"]) -> None:
        request, sign = self.request, 1 if direction == "forward" else -1
        length = self.source.last - 1 - request.first.frame if sign > 0 else request.first.frame - self.source.first
        cache = FlowCache(self.store.folder / "cache" / "flow", request.motion_fingerprint(direction))
        since = self._progress(direction, cache)
        if since.index >= length:
            return
        stream = (self.source.forwards if sign > 0 else self.source.backwards)(request.first.frame + sign * since.index)
        previous = next(stream)
        measure = TakeMetrics(self.anchor)
        shown = self._shown(request.first.frame + sign * since.index)
        for step in Pass(request.setup, self.anchor).steps(previous, stream, since, cache):
            for offset, frame in enumerate(step.frames):
                index = request.first.frame + sign * (step.window.start + offset)
                shown = self._add(index, step, offset, frame, shown, measure)
            state = {
                "index": np.array(step.progress.index),
                **{f"carry_{k}": v for k, v in step.progress.carry.items()},
            }
            self.partial.save_state(direction, state)
            self.report.done(self.done)

    def _add(self, index: int, step: Step, offset: int, frame: Array, before: Array, measure: TakeMetrics) -> Array:
        """Write one frame and its measurements; returns it as it was written."""
        shown = from_uint8(to_uint8(frame))
        self._write(index, frame)
        self.done += 1
        if step.motion.step is not None:
            source = step.window.frames[offset]
            source_before = step.window.frames[offset - 1] if offset else step.window.previous
            self.partial.add_row(
                {"frame": index, **measure.add(source_before, source, before, shown, entry(step.motion, offset))}
            )
        return shown

    def _progress(self, direction: str, cache: FlowCache) -> Progress:
        """How far an interrupted run had come; from the start where its motion is no longer known."""
        state = self.partial.state(direction)
        if not state:
            return Progress()
        index = int(state["index"])
        motion = cache.get(index)
        carry = {key.removeprefix("carry_"): value for key, value in state.items() if key.startswith("carry_")}
        return Progress(index, motion, carry) if motion is not None else Progress()

    def _finish(self) -> Take:
        request = self.request
        first, last = request.extent
        files = self.partial.frames()
        preview = (read_png(files[self._number(frame)]) for frame in range(request.shot.start, request.shot.end))
        write_preview(self.partial.folder / "preview.mp4", preview, Fraction(request.footage.rate))
        return Take(
            shot=request.shot.id,
            first_frame=request.first.id,
            first=first,
            last=last,
            anchor=request.first.frame,
            start=request.shot.start,
            size=request.size,
            fingerprint=request.fingerprint,
            recipe=request.recipe,
            created=now(),
            seconds=round(time.monotonic() - self.began, 3),
            versions=versions(),
        )

    def _write_metrics(self, rows: list[dict[str, Any]]) -> None:
        summary = TakeMetrics(self.anchor, [{k: v for k, v in row.items() if k != "frame"} for row in rows]).summary()
        frames = [row["frame"] for row in rows]
        flagged = [{**flag, "frame": frames[flag.pop("index")]} for flag in summary.pop("flags")]  # type: ignore[attr-defined]
        self.partial.write_json("metrics.json", {"schema": "v2v.metrics/1", **summary, "flags": flagged, "rows": rows})
        if rows:
            curves = strip(rows, self._number(frames[0]))
            write_png(self.partial.folder / "metrics.png", curves)

    def _shown(self, index: int) -> Array:
        return read_png(self.partial.frame(self._number(index)))

    def _write(self, index: int, frame: Array) -> None:
        write_png(self.partial.frame(self._number(index)), frame, self.text)

    def _number(self, index: int) -> int:
        return self.request.shot.number(index)


def entry(motion: Motion, index: int) -> Motion:
    """One entry of a motion."""
    step = motion.step[index : index + 1] if motion.step is not None else None
    return Motion(motion.displacement[index : index + 1], motion.direction, motion.visible[index : index + 1], step)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Names of what differs between two recipes, nested names with dots."""
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from (f"{key}.{name}" for name in changes(before, after))
        else:
            yield key
