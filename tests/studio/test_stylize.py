import cv2
import numpy as np
import pytest

from v2v_studio.errors import Cancelled, UsageError
from v2v_studio.media.frames import read_png, to_uint8
from v2v_studio.studio.stylize import Masking
from v2v_studio.translators.palette import palette_distance


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


def test_look_is_carried_with_its_options_and_seed(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink", "hatch": "0.9"}, seed=7)
    (made,) = rendered.stylize(["sh020"], like="sh010/ff002")
    assert (made.translator, made.params["preset"], made.params["hatch"], made.seed) == ("filters", "ink", 0.9, 7)


def test_distance_to_the_model_is_recorded_and_less_than_without_the_match(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "oil"})
    (plain,) = rendered.stylize(["sh020"], "filters", {"preset": "oil"})
    (made,) = rendered.stylize(["sh020"], like="sh010/ff002")
    assert made.id == "ff003"
    assert rendered.store.first_frame("sh020", "ff003").like == made.like
    assert made.like["first_frame"] == "sh010/ff002"
    image, other, model = (
        read_png(rendered.store.first_frame_image(first))
        for first in (made, plain, rendered.store.first_frame("sh010", "ff002"))
    )
    # recorded to a tenth, of the picture before it is rounded to 8 bits
    assert made.like["palette_distance"] == pytest.approx(palette_distance(image, model), abs=0.2)
    assert palette_distance(image, model) < palette_distance(other, model)


def test_exposure_of_the_shot_survives_the_match(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "night"})
    (plain,) = rendered.stylize(["sh030"], "filters", {"preset": "night"})
    (made,) = rendered.stylize(["sh030"], like="sh010/ff002")
    before, after, model = (
        read_png(rendered.store.first_frame_image(first)).mean()
        for first in (plain, made, rendered.store.first_frame("sh010", "ff002"))
    )
    assert abs(after - before) < abs(after - model)


def test_same_likeness_again_is_selected_not_made(rendered):
    first, again = (rendered.stylize(["sh020"], like="sh010/ff001")[0] for _ in range(2))
    assert first == again


def test_like_without_shots_is_for_those_without_a_first_frame(cut):
    cut.stylize(["sh010"], "filters", {"preset": "poster"})
    assert [first.shot for first in cut.stylize(like="sh010/ff001")] == ["sh020", "sh030"]


def test_refit_keeps_the_likeness(rendered):
    (made,) = rendered.stylize(["sh020"], like="sh010/ff001")
    rendered.trim("sh020", made.frame - 12 + 1002, 1010)
    (again,) = rendered.refit(["sh020"])
    assert again.like["first_frame"] == "sh010/ff001"
    assert again.frame != made.frame


def test_likeness_beside_a_look_of_one_s_own_is_refused(rendered):
    with pytest.raises(UsageError, match="has its translator, options and seed"):
        rendered.stylize(["sh020"], "filters", like="sh010/ff001")
    with pytest.raises(UsageError, match="give none, or leave out --like"):
        rendered.stylize(["sh020"], seed=3, like="sh010/ff001")


def test_likeness_to_a_painting_is_refused_saying_what_to_do(cut, tmp_path):
    cv2.imwrite(str(tmp_path / "painted.png"), np.full((64, 96, 3), 90, np.uint8))
    cut.stylize(["sh010"], "painted", {"file": str(tmp_path / "painted.png")})
    with pytest.raises(UsageError, match=r"sh010/ff001 was painted.*--translator reference -p file="):
        cut.stylize(["sh020"], like="sh010/ff001")


@pytest.mark.parametrize("name", ["sh010", "", "look.png"])
def test_what_is_no_first_frame_is_refused(rendered, name):
    with pytest.raises(UsageError, match="is no first frame; name the shot"):
        rendered.stylize(["sh020"], like=name)


def test_first_frame_that_is_not_there_is_refused(rendered):
    with pytest.raises(UsageError, match="no first frame 'sh010/ff009'"):
        rendered.stylize(["sh020"], like="sh010/ff009")


def test_changed_style_picture_is_a_new_first_frame(cut, tmp_path):
    for value in (60, 200):
        cv2.imwrite(str(tmp_path / "style.png"), np.full((32, 32, 3), value, np.uint8))
        (made,) = cut.stylize(["sh010"], "reference", {"file": str(tmp_path / "style.png"), "texture": 0})
    assert made.id == "ff002"


def white_left(path):
    """A mask of 96x64, white in its left half."""
    mask = np.zeros((64, 96, 3), np.uint8)
    mask[:, :48] = 255
    cv2.imwrite(str(path), mask)
    return str(path)


def test_candidates_differ_by_their_seeds_and_the_first_is_selected(cut):
    made = cut.stylize(["sh010", "sh020"], "filters", {"preset": "watercolor"}, seed=5, candidates=3)
    assert [(first.shot, first.seed) for first in made] == [(s, k) for s in ("sh010", "sh020") for k in (5, 6, 7)]
    assert len({first.sha256 for first in made[:3]}) == 3
    assert [cut.store.shot(name).first_frame for name in ("sh010", "sh020")] == ["ff001", "ff001"]


def test_candidates_stand_side_by_side_on_the_sheet(cut, tmp_path):
    made = cut.stylize(["sh010"], "filters", {"preset": "watercolor"}, candidates=3)
    for count in (1, 3):
        cut.before_after(made[:count], tmp_path / f"{count}.png")
    one, three = (read_png(tmp_path / f"{count}.png") for count in (1, 3))
    assert three.shape[1] == one.shape[1] and three.shape[2] > 1.8 * one.shape[2]


@pytest.mark.parametrize("count", [0, 65])
def test_impossible_number_of_candidates_is_refused(cut, count):
    with pytest.raises(UsageError, match="ask for 1 to 64"):
        cut.stylize(["sh010"], candidates=count)


def test_a_look_is_kept_inside_its_mask(cut, tmp_path):
    masking = Masking(white_left(tmp_path / "left.png"), feather=0)
    (made,) = cut.stylize(["sh010"], "filters", {"preset": "ink"}, mask=masking)
    image, footage = read_png(cut.store.first_frame_image(made)), cut.still(cut.store.shot("sh010"), made.frame)
    assert np.array_equal(to_uint8(image[..., 48:]), to_uint8(footage[..., 48:]))
    assert not np.array_equal(to_uint8(image[..., :48]), to_uint8(footage[..., :48]))


def test_a_protected_region_keeps_the_footage(cut, tmp_path):
    masking = Masking(white_left(tmp_path / "left.png"), protect=True, feather=0)
    (made,) = cut.stylize(["sh010"], "filters", {"preset": "ink"}, mask=masking)
    image, footage = read_png(cut.store.first_frame_image(made)), cut.still(cut.store.shot("sh010"), made.frame)
    assert np.array_equal(to_uint8(image[..., :48]), to_uint8(footage[..., :48]))


def test_the_mask_is_part_of_what_a_first_frame_is(cut, tmp_path):
    masking = Masking(white_left(tmp_path / "left.png"))
    plain, masked, again = (
        cut.stylize(["sh010"], "filters", {"preset": "ink"}, mask=m)[0] for m in (None, masking, masking)
    )
    assert plain.fingerprint != masked.fingerprint == again.fingerprint
    assert masked.mask["feather"] == 2.0 and plain.mask is None


def test_refit_keeps_the_mask(rendered, tmp_path):
    masking = Masking(white_left(tmp_path / "left.png"), feather=0)
    (made,) = rendered.stylize(["sh020"], "filters", {"preset": "ink"}, mask=masking)
    rendered.trim("sh020", made.frame - 12 + 1002, 1010)
    (again,) = rendered.refit(["sh020"])
    assert again.frame != made.frame and again.mask["sha256"] == made.mask["sha256"]


def test_progress_ends_at_all_of_it(cut):
    told = []
    cut.stylize(["sh010", "sh020"], "filters", {"preset": "ink"}, candidates=2, on_progress=lambda *t: told.append(t))
    assert told[0] == (0, 4) and told[-1] == (4, 4)


def test_a_cancelled_look_leaves_nothing_half_made(cut):
    def cancel(done, total):
        if done:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        cut.stylize(["sh010"], "filters", {"preset": "ink"}, on_progress=cancel)
    assert cut.store.first_frames("sh010") == [] and cut.store.shot("sh010").first_frame is None


def test_controls_that_were_not_drawn_are_not_shown(rendered, tmp_path):
    with pytest.raises(UsageError, match="'controlnet' is the one"):
        rendered.show_controls(rendered.store.first_frames("sh010"), tmp_path / "controls.png")
