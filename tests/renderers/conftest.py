"""A small scene with everything known: a square moves right over a still, textured wall."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from v2v_studio.types import Anchor, BoxSequence, Drawn, FlowField, Window

SHIFT = 3  # pixels the square moves in each frame


def texture(height, width, seed):
    noise = np.random.default_rng(seed).random((height, width, 3), np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 1.2), None, 0, 1, cv2.NORM_MINMAX)


def moving_square(height=48, width=64, frames=4, styled=lambda picture: 1 - picture):
    """(anchor, windows of one frame, motions): the motion is exact, and `visible` is 0 where the wall is uncovered."""
    wall, square = texture(height, width, 1), texture(16, 16, 2)
    top, left = height // 2 - 8, 8

    def shown(t):
        picture, front = wall.copy(), np.zeros((height, width), bool)
        at = (slice(top, top + 16), slice(left + SHIFT * t, left + SHIFT * t + 16))
        picture[at], front[at] = square, True
        return picture.transpose(2, 0, 1).copy(), front

    pictures = [shown(t) for t in range(frames)]
    windows, motions = [], []
    for t in range(1, frames):
        front = pictures[t][1]
        displacement = np.zeros((1, 2, height, width), np.float32)
        displacement[0, 0][front] = -SHIFT * t
        step = np.zeros_like(displacement)
        step[0, 0][front] = -SHIFT
        visible = (~(pictures[0][1] & ~front)).astype(np.float32)
        motions.append(FlowField(displacement, "backward", visible[None, None], step))
        windows.append(Window(t, pictures[t][0][None], pictures[t - 1][0]))
    first = pictures[0][0]
    return Anchor(first, np.ascontiguousarray(styled(first), np.float32)), windows, motions


def moving_box(height=48, width=64, frames=4, styled=lambda picture: 1 - picture):
    """The same scene, with the square's box in each frame for its motion."""
    anchor, windows, _ = moving_square(height, width, frames, styled)
    top, left = height // 2 - 8, 8
    boxes = [[[left + SHIFT * t, top, left + SHIFT * t + 16, top + 16]] for t in range(frames)]
    drawn = BoxSequence(np.array(boxes, np.float32), np.ones((frames, 1), bool), ("a square",), (height, width))
    motions = [drawn.entry(window.start) for window in windows]
    return replace(anchor, drawn=Drawn(boxes=drawn)), windows, motions


def painted(picture):
    """A styled frame that has nothing to do with the source but its layout: other textures, moved alike."""
    _, height, width = picture.shape
    out = texture(height, width, 3)
    out[height // 2 - 8 : height // 2 + 8, 8:24] = texture(16, 16, 4)
    return out.transpose(2, 0, 1)


def rendered(opened, windows, motions, carry=None):
    """Frames (T, 3, H, W) and the carry of each."""
    carry, frames, carries = carry or {}, [], []
    for window, motion in zip(windows, motions, strict=True):
        result = opened.render(window, motion, carry)
        carry = result.carry
        frames.append(result.frames)
        carries.append(carry)
    return np.concatenate(frames), carries


@pytest.fixture(name="moving_square")
def moving_square_():
    return moving_square


@pytest.fixture(name="moving_box")
def moving_box_():
    return moving_box


@pytest.fixture(name="painted")
def painted_():
    return painted


@pytest.fixture(name="rendered")
def rendered_():
    return rendered


@pytest.fixture(scope="module")
def toy_weights(tmp_path_factory):
    """A release of SMCD at toy width, converted, where models are looked for; one thread, which is fastest for it."""
    torch = pytest.importorskip("torch")
    from tests.models.smcd.toy_release import toy_release
    from v2v_studio.models.smcd.release import convert_release

    folder = tmp_path_factory.mktemp("weights")
    toy_release(folder / "release")
    convert_release(folder / "release", folder / "smcd" / "converted")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("V2V_MODELS", str(folder))
        yield folder
    torch.set_num_threads(threads)
