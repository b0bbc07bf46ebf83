import cv2
import numpy as np
import pytest

from v2v_studio.metrics.sharpness import FLOOR, gradient_energy, sharpness_ratio


def texture():
    return np.random.default_rng(0).random((3, 40, 50), np.float32)


def test_a_ramp_has_the_energy_of_its_slope():
    """0.01 per pixel to the right in every channel: luma rises by as much."""
    ramp = np.broadcast_to(np.float32(0.01) * np.arange(50, dtype=np.float32), (3, 40, 50)).copy()
    assert gradient_energy(ramp) - FLOOR == pytest.approx(1e-4, rel=1e-3)


def test_energy_matches_a_loop():
    frame = texture()[:, :6, :7]
    y = 0.299 * frame[0] + 0.587 * frame[1] + 0.114 * frame[2]
    across = np.mean([(y[i, j + 1] - y[i, j]) ** 2 for i in range(6) for j in range(6)])
    down = np.mean([(y[i + 1, j] - y[i, j]) ** 2 for i in range(5) for j in range(7)])
    assert gradient_energy(np.ascontiguousarray(frame)) == pytest.approx(across + down + FLOOR, rel=1e-4)


def test_as_sharp_as_the_first_frame_is_one():
    energy = gradient_energy(texture())
    assert sharpness_ratio(energy, energy, 4 * energy, 4 * energy) == 1


def test_half_the_contrast_is_half_the_sharpness():
    energy, halved = gradient_energy(texture()), gradient_energy(texture() / 2)
    assert sharpness_ratio(energy, energy, energy, halved) == pytest.approx(0.5, rel=1e-3)


def test_blur_of_the_output_shows_and_blur_of_the_footage_is_allowed():
    blurred = cv2.GaussianBlur(texture().transpose(1, 2, 0), (0, 0), 1.5).transpose(2, 0, 1).copy()
    sharp, soft = gradient_energy(texture()), gradient_energy(blurred)
    assert sharpness_ratio(sharp, sharp, sharp, soft) < 0.5
    assert sharpness_ratio(sharp, soft, sharp, soft) == 1


def test_flat_pictures_give_one():
    flat = gradient_energy(np.full((3, 8, 8), 0.5, np.float32))
    assert sharpness_ratio(flat, flat, flat, flat) == 1
