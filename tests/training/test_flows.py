"""Which frames of a sample a flow leads to, and the flow at another size."""

from fractions import Fraction

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from v2v_studio.errors import MediaError  # noqa: E402
from v2v_studio.training.draw import generator  # noqa: E402
from v2v_studio.training.flows import evenly_later, flows, some_later  # noqa: E402
from v2v_studio.training.sample import Sample  # noqa: E402

pytestmark = pytest.mark.slow


def sample(indices, flow=None):
    return Sample("clip", np.zeros((len(indices), 3, 4, 6), np.float32), Fraction(24), np.array(indices), flow=flow)


def test_frames_are_a_stride_apart():
    assert evenly_later(sample(range(200)), 15, 8).tolist() == list(range(8, 121, 8))


def test_a_short_sample_is_covered_evenly():
    """The release: clip length min(video, 15 x 8 + 1), 16 indices by linspace."""
    expected = np.linspace(0, 60, 16).astype(int)[1:]
    assert evenly_later(sample(range(61)), 15, 8).tolist() == expected.tolist()


def test_frames_that_were_left_out_are_replaced_by_the_nearest():
    assert evenly_later(sample([0, 4, 8, 12, 16]), 2, 8).tolist() == [2, 4]


@given(st.integers(1, 12), st.lists(st.integers(1, 9), min_size=12, max_size=30), st.integers(1, 20))
def test_places_rise_and_lie_in_the_sample(count, steps, stride):
    given = sample([0, *np.cumsum(steps)])
    places = evenly_later(given, count, stride)
    assert len(places) == count
    assert places[0] >= 1
    assert (np.diff(places) > 0).all()
    assert places[-1] < len(given)


def test_any_frame_near_enough_is_as_likely():
    found = [int(some_later(sample([0, 3, 6, 9, 12]), 9, generator(n))[0]) for n in range(300)]
    assert sorted(set(found)) == [1, 2, 3]
    assert min(np.bincount(found)[1:]) > 70  # 100 each; 4 standard deviations are 33


def test_too_few_frames_are_an_error():
    with pytest.raises(MediaError, match=r"clip has 3 frames and 4 are trained on at once; .* -p frames=3"):
        evenly_later(sample(range(3)), 3, 8)
    with pytest.raises(MediaError, match="no frame within 4 after its first"):
        some_later(sample([0, 5]), 4, generator(0))


def test_a_flow_is_scaled_with_its_grid():
    flow = np.zeros((2, 2, 4, 6), np.float32)
    flow[:, 0], flow[:, 1] = 3, -2
    flow[1] *= 2
    found = flows(sample(range(3), flow), np.array([2]), 8, 3)
    assert found.shape == (1, 2, 8, 3)
    np.testing.assert_allclose(found[0, 0], 6 * 3 / 6)
    np.testing.assert_allclose(found[0, 1], -4 * 8 / 4)
