import numpy as np
import pytest

from v2v_studio.shots.looks import Memory, look, small
from v2v_studio.shots.transitions import TransitionFinder, ramp


def transitions(frames, reach=60):
    memory = Memory(reach)
    finder = TransitionFinder(memory)
    for frame in frames:
        memory.push(look(small(frame)))
        finder.look_back()
    return finder.transitions()


@pytest.mark.parametrize("mixed", [6, 12, 24])
def test_a_dissolve_is_found_with_its_ends_and_its_curve(make, mixed):
    shares = (np.arange(mixed) + 1) / (mixed + 1)
    [found] = transitions(make.dissolve(make.film(1, 50), make.film(2, 50), shares))
    assert found.kind == "dissolve"
    assert abs(found.start - (50 - mixed)) <= 2 and abs(found.end - 50) <= 2  # the ends of a mix are nearly clean
    measured = np.interp(np.arange(50 - mixed, 50), np.arange(found.start, found.end), found.curve)
    assert np.abs(measured - shares)[2:-2].max() < 0.1  # the pictures move meanwhile


def test_an_eased_dissolve_keeps_its_shape(make):
    time = (np.arange(20) + 1) / 21
    shares = time * time * (3 - 2 * time)
    [found] = transitions(make.dissolve(make.film(3, 45, speed=0), make.film(4, 45, speed=0), shares))
    inside = slice(max(found.start, 25), min(found.end, 45))
    curve = found.curve[inside.start - found.start : inside.stop - found.start]
    assert np.abs(curve - shares[inside.start - 25 : inside.stop - 25]).max() < 0.04  # 8-bit thumbnails, trimmed ends


@pytest.mark.parametrize("ground", [0.0, 1.0])
def test_a_fade_through_black_or_white_is_a_fade_out_and_a_fade_in_that_meet(make, ground):
    gains = np.linspace(0, 1, 12)[:-1]
    before, after = make.film(5, 30), make.film(6, 30)
    before[-11:] = make.fade(before[-11:], gains[::-1], ground)
    after[:11] = make.fade(after[:11], gains, ground)
    out, into = transitions(np.concatenate([before, after]))
    assert (out.kind, into.kind) == ("fade-out", "fade-in") and out.end == into.start
    assert abs(out.start - 19) <= 1 and 30 <= out.end <= 31 and abs(into.end - 41) <= 1
    assert out.ground == into.ground == ground
    assert out.curve[-1] == 0 and into.curve[0] <= 0.1


def test_a_fade_in_takes_the_black_before_it_along(make):
    frames = np.concatenate([np.zeros((8, 3, 72, 128), np.float32), make.film(7, 60)])
    frames[8:28] = make.fade(frames[8:28], np.linspace(0, 1, 20))
    [found] = transitions(frames)
    assert found.kind == "fade-in" and found.start == 0 and abs(found.end - 27) <= 1
    assert found.curve[:8] == (0,) * 8


def test_a_curve_never_turns_back(make):
    shares = (np.arange(16) + 1) / 17
    [found] = transitions(make.dissolve(make.film(8, 40, speed=1), make.film(9, 40, speed=-1), shares))
    assert np.all(np.diff(found.curve) >= 0) and found.curve[0] >= 0 and found.curve[-1] <= 1


def test_a_hard_cut_is_no_transition(make):
    assert transitions(np.concatenate([make.film(1, 20), make.film(2, 20)])) == ()


@pytest.mark.parametrize("speed", [0.5, 2, 6, 12])
def test_a_pan_is_no_dissolve_however_fast(make, speed):
    assert transitions(make.film(10, 60, speed)) == ()


def test_a_wipe_is_no_dissolve(make):
    before, after = make.film(11, 40, speed=0), make.film(12, 40, speed=0)
    for n in range(20):
        before[20 + n, :, :, : 128 * (n + 1) // 21] = after[0, :, :, : 128 * (n + 1) // 21]
    assert transitions(np.concatenate([before, after])) == ()


def test_something_large_that_sweeps_past_is_no_dissolve(make):
    frames, car = make.film(13, 40), make.film(14, 1, speed=0)[0]
    for n in range(20):
        left = -128 + 13 * n
        a, b = max(left, 0), min(left + 128, 128)
        if a < b:
            frames[10 + n, :, 10:, a:b] = car[:, 10:, a - left : b - left]
    assert transitions(frames) == ()


def test_a_title_that_fades_in_is_no_dissolve(make):
    frames = make.film(15, 60, speed=0.2)
    for n in range(20, 60):
        share = min(1, (n - 19) / 20)
        frames[n, :, 26:46, 30:98] = (1 - share) * frames[n, :, 26:46, 30:98] + share
    assert transitions(frames) == ()


def test_light_that_changes_is_no_dissolve(make):
    frames = make.film(16, 60) * np.linspace(0.3, 1, 60, dtype=np.float32)[:, None, None, None]
    assert transitions(frames) == ()


def test_shake_is_no_dissolve(make):
    rng = np.random.default_rng(0)
    still = make.film(17, 1, speed=0)[0]
    shaken = np.stack([np.roll(still, tuple(rng.integers(-12, 13, 2)), axis=(1, 2)) for _ in range(50)])
    assert transitions(shaken) == ()


@pytest.mark.parametrize(("begin", "end"), [(0, 20), (3, 17), (8, 12)])
def test_ramp_finds_where_a_curve_begins_and_ends(begin, end):
    shares = np.clip((np.arange(21) - begin) / (end - begin), 0, 1)
    first, last, levelled = ramp(shares)
    assert (first, last) == (begin, end)
    assert np.allclose(levelled, shares)


def test_ramp_takes_levels_out_that_motion_moved():
    shares = 0.1 + 0.8 * np.clip((np.arange(30) - 10) / 10, 0, 1)
    first, last, levelled = ramp(shares)
    assert (first, last) == (10, 20) and np.isclose(levelled[0], 0) and np.isclose(levelled[-1], 1)
