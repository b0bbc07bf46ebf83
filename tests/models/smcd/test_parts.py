"""Tokens of boxes and of the first frame, and the noise schedule, on inputs one can work out by hand."""

from math import cos, sin

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.sampling import Noise, Walk  # noqa: E402
from v2v_studio.models.smcd.guidance import Branch, Guidance  # noqa: E402
from v2v_studio.models.smcd.position_net import PositionNet, fourier  # noqa: E402
from v2v_studio.models.smcd.schedule import ReleasedWalk, posterior_variance, walk  # noqa: E402
from v2v_studio.models.smcd.visual_encoder import VisualEncoder, as_tokens  # noqa: E402

pytestmark = pytest.mark.slow


def test_a_box_is_sines_then_cosines_of_its_four_numbers_for_each_frequency():
    box = [0.1, 0.2, 0.5, 0.9]
    frequencies = [100 ** (k / 8) for k in range(8)]
    expected = [wave(f * number) for f in frequencies for wave in (sin, cos) for number in box]
    torch.testing.assert_close(fourier(torch.tensor(box)), torch.tensor(expected), atol=5e-6, rtol=0)


@torch.no_grad()
def test_of_an_object_that_is_not_there_neither_box_nor_phrase_counts():
    torch.manual_seed(0)
    net = PositionNet(12, 20, 4)
    boxes, phrases = torch.rand(2, 3, 4), torch.randn(2, 3, 12)
    masks = torch.tensor([[1.0, 0, 1], [0, 0, 0]])
    tokens = net(boxes, masks, phrases)
    assert tokens.shape == (2, 3, 20)
    null = net(torch.zeros(1, 1, 4), torch.zeros(1, 1), torch.zeros(1, 1, 12))[0, 0]
    there = masks.bool()
    torch.testing.assert_close(tokens[~there], null.expand(4, -1))
    assert not torch.isclose(tokens[there], null).all(-1).any()


@torch.no_grad()
def test_image_tokens_halve_the_latent_three_times_rounding_up_row_by_row():
    features = VisualEncoder((32, 32, 32, 48), 2)(torch.zeros(2, 4, 9, 12))
    assert features.shape == (2, 48, 2, 2)  # 9 -> 5 -> 3 -> 2, 12 -> 6 -> 3 -> 2
    assert torch.equal(as_tokens(features)[1, 2], features[1, :, 1, 0])


@pytest.mark.parametrize(
    ("steps", "times"), [(4, [751, 501, 251, 1]), (3, [999, 667, 334, 1]), (600, [999, 999, 998, 997])]
)
def test_released_times_begin_at_one_and_may_be_more_than_were_asked_for(steps, times):
    assert ReleasedWalk(steps).times[: len(times)] == times
    assert ReleasedWalk(steps).times[-1] == 1


def test_a_released_step_is_the_usual_ddims_where_the_steps_divide_1000():
    latents, noise = torch.randn(2, 1, 4, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    released, usual = walk("released", 20, Noise(0)), walk("ddim", 20, Noise(0))
    assert isinstance(usual, Walk)
    assert released.times == usual.times
    for time in released.times:
        for ours, theirs in zip(released.step(noise, time, latents), usual.step(noise, time, latents), strict=True):
            torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_noise_that_is_taken_out_at_once_leaves_what_it_was_put_on():
    clean, noise = torch.randn(2, 1, 4, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    path = ReleasedWalk(10)
    step = path.step(noise, 501, path.noised(clean, noise, 501))
    torch.testing.assert_close(step.clean, clean, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(step.latents, path.noised(clean, noise, 401), atol=1e-5, rtol=1e-5)


def test_a_clamp_holds_the_latents_without_noise():
    latents = torch.full((1, 4, 2, 3, 3), 5.0)
    step = ReleasedWalk(10, clamp=1.0).step(torch.zeros_like(latents), 501, latents)
    assert step.clean.unique().tolist() == [1.0]


def test_before_the_first_time_nothing_varies():
    assert posterior_variance()[0] == 0
    assert (posterior_variance()[1:] > 0).all()


def test_a_sampler_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UsageError, match="released"):
        walk("euler", 10, Noise(0))


def branch(text):
    one = torch.full((1, 1), float(text))
    return Branch(one, 10 * one, 100 * one, None, None)


def asked(**options):
    """The first numbers of text, first frame and boxes of every branch."""
    branches = Guidance(**options).branches(branch(1), torch.tensor([[0.0]]), lambda: branch(-1))
    return [tuple(float(value) for value in (one.text, one.first, one.boxes)) for one in branches]


def test_as_released_the_null_branch_is_without_the_prompt_alone():
    assert asked(scale=7.5) == [(0, 10, 100), (1, 10, 100)]


def test_as_the_paper_says_it_is_without_boxes_and_first_frame_too():
    assert asked(scale=7.5, mode="all") == [(0, -10, -100), (1, 10, 100)]


def test_an_image_free_branch_is_without_the_first_frame_alone():
    assert asked(scale=7.5, image_free=1.0)[2] == (1, 0, 100)


def test_guidance_goes_beyond_the_prompt_by_its_scale():
    null, prompted, blind = (torch.tensor(value) for value in (1.0, 3.0, 2.0))
    assert Guidance(7.5)([null, prompted]) == 1 + 7.5 * 2
    assert Guidance(7.5, image_free=4.0)([null, prompted, blind]) == 16 + 2 + 4 * (3 - 2)
    assert Guidance(7.5, text_image_free=0.5)([null, prompted]) == 16 + 1 + (1 + 0.5 * (3 - 1))
