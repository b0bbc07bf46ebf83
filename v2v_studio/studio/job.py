"""Rendering one shot into a take: the job that does it in whatever process it is run, and those that help it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from v2v_studio.memory import frugal
from v2v_studio.project.partial import UnderWay
from v2v_studio.project.records import Shot
from v2v_studio.project.store import HANDOVER, Store
from v2v_studio.studio.ahead import made_of, needed, suffix
from v2v_studio.studio.job_report import Report
from v2v_studio.studio.request import Ask, Request, request_for
from v2v_studio.studio.shot_render import ShotRender
from v2v_studio.tracks.table import Setup

LEASE = 120.0  # seconds after which a file server frees what a lost machine held; 90 is usual
RenderKind = Literal["render", "stretch"]  # what records call a job that makes a take, and one that helps it
NOT_NEEDED = "not needed any more"


@dataclass(frozen=True)
class RenderJob:
    """What a worker is sent: names only, so that it can be pickled and reads what is on the disk.

    Attributes:
        ahead: a stretch to be made ahead of the job that makes the take; None for that job itself.
    """

    folder: str
    shot: str
    setup: Setup
    ask: Ask
    job: str
    again: bool
    ahead: int | None = None


def render_shot(job: RenderJob) -> str:
    """Render the shot, or go on where a killed process stopped, and commit the take. Returns the take's name.

    What another process has rendered in the meantime is taken as it is, unless it is to be rendered again.
    """
    with frugal():
        return _rendered(job)


def _rendered(job: RenderJob) -> str:
    store = Store(Path(job.folder))
    request = request_for(store, store.shot(job.shot), job.setup, job.ask)
    if job.ahead is not None:
        return render_ahead(store, request, job)
    report = Report(store, job.job, request.count)
    try:
        with store.open_partial(job.shot, request.fingerprint, LEASE if report.lost else HANDOVER) as making:
            known = None if job.again else store.find_take(job.shot, request.fingerprint)
            if known:
                making.discard()
            else:
                known = making.commit(making.finished() or ShotRender(store, request, making, report).run())
    except BaseException as error:
        report.stop(error)
        raise
    store.change_shot(job.shot, lambda shot: taken(shot, known.id))
    report.end(known.id)
    return known.id


def render_ahead(store: Store, request: Request, job: RenderJob) -> str:
    """Make one stretch of a take, for the job that makes the take to take in. Returns what was made."""
    said, stretch = NOT_NEEDED, job.ahead or 0
    legs = request.stretches[stretch] if 0 < stretch < len(request.stretches) else []
    report = Report(store, job.job, made_of(legs))
    try:
        with store.open_partial(job.shot, request.fingerprint, HANDOVER, suffix(stretch)) as making:
            if legs and needed(store, request, stretch):
                ShotRender(store, request, making, report).make_ahead(stretch)
                said = f"{made_of(legs)} frames, to be taken in by the shot's own job"
            else:
                making.discard()
    except UnderWay:
        pass
    except BaseException as error:
        report.stop(error)
        raise
    report.end(said)
    return said


def taken(shot: Shot, take: str) -> Shot:
    """The shot with that take as the one to show, unless one is approved; begun by one that it did not show."""
    if shot.status == "approved" or shot.take == take:
        return shot
    return shot.changed(take=take, status="wip" if shot.status in ("todo", "retake") else shot.status)
