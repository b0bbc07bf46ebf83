"""`v2v evaluate`: folders of clips, measured."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.table import table

SHOWN = 20  # clips in the table on the screen; the file holds all


@click.command()
@click.argument("generated", required=False, type=click.Path(path_type=Path))
@click.argument("reference", required=False, type=click.Path(path_type=Path))
@click.option("--metrics", "names", metavar="A,B,...", default="psnr,ssim", show_default=True, help="See --list.")
@click.option("--about", type=click.Path(path_type=Path, dir_okay=False), help="JSON: prompt, boxes, drags of clips.")
@click.option("--flow", type=click.Choice(["dis", "raft"]), default="dis", show_default=True, help="For motion.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), default="evaluation.json", show_default=True, help="JSON."
)
@click.option("--vbench", type=click.Path(path_type=Path, file_okay=False), help="Only lay the clips out for VBench.")
@click.option("--list", "listed", is_flag=True, help="Every metric: which way is better, what it needs.")
@click.option("--json", "as_json", is_flag=True, help="One object; with --list one list of objects.")
@click.pass_obj
def evaluate(
    session: Session,
    generated: Path | None,
    reference: Path | None,
    names: str,
    about: Path | None,
    flow: str,
    out: Path,
    vbench: Path | None,
    listed: bool,
    as_json: bool,
) -> None:
    """Measure the clips of a folder, most metrics against the clips of the same names in another.

    A clip is a video or a folder of pictures. What was stopped goes on where it was.
    --about names what was asked: {"CLIP": {"prompt": "a cat", "boxes": [[x0, y0, x1, y1], ...], "drags": [[[x, y], ...]]}}

    \b
    Example: v2v evaluate generated/ truth/ --metrics psnr,ssim,warp_error
    What there is: v2v evaluate --list
    """
    from v2v_studio.errors import UsageError
    from v2v_studio.studio.clips import clips_in, read_about
    from v2v_studio.studio.evaluate import evaluate, metric_rows
    from v2v_studio.studio.vbench import lay_out

    if listed:
        rows = metric_rows()
        if as_json:
            click.echo(json.dumps(rows))
            return
        head = ("metric", "better", "needs", "measures")
        table(head, [(r["name"], r["better"], needs(r), r["about"]) for r in rows])
        return
    if generated is None:
        raise UsageError("name the folder of clips to measure, or see the metrics with: v2v evaluate --list")
    if vbench:
        laid = lay_out(clips_in(generated), read_about(about), vbench)
        click.echo(json.dumps(laid) if as_json else f"{len(laid)} clips in {vbench}")
        return
    with progress(session, "evaluate") as tell:
        asked = [name.strip() for name in names.split(",") if name.strip()]
        made = evaluate(generated, reference, asked, out, about, flow, tell)
    if as_json:
        click.echo(json.dumps(made))
        return
    lines = [(name, *(figure(row["values"].get(m)) for m in made["metrics"])) for name, row in made["clips"].items()]
    means = ("mean", *(figure(made["mean"][m]) for m in made["metrics"]))
    table(("clip", *made["metrics"]), [*lines[:SHOWN], *([("...",) * len(means)] if len(lines) > SHOWN else []), means])
    say(session, [f"{len(lines)} clips: {out}"])


def needs(row: dict[str, object]) -> str:
    """What a metric needs beside the clips; what is not on this machine with the command that brings it."""
    if row["absent"]:
        return f"cannot be measured here: {row['absent']}"
    given = ", ".join([*row["needs"], *row["models"]])  # type: ignore[misc]
    return f"{given} (not here: {row['fetch']})" if row["fetch"] else given


def figure(value: float | None) -> str:
    """Four significant places; a dash where there is no value."""
    return "-" if value is None else f"{value:.4g}"
