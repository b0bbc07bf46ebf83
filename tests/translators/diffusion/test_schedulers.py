"""Schedulers by name, each on a toy checkpoint."""

import numpy as np
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.translators.diffusion.schedulers import SCHEDULERS, scheduler


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_scheduler_by_name_paints_and_repeats_itself(name, paint):
    first = paint("img2img", scheduler=name, steps=4)
    assert np.array_equal(first, paint("img2img", scheduler=name, steps=4))


@pytest.mark.slow
def test_a_scheduler_does_not_stay_for_the_next_picture(paint):
    usual = paint("img2img", steps=4)
    paint("img2img", scheduler="euler-a", steps=4)
    assert np.array_equal(paint("img2img", steps=4), usual)


@pytest.mark.slow
def test_a_scheduler_of_another_kind_of_noise_is_refused():
    from diffusers import FlowMatchEulerDiscreteScheduler

    with pytest.raises(UsageError, match="scheduler 'ddim' does not fit this model"):
        scheduler("ddim", FlowMatchEulerDiscreteScheduler())
