"""The demo's footage: frames are repeatable, the motion stated is the motion shown, sound and cuts are in place."""

import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "projects" / "demo"))
import draw
from drawing.camera import Camera, card, floor
from drawing.materials import opaque
from drawing.sound import RATE
from drawing.stage import Layer, Stage

SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("street", "meadow")]  # seconds to build their sets
EVERY_SHOT = pytest.mark.parametrize("name", ["room", "moon", *SLOW])


def still(t):
    return Camera(0, 0, 0, focal=100)


def board(colour, depth, plane, **more):
    """A 40 x 40 texel card of one colour, 1 m wide where `plane` says 40 texels per metre."""
    picture = np.broadcast_to(np.float32(colour), (40, 40, 3))
    return Layer(opaque(picture), plane, lambda t: depth, **more)


def test_a_card_is_drawn_where_the_pinhole_camera_sees_it():
    """1 m wide, 2 m ahead, focal length 100 px: 50 px wide, its middle on the axis at (319.5, 179.5)."""
    stage = Stage([board((1, 0, 0), 2, lambda t: card(0, 0, 2, 40, (19.5, 19.5)))], still, lambda p, t: p)
    red = stage.draw(0)[0]
    rows, columns = np.nonzero(red > 0.5)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (295, 344, 155, 204)
    assert red.sum() == pytest.approx(50 * 50, rel=0.02)  # half a texel of soft edge all round


def test_truth_of_a_card_that_moves_right_points_back_to_the_left():
    """0.1 m to the right per frame, at 2 m and 100 px: 5 px per frame."""
    stage = Stage(
        [
            board((0, 0, 1), 9, lambda t: card(0, 0, 9, 0.4, (19.5, 19.5))),
            board((1, 0, 0), 2, lambda t: card(0.1 * t, 0, 2, 40, (19.5, 19.5))),
        ],
        still,
        lambda p, t: p,
    )
    displacement, visible = stage.truth(3)
    assert displacement[:, 180, 330] == pytest.approx([-15, 0], abs=1e-4)
    assert displacement[:, 20, 20] == pytest.approx([0, 0], abs=1e-4)
    assert visible[180, 330]
    assert not visible[180, 300]  # the card has just uncovered the background here
    assert visible[180, 250]


def test_the_ground_lies_below_the_horizon_and_grows_towards_the_camera():
    below = Camera(0, -1, 0, focal=100)
    near, far = (below.homography(floor(0, 0, 2, 10, 30)) @ (0, row, 1) for row in (30, 0))
    assert near[1] / near[2] == pytest.approx(179.5 + 100 / 2)
    assert far[1] / far[2] == pytest.approx(179.5 + 100 / 5)


@EVERY_SHOT
@pytest.mark.slow
def test_first_frame_has_no_motion_and_is_wholly_visible(name):
    displacement, visible = draw.truth(name, 0)
    assert np.abs(displacement).max() < 1e-3  # float32 of positions up to 640
    assert visible.all()


@pytest.mark.slow
@EVERY_SHOT
def test_warping_the_first_frame_by_the_truth_gives_the_next(name):
    displacement, visible = draw.truth(name, 1)
    first, second = (draw.draw(name, t).transpose(1, 2, 0) for t in (0, 1))
    rows, columns = np.mgrid[:360, :640].astype(np.float32)
    warped = cv2.remap(first, columns + displacement[0], rows + displacement[1], cv2.INTER_CUBIC)
    inner = cv2.erode(visible.astype(np.uint8), np.ones((5, 5))) > 0  # a silhouette's edge mixes two things
    error = np.abs(warped - second).max(2)[inner]
    assert inner.mean() > 0.85
    assert np.median(error) < 1 / 255
    assert error.mean() < 1.5 / 255  # shadows and light lie on things and move over them


@pytest.mark.slow
@EVERY_SHOT
def test_the_camera_moves_near_things_more_and_uncovers_others(name):
    displacement, visible = draw.truth(name, 40)
    length = np.hypot(*displacement)[visible]
    assert np.percentile(length, 99) > 2 * np.percentile(length, 5)
    assert 0.5 < visible.mean() < 0.95


@pytest.mark.slow
def test_frames_are_the_same_on_every_run_and_for_any_number_of_threads():
    once = draw.draw("moon", 7)
    draw._stage.cache_clear()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(threads + 1)
    again = draw.draw("moon", 7)
    cv2.setNumThreads(threads)
    assert (once.shape, once.dtype) == ((3, 360, 640), np.float32)
    assert once.min() >= 0
    assert once.max() <= 1
    assert np.array_equal(once, again)


@pytest.mark.slow
def test_the_light_falls_in_the_meadow():
    assert draw.draw("meadow", 41).mean() < 0.85 * draw.draw("meadow", 0).mean()


def test_shots_cuts_and_dissolve_fill_the_film():
    shots = list(draw.SHOTS.values())
    assert [s.start for s in shots[1:3]] == list(draw.CUTS)
    assert (shots[2].stop, shots[3].start) == draw.DISSOLVE
    assert (shots[0].start, shots[-1].stop) == (0, draw.FRAMES)
    assert [draw.mix(f) for f in (137, 138, 149, 150)] == pytest.approx([0, 1 / 13, 12 / 13, 1])


@pytest.mark.slow
def test_a_frame_of_the_dissolve_mixes_both_shots():
    going, coming = draw.draw("meadow", 144 - 96), draw.draw("moon", 144 - 150)
    expected = (1 - draw.mix(144)) * going + draw.mix(144) * coming
    assert np.allclose(draw.film(144), expected, atol=1e-6)


def test_sound_clicks_at_the_cuts():
    track = np.abs(draw.music()).max(1)
    assert len(track) == draw.FRAMES / draw.RATE * RATE
    for cut in draw.CUTS:
        at = int(cut / draw.RATE * RATE)
        around = track[at - RATE // 4 : at + RATE // 4]
        assert abs(int(around.argmax()) - RATE // 4) < RATE // 1000  # within a millisecond


def test_written_film_has_every_frame_and_its_sound(tmp_path, monkeypatch):
    monkeypatch.setattr(draw, "film", lambda frame: np.full((3, 360, 640), frame / draw.FRAMES, np.float32))
    draw.write(tmp_path / "footage.mp4")
    with av.open(str(tmp_path / "footage.mp4")) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height, video.average_rate) == (640, 360, draw.RATE)
        assert (audio.codec_context.name, audio.rate, audio.codec_context.layout.name) == ("aac", 48000, "stereo")
        assert abs(float(audio.duration * audio.time_base) - 8) < 1 / 24
        shades = [frame.to_ndarray(format="rgb24").mean() / 255 for frame in container.decode(video=0)]
    sent = np.arange(draw.FRAMES) / draw.FRAMES
    assert shades == pytest.approx(sent, abs=0.01)  # two of 192 steps: what H.264 leaves of them
