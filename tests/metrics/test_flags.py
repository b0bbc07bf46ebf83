import pytest

from benchmarks.record import load
from v2v_studio.metrics.flags import BOUNDS, flags

CALM = {
    "visible": 0.9,
    "agreeing": 0.9,
    "temporal_difference_error": 1.0,
    "flicker": 0.3,
    "colour_drift": 0.005,
    "source_colour_change": 0.01,
    "sharpness": 1.0,
    "finite": 1.0,
    "constant": 0.0,
}


def take(length=20, **odd):
    """A calm take whose frame 7 has other values."""
    return [{**CALM, **(odd if i == 7 else {})} for i in range(length)]


def test_a_calm_take_has_no_flags():
    assert flags(take()) == []
    assert flags([]) == []


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("temporal_difference_error", 4.0),
        ("flicker", 2.0),
        ("colour_drift", 0.03),
        ("sharpness", 0.8),
        ("visible", 0.2),
        ("finite", 0.999),
        ("constant", 1.0),
    ],
)
def test_a_frame_that_stands_out_is_flagged(measure, value):
    (flag,) = flags(take(**{measure: value}))
    assert (flag.index, flag.measure, flag.value) == (7, measure, value)


def test_a_frame_that_stands_out_of_a_calm_take_by_little_is_not_flagged():
    assert flags(take(temporal_difference_error=2.5, flicker=1.2, colour_drift=0.015, sharpness=0.93)) == []


def test_in_a_restless_take_only_what_stands_out_of_it_is_flagged():
    """Errors of 4, 5 and 6 levels: median 5, MAD 1, limit 5 + 6 * 1.4826."""
    rows = [{**CALM, "temporal_difference_error": 4.0 + i % 3} for i in range(30)]
    rows[7]["temporal_difference_error"] = 13.0
    assert flags(rows) == []
    rows[7]["temporal_difference_error"] = 15.0
    (flag,) = flags(rows)
    assert flag.limit == pytest.approx(5 + 6 * 1.4826)


def test_a_take_bad_throughout_is_flagged_throughout():
    assert len(flags([{**CALM, "temporal_difference_error": 25.0} for _ in range(5)])) == 5


@pytest.fixture(scope="module")
def baselines():
    """What benchmarks/identity.py measured: measure -> way an output was made -> values at shares of the frames."""
    rows = load("identity")["measured"]
    return {measure: {row["made"]: row[measure] for row in rows} for measure in BOUNDS if measure in rows[0]}


@pytest.mark.parametrize("measure", ["temporal_difference_error", "flicker", "colour_drift"])
def test_what_a_colour_table_does_in_99_frames_of_100_is_always_fine(baselines, measure):
    measured = baselines[measure]["S1 per frame"]["99"]
    assert BOUNDS[measure].always_fine == pytest.approx(
        max(measured, 0.02), rel=0.05
    )  # rounded; 0.02 Oklab is just seen


def test_a_colour_table_keeps_as_sharp_as_is_always_fine(baselines):
    assert BOUNDS["sharpness"].always_fine == pytest.approx(baselines["sharpness"]["S1 per frame"]["1"], rel=0.05)


@pytest.mark.parametrize("measure", ["temporal_difference_error", "flicker"])
def test_what_no_baseline_comes_near_is_never_fine(baselines, measure):
    worst = max(shares["99"] for shares in baselines[measure].values())
    assert 1.5 * worst <= BOUNDS[measure].never_fine < 2 * worst


def test_blurred_beyond_a_pure_warp_is_never_fine(baselines):
    assert BOUNDS["sharpness"].never_fine == pytest.approx(baselines["sharpness"]["S2 warped"]["1"], abs=0.01)


def test_the_footage_itself_is_as_steady_as_can_be(baselines):
    for measure in ("temporal_difference_error", "flicker", "colour_drift"):
        assert baselines[measure]["source"]["99"] == 0


def test_every_bound_is_a_measure_of_a_row():
    assert set(BOUNDS) <= set(CALM)


def test_what_was_not_measured_is_not_flagged():
    rows = [{"sharpness": 0.1, "finite": 1.0, "constant": 0.0}] * 3
    assert [flag.measure for flag in flags(rows)] == ["sharpness"] * 3
