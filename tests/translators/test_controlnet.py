"""The image translator `controlnet`: what is kept of the frame, and by whom it is read."""

import numpy as np
import pytest

from tests.toys import FRAME, differ
from v2v_studio.errors import UsageError
from v2v_studio.models.manifest import manifest
from v2v_studio.translators.controlnet import DRAWN_BY, Control, ControlNet, ControlNetParams, parse_controls


@pytest.mark.parametrize(
    ("text", "controls"),
    [
        ("canny", (Control("canny", "controlnet-canny", 1.0),)),
        (
            "canny:0.5, depth=my/net:0.6",
            (Control("canny", "controlnet-canny", 0.5), Control("depth", "my/net", 0.6)),
        ),
        ("zoe=controlnet-depth", (Control("zoe", "controlnet-depth", 1.0),)),
    ],
)
def test_controls_are_names_with_nets_and_weights(text, controls):
    assert parse_controls(text) == controls


def test_a_control_says_who_draws_it_and_what_that_needs():
    canny, depth, tile = parse_controls("canny, depth, tile")
    assert (canny.annotator, canny.needs) == ("canny", None)
    assert (depth.annotator, depth.needs) == ("midas", "annotator-midas")
    assert (tile.annotator, tile.needs) == (None, None)


def test_every_control_has_its_models_in_the_manifest():
    for control in parse_controls(", ".join(DRAWN_BY)):
        assert {control.net} | ({control.needs} if control.needs else set()) <= set(manifest())


def test_controls_are_pictures_of_the_frame_s_size():
    drawn = ControlNet().controls(FRAME, ControlNetParams(controls="tile=x"), seed=1)
    assert list(drawn) == ["tile"]
    assert np.array_equal(drawn["tile"], FRAME)


@pytest.mark.slow
def test_one_and_two_controlnets_steer_the_picture(paint, toy):
    first, second = toy("controlnet-1"), toy("controlnet-2")
    one = paint("controlnet", controls=f"canny={first}")
    assert differ(one, paint("controlnet", controls=f"canny={first}:0.2"))
    assert differ(one, paint("controlnet", controls=f"canny={first}, tile={second}"))
    nought = paint("controlnet", controls=f"canny={first}:0", strength=0.6)
    assert np.allclose(nought, paint("img2img", strength=0.6), atol=1e-4)  # sums in another order


@pytest.mark.slow
def test_a_controlnet_of_another_family_is_refused(paint, toy):
    with pytest.raises(UsageError, match=r"was made for another family than .* \(text 32 wide, not 64\)"):
        paint("controlnet", model="sdxl", controls=f"canny={toy('controlnet-1')}")
