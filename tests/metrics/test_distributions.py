import numpy as np
import pytest
from scipy.linalg import sqrtm

from v2v_studio.errors import UsageError
from v2v_studio.metrics.frechet import frechet_distance, moments
from v2v_studio.metrics.fvd import Fvd, _Pieces
from v2v_studio.metrics.inception import inception_score
from v2v_studio.metrics.pair import Clip, Pair

RNG = np.random.default_rng(0)


@pytest.fixture
def features():
    """Two sets of 60 and 40 features of 5 numbers that hang together."""
    mix = RNG.normal(size=(5, 5))
    return RNG.normal(size=(60, 5)) @ mix, RNG.normal(1, 2, size=(40, 5))


def test_moments_in_pieces_are_those_of_all(features):
    whole = features[0]
    found = moments([whole[:1], whole[1:1], whole[1:20], whole[20:]])
    assert found.count == 60
    assert found.mean == pytest.approx(whole.mean(0)) and found.covariance == pytest.approx(np.cov(whole.T))


def test_distance_is_the_formula_with_the_root_of_a_product(features):
    one, other = features
    v, w = np.cov(one.T), np.cov(other.T)
    expected = np.square(one.mean(0) - other.mean(0)).sum() + np.trace(v + w - 2 * sqrtm(v @ w).real)
    assert frechet_distance(moments([one]), moments([other])) == pytest.approx(expected, rel=1e-6)


def test_distance_of_a_set_and_itself_is_nought_and_of_one_moved_the_square_of_the_way(features):
    one = features[0]
    assert frechet_distance(moments([one]), moments([one])) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(moments([one]), moments([one + 2])) == pytest.approx(5 * 4, rel=1e-6)


def test_distance_of_fewer_features_than_they_have_numbers_is_finite():
    few = RNG.normal(size=(3, 20))
    assert np.isfinite(frechet_distance(moments([few]), moments([few + 1])))


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_features_are_refused(count):
    with pytest.raises(UsageError, match=f"there are {count}"):
        moments([np.zeros((count, 4), np.float32)])


def test_score_is_one_where_every_frame_is_the_same_and_the_classes_where_each_is_another():
    same = np.tile(RNG.normal(size=7), (5, 1))
    assert inception_score([same]) == pytest.approx(1)
    assert inception_score([100 * np.eye(7)]) == pytest.approx(7)


def test_score_in_pieces_is_the_definition_written_out():
    logits = RNG.normal(size=(9, 4))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    divergence = [sum(p * np.log(p / q) for p, q in zip(row, shares.mean(0), strict=True)) for row in shares]
    expected = np.exp(np.mean(divergence))
    assert inception_score([logits[:2], logits[2:]]) == pytest.approx(expected)


def pieces(monkeypatch, frames, size):
    """Sizes of the pieces that the network is shown."""
    shown = []
    monkeypatch.setattr("v2v_studio.metrics.fvd.logits", lambda piece: shown.append(piece.shape) or np.zeros(3))
    meter, pair = _Pieces(size), None
    for _ in range(frames):
        pair = Pair(np.zeros((3, 8, 10), np.float32), None, pair, None)
        meter.add(pair)
    return shown, meter.value()


def test_a_clip_is_cut_into_whole_pieces(monkeypatch):
    shown, features = pieces(monkeypatch, 35, 16)
    assert shown == [(3, 16, 224, 224)] * 2 and features.shape == (2, 3)


def test_a_clip_too_short_for_the_network_is_refused():
    with pytest.raises(UsageError, match="9 frames or more, and one has 8"):
        Fvd().open(Clip(8, (10, 8)))
