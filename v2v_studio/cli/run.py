"""`v2v run`: footage in, restyled cut out."""

from __future__ import annotations

from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.project import parse_size
from v2v_studio.cli.table import place


@click.command()
@click.argument("footage", type=click.Path(path_type=Path, exists=True))
@click.option("--translator", help="filters, painted, ... (`v2v options translator`).")
@click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the translator.")
@click.option("--size", metavar="WxH", help="Work inside this size, aspect kept.")
@click.option("--seed", type=click.IntRange(0))
@click.option("--draft", is_flag=True, help="In seconds: no patch search, faster motion.")
@click.option("--workers", type=click.IntRange(1), help="Shots at once. Default: one a core, as memory allows.")
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

    The project is the folder of -C; without -C the one you are in, else a new one named after the footage.

    \b
    Example: v2v -C myfilm run clip.mp4 -p preset=watercolor
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio import Studio

    studio = Studio.open_or_create(project_for(footage, session.project), parse_size(size))
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
    for one in studio.store.footages():
        say(session, (f"{one.id}: {note}" for note in one.notes))
    for stage, line in made["stages"].items():
        click.echo(f"{stage:9} {line}")
    for row in made["exports"]:
        click.echo(place(row["path"]))
        say(session, (f"{row['footage']}: {note}" for note in row["notes"]))


def project_for(footage: Path, chosen: Path) -> Path:
    """The project folder: the one chosen, the one we are in, or a new one beside the footage's name."""
    if chosen != Path() or Path("project.json").exists():
        return chosen
    folder = Path(footage.resolve().stem)
    if folder.exists() and not (folder / "project.json").exists():
        raise click.UsageError(
            f"'{folder}' is there and is no project; name the project's folder: v2v -C FOLDER run ..."
        )
    return folder
