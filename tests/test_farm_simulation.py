"""The simulated farm against hands and fingers, and what is committed of it against what the script gives."""

import numpy as np
import pytest

from benchmarks.farm_simulation import COLOURS, carried_out, shots, simulated
from benchmarks.record import load

QUICK = {"each": 0.0, "start_s": 0.0, "hand_over_s": 0.0}


@pytest.mark.parametrize(
    ("work", "workers", "wall", "busy"),
    [
        ([3, 1, 1, 1], 1, 6, 6),
        ([3, 1, 1, 1], 2, 3, 6),  # one has the long one, the other the three short ones
        ([1, 1, 1, 3], 2, 4, 6),  # the long one last: the other is idle for two seconds
        ([1, 1], 3, 1, 2),
    ],
)
def test_whoever_is_free_takes_the_next_shot(work, workers, wall, busy):
    assert carried_out(np.array(work), workers=workers, **QUICK) == pytest.approx((wall, busy))


def test_a_start_is_paid_once_a_worker_and_handing_over_once_a_shot():
    told = {"each": 0.0, "start_s": 10.0, "hand_over_s": 0.5}
    assert carried_out(np.array([2, 2, 2, 2]), workers=2, **told) == pytest.approx((15, 30))


def test_the_film_is_a_thousand_shots_of_about_an_hour():
    assert len(shots()) == 1000 and shots().sum() / 24 / 60 == pytest.approx(61.6, abs=0.1)


def test_what_is_committed_is_what_the_script_gives():
    kept = load("farm-simulation")["measured"]
    for quality in COLOURS:
        for row, now in zip(kept[quality], simulated(quality), strict=True):
            assert now == pytest.approx(row)
