"""Recipes inside files: what a PNG or a video says of how it was made.

A PNG has the recipe as JSON in a text chunk named `v2v`, a video in its `comment` tag as {"v2v": recipe}. What is read is
text from a stranger: bounded in length, one JSON object of finite numbers, and nothing more is believed of it here.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Never

from v2v_studio.errors import MediaError
from v2v_studio.media.container import open_video

MAX_BYTES = 2**20  # of a recipe as text; that of a hundred shots is a tenth of it
KEY = "v2v"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PLAIN_ITXT = b"\0\0"  # not compressed: a compressed chunk could unpack to anything


def png_text(recipe: Mapping[str, Any]) -> dict[str, str]:
    """What `write_png` is given as `text` so that the picture carries its recipe; the same recipe gives the same text."""
    return {KEY: json.dumps(recipe, sort_keys=True)}


def video_tags(recipe: Mapping[str, Any]) -> dict[str, str]:
    """What `write_video` is given as `metadata`. Nothing where the recipe is longer than `read_recipe` would read."""
    text = json.dumps({KEY: recipe}, sort_keys=True)
    return {"comment": text} if len(text) <= MAX_BYTES else {}


def read_recipe(path: Path) -> dict[str, Any] | None:
    """The recipe inside a PNG or a video; None where there is none.

    Raises:
        MediaError: the file is missing or damaged, or its recipe is too long or no JSON object.
    """
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"{path} does not exist or is no file; give a PNG or a video that the studio wrote")
    if path.suffix.lower() == ".png":
        text = _png_text(path)
        return None if text is None else parse_recipe(text, path)
    with open_video(path) as container:
        comment = {key.lower(): value for key, value in container.metadata.items()}.get("comment", "")
    if not comment.lstrip().startswith("{"):  # someone's own words
        return None
    recipe = parse_recipe(comment, path).get(KEY)
    if recipe is not None and not isinstance(recipe, dict):
        raise MediaError(f"the recipe inside {path} is not a JSON object; take it from another copy of the file")
    return recipe


def parse_recipe(text: str, path: Path) -> dict[str, Any]:
    """Text found in a file as a JSON object.

    Raises:
        MediaError: it is too long, no JSON, not an object, or has a number that is not finite.
    """
    if len(text) > MAX_BYTES:
        raise MediaError(f"the recipe inside {path} is longer than {MAX_BYTES // 2**20} MB and is not read")
    try:
        recipe = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        recipe = None
    if not isinstance(recipe, dict):
        raise MediaError(f"the recipe inside {path} is not a JSON object; take it from another copy of the file")
    return recipe


def _refuse(constant: str) -> Never:
    raise ValueError(constant)


def _png_text(path: Path) -> str | None:
    """The text under our key, from the chunks before the pixels; a PNG ends its description there."""
    with open(path, "rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            raise MediaError(f"{path} is not a PNG; give a PNG or a video that the studio wrote")
        for kind, body in _texts(file, path):
            keyword, _, rest = body.partition(b"\0")
            if keyword != KEY.encode():
                continue
            if kind == b"tEXt":
                return rest.decode("latin-1")
            if rest.startswith(_PLAIN_ITXT):
                return rest[len(_PLAIN_ITXT) :].split(b"\0", 2)[-1].decode("utf-8", "replace")
    return None


def _texts(file: BinaryIO, path: Path) -> Iterator[tuple[bytes, bytes]]:
    """(kind, body) of every text chunk that may be ours."""
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind not in (b"tEXt", b"iTXt"):
            if kind in (b"IEND", b"IDAT"):
                return
            file.seek(length + 4, 1)
        elif length > 4 * MAX_BYTES:
            raise MediaError(f"the recipe inside {path} is longer than {MAX_BYTES // 2**20} MB and is not read")
        else:
            body, check = file.read(length), file.read(4)
            if struct.pack(">I", zlib.crc32(kind + body)) != check:
                raise MediaError(f"{path} is damaged: a text in it does not have its checksum; copy it again")
            yield kind, body
