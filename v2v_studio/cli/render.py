"""`v2v plan`, `render`: first frames carried through their shots."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from v2v_studio.cli import Session
from v2v_studio.cli.farm import executor_options
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import show

if TYPE_CHECKING:
    from v2v_studio.project.records import JobExecutor

Command = Callable[..., None]


def render_options(command: Command) -> Command:
    """The options that `plan` and `render` share."""
    for option in reversed(
        (
            click.argument("shots", nargs=-1),
            click.option("--track", help="How motion becomes frames (`v2v options track`). Default: the project's."),
            click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the track."),
            click.option("--draft", is_flag=True, help="In seconds: no patch search, faster motion."),
            click.option("--seed", type=click.IntRange(0), help="Default: the project's."),
            click.option(
                "--first-frame", "first_frames", multiple=True, metavar="FF", help="Carry this; may be repeated."
            ),
            click.option("--from", "parent", metavar="TAKE", help="Remake a range of this take; the rest stays."),
            click.option("--range", "span", metavar="A:B", help="Frames A to B - 1, counted from 1001, of --from."),
            click.option("--mask", metavar="PNG[@FRAME]", help="White where the look applies; carried by the motion."),
            click.option("--protect", is_flag=True, help="White is where the look does not apply."),
            click.option("--feather", default=2.0, show_default=True, help="Pixels over which source and look mix."),
            click.option(
                "--motion",
                type=click.Path(path_type=Path, exists=True, file_okay=False),
                metavar="FOLDER",
                help="The motion, as `v2v motion --export` wrote it, instead of making any.",
            ),
            click.option("--again", is_flag=True, help="Render even what is rendered already."),
            click.option("--json", "as_json", is_flag=True, help="One list of objects."),
        )
    ):
        command = option(command)
    return command


@click.command()
@render_options
@click.pass_obj
def plan(session: Session, as_json: bool, **chosen: Any) -> None:
    """Show what `render` would do, and why, with time and disk estimates.

    \b
    Example: v2v -C projects/demo plan --draft
    """
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    _show_plan(studio.plan(**_request(studio, chosen)), as_json)


@click.command()
@render_options
@click.option("--dry-run", is_flag=True, help="Only show the plan.")
@click.option("--workers", type=click.IntRange(1), help="Shots at once. Default: one a core, as memory allows.")
@executor_options
@click.option("--background", is_flag=True, help="Queue it and return at once; see it with `v2v jobs`.")
@click.option("--priority", type=int, default=0, show_default=True, help="In the queue, higher ones first.")
@click.pass_obj
def render(
    session: Session,
    as_json: bool,
    dry_run: bool,
    workers: int | None,
    executor: JobExecutor,
    background: bool,
    priority: int,
    **chosen: Any,
) -> None:
    """Render SHOTS, or every shot that has a first frame. A stopped render goes on where it was.

    \b
    Example: v2v -C projects/demo render sh010 --draft
    One bad second: v2v render sh010 --from t003 --range 1040:1062 --first-frame ff004
    """
    from v2v_studio.errors import ShotsFailed
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    plans = studio.plan(**_request(studio, chosen))
    if dry_run:
        _show_plan(plans, as_json)
        return
    if background:
        show(studio.enqueue(plans, priority, executor), ("job", "shot", "what", "take", "reason"), as_json)
        return
    farm = studio.farm(workers) if executor == "ray" else None
    with progress(session, "render") as tell:
        results = studio.render(plans, workers=workers, executor=farm, on_progress=tell)
    show(results, ("shot", "take", "what", "seconds", "flagged"), as_json)
    for row in results:
        if row["what"] in ("failed", "skipped"):
            click.echo(f"{row['shot']}: {row['reason']}", err=True)
    failed = sum(row["what"] == "failed" for row in results)
    if failed:
        others = "" if failed == len(results) else "; the others are done"
        raise ShotsFailed(f"{failed} of {len(results)} shots failed{others}")


def _request(studio: Any, chosen: dict[str, Any]) -> dict[str, Any]:
    from v2v_studio.params import parse_assignments

    options = ({"quality": "draft"} if chosen.pop("draft") else {}) | parse_assignments(chosen.pop("options"))
    asked = {key: chosen.pop(key) for key in ("first_frames", "parent", "span", "mask", "protect", "feather", "motion")}
    ask = studio.ask(chosen["shots"], **asked)
    return {**chosen, "options": options, "ask": ask}


def _show_plan(plans: list[Any], as_json: bool) -> None:
    rows = [plan.row() for plan in plans]
    show(rows, ("shot", "what", "reason", "frames", "seconds", "megabytes"), as_json)
    if as_json:
        return
    work = [row for row in rows if row["what"] in ("render", "resume")]
    seconds, megabytes = sum(row["seconds"] for row in work), sum(row["megabytes"] for row in work)
    click.echo(f"{len(work)} to render: about {seconds:.0f} s of one core, {megabytes:.0f} MB", err=True)
