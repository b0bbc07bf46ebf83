"""The embedded renderer on a square that moves over a wall."""

import subprocess
import sys

import numpy as np
import pytest

from v2v_studio.errors import RenderError
from v2v_studio.renderers.embedded import Embedded
from v2v_studio.types import Anchor, FlowField


def opened(anchor, quality="final"):
    return Embedded().open(anchor, Embedded.Params(quality=quality), 0)


@pytest.mark.parametrize("quality", ["final", "draft"])
def test_a_pointwise_style_follows_the_footage_everywhere(moving_square, rendered, quality):
    anchor, windows, motions = moving_square()
    frames, _ = rendered(opened(anchor, quality), windows, motions)
    truth = 1 - np.concatenate([w.frames for w in windows])
    assert np.abs(frames - truth).mean() < 0.01  # three steps of 255: a fitted table, not a formula


def test_paint_moves_with_its_object(moving_square, painted, rendered):
    anchor, windows, motions = moving_square(styled=painted)
    frames, _ = rendered(opened(anchor), windows, motions)
    for t, frame in enumerate(frames, 1):
        inner = np.s_[:, 20:28, 12 + 3 * t : 20 + 3 * t]
        assert np.abs(frame[inner] - anchor.styled[:, 20:28, 12:20]).max() < 0.02  # rounding to eight bits


def test_uncovered_wall_is_not_painted_with_the_square(moving_square, rendered):
    def red_square_on_blue(picture):
        out = np.zeros_like(picture)
        out[2] = 0.8 + 0.2 * picture[0]
        out[:, 16:32, 8:24] = 0
        out[0, 16:32, 8:24] = 0.8 + 0.2 * picture[0, 16:32, 8:24]
        return out

    anchor, windows, motions = moving_square(styled=red_square_on_blue)
    frames, _ = rendered(opened(anchor), windows, motions)
    uncovered = frames[-1][:, 18:30, 9:15]
    assert uncovered[2].mean() > 0.7
    assert uncovered[0].mean() < 0.15


@pytest.mark.parametrize("quality", ["final", "draft"])
def test_a_still_frame_of_paint_is_the_key_itself(moving_square, painted, quality):
    anchor, windows, motions = moving_square(styled=painted)
    still = FlowField(np.zeros_like(motions[0].displacement), "backward", np.ones_like(motions[0].visible))
    frame = opened(anchor, quality).render(windows[0], still, {}).frames[0]
    assert np.abs(frame - anchor.styled).max() < 1e-5  # float32 arithmetic on 0..255


def test_forward_motion_is_refused(moving_square):
    anchor, windows, motions = moving_square()
    forward = FlowField(motions[0].displacement, "forward", motions[0].visible)
    with pytest.raises(RenderError, match="backward"):
        opened(anchor).render(windows[0], forward, {})


def test_motion_that_is_not_finite_is_refused(moving_square):
    anchor, windows, motions = moving_square()
    broken = FlowField(motions[0].displacement * np.float32(np.nan), "backward", motions[0].visible)
    with pytest.raises(RenderError, match="frame 1"):
        opened(anchor).render(windows[0], broken, {})


def test_frames_smaller_than_a_patch_are_refused():
    speck = np.zeros((3, 4, 4), np.float32)
    with pytest.raises(RenderError, match="4x4"):
        opened(Anchor(speck, speck))


def test_a_draft_starts_without_the_compiler():
    script = """
import sys
import numpy as np
from v2v_studio.renderers.embedded import Embedded
from v2v_studio.types import Anchor
picture = np.random.default_rng(0).random((3, 32, 32), np.float32)
Embedded().open(Anchor(picture, picture), Embedded.Params(quality="draft"), 0)
sys.exit("numba" in sys.modules or "torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
