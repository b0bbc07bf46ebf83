"""`v2v pick`: which first frames a shot is carried from."""

from __future__ import annotations

import json

import click

from v2v_studio.cli import Session


@click.command()
@click.argument("shot")
@click.argument("first_frames", nargs=-1, required=True, metavar="FF...")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def pick(session: Session, shot: str, first_frames: tuple[str, ...], as_json: bool) -> None:
    """Carry SHOT from these first frames, each pinned to the frame it was painted on.

    \b
    Example: v2v pick sh010 ff001 ff003
    """
    from v2v_studio.studio import Studio

    record = Studio(session.project).pick(shot, first_frames)
    if as_json:
        click.echo(json.dumps([record.plain()]))
    else:
        click.echo(f"{record.id}: {' '.join([str(record.first_frame), *record.further])}")
