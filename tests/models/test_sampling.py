"""Steps, guidance, noise, and what is given; no network is run."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.given import Given  # noqa: E402
from v2v_studio.models.sampling import (  # noqa: E402
    Noise,
    Walk,
    branches,
    check_size,
    guided,
    preview,
)
from v2v_studio.models.schedule import SAMPLERS  # noqa: E402

pytestmark = pytest.mark.slow

CLEAN, NOISE = (torch.randn(1, 4, 3, 2, 2, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
NEGATIVE, PROMPT = torch.full((1, 2, 3), -1.0), torch.ones(1, 2, 3)


def alpha_bar(time):
    """The share of variance kept at a time: the linear schedule, multiplied out."""
    kept = 1.0
    for index in range(time + 1):
        kept *= 1 - (0.00085 + (0.012 - 0.00085) * index / 999)
    return kept


def seen_in(latents, time):
    """The noise in latents that a perfect network would see."""
    return (latents - alpha_bar(time) ** 0.5 * CLEAN) / (1 - alpha_bar(time)) ** 0.5


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_reaches_the_clean_latents_when_the_noise_is_known(sampler):
    walk, latents = Walk(sampler, 6, Noise(0)), NOISE
    for time in walk.times:
        step = walk.step(seen_in(latents, time), time, latents)
        torch.testing.assert_close(step.clean, CLEAN, atol=2e-3, rtol=0)  # divided by 0.04 at first
        latents = step.latents
    torch.testing.assert_close(latents, CLEAN, atol=2e-3, rtol=0)


def test_ddim_walks_the_released_times():
    assert Walk("ddim", 25, Noise(0)).times == list(range(961, 0, -40))


def test_noised_latents_keep_the_schedules_share():
    walk = Walk("ddim", 3, Noise(0))
    kept = alpha_bar(334)
    expected = kept**0.5 * CLEAN + (1 - kept) ** 0.5 * NOISE
    torch.testing.assert_close(walk.noised(CLEAN, NOISE, 334), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("strength", "times"), [(1.0, [801, 601, 401, 201, 1]), (0.4, [201, 1]), (0.01, [1])])
def test_strength_takes_the_last_steps_and_at_least_one(strength, times):
    assert Walk("ddim", 5, Noise(0), strength).times == times


def test_an_unknown_sampler_is_refused():
    with pytest.raises(UsageError, match="Did you mean 'ddim'"):
        Walk("dim", 5, Noise(0))


def test_more_steps_than_a_sampler_has_are_refused():
    with pytest.raises(UsageError, match="lcm cannot take 200 steps"):
        Walk("lcm", 200, Noise(0))


def test_noise_follows_from_its_seed():
    assert torch.equal(Noise(7)(2, 3), Noise(7)(2, 3))
    assert not torch.equal(Noise(7)(2, 3), Noise(8)(2, 3))


@pytest.mark.parametrize(
    ("guidance", "low_memory", "expected"),
    [
        (7, False, [torch.cat([NEGATIVE, PROMPT])]),
        (7, True, [NEGATIVE, PROMPT]),
        (1, False, [PROMPT]),
        (0, True, [PROMPT]),
    ],
)
def test_texts_go_together_or_in_turn_or_the_prompt_alone(guidance, low_memory, expected):
    made = branches(NEGATIVE, PROMPT, guidance, low_memory)
    assert len(made) == len(expected)
    assert all(map(torch.equal, made, expected))


def test_guidance_goes_beyond_the_prompt():
    assert guided([torch.tensor([1.0, 3.0])], 7).tolist() == [15]
    assert guided([torch.tensor([1.0]), torch.tensor([3.0])], 7).tolist() == [15]
    assert guided([torch.tensor([3.0])], 7).tolist() == [3]


def given(held=(), static=None):
    return Given(Walk("ddim", 3, Noise(0)), CLEAN[:, :, 0], NOISE, dict(held), static)


def test_the_first_frame_never_has_noise():
    put = given().put(NOISE, 667)
    assert torch.equal(put[:, :, 0], CLEAN[:, :, 0])
    assert torch.equal(put[:, :, 1:], NOISE[:, :, 1:])


def test_a_held_frame_has_the_noise_of_the_time_and_none_in_the_end():
    held, walk = CLEAN[0, :, 1], Walk("ddim", 3, Noise(0))
    put = given([(1, held)]).put(torch.zeros_like(NOISE), 334)
    assert torch.equal(put[0, :, 1], walk.noised(held, NOISE[0, :, 1], 334))
    assert not put[0, :, 2].any()
    assert torch.equal(given([(1, held)]).put(NOISE, None)[0, :, 1], held)


def test_where_nothing_moves_every_frame_is_the_first_at_that_time():
    static = torch.tensor([[1.0, 0.0], [0.0, 0.0]])
    latents = torch.zeros_like(NOISE)
    stilled = given(static=static).stilled(latents, 334)
    expected = Walk("ddim", 3, Noise(0)).noised(CLEAN[:, :, 0], NOISE[:, :, 2], 334)
    assert torch.equal(stilled[:, :, 2, 0, 0], expected[..., 0, 0])
    assert not stilled[..., 0, 1].any() and not stilled[..., 1, :].any()


def test_a_preview_is_a_small_picture_of_each_frame():
    grey = preview(torch.zeros(1, 4, 3, 2, 5))
    assert grey.shape == (3, 3, 2, 5)
    assert (grey == 0.5).all()
    assert preview(torch.full((1, 4, 1, 1, 1), 9.0)).max() <= 1


@pytest.mark.parametrize("size", [(60, 64), (64, 60)])
def test_a_side_that_latents_do_not_cover_is_refused(size):
    with pytest.raises(UsageError, match="multiples of 8"):
        check_size(*size)
