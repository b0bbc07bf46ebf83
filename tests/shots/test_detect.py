import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.shots.base import DETECTORS, Transition
from v2v_studio.shots.detect import detect, shots_between

RATE = Fraction(24)


def hard_cuts(cut):
    return [start for (_, end), (start, _) in zip(cut.shots, cut.shots[1:], strict=False) if start == end]


@pytest.mark.parametrize("name", ["adaptive", "content", "hash"])
def test_two_hard_cuts_are_found_exactly(make, name):
    frames = np.concatenate([make.film(1, 20), make.film(2, 25), make.film(3, 15)])
    assert detect(frames, RATE, name).shots == ((0, 20), (20, 45), (45, 60))


@pytest.mark.parametrize("name", DETECTORS.names())
def test_contract_of_every_detector(make, name):
    frames = np.concatenate([make.film(1, 20), make.film(2, 20)])
    cut = detect(frames, RATE, name)
    assert cut.scores.shape == (40,) and cut.scores.dtype == np.float32
    assert len(cut.usable) == len(cut.shots)
    assert all(start <= usable < end for (start, end), usable in zip(cut.shots, cut.usable, strict=True))
    assert cut == detect(iter(frames), RATE, name)


def test_fixed_cuts_every_so_many_frames(make):
    params = DETECTORS.load("fixed").Params(every=16)
    assert detect(make.film(1, 40), RATE, "fixed", params).shots == ((0, 16), (16, 32), (32, 40))


def test_threshold_cuts_in_the_black_between_two_shots(make):
    frames = np.concatenate([make.film(1, 20), np.zeros((4, 3, 72, 128), np.float32), make.film(2, 20)])
    assert detect(frames, RATE, "threshold").shots == ((0, 22), (22, 44))


def test_footage_without_a_cut_is_one_shot(make):
    assert detect(make.film(1, 30), RATE).shots == ((0, 30),)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_footage_of_a_few_frames_is_one_shot(make, count):
    cut = detect(make.film(1, count), RATE)
    assert cut.shots == ((0, count),) and cut.usable == (0,) and cut.scores.shape == (count,)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (16, 16), (200, 3)])
def test_pictures_of_any_size_are_taken(size):
    frames = np.random.default_rng(0).random((12, 3, *size), dtype=np.float32)
    assert detect(frames, RATE).frames == 12


def test_no_frames_is_refused():
    with pytest.raises(MediaError, match="no frames"):
        detect([], RATE)


def test_an_unknown_detector_is_refused(make):
    with pytest.raises(UsageError, match="Did you mean 'adaptive'"):
        detect(make.film(1, 3), RATE, "adaptve")


@pytest.mark.parametrize("name", ["adaptive", "content", "hash"])
def test_a_flash_is_no_cut(make, name):
    frames = make.film(4, 40)
    frames[20] = 1
    assert detect(frames, RATE, name).shots == ((0, 40),)


def test_a_dissolve_parts_two_clean_shots(make):
    shares = (np.arange(10) + 1) / 11
    cut = detect(make.dissolve(make.film(1, 40), make.film(2, 40), shares), RATE)
    [found] = cut.transitions
    assert cut.shots == ((0, found.start), (found.end, 70))


def test_shots_and_transitions_tile_the_footage(make):
    frames = np.concatenate(
        [make.film(1, 20), make.dissolve(make.film(2, 30), make.film(3, 30), np.linspace(0.1, 0.9, 9))]
    )
    cut = detect(frames, RATE)
    ranges = sorted([*cut.shots, *((t.start, t.end) for t in cut.transitions)])
    assert [n for start, end in ranges for n in range(start, end)] == list(range(len(frames)))


@given(
    frames=st.integers(1, 60),
    cuts=st.lists(st.integers(-5, 70)),
    edges=st.lists(st.integers(0, 60), max_size=6, unique=True).map(sorted),
    min_length=st.integers(1, 9),
)
def test_shots_between_fill_what_transitions_leave(frames, cuts, edges, min_length):
    edges = [edge for edge in edges if edge <= frames]
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    transitions = [Transition("dissolve", a, b, (0.5,) * (b - a)) for a, b in pairs]
    shots = shots_between(frames, cuts, transitions, min_length)
    ranges = sorted([*shots, *pairs])
    assert [n for start, end in ranges for n in range(start, end)] == list(range(frames))
    whole = shots_between(frames, [], transitions, min_length)
    assert all(end - start >= min_length or (start, end) in whole for start, end in shots)


TRUTH = {
    "bbb_multishot": [("fade-in", 0, 50)],
    "bikes_multishot": [],
    "reel_multishot": [("dissolve", 146, 158), ("fade-out", 196, 206), ("fade-in", 206, 216)],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TRUTH)
def test_real_footage_is_cut_where_people_saw_it(shared, name):
    path = shared / "footage" / f"{name}.mp4"
    truth = json.loads(path.with_suffix(".json").read_text())
    described = probe(path)
    frames = open_reader(path, described).frames(size=(256, round(256 * described.height / described.width)))
    cut = detect(frames, Fraction(described.rate))
    assert len(hard_cuts(cut)) == len(truth["cuts"])
    assert np.abs(np.subtract(hard_cuts(cut), truth["cuts"])).max() <= 1
    assert [t.kind for t in cut.transitions] == [kind for kind, _, _ in TRUTH[name]]
    for found, (_, start, end) in zip(cut.transitions, TRUTH[name], strict=True):
        assert abs(found.start - start) <= 2 and abs(found.end - end) <= 2  # the ends of a mix are nearly clean


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bmx_trees", "paragliding_launch", "umbrella_spin", "moonwalk_dark", "rollercoaster"])
def test_single_shots_of_strong_motion_stay_whole(shared, name):
    path = shared / "footage" / f"{name}.mp4"
    described = probe(path)
    frames = open_reader(path, described).frames(size=(256, round(256 * described.height / described.width)))
    cut = detect(frames, Fraction(described.rate))
    assert cut.shots == ((0, described.frames),) and not cut.transitions
