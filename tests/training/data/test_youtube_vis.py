"""YouTube-VIS' clips: a box an instance and frame."""

import json
from fractions import Fraction

import numpy as np
import pytest

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.training.data.youtube_vis import youtube_vis


def test_a_clip_is_a_folder_of_every_fifth_frame(vis):
    (source,) = youtube_vis(vis)
    assert (source.name, source.path, source.rate) == ("0a1b", vis / "JPEGImages" / "0a1b", Fraction(6))


def test_boxes_are_those_given_and_else_those_round_the_masks(vis):
    boxes = youtube_vis(vis)[0].annotation().boxes
    assert boxes.phrases == ("fox", "dog") and boxes.size == (24, 32)
    assert boxes.present.tolist() == [[True, True], [True, False], [False, True]]
    assert np.array_equal(boxes.boxes[:2, 0], np.float32([[4, 6, 16, 18], [30, 6, 32, 18]]))  # cut at the frame's edge
    assert np.array_equal(boxes.boxes[[0, 2], 1], np.float32([[4, 6, 16, 18], [1, 2, 9, 20]]))


def test_captions_are_given_beside_it(vis):
    assert youtube_vis(vis, {"0a1b": "a fox leaves"})[0].annotation().caption == "a fox leaves"
    assert youtube_vis(vis)[0].annotation().caption == ""


def test_pictures_that_are_not_annotated_are_not_taken_for_others(vis):
    (vis / "JPEGImages" / "0a1b" / "00001.png").unlink()
    with pytest.raises(MediaError, match="holds 2 pictures"):
        youtube_vis(vis)[0].annotation()


def test_an_instance_without_an_entry_for_a_frame_is_named(vis):
    held = json.loads((vis / "instances.json").read_text())
    held["annotations"][0]["bboxes"] = [None]
    (vis / "instances.json").write_text(json.dumps(held))
    with pytest.raises(MediaError, match="instance 1 has no entry for frame 1"):
        youtube_vis(vis)[0].annotation()


def test_another_folder_and_another_json_are_refused(vis, tmp_path):
    with pytest.raises(UsageError, match="JPEGImages"):
        youtube_vis(tmp_path)
    (vis / "instances.json").write_text("{}")
    with pytest.raises(UsageError, match="no annotation of YouTube-VIS"):
        youtube_vis(vis)
