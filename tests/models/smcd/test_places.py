"""Boxes as SMCD reads them, against its released data code."""

import json

import numpy as np
import pytest

from v2v_studio.models.smcd.places import normalised, padded
from v2v_studio.motion.boxes import corners


def test_a_missing_object_reads_as_the_whole_picture():
    boxes, present = np.full((1, 2, 4), 10, np.float32), np.array([[False, True]])
    assert normalised(boxes, present, (20, 40)).tolist() == [[[0, 0, 1, 1], [0.5, 0.25, 0.5, 0.25]]]


def test_a_box_is_cut_at_the_edges_of_the_picture():
    boxes = np.array([[[-5, 10, 30, 50]]], np.float32)
    assert normalised(boxes, np.ones((1, 1), bool), (20, 40)).tolist() == [[[0, 0.25, 1, 1]]]


@pytest.fixture(scope="module")
def golden(shared):
    from safetensors import safe_open

    with safe_open(shared / "golden" / "smcd" / "box_preprocess.safetensors", "numpy") as file:
        config = json.loads(file.metadata()["config"])
        size = config["image_width"], config["image_height"]
        return {key: file.get_tensor(key) for key in file.keys()}, size  # noqa: SIM118 (no mapping)


def test_boxes_of_one_object_agree_with_the_reference(golden):
    tensors, size = golden
    drawn = corners(tensors["in.got10k.xywh_pixels"][tensors["in.got10k.frame_index"]])[:, None]
    ours = normalised(drawn, np.ones((4, 1), bool), size)
    assert ours[:, 0] == pytest.approx(tensors["out.got10k.xyxy"], abs=1e-6)
    boxes, present = padded(ours, np.ones((4, 1), bool))
    assert boxes == pytest.approx(tensors["out.collate.boxes"][0], abs=1e-6)
    assert np.array_equal(present, tensors["out.collate.masks"][0])


def test_boxes_of_the_demo_agree_with_the_reference(golden):
    tensors, size = golden
    ours = normalised(tensors["in.customize.xyxy_pixels"][:, None], np.ones((8, 1), bool), size)
    assert ours == pytest.approx(tensors["out.customize.boxes"][0], abs=1e-6)


def test_missing_objects_agree_with_the_reference(golden):
    tensors, size = golden
    frames = tensors["in.got10k.frame_index"]
    drawn = np.repeat(corners(tensors["in.got10k.xywh_pixels"][frames])[:, None], 2, 1)
    present = np.stack([(frames + which) % 4 != 0 for which in range(2)], 1)
    assert np.array_equal(present.T, tensors["out.ytvis.masks_obj_frame"])
    ours = normalised(drawn, present, size)
    assert ours.transpose(1, 0, 2) == pytest.approx(tensors["out.ytvis.boxes_obj_frame"], abs=1e-6)
