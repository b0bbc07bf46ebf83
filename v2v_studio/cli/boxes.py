"""`v2v boxes`: where objects are, drawn once and followed through a shot."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import table

HEAD = ("phrase", "interpolation", "keys", "frames")


@click.command()
@click.argument("shot")
@click.option("--follow", metavar="X,Y,WIDTH,HEIGHT@FRAME", help="Follow what is in this box, in the footage's pixels.")
@click.option("--phrase", default="", help="What it is: a red ball. A box of the same phrase is replaced.")
@click.option(
    "--show", type=click.Path(path_type=Path, dir_okay=False), help="Draw the boxes on the footage: a .png, or a video."
)
@click.option("--json", "as_json", is_flag=True, help="One list of objects, as control.json has them.")
@click.pass_obj
def boxes(session: Session, shot: str, follow: str | None, phrase: str, show: Path | None, as_json: bool) -> None:
    """List a shot's boxes; follow an object from one box, and look at what came of it.

    \b
    Example: v2v -C projects/demo boxes sh010 --follow 120,80,60,60@1001 --phrase "a ball" --show boxes.png
    """
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    if follow is not None:
        box, number = box_at(follow)
        with progress(session, "following") as tell:
            studio.follow(shot, box, number, phrase, tell)
    if show:
        with progress(session, "drawing") as tell:
            click.echo(f"{studio.show_boxes(shot, show, tell)}", err=as_json)
    drawn = studio.boxes(shot)
    if as_json:
        click.echo(json.dumps([box.plain() for box in drawn]))
        return
    number_of = studio.store.shot(shot).number
    rows = []
    for one in drawn:
        first, last = one.keys[0].frame, one.keys[-1].frame
        frames = f"{number_of(first)}-{number_of(last)}"
        rows.append((one.phrase or "-", one.interpolation, str(len(one.keys)), frames))
    table(HEAD, rows)


def box_at(text: str) -> tuple[tuple[float, float, float, float], int]:
    """X,Y,WIDTH,HEIGHT@FRAME -> the box, and the frame's number.

    Example:
        >>> box_at("120,80,60,60.5@1001")
        ((120.0, 80.0, 60.0, 60.5), 1001)
    """
    numbers, _, frame = text.partition("@")
    try:
        x, y, width, height = map(float, numbers.split(","))
        return (x, y, width, height), int(frame)
    except ValueError:
        raise click.UsageError(
            f"'{text}' is no box; write it as X,Y,WIDTH,HEIGHT@FRAME, as in 120,80,60,60@1001"
        ) from None
