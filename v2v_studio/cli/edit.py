"""`v2v assemble`, `import`: the cut, out and in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.table import place, table

FORMATS = {
    "mp4": "H.264 film with its audio.",
    "otio": "OpenTimelineIO timeline; it is written in any case.",
    "edl": "CMX 3600 list: cuts and notes.",
    "fcpxml": "Final Cut Pro X and Resolve: cuts and notes.",
    "prores": "ProRes 422 HQ film with its audio.",
    "frames": "Folder of numbered PNGs.",
}


def format_flags(command: Callable[..., None]) -> Callable[..., None]:
    """A flag for each format."""
    for name, text in reversed(FORMATS.items()):
        command = click.option(f"--{name}", is_flag=True, help=text)(command)
    return command


@click.command()
@click.option("--name", default="cut01", show_default=True, help="Name of the edit and of its exports.")
@click.option("--strict", is_flag=True, help="Approved takes only; refuse the edit where one is missing.")
@click.option(
    "--crf", default=16, show_default=True, type=click.IntRange(0, 51), help="H.264 quality, lower is better."
)
@format_flags
@click.option("--handles", default=0, type=click.IntRange(0), help="Frames wanted either side of each clip.")
@click.option("--no-embed", is_flag=True, help="Keep the recipe out of the video; it lies beside it.")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def assemble(
    session: Session, name: str, strict: bool, crf: int, handles: int, no_embed: bool, as_json: bool, **flags: bool
) -> None:
    """Write the cut: an mp4 a footage, with its audio, and an OpenTimelineIO timeline, or the formats that are named.

    Shows each shot's approved take, else its newest; frames without a take come from the source.

    \b
    Example: v2v -C projects/demo assemble --edl --fcpxml
    """
    from v2v_studio.studio import Studio

    formats = [form for form in FORMATS if flags[form]] or ["mp4", "otio"]
    with progress(session, "assemble") as tell:
        made = Studio(session.project).assemble(
            name, strict=strict, crf=crf, on_progress=tell, formats=formats, handles=handles, embed=not no_embed
        )
    if as_json:
        click.echo(json.dumps(made))
        return
    for row in made["exports"]:
        click.echo(f"{place(row['path'])}: {row['frames']} frames at {row['rate']}, {row['styled']} of them styled")
        say(session, (f"{row['footage']}: {note}" for note in row["notes"]))
    for path in (*made["lists"], made["timeline"]):
        click.echo(place(path))
    say(session, made["notes"])


@click.command("import")
@click.argument("cut", type=click.Path(path_type=Path, dir_okay=False), metavar="CUT.otio")
@click.option("--name", default="cut01", show_default=True, help="Name of the edit that plays it.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.pass_obj
def import_(session: Session, cut: Path, name: str, dry_run: bool, as_json: bool) -> None:
    """Take over a cut made elsewhere; what is rendered is kept, and only frames that no take has are left to render.

    \b
    Example: v2v -C projects/demo import cut_from_editing.otio --dry-run
    """
    from v2v_studio.studio import Studio

    made = Studio(session.project).import_cut(cut, name, dry_run)
    if as_json:
        click.echo(json.dumps(made))
        return
    head = ("shot", "footage", "from", "to", "frames", "what", "render")
    table(head, [tuple("" if row[key] is None else str(row[key]) for key in head) for row in made["rows"]])
    say(session, made["notes"])
    say(session, next_commands(made["rows"]))
    if made["edit"]:
        click.echo(made["edit"])


def next_commands(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is left to do for the shots that have frames to render."""
    new = list(dict.fromkeys(row["shot"] for row in rows if row["what"].startswith("new")))
    waiting = list(dict.fromkeys(row["shot"] for row in rows if row["render"]))
    commands = [f"v2v stylize {' '.join(new)}"] if new else []
    return [*commands, f"v2v render {' '.join(waiting)}"] if waiting else commands
