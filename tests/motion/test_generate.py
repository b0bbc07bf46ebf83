"""What stage 1 is asked for and what becomes of its flow, with a stage 1 that only remembers."""

import numpy as np
import pytest

from v2v_studio.motion import generate
from v2v_studio.motion.generate import Generate, GenerateParams, between, strides
from v2v_studio.types import Anchor, Window


class Recorder:
    """Gives flow n of n pixels of the canvas to the right."""

    def __init__(self):
        self.calls = []

    def flows(self, image, prompt, negative_prompt, strides, **given):
        self.calls.append({"image": image, "prompt": prompt, "strides": list(strides), **given})
        flows = np.zeros((len(strides), 2, *image.shape[1:]), np.float32)
        flows[:, 0] = np.arange(1, len(strides) + 1)[:, None, None]
        return flows


@pytest.fixture
def stage1(monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(generate, "loaded", lambda *_: recorder)
    monkeypatch.setattr(generate, "converted", lambda name: name)
    return recorder


def opened(size=(64, 96), **options):
    picture = np.random.default_rng(0).random((3, *size)).astype(np.float32)
    return Generate().open(Anchor(picture * 0, picture), GenerateParams.model_construct(**{"frames": 31, **options}))


def window(start, count, size=(64, 96)):
    return Window(start, np.zeros((count, 3, *size), np.float32), np.zeros((3, *size), np.float32))


def test_strides_are_those_of_training_times_the_motion_asked_for():
    assert list(strides(1.0)) == list(range(8, 121, 8))
    assert list(strides(0.5)) == list(range(4, 61, 4))
    assert min(strides(0.01)) == 1


def test_the_flows_are_spread_over_the_shot_and_between_two_motion_is_straight(stage1):
    made = opened(frames=31).motion(window(1, 30), None)  # 15 flows over 30 frames: one every two
    assert [float(way[0, 5, 5]) for way in made.displacement] == [t / 2 for t in range(1, 31)]
    assert made.direction == "forward" and made.visible.all()


def test_the_picture_that_moves_is_the_styled_one(stage1):
    motion = opened()
    motion.motion(window(1, 1), None)
    assert stage1.calls[0]["image"].any()


def test_stage_1_runs_once_a_shot_and_windows_of_any_length_give_the_same_bytes(stage1):
    long, short = opened(), opened()
    whole = long.motion(window(1, 12), None).displacement
    parts = [short.motion(window(1, 5), None).displacement, short.motion(window(6, 7), None).displacement]
    assert np.array_equal(np.concatenate(parts), whole)
    assert len(stage1.calls) == 2


def test_a_large_picture_is_seen_at_the_size_of_training_and_its_flow_enlarged(stage1):
    made = opened((640, 1024), frames=16).motion(window(15, 1, (640, 1024)), None)
    assert stage1.calls[0]["image"].shape == (3, 320, 512)
    assert made.size == (640, 1024)
    assert np.allclose(made.displacement[0, 0], 30)  # 15 on the canvas, at twice the size


def test_padding_is_cut_off_before_flow_is_enlarged(stage1):
    made = opened((50, 90), frames=16).motion(window(15, 1, (50, 90)), None)
    assert stage1.calls[0]["image"].shape == (3, 64, 128)
    assert made.size == (50, 90) and np.allclose(made.displacement[0, 0], 15)


def test_flow_after_the_last_one_stays_there():
    flows = np.arange(16, dtype=np.float32)[:, None, None, None] * np.ones((16, 2, 2, 2), np.float32)
    assert [float(between(flows, along)[0, 0, 0]) for along in (0, 0.1, 0.5, 1, 3)] == pytest.approx(
        [0, 1.5, 7.5, 15, 15]
    )
