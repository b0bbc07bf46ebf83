"""Two processes on one project: nobody's work is silently lost."""

import os
from collections.abc import Callable

import pytest

from tests.project.conftest import CREATED, first_frame, footage, rendered
from v2v_studio.project.records import Job, Note
from v2v_studio.project.store import Store
from v2v_studio.project.sweep import sweep

TIMES = 50


def together(store: Store, work: Callable[[Store, str], None]) -> None:
    """Run `work` in two processes at once, as "a" and as "b"."""
    children = []
    for who in "ab":
        child = os.fork()
        if child == 0:
            try:
                work(Store(store.folder), who)
            except BaseException as error:
                os.write(2, f"{who}: {error!r}\n".encode())
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]


def test_every_note_on_a_take_is_kept(store):
    rendered(store)

    def work(own, who):
        for i in range(TIMES):
            note = Note(text=f"{who}{i}", created=CREATED).plain()
            own.change_review(
                "sh010", "t001", lambda review, n=note: review.changed(notes=[*review.plain()["notes"], n])
            )

    together(store, work)
    assert sorted(note.text for note in store.review("sh010", "t001").notes) == sorted(
        f"{who}{i}" for who in "ab" for i in range(TIMES)
    )


def test_every_edit_of_a_shot_is_kept(store):
    def work(own, who):
        for _ in range(TIMES):
            own.change_shot("sh010", lambda shot: shot.changed(note=shot.note + who))

    together(store, work)
    assert sorted(store.shot("sh010").note) == sorted("ab" * TIMES)


def test_every_take_gets_its_own_number(store):
    def work(own, who):
        for i in range(10):
            rendered(own, f"{who}{i}".ljust(64, "0"))

    together(store, work)
    takes = store.takes("sh010")
    assert [take.id for take in takes] == [f"t{number:03d}" for number in range(1, 21)]
    assert len({take.fingerprint for take in takes}) == 20


def test_every_first_frame_gets_its_own_number(store):
    def work(own, who):
        for i in range(10):
            own.add_first_frame(first_frame().changed(seed=i), lambda path, text=f"{who}{i}": path.write_text(text))

    together(store, work)
    firsts = store.first_frames("sh010")
    assert [first.id for first in firsts] == [f"ff{number:03d}" for number in range(1, 21)]
    assert len({store.first_frame_image(first).read_text() for first in firsts}) == 20


def test_sweeping_takes_nothing_from_a_process_that_writes(store):
    def work(own, who):
        for _ in range(20):
            own.add_first_frame(first_frame(), lambda path: path.write_bytes(b"x" * 100_000)) if who == "a" else sweep(
                own
            )

    together(store, work)
    assert len(store.first_frames("sh010")) == 20


@pytest.mark.parametrize("kind", ["footage", "jobs"])
def test_every_footage_and_job_gets_its_own_name(store, kind):
    def work(own, who):
        for _ in range(10):
            own.add_footage(footage) if kind == "footage" else own.add_job(Job(shot="sh010", message=who))

    together(store, work)
    assert len(store.footages()) == (21 if kind == "footage" else 1)
    assert len(store.jobs()) == (20 if kind == "jobs" else 0)
