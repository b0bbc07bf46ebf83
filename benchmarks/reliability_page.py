"""docs/reliability.md, written from what the parts of `reliability` found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.record import load
from benchmarks.report import markdown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
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

Exit codes: 1 failed, 2 no project where one was named (its folder is gone), 5 no room. 0: the verb had nothing left
to write. Lost, differing and left are counted as above, once there is room or the folder is back. Out of memory in a
window, a clock that jumps, a corrupt entry of the cache, a torn frame in an unfinished take, a worker that dies and
two writers on one shot have tests of their own in `tests/faults/test_faults.py` and `tests/executors/test_local.py`.

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
    tables = {part: table(part) for part in TABLES}
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
