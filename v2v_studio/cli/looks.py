"""`v2v stylize`: first frames."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import table


@click.command()
@click.argument("shots", nargs=-1)
@click.option("--translator", help="filters, painted, ... (`v2v options translator`). Default: the project's.")
@click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the translator.")
@click.option("--seed", type=click.IntRange(0), help="Default: the project's.")
@click.option("--frame", type=int, help="Frame to paint on, counted from 1001. Default: the first usable one.")
@click.option("--like", metavar="SHOT/FIRSTFRAME", help="Make them look like this first frame, such as sh010/ff002.")
@click.option("--mask", metavar="PNG", help="White where the look applies, painted on the frame.")
@click.option("--protect", is_flag=True, help="White is where the look does not apply.")
@click.option("--feather", default=2.0, show_default=True, help="Pixels over which frame and look mix.")
@click.option(
    "--candidates", default=1, metavar="N", help="Make N of each shot, with seeds S, S+1, ...; see `v2v pick`."
)
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write a before/after sheet (PNG).")
@click.option(
    "--show-controls",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a sheet of what they were held to (PNG).",
)
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def stylize(
    session: Session,
    shots: tuple[str, ...],
    translator: str | None,
    options: tuple[str, ...],
    seed: int | None,
    frame: int | None,
    like: str | None,
    mask: str | None,
    protect: bool,
    feather: float,
    candidates: int,
    sheet: Path | None,
    show_controls: Path | None,
    as_json: bool,
) -> None:
    """Make the first frame of SHOTS, or of all that have none.

    \b
    Example: v2v stylize sh010 --translator filters -p preset=watercolor --sheet look.png
             v2v stylize --like sh010/ff002 sh020 sh030
             v2v stylize sh010 --translator img2img -p prompt="a watercolor" --candidates 4 --sheet choice.png
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio import Studio
    from v2v_studio.studio.stylize import Masking

    studio = Studio(session.project)
    with progress(session, "stylize") as tell:
        masking = Masking(mask, protect, feather) if mask else None
        asked = parse_assignments(options)
        made = studio.stylize(shots, translator, asked, seed, frame, like, masking, candidates, tell)
    if sheet and made:
        studio.before_after(made, sheet)
    if show_controls and made:
        studio.show_controls(made, show_controls)
    if as_json:
        click.echo(json.dumps([first.model_dump(mode="json", by_alias=True) for first in made]))
        return
    head = ["first frame", "translator", "options"]
    rows = [[f"{first.shot}/{first.id}", first.translator, studio.describe(first)] for first in made]
    if candidates > 1:
        head.append("seed")
        for row, first in zip(rows, made, strict=True):
            row.append(str(first.seed))
    if like:
        head.append("palette distance")
        for row, first in zip(rows, made, strict=True):
            row.append(str((first.like or {})["palette_distance"]))
    table(head, rows)
