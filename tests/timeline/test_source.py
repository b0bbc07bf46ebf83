import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.project.records import Shot
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.extent import extent
from v2v_studio.timeline.source import CHUNK, ShotSource
from v2v_studio.timeline.transitions import unfade, unmix

FRAMES = 60
FILM = np.random.default_rng(3).random((FRAMES, 3, 2, 2), np.float32)


def curve(length, up):
    rising = (np.arange(length) + 1) / (length + 1)
    return tuple(float(value) for value in (rising if up else rising[::-1]))


def transition(kind, start, end):
    return Transition(kind, start, end, curve(end - start, kind != "fade-out"), 0.0)


def read(start, stop):
    assert 0 <= start < stop <= FRAMES
    return iter(FILM[start:stop])


def slow(shot, transitions):
    """Frame by frame, from the shot outwards, in a table: what a clean frame is."""
    first, last = extent(shot, transitions)
    clean = {index: FILM[index] for index in range(shot.start, shot.end)}
    for t in transitions:
        if (t.start, t.kind != "fade-in") == (shot.end, True):
            for index in range(t.start, t.end):
                share = t.curve[index - t.start]
                other = FILM[t.end] if t.kind == "dissolve" else None
                cleaned = (
                    unmix(FILM[index], 1 - share, other) if t.kind == "dissolve" else unfade(FILM[index], share, 0)
                )
                clean[index] = clean[index - 1] if cleaned is None else cleaned
        if (t.end, t.kind != "fade-out") == (shot.start, True):
            for index in reversed(range(t.start, t.end)):
                share = t.curve[index - t.start]
                other = FILM[t.start - 1] if t.kind == "dissolve" else None
                cleaned = unmix(FILM[index], share, other) if t.kind == "dissolve" else unfade(FILM[index], share, 0)
                clean[index] = clean[index + 1] if cleaned is None else cleaned
    assert sorted(clean) == list(range(first, last))
    return clean


@pytest.mark.parametrize("into", [None, "dissolve", "fade-in"])
@pytest.mark.parametrize("out", [None, "dissolve", "fade-out"])
@given(data=st.data())
def test_frames_in_either_direction_are_those_of_the_slow_way(into, out, data):
    shot = Shot(id="sh010", footage="a001", start=14, end=40)
    beside = ([transition(into, 8, 14)] if into else []) + ([transition(out, 40, 49)] if out else [])
    source, expected = ShotSource(read, shot, beside), slow(shot, beside)
    start = data.draw(st.integers(shot.start, source.last - 1))
    assert np.array_equal(list(source.forwards(start)), [expected[index] for index in range(start, source.last)])
    start = data.draw(st.integers(source.first, shot.end - 1))
    backwards = range(start, source.first - 1, -1)
    assert np.array_equal(list(source.backwards(start)), [expected[index] for index in backwards])
    assert np.array_equal(source.frame(20), FILM[20])


def test_reading_backwards_holds_a_chunk_and_no_more():
    asked = []

    def counted(start, stop):
        asked.append(stop - start)
        return read(start, stop)

    list(ShotSource(counted, Shot(id="sh010", footage="a001", start=0, end=FRAMES), []).backwards(FRAMES - 1))
    assert max(asked) == CHUNK and sum(asked) == FRAMES
