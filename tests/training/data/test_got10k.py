"""GOT-10k's clips, read as SMCD reads them."""

from fractions import Fraction

import numpy as np
import pytest

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.training.data.got10k import LEFT_OUT, got10k


def test_a_clip_is_a_folder_at_ten_frames_a_second_and_those_smcd_leaves_out_are_left_out(got):
    assert [(source.name, source.rate) for source in got10k(got)] == [("GOT-10k_Train_000001", Fraction(10))]
    assert len(LEFT_OUT) == 34


def test_digits_of_a_clip_left_out_elsewhere_in_the_path_do_not_matter(got):
    moved = got.rename(got.with_name("copy-009323"))
    assert len(got10k(moved)) == 1


def test_the_caption_is_made_of_class_and_motion(got):
    assert got10k(got)[0].annotation().caption == "A red fox that is running. "


def test_boxes_are_corners_within_the_frame_and_an_absent_object_is_not_there(got):
    boxes = got10k(got)[0].annotation().boxes
    assert boxes.phrases == ("red fox",) and boxes.size == (24, 32)
    assert np.array_equal(boxes.boxes[:3, 0], np.float32([[4, 6, 16, 18], [5.5, 6, 17.5, 18], [0, 6, 9, 18]]))
    assert boxes.present[:, 0].tolist() == [True, True, True, False]


def test_an_object_that_is_wholly_covered_is_not_there(got):
    (got / "GOT-10k_Train_000001" / "cover.label").write_text("8\n0\n8\n8\n")
    assert got10k(got)[0].annotation().boxes.present[:, 0].tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("groundtruth.txt", "4,6,12,12\n", "has 1 lines for 4 frames"),
        ("absence.label", "0\nx\n0\n0\n", "not a list of numbers"),
        ("meta_info.ini", "object_class: fox\n", "METAINFO"),
    ],
)
def test_a_damaged_clip_is_named(got, name, text, said):
    (got / "GOT-10k_Train_000001" / name).write_text(text)
    with pytest.raises(MediaError, match=said) as error:
        got10k(got)[0].annotation()
    assert name in str(error.value)


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no clip of GOT-10k"):
        got10k(tmp_path)
