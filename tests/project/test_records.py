import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.project.conftest import CREATED, FINGERPRINT, footage, take
from v2v_studio.project.records import CutRecord, Footage, Note, Review, Shot, TransitionRecord

SHOT = Shot(id="sh010", footage="a001", start=2, end=10)


def test_a_record_opens_with_its_schema_and_keeps_the_order_of_its_fields():
    assert list(SHOT.plain()) == [
        "schema",
        "id",
        "footage",
        "start",
        "end",
        "prompt",
        "status",
        "usable",
        "first_frame",
        "further",
        "take",
        "note",
    ]
    assert SHOT.plain()["schema"] == "v2v.shot/1"


def test_unknown_keys_are_kept_at_every_depth():
    note = {"text": "good", "created": CREATED, "frame": None, "box": None, "colour": "green"}
    review = {"schema": "v2v.review/1", "take": "t001", "status": "pending", "notes": [note], "author": {"x": [1]}}
    assert Review.model_validate(review).changed(status="approved").plain() == {**review, "status": "approved"}


def test_a_record_survives_json():
    cut = CutRecord(
        detector="adaptive", transitions=[TransitionRecord(kind="fade-in", start=0, end=2, curve=[0.0, 0.5])]
    )
    made = footage("a001").changed(cut=cut.plain(), probe={"audio": [{"codec": "aac"}]}, notes=["rotated"])
    assert Footage.model_validate(json.loads(json.dumps(made.plain()))) == made


@given(start=st.integers(-3, 30), end=st.integers(-3, 30))
def test_a_shot_holds_a_frame_or_is_refused(start, end):
    if 0 <= start < end:
        assert Shot(id="sh010", footage="a001", start=start, end=end).end == end
    else:
        with pytest.raises(ValidationError):
            Shot(id="sh010", footage="a001", start=start, end=end)


@given(start=st.integers(0, 500), frame=st.integers(0, 1000))
def test_numbers_and_frames_are_each_other_s_inverse(start, frame):
    shot = Shot(id="sh010", footage="a001", start=start, end=start + 1)
    assert shot.frame(shot.number(frame)) == frame
    assert shot.number(start) == 1001


def test_a_take_keeps_its_numbers_when_the_shot_is_trimmed():
    assert [take().number(frame) for frame in (0, 2, 4)] == [999, 1001, 1003]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "../sh010"},
        {"id": "sh010\n"},
        {"footage": "a001/.."},
        {"status": "finished"},
        {"first_frame": "t001"},
        {"take": "t001/../../x"},
        {"start": 10},
        {"usable": -1},
    ],
)
def test_a_wrong_value_is_refused(wrong):
    with pytest.raises(ValidationError):
        SHOT.changed(**wrong)


@pytest.mark.parametrize("rate", ["0", "24/0", "23.976", "24/", "-24", "24:1"])
def test_a_rate_is_a_fraction(rate):
    with pytest.raises(ValidationError):
        footage("a001").changed(rate=rate)


def test_a_transition_has_one_value_a_frame():
    with pytest.raises(ValidationError, match="has 1 values in its curve; one a frame"):
        TransitionRecord(kind="dissolve", start=4, end=6, curve=[0.5])


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValidationError):
        take().changed(seconds=float("nan"))


def test_a_record_never_changes_in_place():
    with pytest.raises(ValidationError):
        SHOT.status = "wip"
    with pytest.raises(ValidationError):
        Note(text="good", created=CREATED).text = "bad"


def test_a_fingerprint_is_a_digest():
    assert take(FINGERPRINT).fingerprint == FINGERPRINT
    with pytest.raises(ValidationError):
        take("f" * 63)
