"""Files from a stranger, and what reading each must come to: it is handled, or refused in one sentence with an exit code.

`READERS` are what the fuzzers call, whichever makes the bytes; `looked_over` is what lists, plans and checks a project, to
be called on one of which a value was changed.
"""

from __future__ import annotations

import copy
import json
import math
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from v2v_studio.errors import StudioError

Reader = Callable[[bytes, Path], object]
RECORDS = {  # kind -> file of a rendered project, and how it is read
    "project.json": ("project.json", lambda store: store.project()),
    "footage.json": ("footage/a001.json", lambda store: store.footage("a001")),
    "shot.json": ("shots/sh010/shot.json", lambda store: store.shot("sh010")),
    "firstframe.json": (
        "shots/sh010/firstframes/ff001/firstframe.json",
        lambda store: store.first_frame("sh010", "ff001"),
    ),
    "take.json": ("shots/sh010/takes/t001/take.json", lambda store: store.take("sh010", "t001")),
    "review.json": ("shots/sh010/takes/t001/review.json", lambda store: store.review("sh010", "t001")),
    "control.json": ("shots/sh010/control.json", lambda store: store.control("sh010")),
    "job.json": ("jobs/j001.json", lambda store: store.job("j001")),
}
ABSURD: list[Any] = [
    *(None, True, 0, -1, 1, 10**9, 10**18, 2**63, 10**400, -(10**18), 1e308, 0.5, -0.0),
    *(
        "",
        "x",
        "../../etc/passwd",
        "/etc/passwd",
        "http://host/a",
        "a\nb",
        "\0",
        "$(touch x)",
        "`x`; rm -rf .",
        "%s%n",
        "‮",
    ),
    *("9" * 500, "1/0", "0/1", "1/1" + "0" * 400, "nan", "sh010", "t999", "é" * 300, "\ud800"),
    *([], {}, [[]], [{}], [None], [10**18, 10**18], [0, 0], [-1, 5], {"x": {}}, ["../x"], [1, 2, 3, 4, 5]),
    *(math.nan, math.inf),
]


def outcome(reader: Callable[[], object]) -> str:
    """ "handled", or the class and exit code of the sentence; whatever else is raised is a bug and goes through."""
    try:
        reader()
    except StudioError as error:
        assert str(error).strip(), f"{type(error).__name__} without a word"
        return f"{type(error).__name__}, exit code {error.exit_code}"
    except OSError as error:  # the command line makes one sentence of it
        assert error.strerror, error
        return f"the system's refusal, exit code {StudioError.exit_code}"
    return "handled"


# ---- readers of bytes


def record_reader(kind: str) -> Reader:
    """Reads a record of a project (`folder` is a rendered one, changed by it)."""
    place, read = RECORDS[kind]

    def reader(data: bytes, folder: Path) -> object:
        from v2v_studio.project.store import Store

        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return read(Store(folder))

    return reader


def otio(data: bytes, folder: Path) -> object:
    from v2v_studio.project.store import Store
    from v2v_studio.timeline.imported import read_cut

    return read_cut(data, "cut.otio", Store(folder).footages(), {"sh010": "a001"})


def png_recipe(data: bytes, folder: Path) -> object:
    from v2v_studio.media.recipes import read_recipe
    from v2v_studio.project.recipe import believed

    path = folder / "hostile.png"
    path.write_bytes(data)
    recipe = read_recipe(path)
    return believed(recipe, path.name) if recipe is not None else None


def recipe_text(data: bytes, folder: Path) -> object:
    """What stands in the text of a PNG whose checksum is right."""
    from v2v_studio.media.recipes import parse_recipe
    from v2v_studio.project.recipe import believed

    return believed(parse_recipe(data.decode("latin-1"), Path("a.png")), "a.png")


def png(data: bytes, folder: Path) -> object:
    from v2v_studio.media.frames import read_picture, read_png

    path = folder / "hostile.png"
    path.write_bytes(data)
    first = outcome(lambda: read_png(path))
    return read_picture(path) if first == "handled" else read_png(path)


def png_behind_checksums(data: bytes, folder: Path) -> object:
    """The same with the checksums made right, without which no decoder looks at what was changed."""
    return png(with_checksums(data), folder)


def flow(data: bytes, folder: Path) -> object:
    from v2v_studio.project.cache import FlowCache

    path = folder / "cache" / "flow" / "ab" / "ab" / "1.flow"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return FlowCache(folder / "cache" / "flow", "ab").get(1)


def flo(data: bytes, folder: Path) -> object:
    from v2v_studio.media.flo import read_flo

    path = folder / "hostile.flo"
    path.write_bytes(data)
    return read_flo(path)


def media(data: bytes, folder: Path) -> object:
    from v2v_studio.media.probe import probe
    from v2v_studio.media.reader import open_reader

    path = folder / "hostile.mp4"
    path.write_bytes(data)
    found = probe(path)
    return sum(1 for _ in open_reader(path, found).frames(0, min(found.frames, 3)))


READERS: dict[str, Reader] = {
    **{kind: record_reader(kind) for kind in RECORDS},
    ".otio import": otio,
    "PNG recipe, chunks": png_recipe,
    "PNG recipe, text": recipe_text,
    "PNG picture": png,
    "PNG picture, checksums right": png_behind_checksums,
    "motion in the cache": flow,
    ".flo file": flo,
    "media header": media,
}


def seeds(project: Path, film: Path) -> dict[str, list[bytes]]:
    """Good files of every kind, to begin from."""
    from v2v_studio.media.recipes import read_recipe

    frames = sorted(project.glob("shots/sh010/takes/t001/frames/*.png"))
    control = {
        "schema": "v2v.control/1",
        "width": 96,
        "height": 64,
        "drags": [{"points": [[10, 10], [20.5, 20]]}],
        "brush": "brush.png",
        "boxes": [{"phrase": "a cup", "keys": [{"frame": 0, "box": [1, 2, 30, 40]}, {"frame": 5, "box": None}]}],
    }
    review = {"schema": "v2v.review/1", "status": "pending", "notes": [{"text": "x", "created": "2024", "frame": 3}]}
    made = {"control.json": json.dumps(control).encode(), "review.json": json.dumps(review).encode()}
    records = {
        kind: [made[kind] if kind in made else (project / place).read_bytes()] for kind, (place, _) in RECORDS.items()
    }
    recipe = json.dumps(read_recipe(frames[0])).encode()
    flows = sorted(project.glob("cache/flow/*/*/*.flow"))
    return {
        **records,
        ".otio import": [next(project.glob("edits/*.otio")).read_bytes()],
        "PNG recipe, chunks": [frames[0].read_bytes()],
        "PNG recipe, text": [recipe],
        "PNG picture": [frames[0].read_bytes()],
        "PNG picture, checksums right": [frames[0].read_bytes()],
        "motion in the cache": [flows[0].read_bytes()],
        ".flo file": [b"PIEH" + bytes([2, 0, 0, 0, 1, 0, 0, 0]) + bytes(16)],
        "media header": [film.read_bytes(), *containers(film)],
    }


def containers(film: Path) -> Iterator[bytes]:
    """The same film in others, the index at the front where the format has one."""
    import av

    for suffix, options in (("mp4", {"movflags": "faststart"}), ("mkv", {}), ("ts", {})):
        path = film.with_name(f"seed.{suffix}")
        with av.open(str(film)) as source, av.open(str(path), "w", options=options) as into:
            stream = into.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.dts is not None:  # the empty one at the end
                    packet.stream = stream
                    into.mux(packet)
        yield path.read_bytes()


# ---- hostile bytes out of good ones


def mutated(data: bytes, chance: random.Random) -> bytes:
    """JSON: one to three values made absurd, or dropped. Anything, one time in three: bytes changed, cut out or doubled."""
    if data[:1] == b"{" and chance.random() < 2 / 3:
        value = json.loads(data)
        for _ in range(chance.randint(1, 3)):
            value = spoiled(value, chance)
        return json.dumps(value).encode("utf-8", "surrogatepass")
    return scrambled(data, chance)


def scrambled(data: bytes, chance: random.Random, within: int = 4096) -> bytes:
    """Bytes changed, cut out, doubled or cut off, mostly near the beginning, where headers are."""
    held = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(max(1, min(len(held), within)))
        what = chance.randrange(5)
        if what == 0 and held:
            held[at : at + 1] = bytes([chance.randrange(256)])
        elif what == 1:
            held[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\1\x86\xa0"])
        elif what == 2:
            del held[at : at + chance.randint(1, 64)]
        elif what == 3:
            held[at:at] = held[at : at + chance.randint(1, 64)]
        else:
            del held[chance.randrange(len(held) + 1) :]
    return bytes(held)


def with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks all have their right checksum, as far as they can be told apart."""
    made, at = bytearray(data[:8]), 8
    while at + 8 <= len(data):
        length = min(struct.unpack(">I", data[at : at + 4])[0], len(data) - at - 8)
        named = data[at + 4 : at + 8 + length]
        made += data[at : at + 4] + named + struct.pack(">I", zlib.crc32(named))
        at += 12 + length
    return bytes(made)


def spoiled(value: Any, chance: random.Random) -> Any:
    """The same JSON with the value at one place made absurd, dropped, or nested deep."""
    places = list(paths(value))
    if not places:
        return chance.choice(ABSURD)
    value = copy.deepcopy(value)
    *way, last = chance.choice(places)
    inside = value
    for key in way:
        inside = inside[key]
    what = chance.random()
    if what < 0.15:
        del inside[last]
    elif what < 0.2:
        inside[last] = nested(chance.choice([5, 100]))
    else:
        inside[last] = copy.deepcopy(chance.choice(ABSURD))
    return value


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def paths(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*way, key)
        yield from paths(one, (*way, key))


# ---- verbs over a project that was changed


def looked_over(folder: Path) -> object:
    """Everything that lists, plans or checks, over a project; the first refusal is raised at the end."""
    from v2v_studio.studio import Studio

    studio = Studio(folder)
    ways: list[Callable[[], object]] = [
        studio.footage_rows,
        studio.shot_rows,
        studio.take_rows,
        studio.job_rows,
        studio.plan,
        lambda: studio.gc(0, dry_run=True),
        studio.doctor,
        lambda: [studio.still(shot, shot.start) for shot in studio.store.shots()[:1]],
    ]
    refused = []
    for way in ways:
        try:
            way()
        except StudioError as error:
            refused.append(error)
    if refused:
        raise refused[0]
    return None
