import pytest

from v2v_studio.errors import UsageError


def test_approving_a_take_selects_it_and_approves_its_shot(rendered):
    rendered.review("sh010/t001", "approve")
    shot = rendered.store.shot("sh010")
    assert (shot.take, shot.status, rendered.store.review("sh010", "t001").status) == ("t001", "approved", "approved")


def test_note_is_pinned_to_a_footage_frame(rendered):
    rendered.review("sh020/t001", "note", "the hand smears", 1004)
    (note,) = rendered.store.review("sh020", "t001").notes
    assert (note.text, note.frame) == ("the hand smears", 15)


def test_rejected_take_is_not_shown(rendered):
    rendered.review("sh010/t001", "reject")
    assert rendered.shown(rendered.store.shot("sh010")) is None


def test_retake_asks_for_another(rendered):
    rendered.review("sh010/t001", "retake", "too soft")
    assert rendered.store.shot("sh010").status == "retake"


def test_frame_outside_the_take_is_refused(rendered):
    with pytest.raises(UsageError, match="sh020/t001 has frames 1001 to 1010, not 1011"):
        rendered.review("sh020/t001", "note", "x", 1011)


def test_note_without_text_is_refused(rendered):
    with pytest.raises(UsageError, match="needs a text"):
        rendered.review("sh020/t001", "note")


def test_name_that_is_no_take_is_refused(rendered):
    with pytest.raises(UsageError, match="one is named like sh010/t001"):
        rendered.review("sh020", "approve")


def test_note_has_a_box_on_its_frame(rendered):
    rendered.review("sh020/t001", "note", "here", 1004, (40, 20.5, 16, 8))
    (note,) = rendered.store.review("sh020", "t001").notes
    assert note.box == (40, 20.5, 16, 8)


@pytest.mark.parametrize(
    "box", [(96, 20, 8, 8), (40, -1, 8, 8), (40, 20, 0, 8), (40, 20, 8, -8), (float("nan"), 0, 1, 1)]
)
def test_box_beside_the_picture_is_refused(rendered, box):
    with pytest.raises(UsageError, match=r"is not on the picture; it is x,y,width,height in a frame of 96x64"):
        rendered.review("sh020/t001", "note", "here", 1004, box)


def test_box_on_no_frame_is_refused(rendered):
    with pytest.raises(UsageError, match="a box is on one frame; say which"):
        rendered.review("sh020/t001", "note", "here", box=(1, 1, 2, 2))
