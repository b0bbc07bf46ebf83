"""The released schedule in numbers."""

import pytest

pytest.importorskip("torch")

from v2v_studio.errors import UsageError
from v2v_studio.models.schedule import SAMPLERS, scheduler

pytestmark = pytest.mark.slow


def test_twenty_five_steps_go_down_by_forty_to_one():
    own = scheduler()
    own.set_timesteps(25)
    assert own.timesteps.tolist() == list(range(961, 0, -40))


def test_the_last_step_ends_without_noise():
    assert float(scheduler().final_alpha_cumprod) == 1


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_betas_are_linear_in_every_sampler(sampler):
    betas = scheduler(sampler).betas.double()
    assert float(betas[0]) == pytest.approx(0.00085)
    assert float(betas[-1]) == pytest.approx(0.012)
    assert float((betas[1:] - betas[:-1]).std()) < 1e-9  # float32 of numbers near 0.01


def test_an_unknown_sampler_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"unknown sampler 'dimm'. Did you mean 'ddim'\? Available: ddim, dpm"):
        scheduler("dimm")
