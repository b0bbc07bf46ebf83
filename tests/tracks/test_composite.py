import numpy as np
import pytest

from v2v_studio.tracks.composite import composite, encoded, light


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    return rng.random((3, 8, 10), np.float32), rng.random((3, 8, 10), np.float32)


def test_black_keeps_the_source_and_white_takes_the_look_to_the_bit(pictures):
    source, styled = pictures
    mask = np.zeros((8, 10), np.float32)
    mask[:, 5:] = 1
    out = composite(source, styled, mask)
    assert np.array_equal(out[..., :5], source[..., :5])
    assert np.array_equal(out[..., 5:], styled[..., 5:])


def test_half_of_black_and_white_is_half_of_the_light():
    black, white = np.zeros((3, 1, 1), np.float32), np.ones((3, 1, 1), np.float32)
    out = composite(black, white, np.full((1, 1), 0.5, np.float32))
    assert out.ravel() == pytest.approx(0.7354, abs=1e-4)  # sRGB of half the light (IEC 61966-2-1)


def test_it_is_the_mix_of_each_pixel_alone(pictures):
    source, styled = pictures
    mask = np.random.default_rng(1).random((8, 10), np.float32)
    out = composite(source, styled, mask)
    for y, x in np.ndindex(8, 10):
        share = mask[y, x]
        one = encoded((1 - share) * light(source[:, y, x]) + share * light(styled[:, y, x]))
        assert out[:, y, x] == pytest.approx(one, abs=1e-6)  # float32


def test_light_and_back_is_the_same_value():
    values = np.linspace(0, 1, 256, dtype=np.float32)
    assert encoded(light(values)) == pytest.approx(values, abs=1e-6)  # float32
