import struct

import numpy as np
import pytest

from v2v_studio.errors import MediaError
from v2v_studio.media.flo import read_flo, write_flo

MOTION = np.stack(np.meshgrid([0.5, 1, 2], [-1, 7])).astype(np.float32)  # x is 0.5, 1, 2 in each row; y -1, then 7


def test_what_is_written_is_read_again(tmp_path):
    write_flo(tmp_path / "a.flo", MOTION)
    assert np.array_equal(read_flo(tmp_path / "a.flo"), MOTION)


def test_the_bytes_are_those_of_middleburys_format(tmp_path):
    write_flo(tmp_path / "a.flo", MOTION)
    data = (tmp_path / "a.flo").read_bytes()
    assert data[:4] == b"PIEH" and struct.unpack("<ii", data[4:12]) == (3, 2)
    assert struct.unpack("<12f", data[12:]) == (0.5, -1, 1, -1, 2, -1, 0.5, 7, 1, 7, 2, 7)


def test_opencv_reads_it(tmp_path):
    import cv2

    write_flo(tmp_path / "a.flo", MOTION)
    assert np.array_equal(cv2.readOpticalFlow(str(tmp_path / "a.flo")).transpose(2, 0, 1), MOTION)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "is no .flo file"),
        (b"PIEH", "is no .flo file"),
        (struct.pack("<fii", 1, 3, 2) + bytes(48), "is no .flo file"),
        (struct.pack("<4sii", b"PIEH", 3, -2) + bytes(48), "is no .flo file"),
        (struct.pack("<4sii", b"PIEH", 3, 2) + bytes(47), "not as long as its size of 3x2"),
        (struct.pack("<4sii", b"PIEH", 3, 2) + bytes(49), "not as long as its size of 3x2"),
        (struct.pack("<4sii2f", b"PIEH", 1, 1, float("nan"), 0), "not finite"),
    ],
)
def test_what_is_none_is_refused(data, wrong, tmp_path):
    (tmp_path / "a.flo").write_bytes(data)
    with pytest.raises(MediaError, match=wrong):
        read_flo(tmp_path / "a.flo")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"cannot be read \(No such file"):
        read_flo(tmp_path / "a.flo")
