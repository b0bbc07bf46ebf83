"""One of every verb that writes, on a film of eight small frames, and what is held against what after a fault."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.faults.disk import Fault, away
from tests.faults.partition import Partition
from tests.faults.v2v import Ended, run

SIZE = (64, 48)
MOMENTARY = {"created", "seconds", "updated", "started", "versions"}  # keys of records that no two runs share
BUSINESS = ("cache", "jobs", ".locks")  # not the film: made again, or of the process
LISTS = (".edl", ".fcpxml")
FINISHED = ("shots/*/takes/t*", "shots/*/firstframes/ff*")  # folders that are there whole or not at all


def clip(folder: Path) -> Path:
    """Eight frames of noise that drifts, 64x48."""
    from v2v_studio.media.writer import write_video

    noise = np.kron(np.random.default_rng(1).random((3, 16, 20), np.float32), np.ones((4, 4), np.float32))
    frames = (np.ascontiguousarray(noise[:, t : t + SIZE[1], t : t + SIZE[0]]) for t in range(8))
    return write_video(folder / "clip.mp4", frames, Fraction(24)).path


def picture(folder: Path) -> Path:
    """A mask: white on the left."""
    from v2v_studio.media.frames import write_png

    mask = np.zeros((3, SIZE[1], SIZE[0]), np.float32)
    mask[..., : SIZE[0] // 2] = 1
    write_png(folder / "mask.png", mask)
    return folder / "mask.png"


def verbs(folder: Path) -> dict[str, list[str]]:
    """Name -> arguments, in the order of a working day.

    Args:
        folder: where their footage and their mask are put.
    """
    footage, mask = str(clip(folder)), str(picture(folder))
    return {
        "ingest": ["ingest", footage, "--copy"],
        "cut": ["cut", "--detector", "fixed", "-p", "every=4"],
        "stylize": ["stylize", "-p", "preset=poster"],
        "render": ["render", "--draft", "--workers", "1"],
        "approve": ["review", "sh010/t001", "approve"],
        "note": ["review", "sh020/t001", "note", "too dark"],
        "stylize-again": ["stylize", "sh020", "-p", "preset=watercolor"],
        "render-again": ["render", "sh020", "--draft", "--workers", "1"],
        "mask": ["render", "sh020", "--draft", "--mask", mask, "--workers", "1"],
        "reject": ["review", "sh020/t001", "reject"],
        "pick": ["pick", "sh020", "ff001"],
        "draw": ["draw", "sh010", "--drag", "10,10 20,20", "--brush", mask],
        "trim": ["trim", "sh020", "1001:1004"],
        "assemble": ["assemble", "--mp4", "--edl", "--fcpxml", "--frames"],
        "split": ["split", "sh010", "1003"],
        "gc": ["gc", "--budget", "1KB"],
    }


@dataclass(frozen=True)
class Page:
    """A verb with the project before it and after it, as an uninterrupted run leaves it.

    Attributes:
        moments: at which a fault can strike.
    """

    name: str
    verb: list[str]
    before: Path
    after: Path
    moments: int


def told(folder: Path) -> Iterator[Page]:
    """The story, told once without a fault.

    Args:
        folder: empty; the projects between the verbs are kept in it.
    """
    from v2v_studio.project.store import Store

    before = folder / "0" / "film"  # the project's name is in its exports
    Store.create(before)
    for number, (name, verb) in enumerate(verbs(folder).items(), 1):
        after = folder / str(number) / "film"
        shutil.copytree(before, after)
        ended = run(after, verb)
        assert ended.code == 0, (name, ended)
        yield Page(name, verb, before, after, ended.moments)
        before = after


@dataclass(frozen=True)
class Aftermath:
    """What was found after a fault.

    Attributes:
        ended: how the verb ended that it struck.
        lost: takes, first frames, reviews, edits and other records that are gone, torn or wrong, or cannot be read.
        differing: files that are not as an uninterrupted run leaves them, once the verb was run again.
        left: what `doctor --fix` did not sweep.
    """

    ended: Ended
    lost: list[str]
    differing: list[str]
    left: list[str]

    @property
    def well(self) -> bool:
        return not (self.lost or self.differing or self.left)


def struck(
    page: Page,
    fault: Fault,
    folder: Path,
    doctor_first: bool = False,
    prepare: Callable[[], object] | None = None,
    partition: Partition | None = None,
) -> Aftermath:
    """Strike a verb, look at what is there, run it again, and let the doctor see to it.

    Args:
        folder: to work in; removed before and after.
        doctor_first: let the doctor see to it before the verb is run again too.
        prepare: called first in the process that is struck.
        partition: whose power is cut, at the latest when the verb has ended; `folder` is in it.
    """
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "film"
    shutil.copytree(page.before, project)
    if partition:
        partition.sync()
    ended = run(project, page.verb, fault, prepare)
    if partition:
        partition.restart(fault.kind)
    wanted = kept_digests(page.after)
    stray = []
    if (kept := away(project)).exists():  # it is mounted again, over whatever was written there in the meantime
        stray = [path.name for path in project.rglob("*") if path.is_file() and ".locks" not in path.parts]
        shutil.rmtree(project, ignore_errors=True)
        kept.rename(project)
    lost = missing(project, page)
    if partition and not ended.code and (now := digests(project)) != wanted:
        lost += [f"{name} was said to be done" for name in wanted if now.get(name) != wanted[name]]
    left = stray
    if doctor_first:
        left += doctored(project) + hidden(project)
        lost += missing(project, page)
    if digests(project) != wanted:
        again = run(project, page.verb)
        lost += [f"{page.name} again ended with {again.code}: {again.said}"] if again.code else []
    left += doctored(project) + hidden(project)
    now = digests(project)
    differing = [name for name in sorted(wanted.keys() | now.keys()) if wanted.get(name) != now.get(name)]
    shutil.rmtree(folder)
    return Aftermath(ended, lost, differing, left)


def missing(project: Path, page: Page) -> list[str]:
    """What is not as the verb found it nor as it was to leave it."""
    found, old, new = digests(project), kept_digests(page.before), kept_digests(page.after)
    lost = [name for name in old if found.get(name) not in (old[name], new.get(name))]
    for pattern in FINISHED:
        for one in project.glob(pattern):
            own = f"{one.relative_to(project).as_posix()}/"
            here, whole = _inside(found, own), (_inside(old, own), _inside(new, own))
            lost += [] if here in whole else [f"{own} is not whole"]
    return lost + unreadable(project)


def _inside(known: dict[str, str], folder: str) -> dict[str, str]:
    """The files of a folder, but for the review, which comes and changes later."""
    return {name: digest for name, digest in known.items() if name.startswith(folder) and "review.json" not in name}


def unreadable(project: Path) -> list[str]:
    """Records that the store cannot read."""
    from v2v_studio.errors import StudioError
    from v2v_studio.project.store import Store

    try:
        store = Store(project)
        store.project(), store.footages(), store.jobs()
        for shot in store.shots():
            store.control(shot.id), store.first_frames(shot.id)
            for take in store.takes(shot.id):
                store.review(shot.id, take.id)
    except StudioError as error:
        return [str(error)]
    return []


def doctored(project: Path) -> list[str]:
    """What the doctor could not put right."""
    seen = run(project, ["doctor", "--fix"])
    return [f"doctor ended with {seen.code}: {seen.out}{seen.said}"] if seen.code else []


def hidden(project: Path) -> list[str]:
    """What no finished verb leaves behind."""
    return [path.relative_to(project).as_posix() for path in project.rglob(".*") if path.name != ".locks"]


def digests(project: Path) -> dict[str, str]:
    """File -> digest of everything of the film that can be seen, times left out."""
    files = (path for path in project.rglob("*") if path.is_file())
    named = {path.relative_to(project).as_posix(): path for path in files}
    return {name: digest(path) for name, path in sorted(named.items()) if seen(name)}


@cache
def kept_digests(project: Path) -> dict[str, str]:
    """Those of a project that does not change any more."""
    return digests(project)


def seen(name: str) -> bool:
    return not name.startswith(BUSINESS) and not any(part.startswith(".") for part in name.split("/"))


def digest(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix in LISTS:  # they name the project's place
        return re.sub(rb"file://.*?/film/", b"", data).hex()
    if path.suffix in (".json", ".otio"):
        try:
            data = json.dumps(timeless(json.loads(data)), sort_keys=True).encode()
        except ValueError:
            return "torn"
    return hashlib.sha256(data).hexdigest()


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(one) for key, one in value.items() if key not in MOMENTARY}
    return [timeless(one) for one in value] if isinstance(value, list) else value
