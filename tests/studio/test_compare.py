import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from v2v_studio.errors import ProjectError, StudioError, UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.probe import probe
from v2v_studio.studio.compare import compare
from v2v_studio.timeline.layouts import GAP


@pytest.fixture
def pictures(tmp_path):
    """grey(name, *levels): a folder of flat 16x8 pictures of those 8-bit levels, or one picture."""

    def make(name, *levels):
        path = tmp_path / name
        if path.suffix:
            write_png(path, np.full((3, 8, 16), levels[0] / 255, np.float32))
            return str(path)
        path.mkdir()
        for index, level in enumerate(levels):
            write_png(path / f"{index}.png", np.full((3, 8, 16), level / 255, np.float32))
        return str(path)

    return make


def test_two_pictures_are_one_picture(pictures, tmp_path):
    made = compare(pictures("a.png", 100), pictures("b.png", 110), path=tmp_path / "out.png")
    shown = read_png(tmp_path / "out.png")
    assert (made["frames"], made["size"]) == (1, [16, 8])
    assert np.allclose(255 * shown[:, :8, :16], 100) and np.allclose(255 * shown[:, :8, 16 + GAP : 32 + GAP], 110)


def test_difference_is_in_levels_and_psnr_in_decibels(pictures, tmp_path):
    made = compare(pictures("a.png", 100), pictures("b.png", 110), path=tmp_path / "out.png")
    assert made["difference"] == pytest.approx(10, abs=1e-3)  # float32 holds levels to 1e-5
    assert made["psnr"] == pytest.approx(20 * math.log10(255 / 10), abs=1e-3)


def test_overall_psnr_is_of_the_mean_squared_error(pictures, tmp_path):
    made = compare(pictures("a", 100, 100), pictures("b", 100, 120), path=tmp_path / "out.mp4")
    assert [row["difference"] for row in made["rows"]] == pytest.approx([0, 20], abs=1e-3)
    assert [row["frame"] for row in made["rows"]] == [1001, 1002]
    assert made["rows"][0]["psnr"] is None
    assert made["psnr"] == pytest.approx(10 * math.log10(255**2 / 200), abs=1e-3)


def test_what_agrees_has_no_psnr_and_is_valid_json(pictures, tmp_path):
    made = compare(pictures("a.png", 7), pictures("b.png", 7), path=tmp_path / "out.png")
    assert (made["difference"], made["psnr"]) == (0, None)
    json.loads(json.dumps(made, allow_nan=False))


def test_folders_become_a_video_of_as_many_frames(pictures, tmp_path):
    made = compare(pictures("a", 1, 2, 3), pictures("b", 1, 2, 3), layout="wipe", path=tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").frames == made["frames"] == 3


def test_one_frame_of_a_film_stands_beside_a_picture(pictures, tmp_path):
    made = compare(pictures("a", 1, 50, 3), pictures("b.png", 50), number=1002, path=tmp_path / "out.png")
    assert (made["difference"], made["rows"][0]["frame"]) == (0, 1002)


def test_take_and_source_are_compared_frame_by_frame(rendered):
    made = rendered.compare("sh020/source", "sh020/t001")
    take = rendered.store.take("sh020", "t001")
    source, styled = rendered.still(rendered.store.shot("sh020"), 14), read_png(rendered.store.take_frame(take, 14))
    assert [row["frame"] for row in made["rows"]] == list(range(1001, 1011))
    assert made["rows"][2]["difference"] == pytest.approx(255 * np.abs(source - styled).mean(), abs=1e-3)
    assert made["path"].endswith("exports/sh020-source_sh020-t001_side.mp4")


def test_first_frame_and_take_meet_at_the_frame_it_was_painted_on(rendered):
    made = rendered.compare("sh010/t001", "sh010/ff001")
    assert (made["frames"], made["difference"]) == (1, 0)
    assert made["path"].endswith(".png")


def test_first_frames_painted_on_different_frames_are_compared_as_pictures(rendered):
    rendered.stylize(["sh010"], "filters", {"preset": "ink"}, frame=1005)
    made = rendered.compare("sh010/ff001", "sh010/ff002")
    assert made["frames"] == 1 and made["difference"] > 0


def test_trimmed_shot_and_its_older_take_are_aligned_by_footage_frame(rendered):
    rendered.trim("sh020", 1003, 1009)
    made = rendered.compare("sh020/t001", "sh020/source")
    untrimmed = rendered.still(rendered.store.shot("sh020"), 14)
    styled = read_png(rendered.store.take_frame(rendered.store.take("sh020", "t001"), 14))
    assert [row["frame"] for row in made["rows"]] == list(range(1003, 1009))
    assert made["rows"][0]["difference"] == pytest.approx(255 * np.abs(untrimmed - styled).mean(), abs=1e-3)


def test_frame_is_numbered_as_in_the_left_side(rendered):
    rendered.trim("sh020", 1003, 1009)
    whole = rendered.compare("sh020/t001", "sh020/source")["rows"][1]
    one = rendered.compare("sh020/t001", "sh020/source", number=1004)["rows"][0]
    assert one == whole


def test_take_and_the_folder_of_its_frames_agree(rendered, tmp_path):
    folder = rendered.store.take_folder("sh030", "t001") / "frames"
    assert rendered.compare("sh030/t001", str(folder), path=tmp_path / "out.mp4")["difference"] == 0


@pytest.mark.parametrize(
    ("a", "b", "options", "said"),
    [
        ("sh010/t001", "sh020/t001", {}, "sh010/t001 has 12 frames and sh020/t001 10; .* --frame N"),
        ("sh010/t001", "sh010/source", {"number": 1013}, "sh010/t001 has frames 1001 to 1012, not 1013"),
        ("sh010/ff001", "sh010/t001", {"number": 1002}, "sh010/ff001 has frame 1001, not 1002"),
        ("sh010/t1", "sh010/t001", {}, "'sh010/t1' is nothing that can be compared; name a take"),
        ("sh010", "sh010/t001", {}, "'sh010' is nothing that can be compared; name a take"),
        ("sh010/source", "sh010/t001", {"path": "out.png"}, "would be a video of 12 frames; .* --frame N"),
        ("sh010/source", "sh010/ff001", {"path": "out.mp4"}, "would be one picture; end its name in .png"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(rendered, tmp_path, a, b, options, said):
    if "path" in options:
        options = {"path": tmp_path / options["path"]}
    with pytest.raises(UsageError, match=said):
        rendered.compare(a, b, **options)


def test_unlike_sizes_are_refused(rendered, pictures):
    with pytest.raises(UsageError, match=r"sh010/t001 is 96x64 and .*a.png is 16x8; only one size can be compared"):
        rendered.compare("sh010/t001", pictures("a.png", 1), number=1001)


def test_ranges_that_do_not_meet_are_refused(rendered):
    take = rendered.store.take("sh020", "t001")
    rendered.store.change_shot("sh020", lambda shot: shot.changed(start=take.last, end=take.last + 2))
    with pytest.raises(UsageError, match="have no frame in common"):
        rendered.compare("sh020/t001", "sh020/source")


def test_what_is_compared_is_never_written_over(pictures):
    a, b = pictures("a.png", 1), pictures("b.png", 2)
    with pytest.raises(UsageError, match="would be written over"):
        compare(a, b, path=Path(b))
    assert read_png(b).max() * 255 == pytest.approx(2)


def test_name_of_a_project_needs_one(pictures):
    with pytest.raises(ProjectError, match="v2v -C DIR compare"):
        compare("sh010/t001", pictures("a.png", 1))


def test_take_that_is_not_there_is_named(rendered):
    with pytest.raises(StudioError, match="t009"):
        rendered.compare("sh010/t009", "sh010/t001")


def test_same_comparison_twice_has_the_same_bytes(rendered, tmp_path):
    for name in ("one.mp4", "two.mp4"):
        rendered.compare("sh010/source", "sh010/t001", layout="difference", path=tmp_path / name)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()


def test_project_is_not_needed_for_files(pictures, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    shutil.copy(pictures("a.png", 1), "x.png")
    assert compare("x.png", pictures("b.png", 2))["path"] == "x_b_side.png"
    assert (tmp_path / "here" / "x_b_side.png").exists()
