"""`v2v cut`, `shots`, `split`, `merge`, `trim`, `disable`: footage taken apart."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress
from v2v_studio.cli.table import table

as_list = click.option("--json", "as_json", is_flag=True, help="One list of objects.")


@click.command()
@click.option("--footage", metavar="ID", help="Only this footage; by default all that is not cut yet.")
@click.option("--detector", default="adaptive", show_default=True, help="adaptive, content, threshold, hash or fixed.")
@click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the detector.")
@click.option("--again", is_flag=True, help="Cut footage again that is cut already; shots with takes are kept.")
@as_list
@click.pass_obj
def cut(
    session: Session, footage: str | None, detector: str, options: tuple[str, ...], again: bool, as_json: bool
) -> None:
    """Find the shots: hard cuts, dissolves and fades.

    \b
    Example: v2v -C myfilm cut --detector content -p threshold=25
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    with progress(session, "cut") as tell:
        studio.cut(footage, detector, parse_assignments(options), again=again, on_progress=tell)
    _list(studio, as_json)


@click.command()
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write a contact sheet (PNG) as well.")
@click.option(
    "--scores", type=click.Path(path_type=Path, file_okay=False), help="Write each footage's score curve here."
)
@as_list
@click.pass_obj
def shots(session: Session, sheet: Path | None, scores: Path | None, as_json: bool) -> None:
    """List the shots.

    \b
    Example: v2v -C projects/demo shots --sheet contact.png
    """
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    if sheet:
        studio.contact_sheet(sheet)
    if scores:
        studio.score_sheets(scores)
    _list(studio, as_json)


@click.command()
@click.argument("shot")
@click.argument("frame", type=int)
@as_list
@click.pass_obj
def split(session: Session, shot: str, frame: int, as_json: bool) -> None:
    """Split SHOT so that FRAME (counted from 1001) begins a new shot.

    \b
    Example: v2v split sh010 1025
    """
    _edit(session, as_json, "split", shot, frame)


@click.command()
@click.argument("shot")
@click.argument("following")
@as_list
@click.pass_obj
def merge(session: Session, shot: str, following: str, as_json: bool) -> None:
    """Merge SHOT with the one that follows it.

    \b
    Example: v2v merge sh010 sh020
    """
    _edit(session, as_json, "merge", shot, following)


@click.command()
@click.argument("shot")
@click.argument("span", metavar="FROM:TO")
@as_list
@click.pass_obj
def trim(session: Session, shot: str, span: str, as_json: bool) -> None:
    """Keep frames FROM up to, not including, TO of SHOT; the rest shows the source.

    \b
    Example: v2v trim sh010 1005:1040
    """
    start, colon, end = span.partition(":")
    if not (colon and start.isdigit() and end.isdigit()):
        raise click.UsageError(f"'{span}' is not a range of frames; write it as 1005:1040")
    _edit(session, as_json, "trim", shot, int(start), int(end))


@click.command()
@click.argument("shot")
@click.option("--on", is_flag=True, help="Bring it back.")
@as_list
@click.pass_obj
def disable(session: Session, shot: str, on: bool, as_json: bool) -> None:
    """Leave SHOT as it is in the source: no first frame, no take.

    \b
    Example: v2v disable sh030
    """
    _edit(session, as_json, "enable" if on else "disable", shot)


def _edit(session: Session, as_json: bool, verb: str, *arguments: object) -> None:
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    getattr(studio, verb)(*arguments)
    _list(studio, as_json)


def _list(studio: object, as_json: bool) -> None:
    rows = studio.shot_rows()  # type: ignore[attr-defined]
    if as_json:
        click.echo(json.dumps(rows))
        return
    head = ("shot", "footage", "frames", "from", "to", "timecode", "status", "first frame", "take", "note")
    keys = ("id", "footage", "frames", "start", "end", "timecode", "status", "first_frame", "take", "note")
    table(head, [tuple("" if row[key] is None else str(row[key]) for key in keys) for row in rows])
