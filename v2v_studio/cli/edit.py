"""`v2v assemble`: the cut."""

from __future__ import annotations

import json

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say


@click.command()
@click.option("--name", default="cut01", show_default=True, help="Name of the edit and of its exports.")
@click.option("--strict", is_flag=True, help="Approved takes only; refuse the edit where one is missing.")
@click.option(
    "--crf", default=16, show_default=True, type=click.IntRange(0, 51), help="H.264 quality, lower is better."
)
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def assemble(session: Session, name: str, strict: bool, crf: int, as_json: bool) -> None:
    """Write the cut: an mp4 a footage, with its audio, and an OpenTimelineIO timeline.

    Shows each shot's approved take, else its newest; frames without a take come from the source.

    \b
    Example: v2v -C projects/demo assemble
    """
    from v2v_studio.studio import Studio

    with progress(session, "assemble") as tell:
        made = Studio(session.project).assemble(name, strict=strict, crf=crf, on_progress=tell)
    if as_json:
        click.echo(json.dumps(made))
        return
    for row in made["exports"]:
        click.echo(f"{row['path']}: {row['frames']} frames at {row['rate']}, {row['styled']} of them styled")
        say(session, (f"{row['footage']}: {note}" for note in row["notes"]))
    click.echo(made["timeline"])
