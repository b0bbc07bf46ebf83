"""Render: planned, queued, carried out, cancelled; and the takes that come of it."""

from __future__ import annotations

import shutil
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from v2v_studio.errors import ResourceError, StudioError, UsageError
from v2v_studio.executors.base import Executor
from v2v_studio.executors.local import Local
from v2v_studio.executors.machine import places
from v2v_studio.project.records import Job, JobExecutor, Shot, Take
from v2v_studio.project.sweep import sweep
from v2v_studio.studio.ahead import helpful
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.job import RenderJob, render_shot, taken
from v2v_studio.studio.job_report import NOBODY, is_bug, this_process, told, working
from v2v_studio.studio.mask import FEATHER, take_in
from v2v_studio.studio.moves import take_in_moves
from v2v_studio.studio.request import AS_IT_STANDS, Ask, Request, changes, request_for
from v2v_studio.tracks.table import Setup, set_up

SECONDS_PER_MEGAPIXEL = {"final": 2.2, "draft": 0.35}  # one core, before a project has takes of its own to go by
SECONDS_PER_STEP = 90.0  # the same, for a step of a diffusion model with guidance; a GPU is far faster
# Bytes of memory: of a process, and for each pixel of a frame; as benchmarks.memory has it at 320x180 and 960x540.
BYTES = {"final": (300 * 10**6, 750), "draft": (150 * 10**6, 400)}
MEGABYTES_PER_MEGAPIXEL = 4.0  # a frame's PNG and its motion in the cache

LINEAGE = {"parent", "span", "kept"}  # what a recipe says of the take it goes on from
Pace = tuple[str | None, str | None]  # a track and a quality, by which the time that frames take is told apart
RANGE = LINEAGE | {"shot", "frames", "transitions"}  # what it says of where, not of how


@dataclass(frozen=True)
class Plan:
    """What `render` will do with one shot, and why.

    Attributes:
        what: render, resume, reuse or skip.
        reason: in words.
        frames: frames still to be rendered.
        seconds, megabytes: estimates for those.
        again: whether to render even what is rendered already.
        ask: first frames, or a range of a take, asked for beside the shot as it stands.
        pixels: of a frame.
    """

    shot: str
    what: str
    reason: str
    setup: Setup
    take: str | None = None
    frames: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    again: bool = False
    ask: Ask = AS_IT_STANDS
    pixels: int = 0

    def row(self) -> dict[str, Any]:
        return {
            "shot": self.shot,
            "what": self.what,
            "reason": self.reason,
            "frames": self.frames,
            "seconds": round(self.seconds, 1),
            "megabytes": round(self.megabytes, 1),
        }


class Rendering(Desk):
    """The verbs `plan`, `render`, `takes`."""

    def plan(
        self,
        shots: Sequence[str] = (),
        track: str | None = None,
        options: Mapping[str, Any] | None = None,
        seed: int | None = None,
        again: bool = False,
        ask: Ask = AS_IT_STANDS,
    ) -> list[Plan]:
        """What `render` would do with the shots named, or with all: reuse, resume, render or skip, and why."""
        defaults = self.store.project().defaults
        name = track or defaults.track
        base = dict(defaults.params) if name == defaults.track else {}
        setup = set_up(name, {**base, **(options or {})}, defaults.seed if seed is None else seed)
        chosen = [self.store.shot(shot) for shot in dict.fromkeys(shots)] or self.active_shots()
        paces = self._paces()
        return [self._plan(shot, setup, again, ask, paces) for shot in chosen]

    def ask(
        self,
        shots: Sequence[str],
        first_frames: Sequence[str] = (),
        parent: str | None = None,
        span: str | None = None,
        mask: str | None = None,
        protect: bool = False,
        feather: float = FEATHER,
        motion: Path | None = None,
    ) -> Ask:
        """What is asked for beside the shot as it stands, from names and numbers as a user writes them.

        Args:
            shots: the one shot that it is asked of.
            first_frames: those to carry.
            parent, span: a take, and the range of it to make anew, as "1040:1062", the end left out.
            mask, protect, feather: a picture that is white where the look applies, or with `protect` where it does not, as
                PNG[@FRAME]; and the pixels over which source and look mix.
            motion: a folder of .flo files, as `export_motion` writes it, in place of the motion that a track would make.

        Raises:
            UsageError: several shots, a take without a range, a range without a take, or one that is none.
        """
        if not (first_frames or parent or span or mask or motion):
            return AS_IT_STANDS
        if len(shots) != 1:
            raise UsageError(
                "first frames, takes, masks and motion belong to one shot; name it, as in: v2v render sh010"
            )
        if bool(parent) != bool(span):
            raise UsageError("a range is remade of a take: give both, as in --from t003 --range 1040:1062")
        shot = self.store.shot(shots[0])
        painted = take_in(self.store, shot, self.size(shot), mask, protect, feather) if mask else None
        moves = take_in_moves(self.store, shot, self.size(shot), motion) if motion else None
        return Ask(tuple(first_frames), parent, span_of(shot, span) if span else None, painted, moves)

    def _plan(self, shot: Shot, setup: Setup, again: bool, ask: Ask, paces: Mapping[Pace, float]) -> Plan:
        if reason := self.unfit(shot, ask.first_frames):
            return Plan(shot.id, "skip", reason, setup)
        request = request_for(self.store, shot, setup, ask)
        known = self.store.find_take(shot.id, request.fingerprint)
        if known and not again:
            return Plan(shot.id, "reuse", "nothing changed", setup, known.id)
        if not again and ask.parent is None and (parent := self._parent(request)):
            request, ask = replace(request, parent=parent), replace(ask, parent=parent.id)
            if not request.made:
                return Plan(shot.id, "reuse", f"{parent.id} has every frame of it", setup, parent.id)
        first, last = request.extent
        outside = last - first - request.count  # linked, not rendered
        there = max(0, self.store.partial_frames(shot.id, request.fingerprint) - outside)
        frames = request.count - there
        what, reason = (
            ("resume", f"{there} of {request.count} frames are there") if there else ("render", self._why(request))
        )
        megapixels = frames * request.size[0] * request.size[1] / 1e6
        seconds = megapixels * pace(setup, min(request.size), paces)
        return Plan(
            shot.id,
            what,
            reason,
            setup,
            frames=frames,
            seconds=seconds,
            megabytes=megapixels * MEGABYTES_PER_MEGAPIXEL,
            again=again,
            ask=ask,
            pixels=request.size[0] * request.size[1],
        )

    def _parent(self, request: Request) -> Take | None:
        """A take of the same recipe but for the shot's range, the shown one before the newest; None where there is none."""
        shot = request.shot
        takes = {take.id: take for take in self.store.takes(shot.id)}
        for take in (self.shown(shot), *reversed(takes.values())):
            if take and same_look(take, takes, request) and self.store.review(shot.id, take.id).status != "rejected":
                return take
        return None

    def _why(self, request: Request) -> str:
        if request.kept and request.parent:
            return f"longer than {request.parent.id}, whose frames are kept"
        takes = self.store.takes(request.shot.id)
        if not takes:
            return "no take yet"
        beside = () if request.parent else LINEAGE
        changed = [name for name in changes(takes[-1].recipe, request.recipe) if name not in beside]
        said = "track" if "track" in changed else ", ".join(changed)  # with the track all its options change
        other = (
            "asked for again" if request.span or takes[-1].span is None else f"{takes[-1].id} is so in a range alone"
        )
        return f"changed since {takes[-1].id}: {said}" if changed else other

    def _paces(self) -> dict[Pace, float]:
        """Seconds a megapixel on one core, as this project's takes went."""
        took = defaultdict[Pace, list[float]](list)
        for shot in self.store.shots():
            for take in self.store.takes(shot.id):
                if take.parent is None:  # of another, not all frames were rendered
                    megapixels = (take.last - take.first) * take.size[0] * take.size[1] / 1e6
                    way = take.recipe.get("track"), take.recipe.get("params", {}).get("quality")
                    took[way].append(take.seconds / megapixels)
        return {way: sum(each) / len(each) for way, each in took.items()}

    def render(
        self,
        plans: Sequence[Plan],
        workers: int | None = None,
        executor: Executor | None = None,
        on_progress: Tell = silent,
    ) -> list[dict[str, Any]]:
        """Carry out plans, several shots at once. One that fails stops no other. A row a shot, in the plans' order.

        Without an executor this machine does it: one shot a core, where no number of workers is given, as far as the free
        memory goes; where a network is loaded, one a GPU.

        A take that is rendered, or reused, becomes the selected one, unless its shot is approved.
        """
        rows, work = self.prepare(plans)
        queued, chosen = {}, executor or Local(workers or places_for(work))
        for plan, ahead, about in self.jobs_of(work, chosen.name):
            job = self.store.add_job(Job(**about, executor=chosen.name, **this_process()))
            names = str(self.store.folder), plan.shot
            queued[job.id] = RenderJob(*names, plan.setup, plan.ask, job.id, plan.again, ahead)
        with self._watched(queued, on_progress):
            for outcome in chosen.run(render_shot, list(queued.values())):
                shot, whole = outcome.job.shot, outcome.job.ahead is None
                if outcome.error is None:
                    rows[shot] |= self._rendered(shot, outcome.result) if whole else {}
                else:
                    rows[shot] |= {"what": "failed", "reason": told(outcome.error)} if whole else {}
                    self._close_job(outcome.job.job, "failed", told(outcome.error))
                    self._log_bug(outcome.job.job, outcome.error)
        return list(rows.values())

    def jobs_of(self, work: Sequence[Plan], executor: JobExecutor) -> Iterator[tuple[Plan, int | None, dict[str, Any]]]:
        """What is to be carried out, with what its record says: a job a shot; then, on a farm, what helps the long ones."""
        yield from ((plan, None, job_of(plan)) for plan in work)
        for plan in work:
            if executor != "ray" or plan.again:  # a helper could not tell that it comes too late
                continue
            about = job_of(plan)
            for stretch, frames in helpful(request_for(self.store, self.store.shot(plan.shot), plan.setup, plan.ask)):
                task = {**about["task"], "ahead": stretch}
                yield plan, stretch, {**about, "kind": "stretch", "task": task, "total": frames}

    def prepare(self, plans: Sequence[Plan]) -> tuple[dict[str, dict[str, Any]], list[Plan]]:
        """What comes before any rendering: shot -> its row, and the plans that are work. What is reused is selected."""
        sweep(self.store)
        work = [plan for plan in plans if plan.what in ("render", "resume")]
        self._refuse_full_disk(work)
        for plan in plans:
            if plan.take:
                self.store.change_shot(plan.shot, partial(taken, take=plan.take))
        return {plan.shot: result_row(plan) for plan in plans}, work

    def _rendered(self, shot: str, name: str) -> dict[str, Any]:
        take = self.store.take(shot, name)
        flagged = {flag["frame"] for flag in self.metrics(take)["flags"]}
        return {"take": name, "what": "rendered", "seconds": take.seconds, "flagged": len(flagged)}

    def _refuse_full_disk(self, work: Sequence[Plan]) -> None:
        needed, free = sum(plan.megabytes for plan in work), shutil.disk_usage(self.store.folder).free / 1e6
        if needed > free:
            raise ResourceError(
                f"rendering needs about {needed:.0f} MB and {free:.0f} MB are free; make room, or use --size"
            )

    @contextmanager
    def _watched(self, jobs: Mapping[str, RenderJob], on_progress: Tell) -> Iterator[None]:
        """Tell the progress of all jobs while the block runs; close those that are open when it is stopped."""
        over = threading.Event()

        def watch() -> None:
            took = 0.0
            while not over.wait(max(0.5, 20 * took)):  # so that looking takes a twentieth of the time at most
                began = time.monotonic()
                with suppress(StudioError, OSError):  # a shared folder that is lost is told by whoever works
                    records = [self.store.job(name) for name, job in jobs.items() if job.ahead is None]
                    on_progress(sum(job.done for job in records), sum(job.total for job in records))
                took = time.monotonic() - began

        watcher = threading.Thread(target=watch, daemon=True)
        if jobs and on_progress is not silent:
            watcher.start()
        try:
            yield
        except BaseException:
            for name in jobs:
                self._close_job(name, "cancelled", "stopped; run the same command again to go on")
            raise
        finally:
            over.set()
            if watcher.is_alive():
                watcher.join()

    def _log_bug(self, name: str, error: BaseException) -> None:
        if is_bug(error):
            with open(self.store.job_log(name), "a") as log:
                log.writelines(traceback.format_exception(error))

    def _close_job(self, name: str, state: str, message: str) -> None:
        """A worker that died could not do it itself."""
        end = {"state": state, "message": message, **NOBODY}
        self.store.change_job(name, lambda job: job.changed(**end) if working(job) else job)

    def take_rows(self, shot: str | None = None) -> list[dict[str, Any]]:
        """One row a take, for listings: of a shot, of one take (as in sh010/t001), or of all."""
        name, _, take = (shot or "").partition("/")
        if take:
            return [self._take_row(self.store.take(name, take))]
        shots = [self.store.shot(name)] if name else self.store.shots()
        return [self._take_row(one) for each in shots for one in self.store.takes(each.id)]

    def _take_row(self, take: Take) -> dict[str, Any]:
        metrics = self.metrics(take)
        mean = metrics["mean"]
        return {
            "take": f"{take.shot}/{take.id}",
            "frames": take.last - take.first,
            "first frame": " ".join([take.first_frame, *take.further]),
            "track": take.recipe.get("track"),
            "quality": take.recipe.get("params", {}).get("quality", ""),
            "status": self.store.review(take.shot, take.id).status,
            "visible": rounded(mean.get("visible"), 3),
            "temporal": rounded(mean.get("temporal_difference_error"), 2),
            "drift": rounded(mean.get("colour_drift"), 4),
            "flagged": sorted({take.number(flag["frame"]) for flag in metrics["flags"]}),
        }


def pace(setup: Setup, side: int, paces: Mapping[Pace, float]) -> float:
    """Seconds a megapixel on one core: as the project's takes went, else a rule of thumb.

    Args:
        side: the shorter one of the frames, which a model may work on at a smaller size.
    """
    quality, steps, shorter = (getattr(setup.render_params, name, None) for name in ("quality", "steps", "shorter"))
    smaller = min(1.0, (shorter or side) / side) ** 2
    usual = SECONDS_PER_STEP * steps * smaller if steps else SECONDS_PER_MEGAPIXEL.get(quality or "final", 1.0)
    return paces.get((setup.track.name, quality), usual)


def places_for(work: Sequence[Plan]) -> int:
    """How many shots this machine can render at once."""
    needed = max((bytes_for(plan) for plan in work), default=0)
    return places(needed, alone=any(plan.setup.by_weights for plan in work))


def bytes_for(plan: Plan) -> int:
    """Memory that rendering takes up, whatever the length; a network's is not known."""
    quality = getattr(plan.setup.render_params, "quality", "final")
    own, a_pixel = BYTES.get(quality, BYTES["final"])
    return own + a_pixel * plan.pixels


def rounded(value: float | None, digits: int) -> float | None:
    """None stays: it was not measured."""
    return value if value is None else round(value, digits)


def same_look(take: Take, takes: Mapping[str, Take], request: Request) -> bool:
    """Whether a take differs from what is asked for in nothing but the shot's range.

    A remade range may look as it likes: the take is judged by the one that it was remade of.

    Args:
        takes: those of the shot, by name; of one that is gone nothing is known.
    """
    seen, known = set[str](), take
    while known.span is not None:
        seen.add(known.id)
        if known.parent not in takes.keys() - seen:
            return False
        known = takes[known.parent]
    return not set(changes(known.recipe, request.recipe)) - RANGE


def span_of(shot: Shot, text: str) -> tuple[int, int]:
    """[first, last) in footage frames of a range in a shot's numbers."""
    first, _, last = text.partition(":")
    if not (first.isdecimal() and last.isdecimal()):
        raise UsageError(f"'{text}' is no range; write two frame numbers, as in 1040:1062, the second left out")
    return shot.frame(int(first)), shot.frame(int(last))


def job_of(plan: Plan) -> dict[str, Any]:
    """What a job's record says of a plan: enough to carry it out."""
    task = {**plan.setup.describe(), "again": plan.again, "ask": plan.ask.plain()}
    needs = {"alone": plan.setup.by_weights, "memory": bytes_for(plan)}
    return {"kind": "render", "shot": plan.shot, "task": task, "total": plan.frames, **needs}


def result_row(plan: Plan) -> dict[str, Any]:
    what = {"reuse": "reused", "skip": "skipped"}.get(plan.what, "queued")
    return {"shot": plan.shot, "take": plan.take, "what": what, "seconds": 0.0, "flagged": 0, "reason": plan.reason}
