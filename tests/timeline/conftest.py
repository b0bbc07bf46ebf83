"""Records with nothing in them but what a timeline looks at."""

import pytest

from v2v_studio.project.records import Footage, Shot, Take

DIGEST = "0" * 64


@pytest.fixture
def shot():
    def make(start, end, name="sh010"):
        return Shot(id=name, footage="a001", start=start, end=end)

    return make


@pytest.fixture
def take():
    def make(first, last, name="t001", shot="sh010", start=None):
        return Take(
            id=name,
            shot=shot,
            first_frame="ff001",
            size=(4, 3),
            start=first if start is None else start,
            first=first,
            last=last,
            anchor=first,
            fingerprint=DIGEST,
            created="2000-01-01T00:00:00+00:00",
        )

    return make


@pytest.fixture
def footage():
    """frames, and the cut's transitions as (kind, start, end) -> footage at 24000/1001."""

    def make(frames, *transitions, audio=True, path="footage/a001.mp4"):
        return Footage(
            id="a001",
            path=path,
            sha256=DIGEST,
            bytes=1,
            kind="video",
            frames=frames,
            rate="24000/1001",
            width=4,
            height=3,
            probe={"audio": [{}] if audio else []},
            cut={
                "detector": "adaptive",
                "transitions": [
                    {"kind": kind, "start": start, "end": end, "curve": [0.5] * (end - start)}
                    for kind, start, end in transitions
                ],
            },
        )

    return make
