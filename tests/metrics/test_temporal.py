import numpy as np
import pytest

from v2v_studio.metrics.temporal import (
    agreement,
    compensated_change,
    flicker_index,
    temporal_difference_error,
)

H, W = 48, 60


def wall(shift=0, seed=0):
    """(3, H, W): a fixed smooth wall seen `shift` pixels further to the right."""
    random = np.random.default_rng(seed)
    bumps = random.random((3, 8, 12)).repeat(8, 1).repeat(8, 2).astype(np.float32)
    return np.ascontiguousarray(bumps[:, :H, shift : shift + W])


def step(x):
    """The camera moves right by x pixels: what is here was x pixels further right in the frame before."""
    field = np.zeros((2, H, W), np.float32)
    field[0] = x
    return field


def all_agree():
    return np.ones((H, W), np.float32)


def test_footage_that_only_moves_has_no_change():
    change = compensated_change(wall(0), wall(3), step(3))
    assert np.abs(change[:, :, : W - 3]).max() == 0
    assert agreement(change, step(3))[:, : W - 3].all()


def test_pixels_that_come_from_outside_the_frame_do_not_agree():
    agree = agreement(np.zeros((3, H, W), np.float32), step(3))
    assert agree[:, W - 3 :].max() == 0


def test_pixels_the_footage_does_not_explain_do_not_agree():
    change = np.zeros((3, H, W), np.float32)
    change[1, 10:20, 10:20] = 0.2
    agree = agreement(change, step(0))
    assert agree[10:20, 10:20].max() == 0
    assert agree.sum() == H * W - 100


def test_output_equal_to_its_footage_has_no_error_and_no_flicker():
    change = np.random.default_rng(1).normal(0, 0.02, (3, H, W)).astype(np.float32)
    assert temporal_difference_error(change, change, all_agree()) == 0
    assert flicker_index(change, change, all_agree()) == 0


def test_error_is_the_mean_residual_in_levels():
    """One channel of the left half changes by 30 levels that the footage does not: 30 / 3 channels / 2 halves."""
    output = np.zeros((3, H, W), np.float32)
    output[0, :, : W // 2] = 30 / 255
    assert temporal_difference_error(np.zeros_like(output), output, all_agree()) == pytest.approx(5)


def test_error_matches_the_definition_written_as_a_loop():
    random = np.random.default_rng(2)
    before, after, out_before, out_after = random.random((4, 3, 6, 7)).astype(np.float32)
    x, y = random.integers(0, 2, (2, 6, 7))
    field = np.stack([x, y]).astype(np.float32)
    total, count = 0.0, 0
    for i in range(6):
        for j in range(7):
            a, b = i + y[i, j], j + x[i, j]
            if a > 5 or b > 6:
                continue
            source = after[:, i, j] - before[:, a, b]
            if np.abs(source).max() <= 0.4:
                total += np.abs((out_after[:, i, j] - out_before[:, a, b]) - source).mean()
                count += 1
    change = compensated_change(before, after, field)
    agree = agreement(change, field) * 0 + (np.abs(change).max(0) <= 0.4)
    agree[(np.arange(6)[:, None] + y > 5) | (np.arange(7) + x > 6)] = 0
    error = temporal_difference_error(
        change, compensated_change(out_before, out_after, field), agree.astype(np.float32)
    )
    assert count > 3
    assert error == pytest.approx(255 * total / count, rel=1e-5)


def test_nothing_to_go_by_gives_zero():
    change = np.ones((3, H, W), np.float32)
    nobody = np.zeros((H, W), np.float32)
    assert temporal_difference_error(change, -change, nobody) == 0
    assert flicker_index(change, -change, nobody) == 0


def test_a_frame_brighter_by_ten_levels_flickers_by_ten():
    brighter = np.full((3, H, W), 10 / 255, np.float32)
    assert flicker_index(np.zeros_like(brighter), brighter, all_agree()) == pytest.approx(10, rel=1e-4)


def test_noise_raises_the_error_and_hardly_the_flicker():
    noise = np.random.default_rng(3).normal(0, 10 / 255, (3, 240, 240)).astype(np.float32)
    agree = np.ones((240, 240), np.float32)
    nothing = np.zeros_like(noise)
    assert temporal_difference_error(nothing, noise, agree) == pytest.approx(10 * (2 / np.pi) ** 0.5, rel=0.02)
    assert flicker_index(nothing, noise, agree) < 0.5  # 10 levels over 3 channels' luma and 400 pixels of a cell


def test_light_that_the_footage_shows_too_is_no_flicker():
    lamp = np.full((3, H, W), 25 / 255, np.float32)
    assert flicker_index(lamp, lamp, all_agree()) == 0
