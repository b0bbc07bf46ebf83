"""Good files made bad, at random and guided by coverage, each read as a verb reads it: two parts of `reliability`."""

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
from pathlib import Path
from typing import Any

from benchmarks.record import save
from tests.faults.hostile import READERS, RECORDS, looked_over, mutated, outcome, seeds, spoiled
from tests.faults.story import Page, clip

ROOT = Path(__file__).resolve().parents[1]
BATCH = 250  # hostile files a process; one that crashes it costs the rest of them
STUCK = 30  # seconds for one hostile file
MEMORY = 6 * 2**30  # bytes that a process may map while it reads hostile files
DEEP = "a project of which one value was changed"
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
    """RuntimeError where the block takes longer."""

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
