import json
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from v2v_studio.errors import StudioError, UsageError
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.recipes import png_text, read_recipe
from v2v_studio.studio import Studio
from v2v_studio.studio.recipe import recipe_of
from v2v_studio.studio.stylize import pixels_digest

pytestmark = pytest.mark.slow


def frame_of(studio, take="t001", number=1005) -> Path:
    return studio.store.take_folder("sh010", take) / "frames" / f"sh010_{take}.{number}.png"


def with_recipe(file: Path, change: dict, to: Path) -> Path:
    """A copy of a picture whose recipe says something else."""
    write_png(to, read_png(file), png_text(read_recipe(file) | change))
    return to


def files_of(studio) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in studio.store.folder.rglob("*") if p.is_file() and ".locks" not in p.parts}


def edited(path: Path, change: dict) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | change))


def test_frame_of_a_take_agrees(rendered):
    found = rendered.replay(frame_of(rendered))
    assert (found.agrees, found.stage, found.made) == (True, None, "frame 1005")


def test_whole_take_agrees_by_its_folder_and_by_its_record(rendered):
    folder = rendered.store.take_folder("sh020", "t001")
    assert rendered.replay(folder).made == "10 frames"
    assert rendered.replay(folder / "take.json").agrees


def test_first_frame_agrees(rendered):
    found = rendered.replay(rendered.store.first_frame_image(rendered.store.first_frame("sh030", "ff001")))
    assert (found.agrees, found.notes) == (True, ())


def test_frame_agrees_wherever_it_was_copied_to(rendered, tmp_path):
    shutil.copyfile(frame_of(rendered), tmp_path / "sent by post.1005.png")
    assert rendered.replay(tmp_path / "sent by post.1005.png").agrees


def test_replay_leaves_the_project_as_it_was(rendered):
    before = files_of(rendered)
    rendered.replay(frame_of(rendered))
    assert files_of(rendered) == before


def test_frame_agrees_after_the_cache_was_deleted(rendered):
    shutil.rmtree(rendered.store.folder / "cache")
    assert rendered.replay(frame_of(rendered)).agrees


def test_changed_param_is_named(rendered, tmp_path):
    file = with_recipe(frame_of(rendered), {"params": {"quality": "final"}}, tmp_path / "a.1005.png")
    found = rendered.replay(file)
    assert (found.agrees, found.stage) == (False, "renderer")
    assert "params.quality is 'final' in a.1005.png, 'draft' in sh010/t001" in found.reason


def test_param_that_changes_no_pixel_is_named_beside_the_agreement(rendered, tmp_path):
    found = rendered.replay(with_recipe(frame_of(rendered), {"seed": 7}, tmp_path / "a.1005.png"))
    assert found.agrees
    assert found.notes == ("renderer: seed is 7 in a.1005.png, 0 in sh010/t001, which is shown now",)


def test_old_take_agrees_and_the_params_of_the_one_shown_now_are_named(rendered):
    setup = rendered.plan(["sh010"], options={"quality": "final"})
    rendered.render(setup, workers=1)
    found = rendered.replay(frame_of(rendered))
    assert found.agrees
    assert found.notes == (
        "motion: motion_params.quality is 'draft' in sh010_t001.1005.png, 'final' in sh010/t002, which is shown now",
    )


def test_param_changed_in_a_record_is_named(rendered):
    path = rendered.store.take_folder("sh010", "t001") / "take.json"
    recipe = json.loads(path.read_text())["recipe"]
    edited(path, {"recipe": recipe | {"params": {"quality": "final"}}})
    found = rendered.replay(path)
    assert (found.agrees, found.stage) == (False, "renderer")
    assert "params.quality is 'final' in take.json, 'draft' in sh010_t001." in found.reason


def test_changed_byte_of_the_footage_is_named(rendered):
    (footage,) = rendered.store.footages()
    path = rendered.store.media_path(footage)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    found = rendered.replay(frame_of(rendered))
    assert (found.agrees, found.stage) == (False, "footage")
    assert found.reason.startswith(f"a001 ({footage.path}) has changed")


def test_footage_that_is_not_of_the_project_is_named(rendered, tmp_path):
    found = rendered.replay(with_recipe(frame_of(rendered), {"footage": "e" * 64}, tmp_path / "a.1005.png"))
    assert (found.stage, "eeeeeeeeeeee, which is not here" in found.reason) == ("footage", True)


def test_option_changed_in_the_record_of_a_first_frame_is_named(rendered):
    path = rendered.store.folder / "shots/sh010/firstframes/ff001/firstframe.json"
    edited(path, {"params": json.loads(path.read_text())["params"] | {"detail": 0.9}})
    found = rendered.replay(frame_of(rendered))
    assert found.stage == "first frame"
    assert "params.detail is 0.9 in the record of sh010/ff001, 0.5 in its image.png" in found.reason


def test_first_frame_that_was_painted_over_is_named(rendered):
    image = rendered.store.folder / "shots/sh010/firstframes/ff001/image.png"
    write_png(image, 1 - read_png(image))
    found = rendered.replay(frame_of(rendered))
    assert (found.stage, "image.png of sh010/ff001" in found.reason) == ("first frame", True)


def test_option_that_is_no_plain_value_is_refused(rendered, tmp_path):
    image = rendered.store.folder / "shots/sh010/firstframes/ff001/image.png"
    with pytest.raises(UsageError, match=r"params\.preset"):
        rendered.replay(with_recipe(image, {"params": {"preset": [2, 9]}}, tmp_path / "a.png"))


def test_changed_option_of_a_first_frame_is_named(rendered, tmp_path):
    image = rendered.store.folder / "shots/sh010/firstframes/ff001/image.png"
    raw = read_recipe(image)
    file = with_recipe(image, {"params": raw["params"] | {"texture": 0.9}}, tmp_path / "a.png")
    found = rendered.replay(file)
    assert found.stage == "first frame"
    assert "params.texture is 0.9 in a.png, 0.3 in sh010/ff001" in found.reason


def test_painting_is_known_by_its_digest(rendered, tmp_path):
    still = rendered.still(rendered.store.shot("sh010"), 0)
    write_png(tmp_path / "painted.png", 1 - still)
    (first,) = rendered.stylize(["sh010"], "painted", {"file": str(tmp_path / "painted.png")})
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}), workers=1)
    (tmp_path / "painted.png").unlink()
    assert rendered.replay(frame_of(rendered, "t002")).agrees
    found = rendered.replay(rendered.store.first_frame_image(first))
    assert found.agrees and "was not made again" in found.notes[0]


def test_pixels_that_were_changed_are_told_from_a_changed_recipe(rendered):
    file = frame_of(rendered)
    write_png(file, np.clip(read_png(file) + 0.1, 0, 1), png_text(read_recipe(file)))
    found = rendered.replay(file)
    assert (found.stage, found.reason) == (
        "frames",
        "sh010_t001.1005.png or its recipe was changed after it was written",
    )


def test_frame_that_was_saved_without_its_recipe_still_has_the_one_beside_it(rendered):
    file = frame_of(rendered)
    write_png(file, read_png(file))
    found = rendered.replay(file)
    assert (found.agrees, found.stage) == (False, "frames")
    assert "though every pixel agrees" in found.made


def test_another_version_is_named_where_the_pixels_agree(rendered, tmp_path):
    found = rendered.replay(with_recipe(frame_of(rendered), {"v2v_studio": "0.0.1"}, tmp_path / "a.1005.png"))
    assert (found.agrees, found.stage) == (False, "versions")
    assert "v2v_studio is '0.0.1' in a.1005.png" in found.reason


def test_option_that_a_recipe_lacks_is_named(rendered, tmp_path):
    found = rendered.replay(with_recipe(frame_of(rendered), {"motion_params": {}}, tmp_path / "a.1005.png"))
    assert found.stage == "motion" and "motion_params.quality is absent in a.1005.png" in found.reason


def test_motion_that_was_kept_otherwise_is_named(rendered):
    file = frame_of(rendered)
    write_png(file, np.clip(read_png(file) + 0.1, 0, 1), png_text(read_recipe(file)))
    for kept in (rendered.store.folder / "cache" / "flow").rglob("*.flow"):
        kept.write_bytes(b"another motion")
    assert rendered.replay(file).stage == "motion"


def test_missing_frame_of_a_take_is_named(rendered):
    frame_of(rendered, number=1007).unlink()
    found = rendered.replay(rendered.store.take_folder("sh010", "t001"))
    assert (found.stage, found.reason) == ("frames", "frame 1007 is not there")


@pytest.mark.slow
def test_take_of_two_first_frames_agrees(rendered):
    rendered.stylize(["sh010"], frame=1010)
    names = [first.id for first in rendered.store.first_frames("sh010")]
    ask = rendered.ask(["sh010"], first_frames=names)
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}, ask=ask), workers=1)
    assert rendered.replay(rendered.store.take_folder("sh010", "t002")).made == "12 frames"
    assert rendered.replay(frame_of(rendered, "t002")).agrees


def test_retake_of_a_range_agrees(rendered):
    rendered.stylize(["sh010"], options={"preset": "poster", "detail": "0.9"})
    ask = rendered.ask(["sh010"], parent="t001", span="1004:1009")
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}, ask=ask), workers=1)
    assert rendered.replay(frame_of(rendered, "t002")).agrees
    assert rendered.replay(rendered.store.take_folder("sh010", "t002")).made == "12 frames"


def test_retake_without_its_parent_says_so(rendered):
    ask = rendered.ask(["sh010"], parent="t001", span="1004:1009")
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}, ask=ask), workers=1)
    shutil.rmtree(rendered.store.take_folder("sh010", "t001"))
    assert rendered.replay(frame_of(rendered, "t002")).stage == "parent"


def test_no_path_of_a_recipe_is_opened(rendered, tmp_path, monkeypatch):
    image = rendered.store.folder / "shots/sh010/firstframes/ff001/image.png"
    change = {"translator": "painted", "params": {"file": str(tmp_path / "secret.png")}}
    write_png(tmp_path / "secret.png", read_png(image))
    with pytest.raises(UsageError, match="names a file in option 'file'"):
        rendered.replay(with_recipe(image, change, tmp_path / "a.png"))


@pytest.mark.parametrize(
    "change",
    [
        {"frames": [0, 10_000_000], "shot": [0, 9_000_000]},
        {"size": [16384, 16384]},
        {"size": [1, 1]},
        {"size": [48, 32]},
        {"transitions": [["dissolve", 0, 5, [0.5], 0.0]]},
        {"transitions": [["fade-out", 12, 15, [0.0, 0.0, 0.0], 1e300]], "frames": [0, 15]},
        {"track": "no-such-track"},
        {"params": {"quality": ["draft"]}},
        {"params": {"file": "/etc/passwd"}},
        {"first_frame": {"frame": 11, "sha256": "e" * 64}},
        {"parent": "e" * 64},
        {"parent": "e" * 64, "span": [5, 5]},
        {"span": [0, 4]},
        {"renderer": "cutout"},
        {"mask": {"sha256": "e" * 64}},
    ],
)
def test_recipe_that_cannot_be_followed_is_a_difference_or_an_error_of_ours(rendered, tmp_path, change):
    file = with_recipe(frame_of(rendered), change, tmp_path / "a.1005.png")
    with suppress(StudioError):
        assert not rendered.replay(file).agrees


@pytest.fixture(scope="session")
def masked_once(rendered_once, tmp_path_factory):
    """A project in which the first shot has a second take, masked by a disc that was painted on its fourth frame."""
    folder = tmp_path_factory.mktemp("masked")
    shutil.copytree(rendered_once, folder / "myfilm")
    studio = Studio(folder / "myfilm")
    y, x = np.mgrid[:64, :96]
    disc = np.hypot(y - 32, x - 48) < 16
    write_png(folder / "disc.png", np.repeat(disc[None].astype(np.float32), 3, 0))
    ask = studio.ask(["sh010"], mask=f"{folder / 'disc.png'}@1004")
    studio.render(studio.plan(["sh010"], options={"quality": "draft"}, ask=ask), workers=1)
    return folder / "myfilm"


@pytest.fixture
def masked(masked_once, tmp_path):
    shutil.copytree(masked_once, tmp_path / "myfilm")
    return Studio(tmp_path / "myfilm")


def mask_of(studio) -> Path:
    (file,) = (studio.store.folder / "shots" / "sh010" / "masks").iterdir()
    return file


def test_masked_take_and_a_frame_of_it_agree(masked):
    assert masked.replay(masked.store.take_folder("sh010", "t002")).made == "12 frames"
    assert masked.replay(frame_of(masked, "t002")).agrees
    assert masked.replay(frame_of(masked, "t002", 1002)).agrees  # before the frame that was painted


def test_video_that_shows_a_masked_take_agrees(masked):
    path = Path(masked.assemble("cut01")["exports"][0]["path"])
    assert "mask" in str(read_recipe(path)["takes"])
    assert masked.replay(path).agrees


@pytest.mark.slow
def test_retake_of_a_range_with_a_mask_agrees(masked):
    mask = f"{mask_of(masked)}@1001"
    ask = masked.ask(["sh010"], parent="t002", span="1006:1010", mask=mask, protect=True, feather=5)
    masked.render(masked.plan(["sh010"], options={"quality": "draft"}, ask=ask), workers=1)
    assert masked.replay(frame_of(masked, "t003", 1008)).agrees
    assert masked.replay(masked.store.take_folder("sh010", "t003")).agrees


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("feather", 6.0, "mask.feather is 6.0 in a.1005.png, 2.0 in sh010/t002"),
        ("protect", True, "mask.protect is True in a.1005.png, False in sh010/t002"),
    ],
)
def test_changed_option_of_a_mask_is_named(masked, tmp_path, name, value, told):
    file = frame_of(masked, "t002")
    mask = read_recipe(file)["mask"] | {name: value}
    found = masked.replay(with_recipe(file, {"mask": mask}, tmp_path / "a.1005.png"))
    assert (found.agrees, found.stage) == (False, "mask")
    assert told in found.reason


def test_recipe_that_lost_its_mask_is_named(masked, tmp_path):
    file = frame_of(masked, "t002")
    found = masked.replay(with_recipe(file, {"mask": None}, tmp_path / "a.1005.png"))
    assert (found.stage, found.reason.startswith("mask is None in a.1005.png, {'sha256':")) == ("mask", True)


def test_mask_that_was_painted_over_is_named(masked):
    write_png(mask_of(masked), 1 - read_png(mask_of(masked)))
    found = masked.replay(frame_of(masked, "t002"))
    assert (found.agrees, found.stage, "was changed" in found.reason) == (False, "mask", True)


def test_mask_with_a_damaged_byte_is_named(masked):
    data = bytearray(mask_of(masked).read_bytes())
    data[len(data) // 2] ^= 255
    mask_of(masked).write_bytes(data)
    found = masked.replay(frame_of(masked, "t002"))
    assert (found.stage, "was changed" in found.reason) == ("mask", True)


def test_mask_that_is_gone_is_named(masked):
    file = mask_of(masked)
    file.unlink()
    found = masked.replay(frame_of(masked, "t002"))
    assert (found.stage, f"{file.name} is gone" in found.reason) == ("mask", True)


def test_mask_is_only_looked_for_by_its_digest(masked, tmp_path):
    file = frame_of(masked, "t002")
    outside = {"sha256": f"../../../{mask_of(masked).stem}"}
    with pytest.raises(UsageError, match=r"'mask\.sha256' is wrong"):
        masked.replay(with_recipe(file, {"mask": read_recipe(file)["mask"] | outside}, tmp_path / "a.1005.png"))


@pytest.mark.parametrize("change", [{"feather": 1e9}, {"feather": -1.0}, {"protect": "no"}, {"frame": 12}])
def test_mask_that_cannot_be_laid_is_refused(masked, tmp_path, change):
    file = frame_of(masked, "t002")
    with pytest.raises(UsageError, match="holds a recipe that cannot be followed"):
        masked.replay(with_recipe(file, {"mask": read_recipe(file)["mask"] | change}, tmp_path / "a.1005.png"))


def test_mask_of_another_size_than_its_frames_is_named(masked, tmp_path):
    file, small = frame_of(masked, "t002"), np.zeros((3, 32, 48), np.float32)
    digest = pixels_digest(small)
    write_png(mask_of(masked).with_stem(digest), small)
    mask = read_recipe(file)["mask"] | {"sha256": digest}
    found = masked.replay(with_recipe(file, {"mask": mask}, tmp_path / "a.1005.png"))
    assert (found.stage, found.reason) == ("mask", "the mask is (48, 32), but the frames are said to be (96, 64)")


def test_picture_whose_name_has_no_frame_number_is_refused(rendered, tmp_path):
    shutil.copyfile(frame_of(rendered), tmp_path / "picture.png")
    with pytest.raises(UsageError, match="does not say which frame it is"):
        rendered.replay(tmp_path / "picture.png")


def test_recipe_is_read_without_a_project(rendered, tmp_path):
    recipe = rendered.store.take("sh010", "t001").recipe
    shutil.copyfile(frame_of(rendered), tmp_path / "a.png")
    shutil.copyfile(rendered.store.take_folder("sh010", "t001") / "take.json", tmp_path / "take.json")
    assert recipe_of(tmp_path / "a.png") == recipe_of(tmp_path / "take.json") == recipe


def test_file_without_a_recipe_is_refused(tmp_path):
    write_png(tmp_path / "a.png", np.zeros((3, 8, 8), np.float32))
    with pytest.raises(UsageError, match="carries no recipe"):
        recipe_of(tmp_path / "a.png")


def test_a_frame_of_a_still_is_known_by_its_own_number(empty, tmp_path):
    write_png(tmp_path / "still.png", np.zeros((3, 32, 48), np.float32))
    empty.ingest([tmp_path / "still.png"], held=4)
    empty.cut()
    empty.stylize(["sh010"], "filters", {"preset": "poster"})
    empty.render(empty.plan(options={"quality": "draft"}), workers=1)
    frame = empty.store.take_frame(empty.store.take("sh010", "t001"), 3)
    assert empty.replay(frame).made == "frame 1004"
