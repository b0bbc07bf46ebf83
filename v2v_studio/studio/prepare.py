"""Prepare: clips in a folder, or a data set, made into the shards that training reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.project.atomic import read_json
from v2v_studio.studio.clips import clips_in
from v2v_studio.studio.desk import Tell, silent
from v2v_studio.training.data.cutting import PrepareParams
from v2v_studio.training.data.got10k import got10k
from v2v_studio.training.data.prepare import MANIFEST, prepare
from v2v_studio.training.data.sources import Annotation, Source
from v2v_studio.training.data.youtube_vis import youtube_vis

Kind = Literal["clips", "got10k", "youtube-vis"]
KINDS: tuple[Kind, ...] = ("clips", "got10k", "youtube-vis")


def prepare_shards(
    clips: Path,
    out: Path,
    kind: Kind = "clips",
    params: PrepareParams | None = None,
    captions: Path | None = None,
    part: tuple[int, int] = (1, 1),
    on_progress: Tell = silent,
) -> dict[str, Any]:
    """Make shards, or go on where a run was stopped.

    Args:
        clips: a folder of clips (videos, or folders of pictures), or the split of a data set.
        kind: what it is.
        captions: a JSON file {clip: text}. A clip without one there has the text of `CLIP.txt` beside it, if there is any.
        part: (k, n): only every n-th clip, from the k-th on. n runs into n folders make the whole.

    Returns:
        what there is now: `out`, `shards`, `samples`, `clips`, `skipped` (clip -> why).

    Raises:
        UsageError, MissingError, MediaError: as `training.prepare.prepare`; UsageError also for captions that are none.
    """
    k, n = part
    if not 1 <= k <= n:
        raise UsageError(f"there is no part {k} of {n}; the parts are 1/{n} to {n}/{n}")
    sources = found(clips, kind, read_captions(captions))[k - 1 :: n]
    if not sources:
        raise UsageError(f"part {k} of {n} has no clip; ask for fewer parts")
    made = prepare(sources, out, params or PrepareParams(), on_progress)
    return {
        "out": str(out),
        "manifest": str(out / MANIFEST),
        "shards": len(made["shards"]),
        "samples": made["samples"],
        "clips": len(made["sources"]),
        "skipped": {entry["name"]: entry["skipped"] for entry in made["sources"] if "skipped" in entry},
    }


def found(clips: Path, kind: Kind, captions: Mapping[str, str]) -> list[Source]:
    """The clips by name. UsageError where there are none."""
    if kind == "got10k":
        return got10k(clips)
    if kind == "youtube-vis":
        return youtube_vis(clips, captions)
    return [
        Source(name, path, partial(_captioned, captions.get(name, ""), path, name))
        for name, path in clips_in(clips).items()
    ]


def _captioned(caption: str, path: Path, name: str) -> Annotation:
    return Annotation(caption or _beside(path, name))


def _beside(path: Path, name: str) -> str:
    """The caption that lies beside a clip. MediaError where it is no text."""
    text = path.with_name(f"{name}.txt")
    try:
        return text.read_text(encoding="utf-8").strip() if text.is_file() else ""
    except UnicodeDecodeError:
        raise MediaError(f"{text} is not a text in UTF-8; save it as one, or move it away") from None


def read_captions(path: Path | None) -> dict[str, str]:
    """UsageError for what is not a JSON file {clip: text}."""
    if path is None:
        return {}
    try:
        held = read_json(path)
    except (OSError, ProjectError, UnicodeDecodeError):
        held = {"": None}
    if not all(isinstance(text, str) for text in held.values()):
        raise UsageError(f'{path} holds no captions; write a JSON file {{"CLIP": "what it shows", ...}}')
    return held
