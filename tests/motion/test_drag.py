"""What is drawn, as stage 1 is given it."""

import numpy as np
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.motion import generate
from v2v_studio.motion.drag import Drag, DragParams
from v2v_studio.motion.rasterise import rasterise
from v2v_studio.types import Anchor, Drawn, MotionBrush, Trajectory, Window

TO_THE_RIGHT = Trajectory(((100.0, 60.0), (160.0, 60.0)))


class Recorder:
    def flows(self, image, prompt, negative_prompt, strides, **given):
        self.image, self.given = image, given
        return np.zeros((len(strides), 2, *image.shape[1:]), np.float32)


@pytest.fixture
def stage1(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(generate, "loaded", lambda *_: recorder)
    monkeypatch.setattr(generate, "converted", lambda name: name)
    return recorder


def dragged(drawn, size, **options):
    picture = np.zeros((3, *size), np.float32)
    params = DragParams.model_construct(**{"frames": 16, **options})
    Drag().open(Anchor(picture, picture, drawn), params).motion(Window(1, picture[None], picture), None)


def test_on_the_released_size_control_is_rasterised_as_released(stage1):
    painted = np.zeros((320, 512), np.float32)
    painted[100:200, 50:300] = 1
    drawn = Drawn((TO_THE_RIGHT,), MotionBrush(painted))
    dragged(drawn, (320, 512))
    right = rasterise(drawn.drags, drawn.brush, (320, 512), 64)
    for name in ("flow01", "known", "still"):
        assert np.array_equal(getattr(stage1.given["control"], name), getattr(right, name))
    assert np.array_equal(stage1.given["static"], right.still)


def test_drags_are_scaled_with_the_picture(stage1):
    dragged(Drawn((TO_THE_RIGHT,)), (640, 1024))
    flow = stage1.given["control"].flow01[-1, 0]
    assert stage1.image.shape == (3, 320, 512)
    assert np.allclose((2 * flow[30, 50] - 1) * 512, 30)  # 60 pixels at half the size, from (50, 30)


def test_the_square_is_as_large_a_share_of_a_smaller_picture(stage1):
    dragged(Drawn((Trajectory(((80.0, 48.0), (90.0, 48.0))),)), (96, 160))
    known = stage1.given["control"].known[0, 0]
    assert known.sum(1).max() == 2 * round(64 * (96 * 160 / (320 * 512)) ** 0.5)


def test_the_brush_goes_on_beyond_the_picture(stage1):
    painted = np.zeros((60, 100), np.float32)
    painted[:, 50:] = 1
    dragged(Drawn((), MotionBrush(painted)), (60, 100))
    still = stage1.given["static"]
    assert still.shape == (64, 128)
    assert still[:, :50].all() and not still[:, 51:].any()


def test_where_nothing_is_drawn_it_is_refused(stage1):
    with pytest.raises(UsageError, match=r"nothing is drawn.*control\.json"):
        dragged(Drawn(), (64, 64))
