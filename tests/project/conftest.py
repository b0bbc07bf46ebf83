"""A small project to work on."""

from pathlib import Path

import pytest

from v2v_studio.project.records import FirstFrame, Footage, Shot, Take
from v2v_studio.project.store import Store

FINGERPRINT = "f" * 64
CREATED = "2024-05-01T12:00:00+00:00"


def footage(name: str) -> Footage:
    return Footage(
        id=name, path="../clip.mp4", sha256="0" * 64, bytes=3, kind="video", frames=24, rate="24", width=8, height=6
    )


def first_frame(shot: str = "sh010") -> FirstFrame:
    return FirstFrame(
        shot=shot, frame=2, size=(8, 6), translator="filters", fingerprint=FINGERPRINT, sha256="1" * 64, created=CREATED
    )


def take(fingerprint: str = FINGERPRINT, shot: str = "sh010") -> Take:
    """Footage frames 0..4 of a shot that starts at 2: numbers 999 to 1003."""
    return Take(
        shot=shot,
        first_frame="ff001",
        size=(8, 6),
        start=2,
        first=0,
        last=5,
        anchor=2,
        fingerprint=fingerprint,
        created=CREATED,
    )


def picture(path: Path) -> None:
    path.write_bytes(b"a picture")


def rendered(store: Store, fingerprint: str = FINGERPRINT) -> Take:
    """A take of sh010, its frames holding their own numbers."""
    with store.open_partial("sh010", fingerprint) as partial:
        for number in range(999, 1004):
            partial.frame(number).write_text(str(number))
        return partial.commit(take(fingerprint))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One footage a001, one shot sh010 over its frames 2..9."""
    made = Store.create(tmp_path / "film")
    made.add_footage(footage)
    with made.cutting():
        made.add_shot(Shot(id="sh010", footage="a001", start=2, end=10))
    return made
