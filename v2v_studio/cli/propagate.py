"""`v2v propagate`: plain folders in and out."""

from __future__ import annotations

from pathlib import Path

import click

from v2v_studio.cli.progress import progress


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("key", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option("--draft", is_flag=True, help="In seconds: no patch search, faster motion.")
@click.option("--track", default="restyle", show_default=True, help="How motion becomes frames.")
@click.option(
    "-p", "options", multiple=True, metavar="KEY=VALUE", help="An option of the track, such as quality=draft."
)
@click.option("--seed", default=0, show_default=True)
@click.pass_obj
def propagate(
    session: object, source: Path, key: Path, out: Path, draft: bool, track: str, options: tuple[str, ...], seed: int
) -> None:
    """Carry KEY, the styled first frame, through a folder of frames.

    SOURCE holds numbered PNGs (00000.png ...); OUT gets all but the first, under the same names.

    \b
    Example: v2v propagate frames key.png styled --draft
    """
    from v2v_studio.params import parse_assignments
    from v2v_studio.propagate import propagate as carry

    chosen = ({"quality": "draft"} if draft else {}) | parse_assignments(options)
    with progress(session, "propagate") as tell:
        count = carry(source, key, out, chosen, track, seed, tell)
    click.echo(f"{count} frames in {out}")
