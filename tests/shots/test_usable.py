import cv2
import numpy as np

from v2v_studio.shots.looks import Memory, look, small
from v2v_studio.shots.usable import first_usable


def first(frames):
    memory = Memory(4)
    for frame in frames:
        memory.push(look(small(frame)))
    return first_usable(memory, (0, len(frames)))


def test_an_ordinary_first_frame_is_usable(make):
    assert first(make.film(1, 30)) == 0


def test_black_frames_are_passed_over(make):
    frames = make.film(1, 30)
    frames[:7] = 0
    assert first(frames) == 7


def test_frames_inside_a_fade_are_passed_over(make):
    frames = make.film(1, 40)
    frames[:20] = make.fade(frames[:20], np.linspace(0, 1, 20))
    assert 10 <= first(frames) <= 20  # half the contrast is where a fade begins to look like its picture


def test_a_blurred_frame_is_passed_over(make):
    frames = make.film(1, 30)
    for n in range(3):
        frames[n] = cv2.GaussianBlur(frames[n].transpose(1, 2, 0), (0, 0), 3).transpose(2, 0, 1)
    assert first(frames) == 3


def test_a_shot_of_nothing_but_black_keeps_its_first_frame():
    assert first(np.zeros((5, 3, 72, 128), np.float32)) == 0
