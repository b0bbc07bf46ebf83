"""The units against the formula written out, and the fit on functions it can and cannot learn."""

import numpy as np

from v2v_studio.renderers.embedded.layer import Units, fit
from v2v_studio.renderers.embedded.units import CHUNK, respond

RNG = np.random.default_rng(0)


def small_units(count, features):
    reads = RNG.integers(0, features, (count, 3))
    weights = RNG.normal(size=(count, 3)).astype(np.float32)
    return Units(reads, weights, RNG.normal(size=count).astype(np.float32))


def slow_units(units, seen):
    rows = [
        np.maximum(0, bias + sum(w * seen[r] for w, r in zip(weights, reads, strict=True)))
        for reads, weights, bias in zip(units.reads, units.weights, units.bias, strict=True)
    ]
    return np.stack(rows)


def test_units_equal_the_formula():
    units, seen = small_units(5, 7), RNG.normal(size=(7, 30)).astype(np.float32)
    assert np.allclose(units(seen), slow_units(units, seen), atol=1e-5)  # float32 sums in another order


def test_the_response_equals_the_formula_across_chunks():
    units, seen = small_units(5, 7), RNG.normal(size=(7, CHUNK + 37)).astype(np.float32)
    low, high = np.full(7, -1, np.float32), np.full(7, 1, np.float32)
    to_units, to_features = (RNG.normal(size=(n, 3)).astype(np.float32) for n in (5, 7))
    out = np.ones((3, seen.shape[1]), np.float32)
    respond(seen, low, high, units.reads, units.weights, units.bias, to_units, to_features, out)
    held = np.clip(seen, -1, 1)
    truth = 1 + to_units.T @ slow_units(units, held) + to_features.T @ held
    assert np.allclose(out, truth, atol=1e-4)  # float32 sums in another order


def test_a_bent_function_of_one_feature_is_learnt():
    seen = RNG.normal(size=(10, 6000)).astype(np.float32)
    target = np.stack([np.abs(seen[3]), seen[2], 0 * seen[0]], 1)
    layer = fit(seen[:, :4000], target[:4000], seen[:, 4000:], target[4000:], np.random.default_rng(0))
    error = layer(np.ascontiguousarray(seen[:, 4000:])).T - target[4000:]
    assert np.square(error).mean() < 0.02 * target.var()


def test_noise_is_not_learnt():
    seen, noise = RNG.normal(size=(10, 4000)).astype(np.float32), RNG.normal(size=(4000, 3)).astype(np.float32)
    assert fit(seen[:, :3000], noise[:3000], seen[:, 3000:], noise[3000:], np.random.default_rng(0)) is None


def test_beyond_what_it_saw_it_stays_at_the_edge():
    seen = RNG.uniform(0, 1, (4, 3000)).astype(np.float32)
    target = np.repeat(seen[:1].T, 3, 1)
    layer = fit(seen, target, seen, target, np.random.default_rng(0))
    far, edge = np.full((4, 1), 50, np.float32), seen.max(1, keepdims=True)
    assert np.array_equal(layer(far), layer(edge))
