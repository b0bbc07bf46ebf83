"""`v2v suggest`: where one more first frame would help."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.table import table


@click.command()
@click.argument("shot")
@click.option("--count", type=click.IntRange(1), default=3, show_default=True, help="How many frames to name.")
@click.option("--draft", is_flag=True, help="What a draft would see, in less time.")
@click.option("-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the track, as for render.")
@click.option("--picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the coverage curve (PNG).")
@click.option("--json", "as_json", is_flag=True, help="One list of objects.")
@click.pass_obj
def suggest(
    session: Session, shot: str, count: int, draft: bool, options: tuple[str, ...], picture: Path | None, as_json: bool
) -> None:
    """Name the frames of SHOT to make further first frames of, by how much of what is unseen each would show.

    \b
    Example: v2v -C projects/demo suggest sh020 --picture coverage.png
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.studio import Studio

    studio, chosen = Studio(session.project), ({"quality": "draft"} if draft else {}) | parse_assignments(options)
    say(session, [f"{shot}: about {studio.suggest_seconds(shot, count, chosen):.0f} s of one core"])
    with progress(session, "suggest") as tell:
        made = studio.suggest(shot, count, picture, chosen, tell)
    if as_json:
        click.echo(json.dumps([asdict(suggestion) for suggestion in made]))
        return
    rows = [(str(s.frame), f"{s.covers:.1%}", f"{s.unseen_before:.1%}", f"{s.unseen_after:.1%}") for s in made]
    table(("frame", "covers", "unseen before", "after"), rows)
    if made:
        say(
            session,
            [f"next: v2v stylize {shot} --frame {made[0].frame}, then v2v pick {shot} with all its first frames"],
        )
    else:
        say(session, [f"{shot}: no further frame shows anything that its first frames do not"])
