import numpy as np

from v2v_studio.renderers.embedded.features import FEATURES, features, gradient


def test_features_do_not_depend_on_where_arrays_lie_in_memory():
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 255, (64, 96, 3)).astype(np.float32)
    seen, held = set(), []
    for _ in range(24):
        held = [*held[-4:], np.zeros(rng.integers(10, 90_000))]  # so that the next arrays lie elsewhere
        seen.add(features(image).tobytes())
    assert len(seen) == 1


def test_there_are_as_many_features_as_are_said():
    assert features(np.zeros((5, 7, 3), np.float32)).shape == (FEATURES, 5, 7)


def test_gradient_of_a_ramp_is_its_slope():
    ramp = np.tile(np.arange(9, dtype=np.float32), (7, 1))
    assert np.allclose(gradient(ramp)[2:-2, 2:-2], 8)  # Sobel weighs a slope of 1 by 8
