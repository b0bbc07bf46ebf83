import json

import cv2
import numpy as np
import pytest

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.flow.longrange import TrackParams
from v2v_studio.media.frames import read_png
from v2v_studio.project.cache import FlowCache
from v2v_studio.studio.footage import read_footage
from v2v_studio.studio.mask import Mask, ShotMasks, kept_mask, mask_file, read_mask, split, take_in
from v2v_studio.timeline.source import ShotSource
from v2v_studio.tracks.mask import MaskPass

SIZE = (96, 64)
PRINT = "0" * 64


def paint(path, size=SIZE, depth=np.uint8):
    """A white disc on black."""
    picture = np.zeros((size[1], size[0], 3), depth)
    cv2.circle(picture, (size[0] // 2, size[1] // 2), size[1] // 4, (int(np.iinfo(depth).max),) * 3, -1)
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def bench(rendered, tmp_path):
    """A store, its first shot and that shot's footage."""
    store = rendered.store
    shot = store.shots()[0]
    source = ShotSource(read_footage(store, store.footage(shot.footage), SIZE), shot, [])
    return store, shot, source


def masks_of(bench, partial, mask):
    store, shot, source = bench
    params = TrackParams(quality="draft")
    return ShotMasks(
        store, shot, mask, source, partial, lambda way: FlowCache(store.folder / "cache" / "flow", PRINT + way), params
    )


def files(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "masks").glob("*.png"))}


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [("bear.png", "bear.png", None), ("bear.png@1024", "bear.png", 1024), ("a@b.png", "a@b.png", None)],
)
def test_a_frame_is_named_after_the_last_at(text, name, number):
    file, frame = split(text)
    assert (str(file), frame) == (name, number)


def test_a_mask_is_kept_in_the_project_and_read_back(bench, tmp_path):
    store, shot, _ = bench
    file = paint(tmp_path / "disc.png")
    mask = take_in(store, shot, SIZE, f"{file}@1003")
    file.unlink()
    assert mask.frame == shot.start + 2
    kept = kept_mask(store, shot.id, mask.sha256)
    assert kept.shape == (64, 96)
    assert (kept[32, 48], kept[0, 0]) == (1, 0)


def test_the_same_picture_has_the_same_name_however_it_was_saved(bench, tmp_path):
    store, shot, _ = bench
    eight = take_in(store, shot, SIZE, str(paint(tmp_path / "eight.png")))
    sixteen = take_in(store, shot, SIZE, str(paint(tmp_path / "sixteen.png", depth=np.uint16)))
    assert eight == sixteen


def test_a_mask_of_another_size_is_refused_with_both_sizes(tmp_path):
    with pytest.raises(MediaError, match="48x32 but the shot is worked at 96x64; make the mask 96x64"):
        read_mask(paint(tmp_path / "small.png", (48, 32)), SIZE)


@pytest.mark.parametrize(("level", "colour"), [(0, "black"), (255, "white")])
def test_a_mask_that_parts_nothing_is_refused(tmp_path, level, colour):
    cv2.imwrite(str(tmp_path / "flat.png"), np.full((64, 96), level, np.uint8))
    with pytest.raises(MediaError, match=f"{colour} all over"):
        read_mask(tmp_path / "flat.png", SIZE)


def test_much_grey_is_pointed_out(tmp_path, caplog):
    cv2.imwrite(str(tmp_path / "ramp.png"), np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1)))
    read_mask(tmp_path / "ramp.png", SIZE)
    assert "--feather" in caplog.text


def test_a_frame_that_the_shot_has_not_is_refused_with_those_it_has(bench, tmp_path):
    store, shot, _ = bench
    with pytest.raises(UsageError, match="frames 1001 to 1012, not 1013"):
        take_in(store, shot, SIZE, f"{paint(tmp_path / 'disc.png')}@1013")


@pytest.mark.parametrize("feather", [-1.0, float("nan"), float("inf")])
def test_a_feather_that_is_no_length_is_refused(bench, tmp_path, feather):
    store, shot, _ = bench
    with pytest.raises(UsageError, match="0 or more"):
        take_in(store, shot, SIZE, str(paint(tmp_path / "disc.png")), feather=feather)


def test_a_kept_mask_that_was_changed_or_removed_is_refused(bench, tmp_path):
    store, shot, _ = bench
    mask = take_in(store, shot, SIZE, str(paint(tmp_path / "disc.png")))
    kept = mask_file(store, shot.id, mask.sha256)
    paint(kept, (96, 66))
    with pytest.raises(ProjectError, match="was changed"):
        kept_mask(store, shot.id, mask.sha256)
    kept.unlink()
    with pytest.raises(ProjectError, match="is gone"):
        kept_mask(store, shot.id, mask.sha256)


def test_a_link_out_of_the_project_is_not_followed(bench, tmp_path):
    store, shot, _ = bench
    (tmp_path / "elsewhere").mkdir()
    (store.folder / "shots" / shot.id / "masks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ProjectError, match="leads out of the project"):
        take_in(store, shot, SIZE, str(paint(tmp_path / "disc.png")))


def test_the_recipe_holds_all_that_decides_pixels_as_plain_values():
    recipe = Mask(PRINT, 7, protect=True, feather=3.0).recipe
    assert json.loads(json.dumps(recipe)) == {"sha256": PRINT, "frame": 7, "protect": True, "feather": 3.0}


def test_every_frame_of_the_range_gets_its_mask_both_ways(bench, tmp_path):
    store, shot, _ = bench
    mask = take_in(store, shot, SIZE, f"{paint(tmp_path / 'disc.png')}@1005")
    with store.open_partial(shot.id, PRINT) as partial:
        masks_of(bench, partial, mask).carry(shot.start, shot.end)
        assert list(files(partial.folder)) == [f"{number}.png" for number in range(1001, 1013)]
        painted = read_png(partial.folder / "masks" / "1005.png")[0]
        assert np.array_equal(painted, kept_mask(store, shot.id, mask.sha256))


@pytest.mark.parametrize("number", [1001, 1006])
def test_a_carrying_that_was_interrupted_ends_in_the_same_bytes(bench, tmp_path, monkeypatch, number):
    store, shot, _ = bench
    mask = take_in(store, shot, SIZE, f"{paint(tmp_path / 'disc.png')}@{number}")
    with store.open_partial(shot.id, PRINT) as partial:
        masks_of(bench, partial, mask).carry(shot.start, shot.end)
        whole = files(partial.folder)
        partial.discard()
    carry_step, left = MaskPass._step, [4]

    def dies(self, *given):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return carry_step(self, *given)

    monkeypatch.setattr(MaskPass, "_step", dies)
    with pytest.raises(KeyboardInterrupt), store.open_partial(shot.id, PRINT) as partial:
        masks_of(bench, partial, mask).carry(shot.start, shot.end)
    made = []
    monkeypatch.setattr(MaskPass, "_step", lambda self, *given: made.append(1) or carry_step(self, *given))
    with store.open_partial(shot.id, PRINT) as partial:
        masks_of(bench, partial, mask).carry(shot.start, shot.end)
        assert files(partial.folder) == whole
    assert len(made) == 7  # eleven frames but the four there were


@pytest.mark.parametrize("protect", [False, True])
def test_outside_the_mask_a_frame_is_the_source_to_the_bit(bench, tmp_path, protect):
    store, shot, source = bench
    mask = take_in(store, shot, SIZE, str(paint(tmp_path / "disc.png")), protect=protect)
    with store.open_partial(shot.id, PRINT) as partial:
        masks = masks_of(bench, partial, mask)
        masks.carry(shot.start, shot.end)
        frame = source.frame(shot.start + 5)
        styled = 1 - frame
        laid = masks.laid(shot.start + 5, frame, styled)
        carried = read_png(partial.folder / "masks" / "1006.png")[0]
    disc, ground = (cv2.erode((side == 1).astype(np.uint8), np.ones((5, 5))) > 0 for side in (carried, 1 - carried))
    looked, kept = (ground, disc) if protect else (disc, ground)
    assert looked.sum() > 100 < kept.sum()
    assert np.array_equal(laid[:, kept], frame[:, kept])
    assert np.array_equal(laid[:, looked], styled[:, looked])
