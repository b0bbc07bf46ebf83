import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.errors import UsageError
from v2v_studio.project.naming import checked, following, frame_number, shot_between, shot_key


def test_shots_step_by_ten():
    assert [shot_between(None, None), shot_between("sh010", None), shot_between("sh990", None)] == [
        "sh010",
        "sh020",
        "sh1000",
    ]


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("sh010", "sh020", "sh015"),
        ("sh010", "sh050", "sh030"),
        ("sh010", "sh015", "sh012"),
        (None, "sh010", "sh005"),
        ("sh013", None, "sh020"),
        ("sh010", "sh011", "sh010n"),
        ("sh010", "sh010n", "sh010g"),
        ("sh010", "sh010b", "sh010an"),
        (None, "sh001", "sh000n"),
    ],
)
def test_a_name_between_two_is_the_roundest_that_is_free(before, after, name):
    assert shot_between(before, after) == name


@given(st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=40))
def test_names_sort_as_shots_were_placed_and_are_unique(places):
    names: list[str] = []
    for place in places:
        at = place % (len(names) + 1)
        name = shot_between(names[at - 1] if at else None, names[at] if at < len(names) else None)
        assert checked("shot", name) == name
        names.insert(at, name)
    assert sorted(set(names), key=shot_key) == names


def test_always_splitting_the_same_shot_still_finds_names():
    first, after = "sh010", "sh020"
    for _ in range(200):
        name = shot_between(first, after)
        assert shot_key(first) < shot_key(name) < shot_key(after)
        after = name


def test_following_is_one_after_the_highest_and_leaves_gaps_and_strangers_alone():
    assert following("t", []) == "t001"
    assert following("t", ["t001", "t004", "thumbs", "t4", "ff009"]) == "t005"
    assert following("a", ["a999"]) == "a1000"


@pytest.mark.parametrize("name", ["", "sh1", "../x", "sh010/", "sh010\n", "sh010a", "SH010", "sh０１０"])
def test_what_is_no_name_of_a_shot_is_refused(name):
    with pytest.raises(UsageError, match="they look like sh010"):
        checked("shot", name)


def test_frames_count_from_1001_and_handles_lie_below():
    assert [frame_number(frame, 24) for frame in (24, 25, 23)] == [1001, 1002, 1000]
