"""What is drawn on a shot, fitted to the size that is worked at."""

import numpy as np
import pytest

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.media.frames import write_png
from v2v_studio.project.control import Box, Control, Drag, Key
from v2v_studio.studio.control import boxes_on, control_digest, drawn_on

DRAG, BOXES = ("drags", "brush"), ("boxes",)


@pytest.fixture
def draw(rendered):
    """Draws on the first shot: drags as lists of points, and a brush (H, W), on 192x128."""

    def draw(*drags, brush=None, size=(192, 128)):
        store = rendered.store
        control = Control(width=size[0], height=size[1], drags=[Drag(points=points) for points in drags])
        if brush is not None:
            write_png(store.control_file("sh010").with_name("brush.png"), np.repeat(brush[None], 3, 0))
            control = control.changed(brush="brush.png")
        store.write_control("sh010", control)
        return store

    return draw


def test_drags_are_scaled_to_the_working_size(draw):
    drawn = drawn_on(draw([(20, 30), (40, 30)]), "sh010", (96, 64), [0], DRAG)
    assert drawn.drags[0].points == ((10, 15), (20, 15)) and drawn.brush is None


def test_the_brush_is_white_where_things_may_move(draw):
    brush = np.zeros((128, 192), np.float32)
    brush[10:20] = 1
    assert np.array_equal(drawn_on(draw(brush=brush), "sh010", (96, 64), [0], DRAG).brush.painted > 0.5, brush > 0.5)


def test_the_digest_changes_with_a_point_and_with_the_brush(draw):
    brush = np.zeros((128, 192), np.float32)
    digests = [
        control_digest(draw(*given, brush=painted), "sh010", DRAG)
        for given, painted in (
            ([[(20, 30), (40, 30)]], None),
            ([[(20, 30), (41, 30)]], None),
            ([[(20, 30), (40, 30)]], brush),
            ([[(20, 30), (40, 30)]], brush + 1),
        )
    ]
    assert len(set(digests)) == 4
    assert control_digest(draw([(20, 30), (40, 30)]), "sh010", DRAG) == digests[0]


def boxed(store, phrase="a ball", frame=0, box=(20, 30, 10, 10)):
    boxes = [Box(phrase=phrase, keys=[Key(frame=frame, box=box)])]
    store.write_control("sh010", store.control("sh010").changed(boxes=boxes))
    return store


def test_the_digest_of_boxes_changes_with_a_box_a_frame_and_a_phrase(draw):
    store = draw()
    changes = [{}, {"frame": 1}, {"phrase": "a dog"}, {"box": (20, 30, 10, 11)}]
    assert len({control_digest(boxed(store, **change), "sh010", BOXES) for change in changes}) == 4


def test_boxes_make_no_other_drag_of_a_drag(draw):
    store = draw([(20, 30), (40, 30)])
    before = control_digest(store, "sh010", DRAG)
    assert control_digest(boxed(store), "sh010", DRAG) == before


def test_boxes_are_scaled_to_the_working_size_and_come_in_the_order_of_the_frames(draw):
    store = draw()
    keys = [Key(frame=0, box=(20, 30, 10, 10)), Key(frame=4, box=(60, 30, 10, 10))]
    store.write_control("sh010", store.control("sh010").changed(boxes=[Box(keys=keys)]))
    boxes = drawn_on(store, "sh010", (96, 64), [4, 3, 2], BOXES).boxes
    assert boxes.boxes[:, 0].tolist() == [[30, 15, 35, 20], [25, 15, 30, 20], [20, 15, 25, 20]]
    assert boxes.size == (64, 96)


def test_a_shot_without_boxes_says_how_to_come_by_some(draw):
    store = draw([(20, 30), (40, 30)])
    for ask in (lambda: control_digest(store, "sh010", BOXES), lambda: boxes_on(store, "sh010", (96, 64), [0])):
        with pytest.raises(UsageError, match=r"no boxes are drawn on sh010; .*v2v boxes sh010 --follow"):
            ask()


def test_boxes_alone_are_no_drags(draw):
    with pytest.raises(UsageError, match="nothing is drawn on sh010; write drags"):
        control_digest(boxed(draw()), "sh010", DRAG)


def test_a_shot_with_nothing_drawn_says_where_to_draw(rendered):
    with pytest.raises(UsageError, match=r"nothing is drawn on sh010; .*control\.json"):
        control_digest(rendered.store, "sh010", DRAG)


def test_a_brush_of_another_size_is_refused(draw):
    with pytest.raises(ProjectError, match="8x8 but the control is drawn on 192x128"):
        drawn_on(draw(brush=np.zeros((8, 8), np.float32)), "sh010", (96, 64), [0], DRAG)
