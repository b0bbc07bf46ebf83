"""Faults injected, hostile files tried, and what came of each: the tables of docs/reliability.md.

python -m benchmarks.reliability [--parts kills,power,faults,fuzz,guided,gallery,hammer] [--limit S] [--cases N]
                                 [--seconds S]

Each part keeps its own result in results/reliability-PART.json, so that they can be run one by one; the page is written anew
from all that are there. The harness is `tests/faults/`; only Linux has what it needs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.record import load, save
from benchmarks.report import markdown
from tests.faults.disk import Fault
from tests.faults.gallery import PICTURES, shown
from tests.faults.hammer import hammer
from tests.faults.hostile import READERS, RECORDS, looked_over, mutated, outcome, seeds, spoiled
from tests.faults.partition import POWER, Partition
from tests.faults.story import Page, clip, struck, told

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reliability.md"
BATCH = 250  # hostile files a process; one that crashes it costs the rest of them
STUCK = 30  # seconds for one hostile file
SAID = 400  # characters of what a hostile file made by hand is answered with
MEMORY = 6 * 2**30  # bytes that a process may map while it reads hostile files
DEEP = "a project of which one value was changed"
ROUGHLY = {"full": 3, "readonly": 1, "gone": 2, "unmounted": 2}  # moments of each verb at which a fault begins
SLOW = {
    ".flo file": 0.03,
    "media header": 0.03,
    "motion in the cache": 0.02,
    "PNG picture": 0.02,
    "PNG picture, checksums right": 0.03,
}
SHARE = {
    DEEP: 0.003,
    ".otio import": 0.04,
    "PNG recipe, chunks": 0.04,
    "PNG recipe, text": 0.4,
    **SLOW,
}  # rest: in equal parts
GUIDED = ("PNG recipe, chunks", "PNG recipe, text", "project.json", "shot.json", "take.json", "control.json")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--limit", type=float, default=3600, help="seconds after which no more verbs are struck")
    parser.add_argument("--cases", type=int, default=100_000, help="hostile files in all")
    parser.add_argument("--kinds", default="", help="only hostile files whose kind has this in its name")
    parser.add_argument("--seconds", type=float, default=300, help="how long the hammering lasts")
    chosen = parser.parse_args()
    wanted = [part for part in chosen.parts.split(",") if part]
    if wanted:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "story").mkdir()
            pages = list(told(Path(folder) / "story"))
            for part in wanted:
                print(save(f"reliability-{part}", PARTS[part](pages, Path(folder) / "work", chosen)))
    PAGE.write_text(page())


# ---- faults


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
    for one in (page for page in pages if page.name in ("ingest", "render", "mask", "assemble")):
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


# ---- hostile files


def fuzz(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """Good files of every kind made bad at random, each read as a verb would."""
    named = {one.name: one for one in pages}
    good = seeds(named["assemble"].after, clip(folder.parent))
    kinds, rows = [kind for kind in (*READERS, DEEP) if chosen.kinds in kind], []
    rest = (1 - sum(SHARE.values())) / (len(READERS) + 1 - len(SHARE))
    for kind in kinds:
        cases, began = math.ceil(chosen.cases * SHARE.get(kind, rest)), time.monotonic()
        came: Counter[str] = Counter()
        for batch in range(0, cases, BATCH):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(named["assemble"].after, folder)
            size = min(BATCH, cases - batch)
            came += in_a_process(lambda kind=kind, batch=batch, size=size: tried(kind, good, folder, batch, size), size)
        rows.append({"kind": kind, "cases": cases, "outcomes": dict(came.most_common())})
        save("reliability-fuzz", rows)
        print(rows[-1], round(time.monotonic() - began, 1), "s", flush=True)
    return rows


def tried(kind: str, good: Mapping[str, list[bytes]], folder: Path, batch: int, size: int) -> Iterator[str]:
    """The outcome of so many cases of a kind; the same ones for the same batch."""
    chance = random.Random(f"{kind} {batch}")
    for _ in range(size):
        if kind == DEEP:
            place = (
                folder / RECORDS[chance.choice([name for name, (p, _) in RECORDS.items() if (folder / p).exists()])][0]
            )
            before = place.read_bytes()
            place.write_bytes(json.dumps(spoiled(json.loads(before), chance)).encode("utf-8", "surrogatepass"))
            yield judged(lambda: looked_over(folder), before)
            place.write_bytes(before)
        else:
            data = mutated(chance.choice(good[kind]), chance)
            yield judged(lambda data=data: READERS[kind](data, folder), data)


def judged(read: Callable[[], object], data: bytes) -> str:
    try:
        with alarm(STUCK):
            return outcome(read)
    except MemoryError:
        return "out of memory, exit code 5"
    except Exception as error:
        print(traceback.format_exc(), data[:300], flush=True)
        return f"A BUG: {type(error).__name__}"


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """TimeoutError where the block takes longer."""

    def ring(*_: object) -> None:
        raise RuntimeError(f"it took over {seconds} s")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def in_a_process(work: Callable[[], Iterator[str]], size: int) -> Counter[str]:
    """What work yields, counted; where it crashes its process, that is a bug too."""
    came, to = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(came)
        code = 1
        with contextlib.suppress(BaseException), open(to, "w") as told_:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries in C complain of every file
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            for one in work():
                print(one, file=told_, flush=True)
            code = 0
        os._exit(code)
    os.close(to)
    with open(came) as lines:
        counted = Counter(line.strip() for line in lines)
    _, status = os.waitpid(child, 0)
    if counted.total() < size:
        counted[f"A BUG: the process ended with {os.waitstatus_to_exitcode(status)}"] += size - counted.total()
    return counted


GUIDE = """
import sys
from pathlib import Path
import atheris
with atheris.instrument_imports(include=["v2v_studio.media.recipes", "v2v_studio.project", "v2v_studio.media.frames"]):
    import v2v_studio.media.recipes, v2v_studio.project.store, v2v_studio.project.recipe
from tests.faults.hostile import READERS, outcome
kind, folder = sys.argv[1], Path(sys.argv[2])
atheris.Setup([sys.argv[0], *sys.argv[3:]], lambda data: (outcome(lambda: READERS[kind](data, folder)), None)[1])
atheris.Fuzz()
"""


def guided(pages: Sequence[Page], folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """The same readers, fed by atheris, which looks for bytes that lead to code not seen before."""
    named, rows = {one.name: one for one in pages}, []
    good = seeds(named["assemble"].after, clip(folder.parent))
    for kind in GUIDED:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(named["assemble"].after, folder)
        corpus = Path(tempfile.mkdtemp(dir=folder.parent))
        for number, data in enumerate(good[kind]):
            (corpus / str(number)).write_bytes(data)
        cases = chosen.cases // 10
        flags = [f"-runs={cases}", "-max_len=65536", f"-timeout={STUCK}", "-rss_limit_mb=4096", "-seed=1", str(corpus)]
        done = subprocess.run(
            [sys.executable, "-c", GUIDE, kind, str(folder), *flags],
            capture_output=True,
            text=True,
            cwd=folder.parent,  # where it leaves what it found
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        rows.append({"kind": kind, "cases": cases, "ended": done.returncode})
        print(rows[-1], flush=True)
        if done.returncode:
            print(done.stderr[-3000:], flush=True)
    return rows


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


# ---- the page

FAULTS = {
    "full": "the disk is full from a write on",
    "readonly": "the project may only be read",
    "gone": "the shared folder's server stops to answer",
    "unmounted": "the shared folder is unmounted, and comes back",
    "a file system without room": "a real file system of 8 MB, almost full",
}
TEXT = """# Reliability: faults injected, and what was lost

Written by `python -m benchmarks.reliability`; the harness is `tests/faults/`, of which the suite runs a small part. A
verb is carried out in a process of its own whose calls to the disk are counted: creating, writing, syncing, renaming,
linking, deleting. A write can also be torn in half, a video between two packets. At a chosen one the fault strikes.
Then the project is opened and held against what the verb found and what it was to leave; the verb is run again and
everything compared, byte by byte but for dates, with a run that was never interrupted; and `v2v doctor --fix` sweeps
up. No production code knows of it.

A kill is `SIGKILL` to the process.

## Killed at every write

{kills}

## Power cut at every write

A power cut also loses what was written and not synced. It is injected into a file system of its own (ext4 in a file,
without the option that writes renamed files out early) by the system call file systems are tested with, in two ways by
turns: nothing reaches the disk after the last sync; or the names of new files do and their content does not. The file
system is then mounted again, as after a restart. The power is also cut right after each verb has ended, twice: what it
said was done has to be there.

{power}

## Other faults

{faults}

Exit codes: 1 failed, 3 project invalid, 5 no room, 6 some shots failed. 0: the verb had nothing left to write. Lost,
differing and left are counted as above, once there is room or the folder is back. Out of memory in a window, a clock
that jumps, a corrupt entry of the cache, a torn frame in an unfinished take, a worker that dies and two writers on
one shot have tests of their own in `tests/faults/test_faults.py` and `tests/executors/test_local.py`.

## Three at work on one project

{hammer}

## Hostile files, made at random

Good files with bytes changed, cut out, doubled or cut off, and JSON with values made absurd, dropped or nested deep,
each read as a verb reads it. "Handled": it was read as what it says, or what is wrong in it does not matter.

{fuzz}

Guided by coverage (atheris), from the same good files:

{guided}

## Hostile files, made by hand

{gallery}

What is outside the project was compared before and after each: nothing was read from it into a message, and nothing written.
"""


def page() -> str:
    tables = {part: table(part) for part in PARTS}
    return TEXT.format(**tables)


def table(part: str) -> str:
    result = load(f"reliability-{part}")
    if result is None:
        return "Not measured yet."
    about = f"(commit {result['commit']}, {result['machine']['architecture']}, {result['machine']['cores']} cores)"
    return f"{TABLES[part](result['measured'])}\n\n{about}"


def struck_table(what: str, rows: list[dict[str, Any]]) -> str:
    keys = ("writes", "times", "lost", "differing", "left")
    total = {"verb": "**all**", **{key: sum(row[key] for row in rows) for key in keys}}
    head = ("verb", "writes", what, "lost", "differing from an uninterrupted run", "not swept")
    return markdown(head, [[str(row[key]) for key in ("verb", *keys)] for row in [*rows, total]])


def faults_table(rows: list[dict[str, Any]]) -> str:
    head = ("fault", "times", "exit codes", "without a sentence", "lost", "differing", "not swept")
    cells = []
    for row in rows:
        codes = ", ".join(
            f"{code} ({count})" for code, count in sorted(row["codes"].items(), key=lambda pair: int(pair[0]))
        )
        name = FAULTS[row["fault"]] + (f" (not run: {row['not_run']})" if "not_run" in row else "")
        cells.append(
            [name, *map(str, (row["times"], codes, row["unsaid"], row["lost"], row["differing"], row["left"]))]
        )
    return markdown(head, cells)


def fuzz_table(rows: list[dict[str, Any]]) -> str:
    cells = [
        [row["kind"], str(row["cases"]), "; ".join(f"{what}: {count}" for what, count in row["outcomes"].items())]
        for row in rows
    ]
    bugs = sum(n for row in rows for what, n in row["outcomes"].items() if what.startswith("A BUG"))
    return markdown(
        ("kind", "cases", "outcomes"), [*cells, ["**all**", str(sum(row["cases"] for row in rows)), f"bugs: {bugs}"]]
    )


def guided_table(rows: list[dict[str, Any]]) -> str:
    cells = [[row["kind"], str(row["cases"]), "none" if row["ended"] == 0 else "found"] for row in rows]
    return markdown(("kind", "cases", "bugs"), cells)


def gallery_table(rows: list[dict[str, Any]]) -> str:
    cells = [[row["name"], str(row["code"]), row["wrong"] or sentence(row)] for row in rows]
    return markdown(("what", "exit code", "what is said"), cells)


def sentence(row: Mapping[str, Any]) -> str:
    first = (row["said"].splitlines() or [""])[0].removeprefix("error: ").replace("|", "\\|")
    return first or "handled"


def hammer_table(came: Mapping[str, Any]) -> str:
    done = ", ".join(f"{count} times {what}" for what, count in came["done"].items())
    wrong = "Nothing was lost, and no file was torn." if not came["wrong"] else f"Wrong: {'; '.join(came['wrong'])}."
    return (
        f"Two command lines and one open window for {came['seconds']:.0f} s: {done}; {came['refused']} times refused with a "
        f"sentence, as another was rendering the same. {wrong}"
    )


TABLES: dict[str, Callable[[Any], str]] = {
    "kills": partial(struck_table, "kills"),
    "power": partial(struck_table, "power cuts"),
    "faults": faults_table,
    "fuzz": fuzz_table,
    "guided": guided_table,
    "gallery": gallery_table,
    "hammer": hammer_table,
}

if __name__ == "__main__":
    main()
