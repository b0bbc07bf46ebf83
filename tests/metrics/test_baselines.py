"""The baselines that docs/metrics.md shows (benchmarks/identity_metrics.py): every metric has some, or says why not."""

import pytest

from benchmarks.record import load
from v2v_studio.metrics.base import METRICS

BEST = {"psnr": None, "ssim": 1, "gmsd": 0, "temporal_difference": 0, "flicker": 0, "motion_epe": 0, "sharpness": 1}


@pytest.fixture(scope="module")
def rows():
    return {row["metric"]: row for row in load("identity-metrics")["measured"]}


@pytest.mark.parametrize("name", METRICS.names())
def test_a_metric_has_baselines_or_names_the_model_that_was_not_there(rows, name):
    if "missing" in rows[name]:
        assert set(rows[name]["missing"]) <= set(METRICS.load(name).models) and rows[name]["missing"]
    else:
        assert {"source", "S1 per frame", "S2 per frame", "S2 warped"} <= set(rows[name]["values"])


@pytest.mark.parametrize("name", BEST)
def test_footage_held_against_itself_has_the_best_value_there_is(rows, name):
    assert rows[name]["values"]["source"] == BEST[name]


def test_a_warp_of_the_filter_is_nearer_to_the_filter_than_to_the_footage(rows):
    for name in ("psnr", "ssim"):
        values = rows[name]["values"]
        assert values["S2 warped, against S2 per frame"] > values["S2 warped"]
