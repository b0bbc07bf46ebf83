import cv2
import numpy as np
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png, to_uint8


@pytest.fixture
def cut(empty, film):
    empty.ingest([film])
    empty.cut()
    return empty


def test_every_shot_without_a_first_frame_gets_one(cut):
    made = cut.stylize(translator="filters", options={"preset": "ink"})
    assert [first.shot for first in made] == ["sh010", "sh020", "sh030"]
    assert cut.stylize() == []


def test_new_first_frame_is_selected_and_the_old_one_kept(rendered):
    (made,) = rendered.stylize(["sh010"], "filters", {"preset": "ink"})
    assert (made.id, rendered.store.shot("sh010").first_frame) == ("ff002", "ff002")
    assert [first.id for first in rendered.store.first_frames("sh010")] == ["ff001", "ff002"]


def test_same_look_again_is_selected_not_made(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"})
    (again,) = rendered.stylize(["sh010"], "filters", {"preset": "poster"})
    assert again.id == "ff001" and rendered.store.shot("sh010").first_frame == "ff001"


def test_frame_to_paint_on_can_be_chosen(cut):
    (made,) = cut.stylize(["sh020"], "filters", {"preset": "ink"}, frame=1005)
    assert made.frame == 16


def test_frame_outside_the_shot_is_refused(cut):
    with pytest.raises(UsageError, match="sh020 has frames 1001 to 1010, not 1011"):
        cut.stylize(["sh020"], "filters", {"preset": "ink"}, frame=1011)


def test_painted_frame_is_taken_as_it_is(cut, tmp_path):
    painted = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "painted.png"), painted)
    (made,) = cut.stylize(["sh010"], "painted", {"file": str(tmp_path / "painted.png")})
    image = to_uint8(read_png(cut.store.first_frame_image(made)))
    assert np.array_equal(image, painted[..., ::-1].transpose(2, 0, 1))


def test_repainted_file_is_a_new_first_frame(cut, tmp_path):
    for value in (60, 200):
        cv2.imwrite(str(tmp_path / "painted.png"), np.full((64, 96, 3), value, np.uint8))
        (made,) = cut.stylize(["sh010"], "painted", {"file": str(tmp_path / "painted.png")})
    assert made.id == "ff002"


def test_before_after_sheet_is_written(rendered, tmp_path):
    rendered.before_after([rendered.store.first_frame("sh010", "ff001")], tmp_path / "look.png")
    assert read_png(tmp_path / "look.png").shape[1] > 240
