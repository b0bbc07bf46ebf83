import numpy as np
import pytest

from v2v_studio.project.cache import FlowCache
from v2v_studio.types import FlowField

FINGERPRINT = "e" * 64
rng = np.random.default_rng(1)


def motion(count: int = 2, step: bool = True) -> FlowField:
    """Displacements on the 1/64 grid, visibility in 1/255; 4 x 3 pixels."""
    grid = rng.integers(-500 * 64, 500 * 64, (2, count, 2, 3, 4)).astype(np.float32) / 64
    visible = rng.integers(0, 256, (count, 1, 3, 4)).astype(np.uint8) / np.float32(255)
    return FlowField(grid[0], "backward", visible, grid[1] if step else None)


def same(one: FlowField, other: FlowField) -> bool:
    pairs = [(one.displacement, other.displacement), (one.visible, other.visible)]
    if one.step is not None and other.step is not None:
        pairs.append((one.step, other.step))
    return (one.step is None) == (other.step is None) and all(np.array_equal(a, b) for a, b in pairs)


@pytest.fixture
def cache(tmp_path):
    return FlowCache(tmp_path, FINGERPRINT)


def entry(tmp_path):
    return next(tmp_path.rglob("1.flow"))


@pytest.mark.parametrize("step", [True, False])
def test_motion_comes_back_exactly(cache, step):
    made = motion(step=step)
    cache.put(1, made)
    kept = cache.get(1)
    assert kept is not None and kept.direction == "backward" and same(kept, made)


def test_the_ends_of_the_range_come_back_exactly(cache):
    corners = np.array([-511.984375, 511.984375, 0.015625, 0.0], np.float32).reshape(1, 2, 1, 2)
    made = FlowField(corners, "backward", np.ones((1, 1, 1, 2), np.float32))
    cache.put(1, made)
    assert same(cache.get(1), made)


def test_what_was_never_put_is_a_miss(cache):
    assert cache.get(1) is None


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_an_entry_that_is_cut_short_is_a_miss_and_is_replaced(cache, tmp_path, share):
    made = motion()
    cache.put(1, made)
    path = entry(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert cache.get(1) is None
    cache.put(1, made)
    assert same(cache.get(1), made)


def test_an_entry_with_any_one_byte_changed_is_a_miss(cache, tmp_path):
    made = motion(count=1)
    cache.put(1, made)
    path = entry(tmp_path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        kept = cache.get(1)
        assert kept is None or same(kept, made), at


def test_motion_off_the_grid_is_not_kept_wrong(cache):
    made = motion()
    cache.put(1, FlowField(made.displacement + np.float32(0.001), "backward", made.visible, made.step))
    assert cache.get(1) is None
    cache.put(1, FlowField(made.displacement + np.float32(600), "backward", made.visible, made.step))
    assert cache.get(1) is None


def test_two_fingerprints_do_not_meet(cache, tmp_path):
    cache.put(1, motion())
    assert FlowCache(tmp_path, "d" * 64).get(1) is None


def test_forward_motion_comes_back_as_such(cache):
    backward = motion(step=False)
    cache.put(1, FlowField(backward.displacement, "forward", backward.visible))
    assert cache.get(1).direction == "forward"
    assert np.array_equal(cache.get(1).displacement, backward.displacement)
