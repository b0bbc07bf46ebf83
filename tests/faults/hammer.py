"""Two command lines and one open window at work on one project, all at once and without a pause.

Each keeps a diary of what succeeded; afterwards the project must say the same.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.story import doctored, hidden, unreadable
from tests.faults.v2v import run

TAKE = "sh010/t001"  # everyone writes notes on it
OWN = {"a": "sh010", "b": "sh020"}  # the shot that a command line trims: nobody else does
EXPECTED = (  # refusals that are the right answer
    "is being rendered this way by another process",
    "its first frame was made of frame",
)


@dataclass(frozen=True)
class Hammered:
    """What came of it.

    Attributes:
        done: verb -> how often it succeeded.
        refused: how often it was rightly refused.
        wrong: lost updates, corrupt files, tracebacks, unexpected refusals.
    """

    done: dict[str, int]
    refused: int
    wrong: list[str]


def hammer(project: Path, seconds: float) -> Hammered:
    """Let three processes work on a rendered project for so long."""
    diaries = {who: project.parent / f"diary-{who}.jsonl" for who in ("a", "b", "window")}
    children = []
    for who, diary in diaries.items():
        child = os.fork()
        if child == 0:
            try:
                (window if who == "window" else terminal)(project, who, diary, time.monotonic() + seconds)
            except BaseException as error:
                note(diary, {"did": "wrong", "said": f"{who}: {error!r}"})
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    entries = [json.loads(line) for diary in diaries.values() for line in diary.read_text().splitlines()]
    wrong = [entry["said"] for entry in entries if entry["did"] == "wrong"]
    done = Counter(entry["did"] for entry in entries)
    refused, _ = done.pop("refused", 0), done.pop("wrong", 0)
    return Hammered(dict(sorted(done.items())), refused, wrong + checked(project, entries))


def terminal(project: Path, who: str, diary: Path, until: float) -> None:
    """A command line: notes, approvals, trims, renders."""
    chance, count, own = random.Random(who), 0, OWN[who]
    while time.monotonic() < until:
        count += 1
        what = chance.choice(["note", "note", "approve", "trim", "render"])
        end = chance.choice([1003, 1004])
        verb = {
            "note": ["review", TAKE, "note", f"{who} {count}"],
            "approve": ["review", f"{own}/t001", "approve"],
            "trim": ["trim", own, f"1001:{end}"],
            "render": ["render", chance.choice(list(OWN.values())), "--draft", "--again", "--workers", "1", "--json"],
        }[what]
        ended = run(project, verb)
        if ended.code == 0:
            takes = [row["take"] for row in json.loads(ended.out)] if what == "render" else []
            note(diary, {"did": what, "text": f"{who} {count}", "shot": verb[1], "end": end, "takes": takes})
        elif any(expected in ended.said for expected in EXPECTED):
            note(diary, {"did": "refused"})
        else:
            note(diary, {"did": "wrong", "said": f"{' '.join(verb)} ended with {ended.code}: {ended.said}"})


def window(project: Path, who: str, diary: Path, until: float) -> None:
    """What an open page does: it lists everything again and again, and writes a note now and then."""
    from v2v_studio.studio import Studio

    studio, count = Studio(project), 0
    while time.monotonic() < until:
        count += 1
        for rows in (studio.shot_rows, studio.take_rows, studio.job_rows, studio.footage_rows):
            rows()
        studio.review(TAKE, "note", f"{who} {count}")
        note(diary, {"did": "note", "text": f"{who} {count}", "takes": []})
        studio.store.change_shot("sh010", lambda shot, word=f" {count}": shot.changed(note=shot.note + word))
        note(diary, {"did": "edit", "text": str(count), "takes": []})


def note(diary: Path, entry: dict[str, Any]) -> None:
    with open(diary, "a") as file:
        file.write(json.dumps(entry) + "\n")


def checked(project: Path, entries: list[dict[str, Any]]) -> list[str]:
    """What the project lacks of that which was done to it."""
    from v2v_studio.project.store import Store

    store, wrong = Store(project), unreadable(project)
    if wrong:
        return wrong
    said = Counter(one.text for one in store.review(*TAKE.split("/")).notes)
    told = Counter(entry["text"] for entry in entries if entry["did"] == "note")
    wrong += [f"{said[text]} notes '{text}'" for text in told | said if told[text] != said[text]]
    words = Counter(store.shot("sh010").note.split())
    wrong += [
        f"edit {entry['text']} is gone" for entry in entries if entry["did"] == "edit" and not words[entry["text"]]
    ]
    for shot in OWN.values():
        ends = [entry["end"] for entry in entries if entry["did"] == "trim" and entry["shot"] == shot]
        if ends and store.shot(shot).number(store.shot(shot).end) != ends[-1]:
            wrong.append(f"the last trim of {shot} is gone")
        names = [
            name for entry in entries if entry["did"] == "render" and entry["shot"] == shot for name in entry["takes"]
        ]
        there = {take.id for take in store.takes(shot)}
        wrong += [f"{shot}/{name} is gone" for name in names if name not in there]
        wrong += [f"{shot}/{name} was given {times} times" for name, times in Counter(names).items() if times > 1]
    return wrong + doctored(project) + hidden(project)
