"""Samples as files and back."""

from dataclasses import replace

import numpy as np
import pytest

from v2v_studio.errors import MediaError
from v2v_studio.training.data.packing import key, packed, unpacked


def test_all_of_a_sample_comes_back(sample, same):
    assert same(unpacked(packed(sample("fox")), "here"), sample("fox"))


def test_what_a_sample_has_not_it_has_not_afterwards(sample, same):
    bare = replace(sample("fox"), caption="", flow=None, visible=None, boxes=None)
    assert set(packed(bare)) == {"000.png", "001.png", "json"}
    assert same(unpacked(packed(bare), "here"), bare)


def test_a_sample_without_objects_is_not_one_without_boxes(sample, same):
    boxes = sample("fox").boxes
    none = replace(
        sample("fox"), boxes=replace(boxes, boxes=boxes.boxes[:, :0], present=boxes.present[:, :0], phrases=())
    )
    assert same(unpacked(packed(none), "here"), none)


def test_motion_beyond_512_pixels_is_kept(sample, same):
    far = replace(sample("fox"), flow=np.full((1, 2, 8, 16), -513.25, np.float32))
    assert same(unpacked(packed(far), "here"), far)


def test_the_same_sample_is_the_same_bytes(sample):
    assert packed(sample("fox")) == packed(sample("fox"))


def test_names_of_files_have_no_dot_and_stay_apart():
    assert key("fox_000012") == "fox_000012"
    assert key("a.b/c é") == "a%2eb%2fc%20%e9"
    assert len({key(name) for name in ("a.b", "a-b", "a/b", "a%2eb")}) == 4


@pytest.mark.parametrize("lost", ["json", "000.png"])
def test_a_sample_with_a_file_missing_is_refused(sample, lost):
    files = packed(sample("fox"))
    del files[lost]
    with pytest.raises(MediaError, match=r"shard-3\.tar"):
        unpacked(files, "shard-3.tar")


@pytest.mark.parametrize("broken", ["json", "000.png", "flow.npz"])
def test_a_damaged_file_is_refused(sample, broken):
    with pytest.raises(MediaError, match=r"shard-3\.tar"):
        unpacked({**packed(sample("fox")), broken: b"\0" * 64}, "shard-3.tar")
