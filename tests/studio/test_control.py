"""What is drawn on a shot, fitted to the size that is worked at."""

import numpy as np
import pytest

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.media.frames import write_png
from v2v_studio.project.control import Box, Control, Drag, Key
from v2v_studio.studio.control import control_digest, drawn_on


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
    drawn = drawn_on(draw([(20, 30), (40, 30)]), "sh010", (96, 64))
    assert drawn.drags[0].points == ((10, 15), (20, 15)) and drawn.brush is None


def test_the_brush_is_white_where_things_may_move(draw):
    brush = np.zeros((128, 192), np.float32)
    brush[10:20] = 1
    assert np.array_equal(drawn_on(draw(brush=brush), "sh010", (96, 64)).brush.painted > 0.5, brush > 0.5)


def test_the_digest_changes_with_a_point_and_with_the_brush(draw):
    brush = np.zeros((128, 192), np.float32)
    digests = [
        control_digest(draw(*given, brush=painted), "sh010")
        for given, painted in (
            ([[(20, 30), (40, 30)]], None),
            ([[(20, 30), (41, 30)]], None),
            ([[(20, 30), (40, 30)]], brush),
            ([[(20, 30), (40, 30)]], brush + 1),
        )
    ]
    assert len(set(digests)) == 4
    assert control_digest(draw([(20, 30), (40, 30)]), "sh010") == digests[0]


def test_the_digest_changes_with_a_box_and_only_where_there_is_one(draw):
    store = draw([(20, 30), (40, 30)])
    digests = [control_digest(store, "sh010")]
    for phrase, frame in (("a ball", 0), ("a ball", 1), ("a dog", 1)):
        boxes = [Box(phrase=phrase, keys=[Key(frame=frame, box=(1, 2, 3, 4))])]
        store.write_control("sh010", store.control("sh010").changed(boxes=boxes))
        digests.append(control_digest(store, "sh010"))
    assert len(set(digests)) == 4
    store.write_control("sh010", store.control("sh010").changed(boxes=[]))
    assert control_digest(store, "sh010") == digests[0]


def test_a_shot_with_nothing_drawn_says_where_to_draw(rendered):
    with pytest.raises(UsageError, match=r"nothing is drawn on sh010; .*control\.json"):
        control_digest(rendered.store, "sh010")


def test_a_brush_of_another_size_is_refused(draw):
    with pytest.raises(ProjectError, match="8x8 but the control is drawn on 192x128"):
        drawn_on(draw(brush=np.zeros((8, 8), np.float32)), "sh010", (96, 64))
