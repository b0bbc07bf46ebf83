"""What every registered renderer promises. To register one is to have it tested."""

import numpy as np
import pytest

from v2v_studio.renderers.base import RENDERERS
from v2v_studio.types import FlowField, Window

QUALITIES = {"embedded": ("final", "draft")}
BY_WEIGHTS = {"motion-i2v", "consisti2v"}  # held to this in tests of their own, with weights
BY_BOXES = {"smcd", "cutout"}  # likewise, with boxes
CASES = [
    (name, quality)
    for name in RENDERERS.names()
    if name not in BY_WEIGHTS | BY_BOXES
    for quality in QUALITIES.get(name, (None,))
]


@pytest.fixture(params=CASES, ids=lambda case: "-".join(filter(None, case)))
def opened(request):
    """anchor, seed -> the renderer opened on it."""
    name, quality = request.param
    renderer = RENDERERS.load(name)()
    params = renderer.Params(**({"quality": quality} if quality else {}))
    return lambda anchor, seed=0: renderer.open(anchor, params, seed)


def test_frames_out_equal_frames_in_and_are_pictures(opened, moving_square, painted, rendered):
    anchor, windows, motions = moving_square(styled=painted)
    frames, _ = rendered(opened(anchor), windows, motions)
    assert frames.shape == (len(windows), *anchor.source.shape)
    assert frames.dtype == np.float32
    assert np.isfinite(frames).all()
    assert frames.min() >= 0
    assert frames.max() <= 1


def test_the_same_request_gives_the_same_bytes(opened, moving_square, painted, rendered):
    anchor, windows, motions = moving_square(styled=painted)
    first, again = (rendered(opened(anchor, seed=7), windows, motions)[0] for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_continuing_from_a_saved_carry_equals_one_go(opened, moving_square, painted, rendered, tmp_path):
    anchor, windows, motions = moving_square(styled=painted)
    whole, carries = rendered(opened(anchor), windows, motions)
    np.savez(tmp_path / "carry.npz", **carries[0])
    with np.load(tmp_path / "carry.npz") as saved:
        rest, _ = rendered(opened(anchor), windows[1:], motions[1:], dict(saved))
    assert rest.tobytes() == whole[1:].tobytes()


@pytest.mark.parametrize("size", [(16, 16), (27, 61), (64, 36)], ids=["tiny", "odd", "portrait"])
def test_any_size_renders(opened, moving_square, painted, rendered, size):
    height, width = size
    anchor, windows, motions = moving_square(max(height, 27), max(width, 36), styled=painted)
    crop = np.s_[..., :height, :width]
    anchor = type(anchor)(anchor.source[crop].copy(), anchor.styled[crop].copy())
    windows = [Window(w.start, w.frames[crop].copy(), w.previous[crop].copy()) for w in windows]
    motions = [FlowField(m.displacement[crop], m.direction, m.visible[crop], m.step[crop]) for m in motions]
    frames, _ = rendered(opened(anchor), windows, motions)
    assert frames.shape[2:] == size
    assert np.isfinite(frames).all()


@pytest.mark.parametrize("visible", [0.0, 1.0], ids=["nothing visible", "all visible"])
@pytest.mark.parametrize("source", ["black", "grey", "textured"])
@pytest.mark.parametrize("styled", ["constant", "same", "painted"])
def test_no_key_and_no_footage_is_too_poor(opened, moving_square, painted, rendered, source, styled, visible):
    anchor, windows, motions = moving_square(frames=3, styled=painted)
    paint = {
        "black": np.zeros_like,
        "grey": lambda p: np.repeat(p.mean(-3, keepdims=True), 3, -3),
        "textured": lambda p: p,
    }
    flat = paint[source](anchor.source)
    look = {"constant": np.full_like(flat, 0.3), "same": flat, "painted": anchor.styled}[styled]
    windows = [Window(w.start, paint[source](w.frames), paint[source](w.previous)) for w in windows]
    motions = [FlowField(m.displacement * 9, m.direction, np.full_like(m.visible, visible), m.step) for m in motions]
    frames, _ = rendered(opened(type(anchor)(flat, look)), windows, motions)
    assert np.isfinite(frames).all()
    if styled == "constant":
        assert np.abs(frames - 0.3).max() < 0.01  # there is nothing else to show


def test_motion_without_a_step_is_enough(opened, moving_square, painted, rendered):
    anchor, windows, motions = moving_square(styled=painted)
    frames, _ = rendered(opened(anchor), windows, [FlowField(m.displacement, m.direction, m.visible) for m in motions])
    assert np.isfinite(frames).all()
