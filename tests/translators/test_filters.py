"""The presets' parameters, and that a look does not depend on the picture's size."""

from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from v2v_studio.translators.filters import PRESETS, FilterParams, Filters, Preset, options


def first_frame(clip):
    """(3, 240, W) of a real clip, through OpenCV: translators know no video."""
    frame = cv2.VideoCapture(str(clip)).read()[1][..., ::-1].astype(np.float32) / 255
    h, w = frame.shape[:2]
    return np.ascontiguousarray(cv2.resize(frame, (round(w * 240 / h) // 2 * 2, 240), interpolation=cv2.INTER_AREA))


def planar(picture):
    return np.ascontiguousarray(picture.transpose(2, 0, 1))


def seen_from_afar(image):
    """Blurred by 2/240 of its height: tone and shapes without single dots and hairs."""
    return cv2.GaussianBlur(image.transpose(1, 2, 0), (0, 0), 2)


def test_there_are_at_least_ten_presets_and_the_form_lists_them_all():
    assert len(PRESETS) >= 10
    assert sorted(PRESETS) == sorted(get_args(Preset))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_two_or_three_parameters_and_each_is_described(preset):
    assert 2 <= len(options(preset)) <= 3
    assert all(FilterParams.model_fields[name].description for name in options(preset))


def test_every_parameter_belongs_to_a_preset():
    used = {name for preset in PRESETS for name in options(preset)}
    assert used == set(FilterParams.model_fields) - {"preset", "strength"}


def test_parameters_come_as_text_from_the_command_line():
    params = FilterParams.model_validate({"preset": "watercolor", "strength": "0.7", "bleed": "0.2"})
    assert (params.preset, params.strength, params.bleed) == ("watercolor", 0.7, 0.2)


def test_a_parameter_of_another_preset_is_refused_naming_what_there_is():
    with pytest.raises(ValidationError, match="preset 'oil' has no parameter 'glow'; it has: strength, detail, relief"):
        FilterParams(preset="oil", glow=0.5)


@pytest.mark.parametrize("wrong", [{"preset": "oils"}, {"strength": 1.2}, {"detail": -0.1}, {"detail": "much"}])
def test_a_wrong_value_is_refused(wrong):
    with pytest.raises(ValidationError):
        FilterParams.model_validate(wrong)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_record_says_in_full_what_ran_and_opens_again(preset):
    params = FilterParams(preset=preset)
    record = params.model_dump(mode="json")
    assert record == {"preset": preset, "strength": 1.0, **options(preset)}
    assert FilterParams.model_validate(record) == params


def test_strength_0_is_the_footage_and_half_is_half_way():
    image = np.random.default_rng(0).random((3, 48, 64), dtype=np.float32)
    none, half, full = (
        Filters().translate(image, FilterParams(preset="poster", strength=s), seed=1) for s in (0, 0.5, 1)
    )
    assert np.array_equal(none, image)
    assert np.allclose(half, (image + full) / 2, atol=1e-6)  # float32 rounding


@pytest.mark.parametrize("preset", sorted(set(PRESETS) - {"cartoon"}))  # a cartoon has no paper and no strokes
def test_another_seed_is_another_sheet_of_paper(preset):
    image = np.full((3, 60, 80), 0.5, np.float32)
    image[:, :, 40:] = 0.2
    one, other = (Filters().translate(image, FilterParams(preset=preset), seed) for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_the_look_at_half_size_is_the_half_size_look(preset, shared):
    small = first_frame(shared / "footage" / "rabbit_orbit.mp4")
    h, w = small.shape[:2]
    large = np.clip(cv2.resize(small, (2 * w, 2 * h), interpolation=cv2.INTER_CUBIC), 0, 1)
    half = cv2.resize(large, (w, h), interpolation=cv2.INTER_AREA)
    styled_large = Filters().translate(planar(large), FilterParams(preset=preset), seed=1).transpose(1, 2, 0)
    styled_half = Filters().translate(planar(half), FilterParams(preset=preset), seed=1)
    shrunk = planar(cv2.resize(styled_large, (w, h), interpolation=cv2.INTER_AREA))
    # six 8-bit steps on average: strokes and dots fall on the same places, only their edges are drawn with fewer pixels
    assert np.abs(seen_from_afar(shrunk) - seen_from_afar(styled_half)).mean() < 0.025


@pytest.mark.parametrize("preset", PRESETS)
def test_the_documentation_lists_a_preset_with_its_defaults(preset):
    page = (Path(__file__).resolve().parents[2] / "docs" / "stylize.md").read_text()
    assert (
        " ".join(f"`{name}` ({value:g})" for name, value in options(preset).items()) in page.split(f"| `{preset}` |")[1]
    )
