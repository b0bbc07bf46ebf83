"""`v2v run`: footage in, restyled cut out."""

from __future__ import annotations

from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress
from v2v_studio.cli.project import parse_size


@click.command()
@click.argument("footage", type=click.Path(path_type=Path))
@click.option("--translator", help="filters, painted, ... (`v2v options translator`).")
@click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the translator.")
@click.option("--size", metavar="WxH", help="Work inside this size, aspect kept.")
@click.option("--seed", type=int)
@click.option("--draft", is_flag=True, help="In seconds: no patch search, faster motion.")
@click.option("--workers", type=click.IntRange(1), help="Shots at once. Default: one a core.")
@click.pass_obj
def run(
    session: Session,
    footage: Path,
    translator: str | None,
    options: tuple[str, ...],
    size: str | None,
    seed: int | None,
    draft: bool,
    workers: int | None,
) -> None:
    """Restyle FOOTAGE from end to end. Run again, it does only what changed.

    The project is the folder of -C; without -C it is named after the footage.

    \b
    Example: v2v -C myfilm run clip.mp4 -p preset=watercolor
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio import Studio

    folder = session.project if session.project != Path() else Path(footage.stem)
    studio = Studio.open_or_create(folder, parse_size(size))
    with progress(session, "run") as tell:
        made = studio.run(
            footage,
            translator,
            parse_assignments(options),
            seed,
            render_options={"quality": "draft"} if draft else {},
            workers=workers,
            on_progress=tell,
        )
    for stage, line in made["stages"].items():
        click.echo(f"{stage:9} {line}")
    for row in made["exports"]:
        click.echo(row["path"])
