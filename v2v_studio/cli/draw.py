"""`v2v draw`: how a shot is to move, put down by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from v2v_studio.cli import Session


@click.command()
@click.argument("shot")
@click.option("--drag", "drags", multiple=True, metavar="'X,Y X,Y ...'", help="A path; may be repeated.")
@click.option(
    "--brush",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="PNG of the footage's size, white where something may move.",
)
@click.option(
    "--boxes",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="JSON list of boxes, as they stand in control.json.",
)
@click.option("--clear", is_flag=True, help="Leave nothing drawn.")
@click.option("--json", "as_json", is_flag=True, help="One object: all that is drawn, in pixels of the footage.")
@click.pass_obj
def draw(
    session: Session,
    shot: str,
    drags: tuple[str, ...],
    brush: Path | None,
    boxes: Path | None,
    clear: bool,
    as_json: bool,
) -> None:
    """Show what is drawn on SHOT, or replace all of it, in pixels of its footage.

    \b
    Example: v2v draw sh010 --drag '120,80 160,80' --drag '40,60 40,20'
    """
    from v2v_studio.studio import Studio

    studio = Studio(session.project)
    drawn = studio.control(shot)
    if drags or brush or boxes or clear:
        paths = [parse_path(text) for text in drags]
        painted = brush.read_bytes() if brush else None
        drawn = studio.draw(shot, drawn.version, paths, parse_boxes(boxes) if boxes else (), painted)
    if as_json:
        click.echo(json.dumps({**asdict(drawn), "brush": str(drawn.brush) if drawn.brush else None}))
        return
    brushed = ", a brush" if drawn.brush else ""
    click.echo(f"{shot}: {len(drawn.drags)} drags, {len(drawn.boxes)} boxes{brushed} on {drawn.width}x{drawn.height}")


def parse_path(text: str) -> list[tuple[float, float]]:
    """ "120,80 160,80" -> [(120.0, 80.0), (160.0, 80.0)]."""
    try:
        return [(float(x), float(y)) for x, y in (point.split(",") for point in text.split())]
    except ValueError:
        raise click.UsageError(f"'{text}' is not a path; write points as x,y, as in '120,80 160,80'") from None


def parse_boxes(file: Path) -> list[dict[str, object]]:
    try:
        boxes = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.UsageError(f"{file} is not JSON ({error})") from None
    if not isinstance(boxes, list) or not all(isinstance(box, dict) for box in boxes):
        raise click.UsageError(f"{file} does not hold a list of boxes, as they stand in control.json")
    return boxes
