"""Both stages at toy width: what they draw, what the networks are shown, what comes out."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.models.motion_i2v.toy_release import drawn  # noqa: E402
from v2v_studio.errors import Cancelled, UsageError  # noqa: E402
from v2v_studio.models.motion_i2v.stage1_sample import Stage1  # noqa: E402
from v2v_studio.models.motion_i2v.stage2_sample import Stage2  # noqa: E402
from v2v_studio.models.sampling import Noise  # noqa: E402
from v2v_studio.models.vae import SCALE  # noqa: E402
from v2v_studio.motion.rasterise import rasterise  # noqa: E402
from v2v_studio.types import Trajectory  # noqa: E402

pytestmark = pytest.mark.slow

SIZE = 64, 128
Y, X = np.indices(SIZE, dtype=np.float32)
IMAGE = np.stack([Y / 63, X / 127, np.full(SIZE, 0.25, np.float32)])
STRIDES = (8, 16, 24)
FLOWS = np.zeros((4, 2, *SIZE), np.float32)
FLOWS[:, 0] = np.arange(0, 32, 8, dtype=np.float32)[:, None, None]  # to the right, 8 pixels a frame
PROMPTS = "a boat", "blur"
FEW = {"steps": 2, "guidance": 3.0}


def texts(text):
    """Hidden states of the toy's width, by the text's length."""
    return torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(len(text)))


@pytest.fixture(scope="module")
def networks():
    made = drawn()
    return {name: network.eval() for name, network in made.items() if hasattr(network, "eval")}


@pytest.fixture(scope="module")
def stage1(networks):
    parts = (networks[f"stage1/{name}"] for name in ("unet", "controlnet", "vae", "vae_flow"))
    return Stage1(*parts, texts)


@pytest.fixture(scope="module")
def stage2(networks):
    return Stage2(networks["stage2/unet"], networks["stage2/vae"], texts)


class Recorded(Noise):
    """Remembers the shapes that were drawn."""

    def __init__(self, seed):
        super().__init__(seed)
        self.shapes = []

    def __call__(self, *shape):
        self.shapes.append(shape)
        return super().__call__(*shape)


@pytest.fixture
def shown():
    """Collects what a network is given at every call, until the test ends."""
    hooks, seen = [], []

    def watch(network):
        hooks.append(network.register_forward_pre_hook(lambda module, given: seen.append(given[0].clone())))
        return seen

    yield watch
    for hook in hooks:
        hook.remove()


def drags():
    return rasterise([Trajectory(((40, 32), (90, 32)))], None, SIZE, unit=16, frames=4)


# stage 1


def test_flow_is_one_field_a_stride_within_one_picture(stage1):
    flows = stage1.flows(IMAGE, *PROMPTS, STRIDES, **FEW)
    assert flows.shape == (3, 2, *SIZE)
    assert flows.dtype == np.float32
    assert np.abs(flows[:, 0]).max() <= 128
    assert np.abs(flows[:, 1]).max() <= 64


def test_a_seed_gives_the_same_flow_and_another_seed_another(stage1):
    first, again, other = (stage1.flows(IMAGE, *PROMPTS, STRIDES, seed=seed, **FEW) for seed in (3, 3, 4))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_stage_1_draws_in_the_released_order(stage1):
    noise = Recorded(0)
    replace(stage1, noise=lambda seed: noise).flows(IMAGE, *PROMPTS, STRIDES, control=drags(), **FEW)
    assert noise.shapes == [(3, 4, 8, 16), (1, 8, 3, 8, 16), (1, 4, 8, 16)]  # control, noise, image


def test_stage_1_is_shown_the_image_from_0_to_1(stage1, shown):
    pictures = shown(stage1.vae.encoder)
    stage1.flows(IMAGE, *PROMPTS, STRIDES, **FEW)
    assert torch.equal(pictures[0][0], torch.from_numpy(IMAGE))


def test_the_image_comes_before_the_noise_in_every_frame(stage1, shown):
    samples = shown(stage1.unet)
    stage1.flows(IMAGE, *PROMPTS, STRIDES, **FEW)
    assert [tuple(sample.shape) for sample in samples] == [(2, 8, 3, 8, 16)] * 2
    assert torch.equal(samples[0][:, :4], samples[1][:, :4])
    assert torch.equal(samples[0][0, :4, 0], samples[0][1, :4, 2])
    assert not torch.equal(samples[0][:, 4:], samples[1][:, 4:])


def test_what_is_static_has_no_flow(stage1):
    static = (X < 64).astype(np.float32)
    flows, free = (stage1.flows(IMAGE, *PROMPTS, STRIDES, static=mask, **FEW) for mask in (static, None))
    assert not flows[..., :64].any()
    assert np.array_equal(flows[..., 64:], free[..., 64:])


def test_control_changes_the_flow_and_is_shown_to_both_prompts(stage1, shown):
    samples = shown(stage1.control_net)
    flows, free = (stage1.flows(IMAGE, *PROMPTS, STRIDES, control=planes, **FEW) for planes in (drags(), None))
    assert [len(sample) for sample in samples] == [2, 2]  # of the first alone
    assert np.abs(flows - free).max() > 0.1


def test_control_of_another_length_is_refused(stage1):
    with pytest.raises(UsageError, match=r"the control has the shape \(3, 2, 64, 128\), not \(2, 2, 64, 128\)"):
        stage1.flows(IMAGE, *PROMPTS, STRIDES[:2], control=drags(), **FEW)


def test_control_without_a_controlnet_is_refused(stage1):
    with pytest.raises(UsageError, match="without its ControlNet"):
        replace(stage1, control_net=None).flows(IMAGE, *PROMPTS, STRIDES, control=drags(), **FEW)


# both


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_without_guidance_the_negative_prompt_is_not_looked_at(stage1, stage2, shown, guidance):
    samples, options = shown(stage1.unet), {"steps": 2, "guidance": guidance}
    one, two = (stage1.flows(IMAGE, "a boat", negative, STRIDES, **options) for negative in ("", "blur"))
    assert {len(sample) for sample in samples} == {1}
    assert np.array_equal(one, two)
    one, two = (stage2.frames(IMAGE, FLOWS, "a boat", negative, **options) for negative in ("", "blur"))
    assert np.array_equal(one.frames, two.frames)


def test_low_memory_runs_the_prompts_in_turn_to_the_same_result(stage1, stage2, shown):
    samples = shown(stage1.unet)
    apart, together = (stage1.flows(IMAGE, *PROMPTS, STRIDES, low_memory=low, **FEW) for low in (True, False))
    assert [len(sample) for sample in samples] == [1, 1, 1, 1, 2, 2]
    np.testing.assert_allclose(apart, together, atol=0.02)  # pixels of 128; sums in another order
    apart, together = (stage2.frames(IMAGE, FLOWS, *PROMPTS, low_memory=low, **FEW).frames for low in (True, False))
    np.testing.assert_allclose(apart, together, atol=1e-3)


def test_what_hears_of_a_step_can_end_the_work(stage1, stage2):
    heard = []

    def cancel(done, steps, step):
        heard.append((done, steps, tuple(step.clean.shape)))
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        stage1.flows(IMAGE, *PROMPTS, STRIDES, on_step=cancel, **FEW)
    with pytest.raises(Cancelled):
        stage2.frames(IMAGE, FLOWS, *PROMPTS, on_step=cancel, **FEW)
    assert heard == [(1, 2, (1, 4, 3, 8, 16)), (1, 2, (1, 4, 4, 8, 16))]


def test_a_side_that_is_no_multiple_of_8_is_refused(stage1, stage2):
    with pytest.raises(UsageError, match="not 124x64"):
        stage1.flows(IMAGE[..., :124], *PROMPTS, STRIDES, **FEW)
    with pytest.raises(UsageError, match="not 124x64"):
        stage2.frames(IMAGE[..., :124], FLOWS[..., :124], *PROMPTS, **FEW)


# stage 2


def test_frames_and_latents_are_as_many_as_flows(stage2):
    made = stage2.frames(IMAGE, FLOWS, *PROMPTS, **FEW)
    assert made.frames.shape == (4, 3, *SIZE)
    assert made.latents.shape == (4, 4, 8, 16)
    assert made.frames.min() >= 0
    assert made.frames.max() <= 1


def test_a_seed_gives_the_same_frames_and_another_seed_others(stage2):
    first, again, other = (stage2.frames(IMAGE, FLOWS, *PROMPTS, seed=seed, **FEW).frames for seed in (3, 3, 4))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_flow_moves_what_is_painted(stage2):
    moved, still = (stage2.frames(IMAGE, flows, *PROMPTS, **FEW).latents for flows in (FLOWS, 0 * FLOWS))
    assert np.array_equal(moved[0], still[0])
    assert np.abs(moved[1:] - still[1:]).max() > 1e-3


def test_stage_2_draws_noise_before_the_image_and_shows_it_from_minus_1_to_1(stage2, shown):
    noise, pictures = Recorded(0), shown(stage2.vae.encoder)
    replace(stage2, noise=lambda seed: noise).frames(IMAGE, FLOWS, *PROMPTS, **FEW)
    assert noise.shapes == [(1, 4, 4, 8, 16), (1, 4, 8, 16)]
    assert torch.equal(pictures[0][0], torch.from_numpy(IMAGE) * 2 - 1)


def test_the_first_frame_is_clean_at_every_step(stage2, shown):
    samples = shown(stage2.unet)
    made = stage2.frames(IMAGE, FLOWS, *PROMPTS, **FEW)
    assert all(np.array_equal(sample[entry, :, 0], made.latents[0]) for sample in samples for entry in (0, 1))


def test_the_first_frames_latent_is_a_sample_of_its_posterior(stage2):
    noise, mean = Noise(5), stage2.latents(IMAGE[None])[0]
    noise(1, 4, 4, 8, 16)
    deviation = (stage2.frames(IMAGE, FLOWS, *PROMPTS, seed=5, **FEW).latents[0] - mean) / noise(4, 8, 16).numpy()
    with torch.inference_mode():
        normal = stage2.vae.encode(torch.from_numpy(IMAGE)[None] * 2 - 1).latent_dist
    np.testing.assert_allclose(deviation, normal.std[0] * SCALE, rtol=0.1, atol=1e-4)  # small numbers are divided


def test_held_frames_come_out_as_they_went_in_and_change_the_others(stage2):
    free = stage2.frames(IMAGE, FLOWS, *PROMPTS, **FEW)
    given = free.latents[1] + 1
    made = stage2.frames(IMAGE, FLOWS, *PROMPTS, held={1: given}, **FEW)
    assert np.array_equal(made.latents[1], given)
    assert np.abs(made.latents[2] - free.latents[2]).max() > 1e-3


def test_a_draft_is_begun_from_and_the_less_strength_the_more_of_it_stays(stage2, shown):
    samples = shown(stage2.unet)
    draft = stage2.latents(np.repeat(IMAGE[None], 4, 0))
    options = {"initial": draft, "steps": 10, "guidance": 1.0}
    near, far = (stage2.frames(IMAGE, FLOWS, *PROMPTS, strength=strength, **options) for strength in (0.1, 1.0))
    assert len(samples) == 1 + 10
    assert np.abs(near.latents - draft)[1:].mean() < np.abs(far.latents - draft)[1:].mean()


def test_where_nothing_moves_every_step_but_the_last_is_blended(stage2, shown):
    samples = shown(stage2.unet)
    stage2.frames(IMAGE, FLOWS, *PROMPTS, static=(X < 64).astype(np.float32), **FEW)
    stage2.frames(IMAGE, FLOWS, *PROMPTS, **FEW)
    blended, free = samples[1], samples[3]
    assert torch.equal(blended[..., 8:], free[..., 8:])
    assert not torch.isclose(blended[:, :, 1:, :, :8], free[:, :, 1:, :, :8]).all()


def test_the_released_order_mixes_the_prompts(stage2):
    released, separate = (
        stage2.frames(IMAGE, FLOWS, *PROMPTS, order=order, **FEW).latents for order in ("released", "separate")
    )
    assert np.abs(released - separate).max() > 1e-3


def test_the_released_order_is_refused_where_the_prompts_run_in_turn(stage2):
    with pytest.raises(UsageError, match="needs both prompts at once"):
        stage2.frames(IMAGE, FLOWS, *PROMPTS, order="released", low_memory=True, **FEW)


def test_more_than_sixteen_frames_are_refused(stage2):
    with pytest.raises(UsageError, match="at most 16 frames"):
        stage2.frames(IMAGE, np.zeros((17, 2, *SIZE), np.float32), *PROMPTS, **FEW)


def test_flow_of_another_size_is_refused(stage2):
    with pytest.raises(UsageError, match=r"not \(F, 2, 64, 128\)"):
        stage2.frames(IMAGE, FLOWS[..., :64], *PROMPTS, **FEW)


@pytest.mark.parametrize("sampler", ["dpm++", "unipc", "lcm"])
def test_faster_samplers_paint_other_frames_and_the_same_ones_again(stage2, sampler):
    made, again, released = (
        stage2.frames(IMAGE, FLOWS, *PROMPTS, scheduler=name, **FEW).frames for name in (sampler, sampler, "ddim")
    )
    assert made.tobytes() == again.tobytes()
    assert np.abs(made - released).max() > 0.01
