"""`v2v ingest`: footage in."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.project import parse_size
from v2v_studio.cli.table import table

MOST = 100_000  # frames that a picture is held


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--copy", is_flag=True, help="Copy into the project; by default footage is referred to where it lies.")
@click.option("--rate", metavar="FPS", help="Of pictures: 25, 24000/1001, ... Default: the project's, or 24.")
@click.option("--frames", type=click.IntRange(1, MOST), default=1, metavar="N", help="Hold a single picture N frames.")
@click.option(
    "--blank", metavar="WxH", help="Frames that show nothing, to be made from words: see `--translator text2img`."
)
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def ingest(
    session: Session,
    paths: tuple[Path, ...],
    copy: bool,
    rate: str | None,
    frames: int,
    blank: str | None,
    as_json: bool,
) -> None:
    """Take in video files, picture sequences, stills, or folders of them.

    \b
    Example: v2v -C myfilm ingest clip.mp4 frames/
             v2v -C myfilm ingest photo.jpg --frames 48 --rate 24
             v2v -C myfilm ingest --blank 512x512 --frames 48
    """
    from v2v_studio.studio import Studio
    from v2v_studio.studio.ingest import checked_rate

    if bool(paths) == bool(blank):
        raise click.UsageError("give files to take in, or --blank WxH, and not both")
    speed = checked_rate(rate)
    with progress(session, "ingest") as tell:
        studio = Studio(session.project)
        if size := parse_size(blank):
            taken = [studio.ingest_blank(size, frames, speed)]
        else:
            taken = studio.ingest(paths, copy, speed, frames, tell)
    if as_json:
        click.echo(json.dumps([footage.model_dump(mode="json", by_alias=True) for footage in taken]))
        return
    rows = [(f.id, f.path, f"{f.width}x{f.height}", str(f.frames), f.rate) for f in taken]
    table(("footage", "path", "size", "frames", "rate"), rows)
    for footage in taken:
        say(session, (f"{footage.id}: {note}" for note in footage.notes))
        if speed and footage.rate != speed:
            say(
                session, [f"{footage.id} stays at {footage.rate} frames a second; --rate is for pictures taken in anew"]
            )
