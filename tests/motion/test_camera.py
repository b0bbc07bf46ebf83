import numpy as np
import pytest

from v2v_studio.flow.dis import dis_flow
from v2v_studio.motion.base import MOTION
from v2v_studio.motion.camera import Camera, CameraParams
from v2v_studio.types import Anchor, FlowField, Window
from v2v_studio.warping import backward_warp, compose, pixels, planes

MOVES = ("pan-left", "pan-right", "pan-up", "pan-down", "zoom-in", "zoom-out")
SIZES = [(64, 96), (96, 64), (54, 131)]


def moved(camera, size=(64, 96), frames=16, start=1, speed=1.0):
    blank = np.zeros((frames, 3, *size), np.float32)
    opened = Camera().open(Anchor(blank[0], blank[0]), CameraParams(camera=camera, speed=speed))
    return opened.motion(Window(start, blank, blank[0]), None)


def test_it_is_the_source_that_is_registered():
    assert MOTION.load("camera") is Camera and Camera.gives == (FlowField,)


@pytest.mark.parametrize(
    ("camera", "way"), [("pan-left", (-48, 0)), ("pan-right", (48, 0)), ("pan-up", (0, -32)), ("pan-down", (0, 32))]
)
def test_a_pan_looks_half_a_frame_to_its_side_after_sixteen_frames(camera, way):
    ways = moved(camera).displacement
    assert (ways[15] == np.float32(way)[:, None, None]).all()
    assert (ways[7] == np.float32(way)[:, None, None] / 2).all()


@pytest.mark.parametrize(("camera", "scale"), [("zoom-in", 1 / 1.5), ("zoom-out", 1.5)])
def test_a_zoom_looks_at_so_much_of_the_picture_around_its_middle(camera, scale):
    way = moved(camera, (65, 97)).displacement[15]
    assert (way[:, 32, 48] == 0).all()
    assert way[:, 0, 0] == pytest.approx((48 - 48 * scale, 32 - 32 * scale), abs=1 / 64)  # kept in 64ths
    assert way[:, 64, 96] == pytest.approx((48 * scale - 48, 32 * scale - 32), abs=1 / 64)


def test_speed_is_how_far_it_goes_in_the_same_time():
    assert np.array_equal(moved("pan-left", speed=2).displacement[7], moved("pan-left").displacement[15])


@pytest.mark.parametrize("camera", MOVES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_picture_shifts_the_way_the_name_says(camera, size):
    """By what is seen: optical flow from a view back into the first frame."""
    picture = np.random.default_rng(0).random((3, *size)).astype(np.float32)
    picture = planes(np.stack([smooth(plane) for plane in picture], -1))
    way = moved(camera, size, frames=2).displacement[1]
    seen = planes(backward_warp(pixels(picture), pixels(way)))
    found = dis_flow(grey(seen), grey(picture), "high")
    inner = np.s_[size[0] // 3 : -size[0] // 3, size[1] // 3 : -size[1] // 3]
    assert np.abs(found[inner] - pixels(way)[inner]).max() < 1  # pixel; the moves are up to 8
    top, left = found[inner][0].mean(0), found[inner][:, 0].mean(0)
    expected = {
        "pan-left": found[inner][..., 0].max() < -1,
        "pan-right": found[inner][..., 0].min() > 1,
        "pan-up": found[inner][..., 1].max() < -1,
        "pan-down": found[inner][..., 1].min() > 1,
        "zoom-in": top[1] > 0.2 and left[0] > 0.2,  # looks nearer to the middle
        "zoom-out": top[1] < -0.2 and left[0] < -0.2,
    }
    assert expected[camera]


def smooth(plane):
    import cv2

    blurred = cv2.GaussianBlur(plane, (0, 0), 3)
    return (blurred - blurred.min()) / np.ptp(blurred)


def grey(picture):
    return (255 * picture.mean(0)).astype(np.uint8)


@pytest.mark.parametrize("camera", MOVES)
def test_a_step_leads_to_the_frame_before(camera):
    motion = moved(camera, frames=6)
    for index in range(1, 6):
        through = compose(pixels(motion.step[index]), pixels(motion.displacement[index - 1]))
        inner = np.s_[16:-16, 24:-24]  # beyond a field it goes on as at its border
        assert (
            np.abs(through[inner] - pixels(motion.displacement[index])[inner]).max() < 0.05
        )  # three roundings to 64ths
    assert np.array_equal(motion.step[0], motion.displacement[0])


@pytest.mark.parametrize(("camera", "share"), [("pan-left", 0.5), ("zoom-in", 1.0), ("zoom-out", 1 / 1.5**2)])
def test_what_comes_from_beyond_the_first_frame_is_not_visible(camera, share):
    assert moved(camera).visible[15].mean() == pytest.approx(share, abs=0.03)  # border pixels


@pytest.mark.parametrize("camera", MOVES)
def test_windows_of_any_length_give_the_same_bytes(camera):
    whole = moved(camera, frames=16)
    for index in range(16):
        assert moved(camera, frames=1, start=index + 1).displacement.tobytes() == whole.displacement[index].tobytes()
