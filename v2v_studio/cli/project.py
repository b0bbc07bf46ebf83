"""`v2v init`, `status`, `options`: the project itself, and what can be chosen in it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.table import table


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--size", metavar="WxH", help="Work inside this size, aspect kept. Default: the footage's own.")
def init(folder: Path, size: str | None) -> None:
    """Make a project folder.

    \b
    Example: v2v init myfilm --size 854x480
    """
    from v2v_studio.studio import Studio

    Studio.create(folder, size=parse_size(size))
    click.echo(f"{folder} is a project; next: v2v -C {folder} ingest clip.mp4")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Show footage, shots, takes and what comes next.

    \b
    Example: v2v -C projects/demo status
    """
    from v2v_studio.studio import Studio

    found = Studio(session.project).status()
    if as_json:
        click.echo(json.dumps(found))
        return
    click.echo(f"{found['name']}: {found['footage']} footage, {found['frames']} frames, {found['shots']} shots")
    table(("status", "shots"), [(word, str(count)) for word, count in found["statuses"].items()])
    click.echo(f"next: {found['next']}")


@click.command()
@click.argument("kind", required=False)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
def options(kind: str | None, name: str | None, as_json: bool) -> None:
    """List what can be chosen, or the options of one choice.

    KIND is translator, track or detector.

    \b
    Example: v2v options translator filters
    """
    from v2v_studio.choices import choices, fields

    rows = fields(kind, name) if kind and name else choices(kind)
    if as_json:
        click.echo(json.dumps(rows))
    elif rows:
        table(tuple(rows[0]), [tuple(str(v) for v in row.values()) for row in rows])


def parse_size(text: str | None) -> tuple[int, int] | None:
    """ "854x480" -> (854, 480)."""
    if text is None:
        return None
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 16 and int(height) >= 16):
        raise click.UsageError(f"'{text}' is not a size; write it as 854x480, at least 16x16")
    return int(width), int(height)
