"""Hostile files made by hand: what is done to a project, the verb that meets it, and what a user is told."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRET = "what no project may read or write"


@dataclass(frozen=True)
class Picture:
    """One hostile thing.

    Attributes:
        name: what it is.
        hang: puts it into a project (first) that has a folder outside it (second); returns the verb to be carried out.
        code: what the verb is to end with.
        says: what is to stand in its sentence.
    """

    name: str
    hang: Callable[[Path, Path], list[str]]
    code: int
    says: str = ""


def edited(project: Path, place: str, **values: Any) -> None:
    """A record with other values, as a text editor would leave it."""
    path = project / place
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def record(place: str, verb: list[str], **values: Any) -> Callable[[Path, Path], list[str]]:
    def hang(project: Path, outside: Path) -> list[str]:
        edited(project, place, **values)
        return verb

    return hang


def link(place: str, verb: list[str], target: str = "secret") -> Callable[[Path, Path], list[str]]:
    """A link out of the project in place of a file or a folder. target: secret is a file, loot a folder."""

    def hang(project: Path, outside: Path) -> list[str]:
        path = project / place
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        path.symlink_to(outside / target)
        return verb

    return hang


def file(name: str, data: bytes, verb: list[str]) -> Callable[[Path, Path], list[str]]:
    """A file beside the project; {} in the verb is its path."""

    def hang(project: Path, outside: Path) -> list[str]:
        path = project.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return [part.replace("{}", str(path)) for part in verb]

    return hang


def patched(name: str, change: Callable[[bytes], bytes], verb: list[str]) -> Callable[[Path, Path], list[str]]:
    """The project's own footage with bytes changed, as a file beside it."""

    def hang(project: Path, outside: Path) -> list[str]:
        return file(name, change((project / "footage/a001.mp4").read_bytes()), verb)(project, outside)

    return hang


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *chunks: bytes, pixels: bytes = b"") -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def frames_promised(data: bytes, count: int) -> bytes:
    """An mp4 whose index promises so many frames."""
    at = data.index(b"stsz") + 12
    data = data[:at] + struct.pack(">I", count) + data[at + 4 :]
    at = data.index(b"stts") + 12
    return data[:at] + struct.pack(">I", count) + data[at + 4 :]


def elsewhere(data: bytes) -> bytes:
    """An mp4 whose data reference says that the frames are in another file."""
    at = data.index(b"url \0\0\0\1")
    return data[:at] + b"url \0\0\0\0" + data[at + 8 :]


class Touch:
    """What a pickle does when it is opened: leave a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.path,)


def pickled(project: Path, outside: Path) -> list[str]:
    """A state of every partial take that would run when it is unpickled."""
    from tests.faults.disk import Fault
    from tests.faults.v2v import run

    verb = ["render", "sh010", "--draft", "--again", "--workers", "1"]
    run(project, verb, Fault("kill", 60))
    (partial,) = project.glob("shots/sh010/takes/.partial*")
    for name in ("ff001-forward", "ff001-backward", *(path.stem for path in partial.glob("*.npz"))):
        (partial / f"{name}.npz").write_bytes(pickle.dumps(Touch(str(outside / "pwned"))))
    return verb


def odd_names(project: Path, outside: Path) -> list[str]:
    folder = project.parent / "$(touch pwned)\n; rm -rf `pwd` #"
    folder.mkdir()
    path = folder / "-i \x1b[31m%s%n'\"\n.mp4"
    shutil.copyfile(project / "footage/a001.mp4", path)
    with open(path, "ab") as grown:
        grown.write(b"\0\0\0\x08free")  # else it is footage that the project has
    return ["ingest", str(path)]


def odd_name_of_none(project: Path, outside: Path) -> list[str]:
    path = project.parent / "a\nfixed: all is well\x1b[2J.mp4"
    path.write_bytes(b"no video")
    return ["ingest", str(path)]


def job_that_writes(project: Path, outside: Path) -> list[str]:
    (project / "jobs/j099.json").write_text(
        json.dumps({"schema": "v2v.job/2", "id": "j099", "kind": "assemble", "task": {"name": "../../loot/x"}})
    )
    return ["work"]


def pipe(project: Path, outside: Path) -> list[str]:
    folder = project.parent / "frames"
    folder.mkdir()
    os.mkfifo(folder / "1.png")
    return ["ingest", str(folder)]


def fifo(place: str, verb: list[str]) -> Callable[[Path, Path], list[str]]:
    """A pipe in place of a file of the project, or beside it; {} in the verb is its path."""

    def hang(project: Path, outside: Path) -> list[str]:
        path = Path(os.path.normpath(project / place))
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        return [part.replace("{}", str(path)) for part in verb]

    return hang


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile /etc/passwd\n"
DASH = b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://host/</BaseURL></MPD>'
SDP = b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n"
NAMED = {"translator": "painted", "params": {"file": "/etc/passwd"}}
RECIPE = {**NAMED, "footage": "0" * 64, "frame": 0, "size": [8, 8], "seed": 0}
FRAME, LOOK = "shots/sh010/takes/t001/frames/sh010_t001.1001.png", "shots/sh010/firstframes/ff001/image.png"
REVIEW = "shots/sh010/takes/t001/review.json"
HUGE = png(10**5, 10**5, pixels=zlib.compress(bytes(10**6)))
PACKED = chunk(b"zTXt", b"v2v\0\0" + zlib.compress(bytes(3 * 10**8)))
BLACK = zlib.compress(bytes(8 * 25))


def told_recipe(text: bytes) -> bytes:
    """A black PNG of 8x8 with that text as its recipe."""
    return png(8, 8, chunk(b"tEXt", b"v2v\0" + text), pixels=BLACK)


INGEST, RENDER, TAKES = ["ingest", "{}"], ["render", "--draft", "--again", "--workers", "1"], ["takes"]
A001, SHOT, TAKE = "footage/a001.json", "shots/sh010/shot.json", "shots/sh010/takes/t001/take.json"
IMPORT, REPLAY = ["import", "{}"], ["replay", "{}"]
TRACKLESS = b'{"OTIO_SCHEMA": "Timeline.1", "tracks": null}'
NEWER = "v2v.project/99"
VIDEO = "is not a video that can be read"
OUT = "leads out of the"

PICTURES = [
    Picture("footage at an absolute path", record(A001, RENDER, path="/etc/passwd", copied=False), 6, "must be relative"),
    Picture("footage at an address", record(A001, RENDER, path="http://host/a.mp4", copied=False), 6, "must be relative"),
    Picture("footage outside, said to be copied", record(A001, RENDER, path="../outside/secret"), 6, OUT),
    Picture("footage that is no video", record(A001, RENDER, path="../outside/secret", copied=False), 6, VIDEO),
    Picture("a shot named as a path", record(SHOT, ["shots"], id="../../etc"), 3, "'id' is wrong"),
    Picture("a take named as a path", record(SHOT, ["shots"], take="../../../x"), 3, "'take' is wrong"),
    Picture("10^9 frames in a record", record(A001, ["status"], frames=10**9), 3, "'frames' is wrong"),
    Picture("a 100k x 100k footage", record(A001, ["status"], width=10**5, height=10**5), 3, "'width' is wrong"),
    Picture("a rate of 1/0", record(A001, ["status"], rate="1/0"), 3, "'rate' is wrong"),
    Picture("a project of a newer version", record("project.json", ["status"], schema=NEWER), 3, "update v2v_studio"),
    Picture("a take of a newer version", record(TAKE, TAKES, schema="v2v.take/7"), 3, "update v2v_studio"),
    Picture("a record that is a number", file("film/project.json", b"1", ["status"]), 3, "where an object belongs"),
    Picture("a record nested 100,000 deep", file("film/project.json", b"[" * 10**5, ["status"]), 3, "not valid JSON"),
    Picture("a record with a byte that is no text", file("film/project.json", b'{"\xff', ["status"]), 3, "not valid JSON"),
    Picture("shots/ is a link out", link("shots", ["status"], "loot"), 3, OUT),
    Picture("cache/ is a link out", link("cache", RENDER, "loot"), 3, OUT),
    Picture("cache/flow is a link out", link("cache/flow", RENDER, "loot"), 6, OUT),
    Picture("exports/ is a link out", link("exports", ["assemble"], "loot"), 3, OUT),
    Picture("an export is a link out", link("exports/cut01.mp4", ["assemble"]), 0),
    Picture("an edit is a link out", link("edits/cut01.otio", ["assemble"]), 3, OUT),
    Picture("a frame is a link out", link(FRAME, ["assemble"]), 3, OUT),
    Picture("a first frame is a link out", link(LOOK, RENDER), 6, OUT),
    Picture("a review is a link out", link(REVIEW, ["review", "sh010/t001", "note", "x"]), 3, OUT),
    Picture("a lock is a link out", link(".locks/review-sh010-t001.lock", ["review", "sh010/t001", "approve"]), 3, OUT),
    Picture("a job's log is a link out", link("jobs/j001.log", ["jobs", "--log", "j001"]), 3, OUT),
    Picture("a job that writes elsewhere", job_that_writes, 0),
    Picture("a pickle where a state belongs", pickled, 0),
    Picture("a playlist (HLS)", file("a.mp4", PLAYLIST, INGEST), 1, VIDEO),
    Picture("a list of files (concat)", file("a.mp4", CONCAT, INGEST), 1, VIDEO),
    Picture("a manifest (DASH)", file("a.mp4", DASH, INGEST), 1, VIDEO),
    Picture("a session description (SDP)", file("a.mp4", SDP, INGEST), 1, VIDEO),
    Picture("an address as footage", lambda p, o: ["ingest", "http://host/a.mp4"], 1, "only local files"),
    Picture("a pattern of files as footage", lambda p, o: ["ingest", "/etc/%03d.mp4"], 1, "does not exist"),
    Picture("a protocol as footage", lambda p, o: ["ingest", "concat:/etc/passwd|/etc/group"], 1, "only local files"),
    Picture("frames said to be in another file", patched("a.mp4", elsewhere, INGEST), 0),
    Picture("an index of 10^9 frames", patched("a.mp4", lambda d: frames_promised(d, 10**9), INGEST), 1),
    Picture("a PNG of 100k x 100k", file("a.png", HUGE, INGEST), 1, "can be read"),
    Picture("a PNG of 2^31 x 2^31", file("a.png", png(2**31 - 1, 2**31 - 1), INGEST), 1, "can be read"),
    Picture("a PNG whose pixels are missing", file("a.png", png(64, 64), INGEST), 1, "can be read"),
    Picture("a PNG with a text of 300 MB packed in 300 kB", file("a.png", png(64, 64, PACKED), INGEST), 1, "can be read"),
    Picture("a first frame of 100k x 100k", file(f"film/{LOOK}", HUGE, RENDER), 6, "megapixels"),
    Picture("a frame of 100k x 100k", file(f"film/{FRAME}", HUGE, ["assemble"]), 1, "megapixels"),
    Picture("a recipe that names a file", file("a.png", told_recipe(json.dumps(RECIPE).encode()), REPLAY), 1),
    Picture("a recipe of 2 MB", file("a.png", told_recipe(b"x" * 2**21), REPLAY), 1, "longer than"),
    Picture("a pipe where a picture belongs", pipe, 1, "without pictures"),
    Picture("a pipe as footage", fifo("../a.mp4", INGEST), 1, "no file"),
    Picture("a pipe as a picture", fifo("../a.png", INGEST), 1, "no file"),
    Picture("a pipe where footage was", fifo("footage/a001.mp4", RENDER), 6, "no file"),
    Picture("a pipe where a record was", fifo(A001, ["status"]), 3, "neither a file nor a folder"),
    Picture("a pipe where a first frame was", fifo(LOOK, RENDER), 6, "neither a file nor a folder"),
    Picture("a pipe where a frame was", fifo(FRAME, ["assemble"]), 3, "neither a file nor a folder"),
    Picture("a timeline without tracks", file("a.otio", TRACKLESS, IMPORT), 1, "no timeline"),
    Picture("a timeline nested 100,000 deep", file("a.otio", b'{"a":' * 10**5, IMPORT), 1, "not an OpenTimelineIO file"),
    Picture("shell signs and newlines in names", odd_names, 0),
    Picture("a name that forges a message", odd_name_of_none, 1, "\\\\n"),
]  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What a picture came to: `wrong` says what is amiss with it; empty where all is as it should be."""

    name: str
    code: int
    said: str
    wrong: str


def shown(picture: Picture, project: Path, folder: Path) -> Seen:
    """Meet it.

    Args:
        project: a rendered one; it is copied.
        folder: to work in; emptied first.
    """
    import re

    from tests.faults.v2v import run

    shutil.rmtree(folder, ignore_errors=True)
    film, outside = folder / "film", folder / "outside"
    shutil.copytree(project, film, symlinks=True)
    (outside / "loot").mkdir(parents=True)
    (outside / "secret").write_text(SECRET)
    before = contents(outside)
    ended = run(film, picture.hang(film, outside))
    said = ended.said.strip()
    wrong = []
    if ended.code != picture.code:
        wrong.append(f"it ended with {ended.code}, not {picture.code}")
    sentence = ended.told and len(said.splitlines()) == 1
    if ended.code not in (0, 6) and not (sentence or (not said and ended.out)):  # what was asked for is on stdout
        wrong.append("it did not say one sentence")
    if "Traceback" in said or SECRET in said + ended.out:
        wrong.append("it showed a traceback, or the secret")
    if not re.search(picture.says or "", said):
        wrong.append(f"it did not say '{picture.says}'")
    if contents(outside) != before or (folder / "pwned").exists():
        wrong.append("it wrote outside the project")
    return Seen(picture.name, ended.code, said, "; ".join(wrong))


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}
