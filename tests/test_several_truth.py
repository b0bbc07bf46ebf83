"""Two first frames and a remade range, where the truth is known to the pixel."""

import numpy as np
import pytest

from benchmarks.several import FRAMES, measured, paint, scene_of, taken_in
from v2v_studio.media.frames import read_png

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_second_first_frame_wins_three_decibels_where_the_first_sees_nothing(shared, seed):
    one, two = measured(shared, seed)
    assert two["psnr_unseen"] >= one["psnr_unseen"] + 3
    assert two["jump"] <= 1.5


def test_a_remade_range_is_entered_and_left_in_small_steps(shared, tmp_path):
    scene = scene_of(shared, 1)
    studio = taken_in(tmp_path, scene)
    names = [paint(studio, tmp_path, scene, index) for index in (0, FRAMES // 2)]
    studio.render(studio.plan(["sh010"], ask=studio.ask(["sh010"], names[:1])), workers=1)
    ask = studio.ask(["sh010"], names[1:], "t001", f"{1001 + 8}:{1001 + 18}")
    studio.render(studio.plan(["sh010"], ask=ask), workers=1)
    parent, child = (shown(studio, name) for name in ("t001", "t002"))
    apart = [np.abs(child[frame] - parent[frame]).mean() for frame in range(7, 19)]
    steps = np.abs(np.diff(apart))
    assert apart[0] == apart[-1] == 0 and steps.max() <= max(apart) / 3  # five steps; a hard cut would be one


def shown(studio, name):
    take = studio.store.take("sh010", name)
    return [read_png(studio.store.take_frame(take, frame)) for frame in range(take.first, take.last)]
