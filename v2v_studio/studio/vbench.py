"""Clips laid out as VBench wants them: one folder of videos, each named by its prompt and a number."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from v2v_studio.errors import UsageError
from v2v_studio.media.writer import write_video
from v2v_studio.parts import whole
from v2v_studio.studio.clips import About, opened

LONGEST = 200  # letters of a prompt in a file name
FORBIDDEN = re.compile(r'[/\\\0<>:"|?*\n\r\t]')  # in the name of a file, on one system or another
CRF = 10  # what VBench's own sampling code encodes with


def lay_out(clips: Mapping[str, Path], asked: Mapping[str, About], folder: Path) -> list[dict[str, Any]]:
    """Write `PROMPT-INDEX.mp4` for every clip, and `prompts.json`, which names each file's prompt.

    Clips of one prompt are numbered from 0 in the order of their names. An mp4 is copied as it is; anything else is encoded.

    Args:
        clips: name -> video, or folder of pictures.
        asked: what was asked of each: its prompt.
        folder: where to; made where it is not there.

    Returns:
        clip, file and prompt of each.

    Raises:
        UsageError: a clip has no prompt, or the folder holds one of the files already.
    """
    rows, count = [], Counter[str]()
    for name in clips:
        prompt = asked.get(name, About()).prompt
        if not prompt:
            raise UsageError(f"VBench names files by prompts, and there is none for {name}; give it with --about")
        stem = file_stem(prompt)
        rows.append({"clip": name, "file": f"{stem}-{count[stem]}.mp4", "prompt": prompt})
        count[stem] += 1
    folder.mkdir(parents=True, exist_ok=True)
    if there := [row["file"] for row in rows if (folder / row["file"]).exists()]:
        raise UsageError(f"{folder / there[0]} is there already; name another folder, or remove it")
    for row in rows:
        _put(clips[row["clip"]], folder / row["file"])
    told = json.dumps({row["file"]: row["prompt"] for row in rows}, indent=2, ensure_ascii=False)
    (folder / "prompts.json").write_text(told + "\n", encoding="utf-8")
    return rows


def file_stem(prompt: str) -> str:
    """A prompt as part of a file name: what no name may hold is left out, and it does not begin with a dot."""
    return FORBIDDEN.sub(" ", prompt).strip().lstrip(".")[:LONGEST].strip() or "clip"


def _put(clip: Path, file: Path) -> None:
    if clip.is_file() and clip.suffix.lower() == ".mp4":
        with whole(file) as part:
            shutil.copyfile(clip, part)
        return
    one = opened(clip)
    write_video(file, one.reader.frames(), Fraction(one.reader.probe.rate), crf=CRF)
