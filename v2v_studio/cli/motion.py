"""`v2v motion`: what moves, as a video."""

from __future__ import annotations

from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress


@click.command()
@click.argument("shot")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: exports/SHOT_motion.mp4.")
@click.option("--draft", is_flag=True, help="In seconds.")
@click.pass_obj
def motion(session: Session, shot: str, out: Path | None, draft: bool) -> None:
    """Write a video of a shot's motion: arrows on the footage beside the colour wheel.

    \b
    Example: v2v -C projects/demo motion sh020
    """
    from v2v_studio.studio import Studio

    path = out or session.project / "exports" / f"{shot}_motion.mp4"
    with progress(session, "motion") as tell:
        made = Studio(session.project).motion(shot, path, "draft" if draft else "final", tell)
    click.echo(f"{made.path}: {made.frames} frames")
