import numpy as np

from v2v_studio.shots.confirm import separates
from v2v_studio.shots.looks import Memory, look, small


def remembered(frames):
    memory = Memory(8)
    for frame in frames:
        memory.push(look(small(frame)))
    return memory


def test_a_cut_separates(make):
    assert separates(remembered(np.concatenate([make.film(1, 6), make.film(2, 6)])), 6)


def test_a_cut_one_frame_from_either_end_separates(make):
    assert separates(remembered(np.concatenate([make.film(1, 1), make.film(2, 6)])), 1)
    assert separates(remembered(np.concatenate([make.film(1, 6), make.film(2, 1)])), 6)


def test_neither_edge_of_a_flash_separates(make):
    frames = make.film(3, 12)
    frames[5:7] = 1
    assert not separates(remembered(frames), 5) and not separates(remembered(frames), 7)


def test_a_fast_pan_separates_nowhere(make):
    memory = remembered(make.film(4, 12, speed=20))
    assert not any(separates(memory, n) for n in range(1, 12))
