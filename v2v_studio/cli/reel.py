"""`v2v reel`: the cut beside its source, for review."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.table import place


@click.command()
@click.option("--name", default="cut01", show_default=True, help="Name of the edit.")
@click.option("--layout", type=click.Choice(["side", "wipe"]), default="side", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: exports/NAME_reel.mp4.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def reel(session: Session, name: str, layout: str, out: Path | None, as_json: bool) -> None:
    """Write the source and the cut in one video, with shot, take, frame and timecode, and the sound in sync.

    \b
    Example: v2v -C projects/demo reel --layout wipe
    """
    from v2v_studio.studio import Studio

    with progress(session, "reel") as tell:
        made = Studio(session.project).reel(name, layout, out, tell)
    if as_json:
        click.echo(json.dumps(made))
        return
    for row in made:
        click.echo(f"{place(row['path'])}: {row['frames']} frames at {row['rate']}, {row['styled']} of them styled")
        say(session, (f"{row['footage']}: {note}" for note in row["notes"]))
