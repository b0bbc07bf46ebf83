"""Killed at every single write: what was committed is whole, the rest is gone on from, and nothing is left behind."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.project.conftest import FINGERPRINT, first_frame, footage, picture, rendered
from v2v_studio.project.records import Shot
from v2v_studio.project.store import Store
from v2v_studio.project.sweep import sweep

CALLS = ("replace", "rename", "fsync", "unlink", "mkdir")


def work(store: Store) -> None:
    """One of every kind of write."""
    store.add_first_frame(first_frame(), picture)
    rendered(store)
    store.change_review("sh010", "t001", lambda review: review.changed(status="approved"))
    store.change_shot("sh010", lambda shot: shot.changed(status="approved", take="t001"))


def work_killed_at(folder: Path, moment: int) -> bool:
    """Work in a child that is killed just before its `moment`-th call that changes the disk; False if it got through."""
    child = os.fork()
    if child == 0:
        left = moment

        def armed(call):
            def counting(*arguments, **options):
                nonlocal left
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **options)

            return counting

        try:
            for name in CALLS:
                setattr(os, name, armed(getattr(os, name)))
            work(Store(folder))
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def hidden(folder: Path) -> list[Path]:
    return [path for path in folder.rglob(".*") if path.name != ".locks"]


@pytest.fixture
def film(tmp_path):
    store = Store.create(tmp_path / "film")
    store.add_footage(footage)
    store.add_shot(Shot(id="sh010", footage="a001", start=2, end=10))
    return store.folder


@pytest.mark.slow
def test_killed_at_every_write(film, tmp_path):
    moment = 1
    while work_killed_at(folder := shutil.copytree(film, tmp_path / str(moment)), moment):
        store = Store(folder)
        assert store.shot("sh010").end == 10  # every record reads
        for first in store.first_frames("sh010"):
            assert store.first_frame_image(first).read_bytes() == b"a picture"
        for take in store.takes("sh010"):
            assert [store.take_frame(take, frame).read_text() for frame in range(5)] == [
                str(number) for number in range(999, 1004)
            ]
            assert store.review("sh010", take.id).status in ("pending", "approved")

        if store.partial_frames("sh010", FINGERPRINT):  # killed in the commit: it has every frame, by its first name
            with store.open_partial("sh010", FINGERPRINT) as partial:
                assert {number: path.read_text() for number, path in partial.frames().items()} == {
                    number: str(number) for number in range(999, 1004)
                }

        if not store.first_frames("sh010"):
            store.add_first_frame(first_frame(), picture)
        if store.find_take("sh010", FINGERPRINT) is None:
            rendered(store)
        sweep(store)
        assert [first.id for first in store.first_frames("sh010")] == ["ff001"]
        assert [take.id for take in store.takes("sh010")] == ["t001"]
        assert sorted(path.name for path in (store.take_folder("sh010", "t001") / "frames").iterdir()) == [
            f"sh010_t001.{number:04d}.png" for number in range(999, 1004)
        ]
        assert hidden(folder) == []
        moment += 1
    assert moment > 30  # the work really is that many writes
