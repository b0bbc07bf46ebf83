"""`v2v ingest`: footage in."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.table import table


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--copy", is_flag=True, help="Copy into the project; by default footage is referred to where it lies.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def ingest(session: Session, paths: tuple[Path, ...], copy: bool, as_json: bool) -> None:
    """Take in video files, picture sequences, stills, or folders of them.

    \b
    Example: v2v -C myfilm ingest clip.mp4 frames/
    """
    from v2v_studio.studio import Studio

    with progress(session, "ingest") as tell:
        taken = Studio(session.project).ingest(paths, copy=copy, on_progress=tell)
    if as_json:
        click.echo(json.dumps([footage.model_dump(mode="json", by_alias=True) for footage in taken]))
        return
    rows = [(f.id, f.path, f"{f.width}x{f.height}", str(f.frames), f.rate) for f in taken]
    table(("footage", "path", "size", "frames", "rate"), rows)
    for footage in taken:
        say(session, (f"{footage.id}: {note}" for note in footage.notes))
