"""`v2v train prepare`: clips made into shards."""

from __future__ import annotations

import json
from pathlib import Path

import click

from v2v_studio.cli import Session
from v2v_studio.cli.progress import progress, say
from v2v_studio.cli.project import parse_size

SAID = 5  # clips passed over that are named; the manifest holds all


@click.command()
@click.argument("clips", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--kind",
    type=click.Choice(["clips", "got10k", "youtube-vis"]),
    default="clips",
    show_default=True,
    help="What CLIPS is: videos or folders of pictures, or the split of a data set, with its boxes.",
)
@click.option("--frames", type=click.IntRange(1, 999), default=16, show_default=True, help="Of a sample.")
@click.option(
    "--stride", type=click.IntRange(1), default=4, show_default=True, help="Take every N-th frame of the footage."
)
@click.option(
    "--every",
    type=click.IntRange(1),
    metavar="N",
    help="Begin a sample every N frames of the footage. Default: where the one before ends.",
)
@click.option("--size", default="512x320", show_default=True, metavar="WxH", help="Of the samples' frames.")
@click.option("--stretch", is_flag=True, help="Stretch frames to that size. Default: cut off what sticks out.")
@click.option(
    "--flow",
    type=click.Choice(["longrange", "dis", "raft", "none"]),
    default="longrange",
    show_default=True,
    help="What estimates motion, from the first frame to every other.",
)
@click.option("--detector", default="adaptive", show_default=True, help="Of cuts: no sample spans one. See `v2v cut`.")
@click.option("--per-shard", type=click.IntRange(1), default=64, show_default=True, help="Samples of a shard.")
@click.option(
    "--captions",
    type=click.Path(path_type=Path, dir_okay=False),
    help='JSON {"CLIP": "text"}. Default: CLIP.txt beside each clip.',
)
@click.option("--part", metavar="K/N", default="1/1", help="Only every N-th clip, from the K-th on.")
@click.option("--json", "as_json", is_flag=True, help="One object.")
@click.pass_obj
def prepare(
    session: Session,
    clips: Path,
    out: Path,
    kind: str,
    size: str,
    every: int | None,
    captions: Path | None,
    part: str,
    as_json: bool,
    **options: object,
) -> None:
    """Make WebDataset shards of clips: frames, captions, motion with visibility, boxes where they are marked.

    What was stopped goes on after its last finished shard. Finished shards may be moved to another disk at any time.

    \b
    Example: v2v train prepare clips/ shards/ --frames 16 --stride 8 --flow dis
             v2v train prepare GOT-10k/train boxes/ --kind got10k --frames 8 --stride 1 --size 256x256 --stretch
    """
    from v2v_studio.params import parse_params
    from v2v_studio.studio.prepare import prepare_shards
    from v2v_studio.training.data.cutting import PrepareParams

    wide = parse_size(size) or (0, 0)
    chosen = {**options, "every": every or 0, "width": wide[0], "height": wide[1]}
    params = parse_params(PrepareParams, chosen, "train prepare")
    with progress(session, "prepare") as tell:
        made = prepare_shards(clips, out, kind, params, captions, parse_part(part), tell)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(made))
        return
    click.echo(f"{made['samples']} samples of {made['clips']} clips in {made['shards']} shards: {out}")
    skipped = list(made["skipped"].items())
    say(session, [f"passed over {name}: {why}" for name, why in skipped[:SAID]])
    if len(skipped) > SAID:
        say(session, [f"... and {len(skipped) - SAID} more, in {made['manifest']}"])


def parse_part(text: str) -> tuple[int, int]:
    """ "2/8" -> (2, 8)."""
    k, slash, n = text.partition("/")
    if not (slash and k.isdigit() and n.isdigit()):
        raise click.UsageError(f"'{text}' is no part; write it as 2/8: the second of eight")
    return int(k), int(n)
