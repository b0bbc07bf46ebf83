"""Folders of clips and data sets, found and made into shards."""

from itertools import islice

import numpy as np
import pytest

from tests.training.conftest import drawn, got, vis  # noqa: F401
from v2v_studio.errors import UsageError
from v2v_studio.studio.prepare import prepare_shards, read_captions
from v2v_studio.training.data.cutting import PrepareParams
from v2v_studio.training.data.shards import Shards
from v2v_studio.warping import backward_warp, pixels, planes

# ruff: noqa: F811 - fixtures are imported and asked for by one name

PARAMS = PrepareParams(frames=2, stride=1, width=32, height=24, flow="none", detector="fixed")


@pytest.fixture
def clips(tmp_path):
    for name in ("cat", "dog.new", "fox"):
        drawn(tmp_path / "clips" / name, 2)
    return tmp_path / "clips"


def test_a_caption_that_is_no_text_passes_its_clip_over(clips, tmp_path):
    (clips / "cat.txt").write_bytes(b"\xff\xfe")
    made = prepare_shards(clips, tmp_path / "out", params=PARAMS)
    assert made["samples"] == 2 and "cat.txt is not a text" in made["skipped"]["cat"]


def samples(out, count):
    found = list(islice(Shards([out], shuffle=1), count))
    return {sample.name: sample for sample in found}


def test_a_caption_is_that_of_the_file_or_the_one_beside_the_clip(clips, tmp_path):
    (clips / "cat.txt").write_text("a cat\n")
    (clips / "fox.txt").write_text("a fox\n")
    (tmp_path / "captions.json").write_text('{"fox": "a red fox"}')
    prepare_shards(clips, tmp_path / "out", params=PARAMS, captions=tmp_path / "captions.json")
    captions = {name: sample.caption for name, sample in samples(tmp_path / "out", 3).items()}
    assert captions == {"cat_000000": "a cat", "dog.new_000000": "", "fox_000000": "a red fox"}


def test_parts_together_are_the_whole(clips, tmp_path):
    for k in (1, 2):
        prepare_shards(clips, tmp_path / f"part{k}", params=PARAMS, part=(k, 2))
    parts = [set(samples(tmp_path / f"part{k}", count)) for k, count in ((1, 2), (2, 1))]
    assert parts == [{"cat_000000", "fox_000000"}, {"dog.new_000000"}]
    assert len({sample.name for sample in islice(Shards([tmp_path / "part1", tmp_path / "part2"]), 3)}) == 3


@pytest.mark.parametrize(("part", "said"), [((3, 2), "parts are 1/2 to 2/2"), ((4, 4), "has no clip")])
def test_a_part_that_is_none_is_refused(clips, tmp_path, part, said):
    with pytest.raises(UsageError, match=said):
        prepare_shards(clips, tmp_path / "out", params=PARAMS, part=part)


def test_got10k_is_made_into_samples_with_boxes(got, tmp_path):
    made = prepare_shards(got, tmp_path / "out", "got10k", PARAMS)
    assert (made["clips"], made["samples"], made["skipped"]) == (1, 2, {})
    first = samples(tmp_path / "out", 2)["GOT-10k_Train_000001_000000"]
    assert first.rate == 10 and first.caption == "A red fox that is running. "
    assert first.boxes.phrases == ("red fox",)
    assert np.array_equal(first.boxes.boxes[:, 0], np.float32([[4, 6, 16, 18], [5.5, 6, 17.5, 18]]))


def test_youtube_vis_is_made_into_samples_with_boxes(vis, tmp_path):
    (tmp_path / "captions.json").write_text('{"0a1b": "a fox leaves"}')
    prepare_shards(vis, tmp_path / "out", "youtube-vis", PARAMS, tmp_path / "captions.json")
    (only,) = samples(tmp_path / "out", 1).values()
    assert only.rate == 6 and only.caption == "a fox leaves"
    assert only.boxes.phrases == ("fox", "dog") and only.boxes.present.tolist() == [[True, True], [True, False]]


def test_clips_of_a_data_set_without_their_annotation_are_passed_over(got, tmp_path):
    (got / "GOT-10k_Train_000001" / "groundtruth.txt").write_text("4,6,12,12\n")
    whole = got / "GOT-10k_Train_000002"
    (got / "GOT-10k_Train_009323").rename(whole)
    made = prepare_shards(got, tmp_path / "out", "got10k", PARAMS)
    assert made["samples"] == 2 and "1 lines for 4 frames" in made["skipped"]["GOT-10k_Train_000001"]


@pytest.mark.parametrize("text", ["[1]", "no json", '{"cat": 3}'])
def test_captions_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "captions.json").write_text(text)
    with pytest.raises(UsageError, match="holds no captions"):
        read_captions(tmp_path / "captions.json")


def test_real_footage_of_three_clips(shared, tmp_path):
    """Where a pixel of the first frame is said to go, there it is: it differs by less than half of what stayed put."""
    clips, names = tmp_path / "clips", ("apple", "bear", "cat")
    if not (shared / "training-clips").is_dir():
        pytest.skip("no training-clips/ in the shared folder")
    clips.mkdir()
    for name in names:
        (clips / f"{name}.mp4").symlink_to(shared / "training-clips" / f"{name}.mp4")
    params = PrepareParams(frames=4, stride=4, width=64, height=48, flow="dis", per_shard=8)
    made = prepare_shards(clips, tmp_path / "out", params=params)
    found = samples(tmp_path / "out", made["samples"])
    assert made["clips"] == 3 and made["skipped"] == {} and len(found) == made["samples"] == 15
    assert {name.rpartition("_")[0] for name in found} == set(names)
    still, along = (np.concatenate(each) for each in zip(*map(differences, found.values()), strict=True))
    assert along.mean() < 0.5 * still.mean()


def differences(sample):
    """How far seen pixels of the first frame are from the same place of each later one, and from where motion says."""
    later = [
        (frame, planes(backward_warp(pixels(frame), pixels(flow))), visible)
        for frame, flow, visible in zip(sample.frames[1:], sample.flow, sample.visible, strict=True)
    ]
    return [
        np.concatenate([np.abs(each[which] - sample.frames[0])[:, each[2]].ravel() for each in later])
        for which in (0, 1)
    ]
