"""Four clips are learnt by heart. Every recipe's curve: `python -m benchmarks.overfit`, in docs/training.md."""

import pytest

pytest.importorskip("torch")

from benchmarks.overfit import CLIPS, SHARE, learn, means
from tests.training.squares import clip

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("name", "asked", "steps"),
    [
        ("motion_i2v_flow_vae", {}, 60),
        pytest.param("motion_i2v_stage1", {"phase": "full"}, 48, marks=pytest.mark.long),
        pytest.param("motion_i2v_stage1", {"phase": "single-flow"}, 48, marks=pytest.mark.long),
        pytest.param("picture_vae", {}, 300, marks=pytest.mark.long),
        pytest.param("consisti2v", {}, 60, marks=pytest.mark.long),
        pytest.param("smcd_motion", {}, 160, marks=pytest.mark.long),
        pytest.param("smcd_image", {}, 160, marks=pytest.mark.long),
    ],
)
def test_the_loss_on_four_clips_falls_under_a_tenth(tmp_path, name, asked, steps):
    """Times and noises come again every four steps; a loss is the mean over those."""
    run = learn(name, asked, [clip(number) for number in range(CLIPS)], tmp_path, steps)
    losses = means(run.out)
    assert losses.min() < SHARE * losses[0]
