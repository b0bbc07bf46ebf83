"""`v2v compare`: two of anything, seen together and measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--layout", type=click.Choice(["side", "wipe", "difference"]), default="side", show_default=True)
@click.option("--frame", "number", type=int, help="One frame, as a picture; counted from 1001.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: exports/A_B_LAYOUT.")
@click.option("--json", "as_json", is_flag=True, help="One object, with a row for every frame.")
@click.pass_obj
def compare(session: Session, a: str, b: str, layout: str, number: int | None, out: Path | None, as_json: bool) -> None:
    """Write A and B as one video or picture, and say how far apart they are.

    A and B are takes (sh010/t001), first frames (sh010/ff001), footage (sh010/source) or files: a picture, a video, a
    folder of pictures.

    \b
    Example: v2v -C projects/demo compare sh010/source sh010/t001 --layout wipe
    """
    from v2v_studio.studio.compare import compare
    from v2v_studio.studio.desk import Desk

    desk = Desk(session.project) if (session.project / "project.json").exists() else None
    with progress(session, "compare") as tell:
        made = compare(a, b, desk, layout, number, out, tell)
    click.echo(json.dumps(made) if as_json else summary(made))


def summary(made: dict[str, Any]) -> str:
    """One line; the frame that is farthest apart is named where there are several."""
    told = f"{made['path']}: {_apart(made)}"
    if made["frames"] == 1 or made["psnr"] is None:
        return told
    worst = max(made["rows"], key=lambda row: row["difference"])
    return f"{told}; over {made['frames']} frames, at most at {worst['frame']}: {_apart(worst)}"


def _apart(row: dict[str, Any]) -> str:
    if row["psnr"] is None:
        return "no difference"
    return f"mean difference {row['difference']:.2f} of 255, PSNR {row['psnr']:.1f} dB"
