"""Faults injected, hostile files tried, and what came of each: the tables of docs/reliability.md.

python -m benchmarks.reliability [--parts kills,power,faults,fuzz,guided,gallery,hammer] [--limit S] [--cases N]
                                 [--seconds S]

Each part keeps its own result in results/reliability-PART.json, so that they can be run one by one; the page is written anew
from all that are there. The harness is `tests/faults/`; only Linux has what it needs. The guided part needs atheris:
pip install --constraint constraints.txt --editable '.[fuzz]'
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.fuzz import fuzz, guided
from benchmarks.record import save
from benchmarks.reliability_page import PAGE, page
from tests.faults.disk import Fault
from tests.faults.gallery import PICTURES, shown
from tests.faults.hammer import hammer
from tests.faults.partition import POWER, Partition
from tests.faults.story import Page, struck, told

ROOT = Path(__file__).resolve().parents[1]
SAID = 400  # characters of what a hostile file made by hand is answered with
ROUGHLY = {"full": 3, "readonly": 1, "gone": 2, "unmounted": 2}  # moments of each verb at which a fault begins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which no more verbs are struck")
    parser.add_argument("--cases", type=int, default=100_000, help="hostile files in all")
    parser.add_argument("--kinds", default="", help="only hostile files whose kind has this in its name")
    parser.add_argument("--seconds", type=float, default=300, help="how long the hammering lasts")
    chosen = parser.parse_args()
    wanted = [part for part in chosen.parts.split(",") if part]
    if "guided" in wanted and not find_spec("atheris"):
        parser.error("guided needs atheris, which is not installed: install the extra fuzz, or choose other --parts.")
    if wanted:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "story").mkdir()
            pages = list(told(Path(folder) / "story"))
            for part in wanted:
                print(save(f"reliability-{part}", PARTS[part](pages, Path(folder) / "work", chosen)))
    PAGE.write_text(page())


def kills(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """Every verb killed at its writes, in an order drawn by lot; every second time the doctor comes before the verb."""
    lots = [(one, Fault("kill", moment)) for one in pages for moment in range(1, one.moments + 1)]
    return counted(pages, lots, folder, chosen.limit)


def power(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """The power cut at every write in one of two ways, and right after every verb in both."""
    kinds = tuple(POWER)
    lots = [(one, Fault(kinds[moment // 2 % 2], moment)) for one in pages for moment in range(1, one.moments + 1)]
    lots += [(one, Fault(kind, one.moments + 1)) for one in pages for kind in kinds]
    disk = folder.parent / "disk"
    disk.mkdir()
    with Partition(disk) as partition:
        return counted(pages, lots, disk / "work", chosen.limit, partition)


def counted(
    pages: Sequence[Page],
    lots: list[tuple[Page, Fault]],
    folder: Path,
    limit: float,
    partition: Partition | None = None,
) -> list[dict[str, Any]]:
    """Strike verbs so, in an order drawn by lot, for as long as may be; what was found, by verb."""
    keys = ("times", "lost", "differing", "left")
    rows = {one.name: {"verb": one.name, "writes": one.moments, **dict.fromkeys(keys, 0)} for one in pages}
    random.Random(0).shuffle(lots)
    ends = time.monotonic() + limit
    for one, fault in lots:
        if time.monotonic() > ends:
            break
        after = struck(one, fault, folder, doctor_first=fault.moment % 2 == 0, partition=partition)
        if not after.well or (fault.moment <= one.moments and not after.ended.killed):
            print(one.name, fault, after, flush=True)
        found = (1, len(after.lost), len(after.differing), len(after.left))
        for key, count in zip(keys, found, strict=True):
            rows[one.name][key] += count
    print(sum(row["times"] for row in rows.values()), "times", flush=True)
    return list(rows.values())


def faults(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """Every verb with the other faults, beginning at a few of its writes; and one on a disk that really is too small."""
    rows = []
    for kind, times in ROUGHLY.items():
        codes, unsaid, lost, differing, left, count = Counter[int](), 0, 0, 0, 0, 0
        for one in pages:
            for moment in sorted({max(1, round(one.moments * (i + 0.5) / times)) for i in range(times)}):
                after = struck(one, Fault(kind, 1 if kind == "readonly" else moment), folder)
                count += 1
                codes[after.ended.code] += 1
                unsaid += after.ended.code != 0 and (
                    "Traceback" in after.ended.said or "error: " not in after.ended.said
                )
                lost, differing, left = lost + len(after.lost), differing + len(after.differing), left + len(after.left)
                if not after.well or "Traceback" in after.ended.said:
                    print(kind, one.name, moment, after, flush=True)
        row = {"fault": kind, "times": count, "codes": dict(codes), "unsaid": unsaid}
        rows.append({**row, "lost": lost, "differing": differing, "left": left})
        print(rows[-1], flush=True)
    return [*rows, small_disk(pages, folder)]


SMALL = """
import json, shutil, sys
from pathlib import Path
from tests.faults.story import digests, unreadable, hidden
from tests.faults.v2v import run
disk, before, after, verb = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4])
film = disk / "film"
shutil.copytree(before, film)
filler = disk / "filler"
used = sum(p.stat().st_size for p in before.rglob("*"))
free = shutil.disk_usage(disk).free
filler.write_bytes(bytes(max(0, free - int(sys.argv[5]))))
first = run(film, verb)
lost = unreadable(film)
filler.unlink()
again = run(film, verb)
wanted, now = digests(after), digests(film)
run(film, ["doctor", "--fix"])  # which also says, rightly, that the disk is small
left = hidden(film)
print(json.dumps({"code": first.code, "said": first.said, "lost": lost, "again": again.code,
                  "differing": [k for k in wanted.keys() | now.keys() if wanted.get(k) != now.get(k)], "left": left}))
"""


def small_disk(pages: Sequence[Page], folder: Path) -> dict[str, Any]:
    """`render` and `assemble` on a file system of 8 MB with hardly any room left, where this system lets us mount one."""
    row: dict[str, Any] = {"fault": "a file system without room", "times": 0, "codes": {}, "unsaid": 0}
    row |= {"lost": 0, "differing": 0, "left": 0}
    for one in (one for one in pages if one.name in ("ingest", "render", "mask", "assemble")):
        for room in (0, 8192, 20_000, 60_000):
            folder.mkdir(exist_ok=True)
            mounted = f"mount -t tmpfs -o size=8m none {folder} && exec "
            arguments = [str(folder), str(one.before), str(one.after), json.dumps(one.verb), str(room)]
            done = subprocess.run(
                ["unshare", "-rm", "sh", "-c", mounted + '"$@"', "-", sys.executable, "-c", SMALL, *arguments],
                capture_output=True,
                text=True,
                cwd=ROOT,
            )
            if done.returncode:
                return {**row, "not_run": done.stderr.strip().splitlines()[-1]}
            found = json.loads(done.stdout)
            row["times"] += 1
            row["codes"][found["code"]] = row["codes"].get(found["code"], 0) + 1
            row["unsaid"] += found["code"] != 0 and ("Traceback" in found["said"] or "error: " not in found["said"])
            row |= {key: row[key] + len(found[key]) for key in ("lost", "differing", "left")}
            if found["again"] or found["lost"] or found["differing"] or found["left"]:
                print("small disk", one.name, room, found, flush=True)
    print(row, flush=True)
    return row


def gallery(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """Everything hostile that was made by hand."""
    project = next(one.after for one in pages if one.name == "assemble")
    seen = [asdict(shown(picture, project, folder)) for picture in PICTURES]
    return [{**row, "said": row["said"].replace(str(folder) + "/", "")[:SAID]} for row in seen]


def hammering(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Two command lines and a window at work on one project."""
    shutil.rmtree(folder, ignore_errors=True)
    project = folder / "film"
    shutil.copytree(next(one.after for one in pages if one.name == "render"), project)
    came = hammer(project, chosen.seconds)
    print(came, flush=True)
    return {"seconds": chosen.seconds, **asdict(came)}


PARTS: dict[str, Callable[[Sequence[Page], Path, argparse.Namespace], Any]] = {
    "kills": kills,
    "power": power,
    "faults": faults,
    "fuzz": fuzz,
    "guided": guided,
    "gallery": gallery,
    "hammer": hammering,
}


if __name__ == "__main__":
    main()
