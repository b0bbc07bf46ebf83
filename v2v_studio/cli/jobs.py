"""`v2v jobs`, `work`: the queue, and who works on it."""

from __future__ import annotations

import time
from typing import Any

import click

from v2v_studio.cli import Session
from v2v_studio.cli.farm import executor_options
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import show

HEAD = ("job", "kind", "shot", "state", "where", "done", "total", "left", "message")
LOOK_EVERY = 0.5  # seconds


@click.command()
@click.option("--pause", metavar="JOB", help="Hold this job; one that runs stops after the frame it is at.")
@click.option("--resume", metavar="JOB", help="Let a paused job go on where it was.")
@click.option("--cancel", metavar="JOB", help="Stop this job after the frame it is at; its frames are kept.")
@click.option("--retry", metavar="JOB", help="Queue a job again that failed or was cancelled; it goes on where it was.")
@click.option("--priority", type=(str, int), metavar="JOB N", help="Carry it out before those of a lower N; new: 0.")
@click.option("--log", metavar="JOB", help="Print the last lines that this job said, and no list.")
@click.option("--follow", is_flag=True, help="Wait until no job is queued or running.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def jobs(
    session: Session,
    priority: tuple[str, int] | None,
    log: str | None,
    follow: bool,
    as_json: bool,
    **chosen: str | None,
) -> None:
    """List queued, paused, running and finished jobs, or change one.

    \b
    Example: v2v -C projects/demo jobs --pause j003
    """
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    if log:
        click.echo("\n".join(studio.job_log(log)))
        return
    for verb, name in chosen.items():
        if name:
            getattr(studio, verb)(name)
    if priority:
        studio.prioritize(*priority)
    if follow:
        _follow(session, studio)
    rows = studio.job_rows()
    show(rows if as_json else [{**row, "left": minutes(row["left"])} for row in rows], HEAD, as_json)


def _follow(session: Session, studio: Any) -> None:
    """Show how far the queue is until nothing of it is left to wait for."""
    with progress(session, "jobs") as tell:
        while waiting := [row for row in studio.job_rows() if row["state"] in ("queued", "running")]:
            tell(sum(row["done"] for row in waiting), sum(row["total"] for row in waiting))
            time.sleep(LOOK_EVERY)


def minutes(seconds: float | None) -> str:
    """Seconds for reading: 75 is "1:15"."""
    return "" if seconds is None else f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


@click.command()
@click.option("--workers", type=click.IntRange(1), help="Jobs at once. Default: one a core, or as a farm has room.")
@executor_options
@click.pass_obj
def work(session: Session, workers: int | None, executor: str) -> None:
    """Carry out queued jobs until none is left: those queued for this machine, or with `--executor ray` for a farm.

    `render --background` starts this by itself.

    \b
    Example: v2v -C projects/demo work
    """
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    if executor == "ray":
        studio.work_on_farm(workers)
    else:
        studio.work(workers)
