"""`v2v recipe`, `replay`: what a file says of how it was made, and whether that makes it again."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="On one line.")
def recipe(file: Path, as_json: bool) -> None:
    """Print the recipe that a PNG, a video or a take carries.

    \b
    Example: v2v recipe exports/cut01.mp4
    """
    from v2v_studio.studio.recipe import recipe_of

    click.echo(json.dumps(recipe_of(file), indent=None if as_json else 2))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.pass_context
def replay(context: click.Context, file: Path, as_json: bool) -> None:
    """Make a frame, a take or a video again from its recipe and say whether the bytes agree.

    Ends with 0 where they do, with 1 and the first stage that differs where they do not.

    \b
    Example: v2v -C projects/demo replay projects/demo/exports/cut01.mp4
    """
    from v2v_studio.studio import Studio

    session: Session = context.obj
    with progress(session, "replay") as tell:
        found = Studio(session.project).replay(file, tell)
    if as_json:
        click.echo(json.dumps(found.row()))
    elif found.agrees:
        click.echo(f"{file}: agrees bit for bit ({found.made})")
        say(session, found.notes)
    else:
        click.echo(f"{file}: differs at {found.stage}: {found.reason}")
        if found.made:
            click.echo(f"compared {found.made}")
    context.exit(0 if found.agrees else 1)
