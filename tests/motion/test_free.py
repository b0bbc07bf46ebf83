import numpy as np
import pytest
from pydantic import ValidationError

from v2v_studio.motion.camera import Camera, CameraParams
from v2v_studio.motion.free import Free, FreeParams
from v2v_studio.types import Anchor, FreeMotion, Window

BLANK = np.zeros((3, 3, 32, 48), np.float32)
ANCHOR, WINDOW = Anchor(BLANK[0], BLANK[0]), Window(5, BLANK, BLANK[0])


def test_all_that_is_known_is_how_many_frames_there_are():
    assert Free().open(ANCHOR, FreeParams()).motion(WINDOW, None) == FreeMotion(3, (32, 48))


def test_a_camera_that_is_asked_for_is_the_cameras_own():
    ours = Free().open(ANCHOR, FreeParams(camera="pan-up", speed=0.5)).motion(WINDOW, None)
    theirs = Camera().open(ANCHOR, CameraParams(camera="pan-up", speed=0.5)).motion(WINDOW, None)
    assert ours.displacement.tobytes() == theirs.displacement.tobytes() and ours.displacement.any()


def test_no_other_camera_is_taken():
    with pytest.raises(ValidationError, match="pan-left"):
        FreeParams(camera="pan_left")
