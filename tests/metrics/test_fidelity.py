import numpy as np
import pytest
from skimage.metrics import structural_similarity

from v2v_studio.metrics.fidelity import gmsd, mean_square, psnr, ssim
from v2v_studio.metrics.temporal import luma


@pytest.fixture
def frames():
    """Two photographs, (3, 40, 53): a cat, and the same cat blurred with noise on it."""
    from skimage import data, filters

    cat = data.chelsea()[40:120:2, 80:186:2] / 255
    other = filters.gaussian(cat, 1, channel_axis=2) + np.random.default_rng(0).normal(0, 0.02, cat.shape)
    return tuple(np.ascontiguousarray(p.clip(0, 1).transpose(2, 0, 1).astype(np.float32)) for p in (cat, other))


def test_psnr_of_a_tenth_everywhere_is_twenty_decibels():
    black = np.zeros((3, 4, 5), np.float32)
    assert psnr(mean_square(black, black + np.float32(0.1))) == pytest.approx(20, abs=1e-5)  # 0.1 in float32


def test_psnr_of_equal_frames_is_none():
    assert psnr(mean_square(np.ones((3, 4, 5)), np.ones((3, 4, 5)))) is None


def test_ssim_is_scikit_images_with_the_papers_window(frames):
    one, other = frames
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1.0}
    expected = structural_similarity(one.astype(float), other.astype(float), channel_axis=0, **options)
    assert ssim(one, other) == pytest.approx(expected, abs=1e-6)  # constants in float64, both


def test_ssim_of_equal_frames_is_one(frames):
    assert ssim(frames[0], frames[0]) == pytest.approx(1, abs=1e-9)


def test_ssim_takes_a_frame_smaller_than_its_window():
    assert ssim(np.zeros((3, 4, 6), np.float32), np.zeros((3, 4, 6), np.float32)) == pytest.approx(1)


def test_gmsd_is_the_definition_written_as_loops(frames):
    def gradients(frame):
        grey = luma(frame)
        h, w = grey.shape[0] // 2, grey.shape[1] // 2
        half = np.array([[_area(grey, y, x, h, w) for x in range(w)] for y in range(h)])
        edged = np.pad(half, 1, mode="reflect")
        found = np.zeros((h, w))
        for y in range(h):
            for x in range(w):
                block = edged[y : y + 3, x : x + 3]
                across, down = (block[:, 0] - block[:, 2]).sum() / 3, (block[0] - block[2]).sum() / 3
                found[y, x] = np.hypot(across, down)
        return found

    def _area(grey, y, x, h, w):
        """Mean over the part of the picture that pixel (y, x) of the half stands for; the width is odd."""
        step = grey.shape[1] / w
        left, right = x * step, (x + 1) * step
        columns = range(int(left), int(np.ceil(right - 1e-9)))
        shares = np.array([min(right, c + 1) - max(left, c) for c in columns])
        rows = grey[2 * y : 2 * y + 2, columns[0] : columns[-1] + 1].mean(0)
        return (rows * shares).sum() / shares.sum()

    one, other = frames
    g, h = gradients(one), gradients(other)
    constant = 170 / 255**2
    expected = ((2 * g * h + constant) / (g**2 + h**2 + constant)).std()
    assert gmsd(one, other) == pytest.approx(expected, abs=1e-4)  # float32 gradients


def test_gmsd_of_equal_frames_is_nought(frames):
    assert gmsd(frames[0], frames[0]) == pytest.approx(0, abs=1e-7)
