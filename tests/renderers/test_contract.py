"""What every registered renderer promises. To register one is to have it tested."""

from dataclasses import replace

import numpy as np
import pytest

from v2v_studio.renderers.base import RENDERERS
from v2v_studio.types import BoxSequence, FlowField, Window

QUALITIES = {"embedded": ("final", "draft")}
BY_WEIGHTS = {"motion-i2v", "consisti2v"}  # held to this in tests of their own, with weights
TOY = {"smcd": {"steps": 1, "guidance": 1, "shorter": 64}}  # by weights drawn at random
CASES = [
    pytest.param(
        name,
        {"quality": quality} if quality else TOY.get(name, {}),
        id="-".join(filter(None, (name, quality))),
        marks=[pytest.mark.slow] if name in TOY else [],
    )
    for name in RENDERERS.names()
    if name not in BY_WEIGHTS
    for quality in QUALITIES.get(name, (None,))
]
every_renderer = pytest.mark.parametrize(("name", "options"), CASES)
every_renderer_by_flow = pytest.mark.parametrize(
    ("name", "options"), [case for case in CASES if FlowField in RENDERERS.load(case.values[0]).accepts]
)


@pytest.fixture
def opened(request, name, options):
    """anchor, seed -> the renderer opened on it."""
    if name in TOY:
        request.getfixturevalue("toy_weights")
    renderer = RENDERERS.load(name)()
    params = renderer.Params(**options)
    return lambda anchor, seed=0: renderer.open(anchor, params, seed)


@pytest.fixture
def scene(name, moving_square, moving_box):
    """The moving square, with the motion that the renderer accepts."""
    return moving_square if FlowField in RENDERERS.load(name).accepts else moving_box


@every_renderer
def test_frames_out_equal_frames_in_and_are_pictures(opened, scene, painted, rendered):
    anchor, windows, motions = scene(styled=painted)
    frames, _ = rendered(opened(anchor), windows, motions)
    assert frames.shape == (len(windows), *anchor.source.shape)
    assert frames.dtype == np.float32
    assert np.isfinite(frames).all()
    assert frames.min() >= 0
    assert frames.max() <= 1


@every_renderer
def test_the_same_request_gives_the_same_bytes(opened, scene, painted, rendered):
    anchor, windows, motions = scene(styled=painted)
    first, again = (rendered(opened(anchor, seed=7), windows, motions)[0] for _ in range(2))
    assert first.tobytes() == again.tobytes()


@every_renderer
def test_continuing_from_a_saved_carry_equals_one_go(opened, scene, painted, rendered, tmp_path):
    anchor, windows, motions = scene(styled=painted)
    whole, carries = rendered(opened(anchor), windows, motions)
    np.savez(tmp_path / "carry.npz", **carries[0])
    with np.load(tmp_path / "carry.npz") as saved:
        rest, _ = rendered(opened(anchor), windows[1:], motions[1:], dict(saved))
    assert rest.tobytes() == whole[1:].tobytes()


@every_renderer
@pytest.mark.parametrize("size", [(16, 16), (27, 61), (64, 36)], ids=["tiny", "odd", "portrait"])
def test_any_size_renders(opened, scene, painted, rendered, size):
    height, width = size
    anchor, windows, motions = scene(max(height, 27), max(width, 36), styled=painted)
    crop = np.s_[..., :height, :width]
    anchor = replace(anchor, source=anchor.source[crop].copy(), styled=anchor.styled[crop].copy())
    windows = [Window(w.start, w.frames[crop].copy(), w.previous[crop].copy()) for w in windows]
    frames, _ = rendered(opened(anchor), windows, [cropped(motion, size) for motion in motions])
    assert frames.shape[2:] == size
    assert np.isfinite(frames).all()


def cropped(motion, size):
    """The motion of the upper left part of the frames."""
    if isinstance(motion, BoxSequence):
        return replace(motion, size=size)
    parts = (part[..., : size[0], : size[1]] for part in (motion.displacement, motion.visible, motion.step))
    displacement, visible, step = parts
    return replace(motion, displacement=displacement, visible=visible, step=step)


@every_renderer_by_flow
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


@every_renderer_by_flow
def test_motion_without_a_step_is_enough(opened, moving_square, painted, rendered):
    anchor, windows, motions = moving_square(styled=painted)
    frames, _ = rendered(opened(anchor), windows, [FlowField(m.displacement, m.direction, m.visible) for m in motions])
    assert np.isfinite(frames).all()
