"""`v2v takes`, `review`: what was rendered, and what is thought of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.table import table


@click.command()
@click.argument("shot", required=False, metavar="[SHOT[/TAKE]]")
@click.option("--sources", type=click.Path(path_type=Path, dir_okay=False), help="Which first frame pixels came from.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def takes(session: Session, shot: str | None, sources: Path | None, as_json: bool) -> None:
    """List takes with their review and measurements.

    \b
    Example: v2v -C projects/demo takes sh010
    Whose pixels are whose: v2v -C projects/demo takes sh010/t001 --sources sources.png
    """
    from v2v_studio.errors import UsageError
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    if sources:
        if shot is None:
            raise UsageError(
                "sources are those of one take; name it, as in: v2v takes sh010/t001 --sources sources.png"
            )
        take = studio.sources(shot, sources)
        click.echo(f"{sources}: {take.shot}/{take.id}", err=as_json)
    rows = studio.take_rows(shot)
    if as_json:
        click.echo(json.dumps(rows))
        return
    head = ("take", "frames", "first frame", "track", "quality", "status", "visible", "temporal", "drift", "flagged")
    shown = [{**row, "flagged": spans(row["flagged"])} for row in rows]
    table(head, [tuple("-" if row[key] is None else str(row[key]) for key in head) for row in shown])


def spans(numbers: Sequence[int]) -> str:
    """Ascending numbers, neighbours drawn together: [1001, 1005, 1006, 1007] is "1001 1005-1007"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return " ".join("-".join(map(str, run)) for run in runs)


@click.command()
@click.argument("take", metavar="SHOT/TAKE")
@click.argument("decision", type=click.Choice(["approve", "reject", "retake", "note"]))
@click.argument("text", required=False, default="")
@click.option("--frame", type=int, help="Pin the note to this frame, counted from 1001.")
@click.pass_obj
def review(session: Session, take: str, decision: str, text: str, frame: int | None) -> None:
    """Approve or reject a take, or pin a note to it.

    \b
    Example: v2v review sh010/t001 note "the hand smears" --frame 1032
    """
    from v2v_studio.studio import Studio

    made = Studio(session.project).review(take, decision, text, frame)
    click.echo(f"{take}: {made.status}, {len(made.notes)} notes")
