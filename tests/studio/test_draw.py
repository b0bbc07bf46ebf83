import cv2
import numpy as np
import pytest

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.media.frames import read_png

DRAG = [(4.5, 5.0), (20.0, 5.0)]
BOX = {"phrase": "a red ball", "interpolation": "linear", "keys": [{"frame": 2, "box": [1, 2, 30, 20]}]}


def png(width=96, height=64, at=(10, 20)):
    picture = np.zeros((height, width, 4), np.uint8)  # transparent, as a canvas gives it
    if at:
        picture[at[1], at[0]] = 255
    return cv2.imencode(".png", picture)[1].tobytes()


def numbers(canvas):
    return canvas.drags, [box["phrase"] for box in canvas.boxes]


def test_nothing_drawn_is_an_empty_canvas_of_the_footage_s_size(rendered):
    canvas = rendered.control("sh010")
    assert (canvas.width, canvas.height, canvas.drags, canvas.boxes, canvas.brush, canvas.version) == (
        96,
        64,
        [],
        [],
        None,
        "",
    )


def test_what_is_drawn_is_read_back_in_source_pixels(rendered):
    drawn = rendered.draw("sh010", "", [DRAG], [BOX], png())
    assert drawn == rendered.control("sh010") and numbers(drawn) == ([DRAG], ["a red ball"])
    assert read_png(drawn.brush)[:, 20, 10].tolist() == [1, 1, 1] and read_png(drawn.brush).sum() == 3
    control = rendered.store.control("sh010")
    assert control.boxes[0].keys[0].box == (1, 2, 30, 20) and control.brush == drawn.brush.name


def test_a_drawing_made_of_an_older_one_is_refused_and_loses_nothing(rendered):
    mine = rendered.control("sh010").version
    rendered.draw("sh010", mine, [DRAG])
    with pytest.raises(UsageError, match="sh010 was drawn on elsewhere in the meantime"):
        rendered.draw("sh010", mine, [], [BOX])
    assert numbers(rendered.control("sh010")) == ([DRAG], [])


def test_a_brush_painted_over_by_hand_is_a_newer_drawing(rendered):
    drawn = rendered.draw("sh010", "", [DRAG], brush=png())
    drawn.brush.write_bytes(png(at=(11, 20)))
    with pytest.raises(UsageError, match="drawn on elsewhere"):
        rendered.draw("sh010", drawn.version, [])


def test_undo_draws_what_was(rendered):
    first = rendered.draw("sh010", "", [DRAG], brush=png())
    kept = first.brush.read_bytes()
    second = rendered.draw("sh010", first.version, [], [BOX])
    assert not first.brush.exists()
    again = rendered.draw("sh010", second.version, first.drags, first.boxes, kept)
    assert again == first


def test_nothing_left_drawn_leaves_no_file(rendered):
    drawn = rendered.draw("sh010", "", [DRAG], brush=png())
    assert rendered.draw("sh010", drawn.version).version == ""
    assert sorted(path.name for path in rendered.store.control_file("sh010").parent.iterdir()) == [
        "firstframes",
        "shot.json",
        "takes",
    ]


def test_a_brush_that_is_black_all_over_is_none(rendered):
    assert rendered.draw("sh010", "", [DRAG], brush=png(at=None)).brush is None


def test_what_others_wrote_into_the_record_is_kept(rendered):
    rendered.store.control_file("sh010").write_text(
        '{"schema": "v2v.control/1", "width": 96, "height": 64, "note": "left hand"}'
    )
    rendered.draw("sh010", rendered.control("sh010").version, [DRAG])
    assert rendered.store.control("sh010").model_extra == {"note": "left hand"}


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        ({"drags": [[(96, 5), (20, 5)]]}, "drag 1 starts at 96, 5, outside the picture of 96x64"),
        ({"boxes": [{**BOX, "keys": []}]}, r"boxes.0.keys: .*at least 1 item"),
        ({"boxes": [{**BOX, "keys": [{"frame": 2, "box": None}]}]}, "the first key has no box"),
        ({"brush": png(48, 32)}, "the brush is 48x32 but is painted on 96x64"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_nothing(rendered, drawn, said):
    with pytest.raises(UsageError, match=said):
        rendered.draw("sh010", "", **drawn)
    assert not list(rendered.store.control_file("sh010").parent.glob("*rush*"))
    assert rendered.control("sh010").version == ""


def test_a_brush_that_is_no_picture_is_refused(rendered):
    with pytest.raises(MediaError, match="not a picture that can be read"):
        rendered.draw("sh010", "", brush=b"<script>")


def test_of_two_who_draw_at_once_one_is_refused(rendered):
    from concurrent.futures import ThreadPoolExecutor

    def attempt(x):
        try:
            return rendered.draw("sh010", "", [[(x, 5), (20, 5)]]).drags[0][0][0]
        except UsageError:
            return None

    with ThreadPoolExecutor(8) as pool:
        drawn = [x for x in pool.map(attempt, range(8)) if x is not None]
    assert drawn == [rendered.control("sh010").drags[0][0][0]]


def test_a_drag_is_seen_at_once_by_the_commands_of_its_page(rendered):
    from click.testing import CliRunner

    from v2v_studio.cli import cli

    rendered.draw("sh010", rendered.control("sh010").version, drags=[[(30, 30), (50, 30)]])
    for command in (
        ["motion", "sh010", "--track", "pull-preview", "--preview", "1008"],
        ["render", "sh010", "--track", "pull-preview", "--draft", "-p", "frames=12"],
    ):
        result = CliRunner().invoke(cli, ["-C", str(rendered.store.folder), *command], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    take = rendered.store.takes("sh010")[-1]
    assert take.recipe["track"] == "pull-preview" and take.recipe["control"]
    assert take.recipe["motion_params"] == {"frames": 12}
