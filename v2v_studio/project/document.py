"""docs/project-format.md, written from the records: `python -m v2v_studio.project.document docs/project-format.md`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from v2v_studio.project.control import Box, Control, Drag, Key
from v2v_studio.project.records import RECORDS, CutRecord, Defaults, Note, Record, TransitionRecord

KEPT: tuple[type[Record], ...] = (*RECORDS, Control)
PARTS: tuple[type[BaseModel], ...] = (Defaults, CutRecord, TransitionRecord, Note, Drag, Box, Key)

HEAD = """\
# The project folder

Written from the records by `python -m v2v_studio.project.document docs/project-format.md`.

```
myfilm/
  project.json
  footage/a001.json                  one source; a001.scores.json: the detector's curve; a copied file lies here too
  shots/sh010/shot.json
  shots/sh010/control.json           drags, a motion brush and boxes; the brush's PNG beside it
  shots/sh010/masks/                 masks as they were painted, each named by the digest of its pixels
  shots/sh010/motion/                motion that was given for a render, each in a folder named by its digest
  shots/sh010/firstframes/ff001/     firstframe.json, image.png, control-canny.png: what it was held to
  shots/sh010/takes/t001/            take.json, frames/sh010_t001.1001.png ..., preview.mp4, metrics.json, review.json;
                                     sources/, masks/: which first frame gave which pixel, the mask on every frame
  edits/cut01.otio  exports/         the edit, an OpenTimelineIO timeline, and its films
  jobs/j001.json
  cache/                             motion, and what renderers hand on, by fingerprint; safe to delete
  .locks/                            files that processes hold while they write; safe to delete when none runs
```

## Rules

- **Frames** are counted in footage frames from 0, ranges are half-open. A file's number is 1001 for the shot's first frame;
  frames of a transition before it have lower numbers.
- **Names** stay. Shots step by ten; a new one between two sorts between them (`sh015`, then `sh012`, and `sh010n` where
  no number is left). Takes and first frames count up and are never overwritten.
- **Files are whole or not at all.** A record is written beside itself, synced, and put in place by one rename. A take
  grows in `takes/.partial-<fingerprint>/`, a stretch of it that another worker makes in `.partial-<fingerprint>-<number>/`,
  and a first frame in `firstframes/.partial/`, until one rename makes it visible and gives it its number. After that its
  record, its frames and its picture never change; `review.json` may.
- **A change** is made under the record's lock, to what is on the disk then, so that of two processes neither loses its own.
- **Unknown keys** are kept, at every depth. Order and two spaces are kept too, so that records can be compared line by line.
- **Schemas**: each record says which form it has, such as `v2v.shot/1`. An older one is read through its upgrades and
  rewritten at its next change; a newer one is refused.
- **Paths** are relative to the project, with forward slashes. Footage may lie beside the project; nothing else is read or
  written outside of it, not through a link either.
- **Times** are ISO-8601 in UTC and take no part in a fingerprint, which is the sha256 of everything that decides a result.
"""


def document() -> str:
    """The page."""
    records = [_section(model, f"`{model.SCHEMA}`") for model in KEPT]
    parts = [_section(model, _part_name(model)) for model in PARTS]
    return "\n".join([HEAD, "## Records\n", *records, "## Parts of records\n", *parts]).rstrip() + "\n"


def _section(model: type[BaseModel], title: str) -> str:
    schema = model.model_json_schema(by_alias=True)
    required = schema.get("required", [])
    rows = [
        f"| `{name}` | {_type(field)} | {_default(field, name in required)} | {field.get('description', '')} |"
        for name, field in schema["properties"].items()
    ]
    lines = (model.__doc__ or "").strip().splitlines()
    return "\n".join(
        [f"### {title}", "", lines[0], "", "| Key | Value | Default | Meaning |", "|---|---|---|---|", *rows, ""]
    )


def _type(field: dict[str, Any]) -> str:
    """A field of a JSON schema in words."""
    if "$ref" in field:
        return field["$ref"].rpartition("/")[2].removesuffix("Record").lower()
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"] if one.get("const") != "")
    if "enum" in field:
        return ", ".join(f"`{word}`" for word in field["enum"])
    if "examples" in field:
        return f"text like `{field['examples'][0]}`"
    if field.get("type") == "array":
        several = field.get("prefixItems")
        return f"[{', '.join(_type(one) for one in several)}]" if several else f"list of {_type(field['items'])}"
    return {"string": "text", "object": "object", "boolean": "true, false"}.get(field["type"], field["type"])


def _default(field: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    default = field.get("default")
    return "" if default == "" or isinstance(default, dict | list) else f"`{json.dumps(default)}`"


def _part_name(model: type[BaseModel]) -> str:
    return model.__name__.removesuffix("Record").lower()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
