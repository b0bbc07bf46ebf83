import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.metrics.cells import CELLS, cell_average, cell_means


def test_each_cell_holds_the_mean_of_its_pixels():
    plane = np.kron(np.arange(CELLS * CELLS, dtype=np.float32).reshape(CELLS, CELLS), np.ones((3, 5), np.float32))
    means, weight = cell_means(plane[None], np.ones_like(plane))
    assert np.array_equal(means[0].ravel(), np.arange(CELLS * CELLS))
    assert np.array_equal(weight, np.ones((CELLS, CELLS)))


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 99))
def test_cells_match_a_loop_over_slices(height, width, seed):
    random = np.random.default_rng(seed)
    plane = random.random((height, width), np.float32)
    weight = random.random((height, width), np.float32)
    means, shares = cell_means(plane[None], weight)
    tops = sorted({i * height // CELLS for i in range(CELLS)})
    lefts = sorted({i * width // CELLS for i in range(CELLS)})
    for i, (top, bottom) in enumerate(zip(tops, [*tops[1:], height], strict=True)):
        for j, (left, right) in enumerate(zip(lefts, [*lefts[1:], width], strict=True)):
            w, p = weight[top:bottom, left:right], plane[top:bottom, left:right]
            assert np.isclose(shares[i, j], w.mean() if w.mean() >= 0.1 else 0, atol=1e-5)
            if w.mean() > 0.1001:
                assert np.isclose(means[0, i, j], (p * w).sum() / w.sum(), atol=1e-4)


def test_hidden_pixels_do_not_count():
    plane = np.zeros((24, 24), np.float32)
    plane[:, 12:] = 9
    weight = np.zeros_like(plane)
    weight[:, :12] = 1
    means, shares = cell_means(plane[None], weight)
    assert means.max() == 0
    assert cell_average(means[0], shares) == 0
    assert cell_average(means[0], np.zeros_like(shares)) == 0
