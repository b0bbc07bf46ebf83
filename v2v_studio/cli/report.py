"""`v2v report`: what was measured of takes, as one page."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import place


@click.command()
@click.argument("name", required=False, metavar="[SHOT[/TAKE]]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: exports/report.html.")
@click.option("--json", "as_json", is_flag=True, help="One object: the page's path, and a row for every take.")
@click.pass_obj
def report(session: Session, name: str | None, out: Path | None, as_json: bool) -> None:
    """Write a page of the take that each shot shows: tables, strips, curves, and the worst frames as pictures.

    One HTML file that needs no other. With a shot its takes, with a take that one.

    \b
    Example: v2v -C projects/demo report
    """
    from v2v_studio.studio import Studio

    with progress(session, "report") as tell:
        made = Studio(session.project).report(name, out, tell)
    if as_json:
        click.echo(json.dumps(made))
        return
    flagged = sum(len(row["flagged"]) for row in made["takes"])
    click.echo(f"{place(made['path'])}: {len(made['takes'])} takes, {flagged} frames flagged")
