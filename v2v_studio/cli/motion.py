"""`v2v motion`: what moves, as a video or as one picture."""

from __future__ import annotations

from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress

HALFWAY = "halfway"


@click.command()
@click.argument("shot")
@click.option(
    "--preview",
    is_flag=False,
    flag_value=HALFWAY,
    metavar="[FRAME]",
    help="One picture, of this frame (halfway where not given): colour wheel, arrows, warped grid.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Default: exports/SHOT_motion.mp4, or .png for a preview.",
)
@click.option("--draft", is_flag=True, help="In seconds.")
@click.option("--track", help="Show the motion of this track (animate, drag), which its render then uses.")
@click.option("--scale", default=1.0, show_default=True, help="Times as far, of a track's motion; 0 is still.")
@click.option(
    "--mask",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PNG",
    help="A track's motion only where this is white.",
)
@click.option(
    "--motion",
    "given",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="This motion, as --export wrote it, instead of making any.",
)
@click.option(
    "--export",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write a track's motion, one .flo a frame, for `v2v render --motion FOLDER`.",
)
@click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the motion, such as flow=raft.")
@click.pass_obj
def motion(
    session: Session,
    shot: str,
    preview: str | None,
    out: Path | None,
    draft: bool,
    track: str | None,
    scale: float,
    mask: Path | None,
    given: Path | None,
    export: Path | None,
    options: tuple[str, ...],
) -> None:
    """Write a video of a shot's motion, arrows on the footage beside the colour wheel; or one picture of it.

    \b
    Example: v2v -C projects/demo motion sh020 --preview 1024
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio import Studio
    from v2v_studio.studio.moves import Adjustment

    studio, chosen = Studio(session.project), ({"quality": "draft"} if draft else {}) | parse_assignments(options)
    path = out or session.project / "exports" / f"{shot}_motion.{'png' if preview else 'mp4'}"
    if export and (track is None or preview or out):
        raise click.UsageError(
            "--export writes the motion of a --track, and nothing else; leave out --preview and --out"
        )
    change = Adjustment(given, scale, mask)
    with progress(session, "motion") as tell:
        if export and track:
            said = f"{export}: {studio.export_motion(shot, export, track, chosen, change, tell)} frames of motion"
        elif preview is None:
            made = studio.motion(shot, path, chosen, tell, track, change)
            said = f"{made.path}: {made.frames} frames"
        else:
            seen = studio.preview_motion(shot, path, frame_number(preview), chosen, tell, track, change)
            said = f"{seen.path}: frame {seen.frame} against {seen.since}, by {seen.estimator}"
    click.echo(said)


def frame_number(text: str) -> int | None:
    if text == HALFWAY:
        return None
    if not text.isdigit():
        raise click.UsageError(f"'{text}' is not the number of a frame; they count from 1001")
    return int(text)
