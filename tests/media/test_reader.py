import dataclasses
import subprocess
import sys
from fractions import Fraction
from itertools import islice

import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream

from v2v_studio.errors import MediaError
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader


def reader(path):
    return open_reader(path, probe(path))


FILMS = [
    ("a.mp4", "libx264", {"g": "40", "bf": "3"}),
    ("a.mp4", "libx264", {"g": "7", "x264-params": "open-gop=1:bframes=3"}),
    ("a.mp4", "libx265", {"x265-params": "log-level=none:keyint=8:open-gop=1"}),
    ("a.mkv", "libx264", {"g": "7"}),
    ("a.ts", "libx264", {"g": "7"}),
    ("a.webm", "libvpx-vp9", {"g": "9"}),
    ("a.avi", "mpeg4", {"g": "9", "bf": "2", "qmin": "1", "qmax": "1"}),
]


@pytest.mark.parametrize(("name", "codec", "options"), FILMS)
def test_reading_from_any_frame_starts_with_that_frame(film, numbers, name, codec, options):
    open_film = reader(film(name, codec=codec, options=options, frames=45))
    assert numbers(open_film.frames()) == list(range(45))
    for start in (0, 1, 17, 20, 21, 28, 44):
        assert numbers(open_film.frames(start, min(45, start + 2))) == list(range(start, min(45, start + 2)))


@pytest.mark.parametrize(
    "name",
    [
        "interlaced_tff.mp4",
        "vfr.mp4",
        "video_starts_late.mp4",
        "hevc_10bit.mp4",
        "odd_427x239_vp9.webm",
        "corrupt_bits.mp4",
    ],
)
def test_seeking_gives_the_bytes_of_sequential_reading(name, shared):
    open_film = reader(shared / "footage/awkward" / name)
    sequential = list(open_film.frames(0, 20))
    for start in (1, 7, 18):
        assert np.array_equal(next(open_film.frames(start, start + 1)), sequential[start])


@pytest.mark.slow
def test_seeking_in_a_long_film_gives_the_bytes_of_sequential_reading(shared):
    open_film = reader(shared / "footage/bikes_multishot.mp4")
    sequential = list(open_film.frames())
    for start in (60, 137, 249):
        assert np.array_equal(next(open_film.frames(start, start + 1)), sequential[start])


def test_frames_are_float_rgb_in_the_unit_range(shared):
    frame = next(reader(shared / "footage/awkward/hevc_10bit.mp4").frames())
    assert (frame.dtype, frame.shape) == (np.float32, (3, 240, 428))
    assert 0 <= frame.min() < frame.max() <= 1


def test_an_empty_range_gives_nothing(film):
    assert list(reader(film()).frames(5, 5)) == []


@pytest.mark.parametrize("span", [(-1, 2), (3, 2), (0, 13), (13, 13)])
def test_a_range_outside_the_footage_is_refused(film, span):
    with pytest.raises(MediaError, match="has frames 0 to 11"):
        list(reader(film()).frames(*span))


def test_two_ranges_may_be_read_at_once(film, numbers):
    open_film = reader(film())
    pairs = list(zip(open_film.frames(0, 3), open_film.frames(6, 9), strict=True))
    assert [numbers(pair) for pair in pairs] == [[0, 6], [1, 7], [2, 8]]


def test_frames_come_at_the_size_asked_for(film):
    assert next(reader(film()).frames(size=(32, 24))).shape == (3, 24, 32)


def test_rotation_agrees_with_opencv(shared):
    path = shared / "footage/awkward/rotated90.mp4"
    ours = next(reader(path).frames())
    _, theirs = cv2.VideoCapture(str(path)).read()
    assert ours.shape[1:] == theirs.shape[:2]
    # OpenCV's fast conversion is off by two codes on average at sharp colour edges; turned wrongly it would be 70
    assert np.abs(ours * 255 - theirs[..., ::-1].transpose(2, 0, 1)).mean() < 4


@pytest.mark.parametrize(("degrees", "clockwise"), [(90, 270), (180, 180), (270, 90)])
def test_display_matrices_turn_the_picture(film, degrees, clockwise):
    def turned(stream: VideoStream) -> None:
        stream.set_display_rotation(degrees)

    found = probe(film(setup=turned))
    assert found.rotation == clockwise
    assert (found.width, found.height) == ((64, 48) if degrees == 180 else (48, 64))


@pytest.mark.parametrize(("aspect", "shown"), [("4/3", (85, 48)), ("1/2", (64, 96))])
def test_pixels_become_square_by_growing(film, aspect, shown):
    def stretched(stream: VideoStream) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(aspect)

    path = film(setup=stretched)
    assert next(reader(path).frames()).shape == (3, shown[1], shown[0])


def test_a_lost_frame_shows_the_one_before_and_later_frames_keep_their_index(film, numbers):
    path = film("a.mkv", codec="mjpeg", lose=(4, 5))
    found = probe(path)
    assert (found.frames, found.damaged, found.intact) == (12, 2, False)
    assert found.notes == ("Damaged: 2 of 12 frames cannot be decoded and show the frame before.",)
    assert numbers(open_reader(path, found).frames()) == [0, 1, 2, 3, 3, 3, 6, 7, 8, 9, 10, 11]
    assert numbers(open_reader(path, found).frames(5, 7)) == [3, 6]


def test_deinterlacing_removes_the_comb(shared):
    """A comb makes neighbouring rows differ more than rows two apart; progressive frames do the contrary."""
    open_film = reader(shared / "footage/awkward/interlaced_tff.mp4")
    grey = np.stack([frame.mean(axis=0) for frame in islice(open_film.frames(), 10, 14)])
    neighbours = np.abs(grey[:, 1:-1] - grey[:, :-2]).mean()
    two_apart = np.abs(grey[:, 2:] - grey[:, :-2]).mean()
    assert neighbours < two_apart


def test_a_file_replaced_by_a_shorter_one_still_gives_every_frame(film, numbers):
    """Whoever edits a file behind our back gets its last frame held, not an edit of another length."""
    found = probe(film(frames=12))
    assert numbers(open_reader(film(frames=8), found).frames()) == [0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7]


def test_a_file_whose_times_are_all_different_now_is_refused(film):
    path = film()
    later = dataclasses.replace(probe(path), start=10**6)
    with pytest.raises(MediaError, match="the file has changed"):
        list(open_reader(path, later).frames(0, 2))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(film):
    """Peak memory of reading 200 and 2000 frames of 640x480 (3.7 MB each as float), in processes of their own."""
    code = (
        "import resource, sys; from pathlib import Path; from v2v_studio.media.probe import probe;"
        "from v2v_studio.media.reader import open_reader\n"
        "path = Path(sys.argv[1])\n"
        "for frame in open_reader(path, probe(path)).frames(): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for frames in (200, 2000):
        path = film(f"{frames}.mp4", frames=frames, size=(640, 480), options={"preset": "ultrafast"})
        run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True)
        peaks.append(int(run.stdout))
    assert peaks[1] < 1.1 * peaks[0]
