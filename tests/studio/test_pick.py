import pytest

from v2v_studio.errors import UsageError


@pytest.fixture
def two(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"}, frame=1011)
    return rendered


def test_a_new_first_frame_stands_alone(two):
    shot = two.store.shot("sh010")
    assert (shot.first_frame, shot.further) == ("ff002", [])


def test_several_are_picked_in_the_order_named(two):
    shot = two.pick("sh010", ["ff002", "ff001"])
    assert (shot.first_frame, shot.further) == ("ff002", ["ff001"])


def test_a_shot_is_rendered_from_all_that_are_picked(two):
    two.pick("sh010", ["ff001", "ff002"])
    two.render(two.plan(["sh010"], options={"quality": "draft"}), workers=1)
    take = two.store.take("sh010", "t002")
    assert [take.first_frame, *take.further] == ["ff001", "ff002"]


def test_two_of_one_frame_are_refused(two):
    two.stylize(["sh010"], "filters", {"preset": "poster"}, frame=1011)
    with pytest.raises(UsageError, match="ff002 and ff003 are both of frame 1011"):
        two.pick("sh010", ["ff002", "ff003"])


def test_one_that_is_not_there_is_refused(two):
    with pytest.raises(UsageError, match="there is no first frame"):
        two.pick("sh010", ["ff009"])
    assert two.store.shot("sh010").first_frame == "ff002"


def test_picking_none_is_refused(two):
    with pytest.raises(UsageError, match="name the first frames"):
        two.pick("sh010", [])


def test_all_that_are_picked_are_made_again_for_another_size(two):
    two.pick("sh010", ["ff001", "ff002"])
    two.store.change_project(lambda project: project.changed(size=(64, 48)))
    two.refit(["sh010"])
    shot = two.store.shot("sh010")
    again = [two.store.first_frame("sh010", name) for name in (shot.first_frame, *shot.further)]
    assert [(first.frame, first.params["preset"]) for first in again] == [(0, "poster"), (10, "ink")]
    assert {first.size for first in again} == {two.size(shot)}
