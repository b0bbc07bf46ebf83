"""Sampling with networks at toy width."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.models.consisti2v.toy_release import VAE, moving  # noqa: E402
from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.consisti2v.config import TOY  # noqa: E402
from v2v_studio.models.consisti2v.frame_init import FrameInitOptions, initialised  # noqa: E402
from v2v_studio.models.consisti2v.noise import correlated  # noqa: E402
from v2v_studio.models.consisti2v.sample import ConsistI2V  # noqa: E402
from v2v_studio.models.sampling import Noise, Walk  # noqa: E402
from v2v_studio.models.vae import SCALE, autoencoder, encoded  # noqa: E402

pytestmark = pytest.mark.slow

H, W = 64, 128
IMAGE = np.random.default_rng(0).random((3, H, W), dtype=np.float32)
OPTIONS = {"frames": 3, "steps": 2, "seed": 7}


def texts(text):
    seed = sum(map(ord, text))
    return torch.randn(1, 5, TOY["cross_attention_dim"], generator=torch.Generator().manual_seed(seed))


class Watching:
    """In the UNet's place: keeps what it is told, and sees no noise."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self):
        self.told = []

    def text_keys(self, text):
        return text

    def __call__(self, sample, time, text, first, stride):
        self.told.append({"sample": sample, "time": time, "text": text, "first": first, "stride": stride})
        return torch.zeros_like(sample)


@pytest.fixture(scope="module")
def vae():
    torch.manual_seed(0)
    return autoencoder(3, VAE)


@pytest.fixture(scope="module")
def model(vae):
    torch.manual_seed(1)
    return ConsistI2V(moving(TOY), vae, texts)


@pytest.fixture
def watched(vae):
    return ConsistI2V(Watching(), vae, texts)


def drawn(vae, views=IMAGE[None], kind="mixed"):
    """What a seed of 7 draws: the latents' sample first, then the noise of three frames."""
    draw = Noise(7)
    latents = encoded(vae, torch.from_numpy(views) * 2 - 1, draw(len(views), 4, H // 8, W // 8)) * SCALE
    return latents, correlated(kind, 1.0, (4, 3, H // 8, W // 8), draw)


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(model):
    made = [model.frames(IMAGE, "a boat", "", **OPTIONS | {"seed": seed}).frames for seed in (7, 7, 8)]
    assert made[0].tobytes() == made[1].tobytes()
    assert made[0].tobytes() != made[2].tobytes()


def test_the_first_frame_is_the_picture_and_the_others_are_made(model):
    made = model.frames(IMAGE, "a boat", "", **OPTIONS)
    assert (made.frames.shape, made.frames.dtype) == ((3, 3, H, W), np.float32)
    assert np.array_equal(made.frames[0], IMAGE)
    assert made.frames.min() >= 0 and made.frames.max() <= 1
    assert made.latents.shape == (3, 4, H // 8, W // 8)


def test_the_picture_is_sampled_before_the_noise_and_noise_is_cut_after_frame_init(watched, vae):
    watched.frames(IMAGE, "a boat", "", **OPTIONS)
    latents, noise = drawn(vae)
    still = latents[:, :, None].expand(noise.shape)
    expected = initialised(noise, still, Walk("ddim", 2, Noise(0)), FrameInitOptions())
    told = watched.unet.told[0]
    torch.testing.assert_close(told["sample"][:1], expected[:, :, 1:])
    assert torch.equal(told["first"][0, :, 0], latents[0])


def test_without_frame_init_the_noise_is_as_drawn(watched, vae):
    watched.frames(IMAGE, "a boat", "", **OPTIONS, frame_init=None, noise="progressive")
    assert torch.equal(watched.unet.told[0]["sample"][:1], drawn(vae, kind="progressive")[1][:, :, 1:])


def test_the_null_image_is_the_initial_noise_of_the_first_frame_at_every_step(watched, vae):
    watched.frames(IMAGE, "a boat", "", **OPTIONS, frame_init=None, guidance_image=2.0)
    latents, noise = drawn(vae)
    for told in watched.unet.told:
        assert torch.equal(told["first"][:, :, 0], torch.cat([noise[:, :, 0], latents, latents]))
        assert torch.equal(told["text"], torch.cat([texts(""), texts(""), texts("a boat")]))


def test_stride_and_times_are_told(watched):
    watched.frames(IMAGE, "a boat", "", **OPTIONS, stride=5)
    assert [(told["time"], told["stride"]) for told in watched.unet.told] == [(501, 5), (1, 5)]


def test_in_low_memory_one_row_comes_after_the_other(watched):
    watched.frames(IMAGE, "a boat", "", **OPTIONS, guidance_image=2.0, low_memory=True)
    assert [len(told["sample"]) for told in watched.unet.told] == [1] * 6


def test_low_memory_makes_the_same_video(model):
    options = OPTIONS | {"guidance_text": 2.0, "guidance_image": 1.5, "rescale": 0.5}
    image = np.tile(IMAGE, (1, 2, 1))  # of 16 x 16 latents: see test_unet
    made = [model.frames(image, "a boat", "", **options, low_memory=low).frames for low in (False, True)]
    assert np.abs(made[0] - made[1]).max() < 1e-3  # of sums in another order, through two steps


def test_the_camera_begins_the_noise_and_its_first_picture_is_the_first_frame(watched, vae):
    views = np.random.default_rng(1).random((3, 3, H, W), dtype=np.float32)
    made = watched.frames(IMAGE, "a boat", "", **OPTIONS, camera=views)
    latents, noise = drawn(vae, views)
    expected = initialised(noise, latents.transpose(0, 1)[None], Walk("ddim", 2, Noise(0)), FrameInitOptions())
    torch.testing.assert_close(watched.unet.told[0]["sample"][:1], expected[:, :, 1:])
    assert torch.equal(watched.unet.told[0]["first"][0, :, 0], latents[0])
    assert np.array_equal(made.frames[0], views[0])


def test_a_window_can_go_on_from_a_latent(watched):
    latent = np.random.default_rng(2).normal(size=(4, H // 8, W // 8)).astype(np.float32)
    made = watched.frames(IMAGE, "a boat", "", **OPTIONS, first=latent)
    assert torch.equal(watched.unet.told[0]["first"][0, :, 0], torch.from_numpy(latent))
    assert np.array_equal(made.latents[0], latent)
    assert not np.array_equal(made.frames[0], IMAGE)


def test_held_frames_have_the_noise_of_each_step_and_come_back_as_given(watched, vae):
    latent = np.random.default_rng(2).normal(size=(4, H // 8, W // 8)).astype(np.float32)
    made = watched.frames(IMAGE, "a boat", "", **OPTIONS, frame_init=None, held={2: latent})
    noise, walk = drawn(vae)[1], Walk("ddim", 2, Noise(0))
    for told in watched.unet.told:
        expected = walk.noised(torch.from_numpy(latent), noise[:, :, 2], told["time"])
        torch.testing.assert_close(told["sample"][:1, :, 1], expected)
    assert np.array_equal(made.latents[2], latent)


def test_every_step_is_heard_of_and_can_end_the_work(watched):
    heard = []

    def on_step(done, steps, step):
        heard.append((done, steps, tuple(step.latents.shape)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watched.frames(IMAGE, "a boat", "", **OPTIONS, on_step=on_step)
    assert heard == [(1, 2, (1, 4, 2, H // 8, W // 8))]


def test_a_side_that_latents_do_not_cover_is_refused(watched):
    with pytest.raises(UsageError, match="multiples of 8"):
        watched.frames(IMAGE[:, :60], "a boat", "", **OPTIONS)


@pytest.mark.parametrize("given", [{"first": np.zeros((4, 8, 8), np.float32)}, {"held": {1: np.zeros((4, 8, 8))}}])
def test_latents_of_another_size_are_refused(watched, given):
    with pytest.raises(UsageError, match=r"shape \(4, 8, 8\), not \(4, 8, 16\)"):
        watched.frames(IMAGE, "a boat", "", **OPTIONS, **given)


@pytest.mark.parametrize("shape", [(2, 3, H, W), (3, 3, W, H)])
def test_a_camera_of_another_length_or_size_is_refused(watched, shape):
    with pytest.raises(UsageError, match=r"camera's pictures have the shape .* one for each frame"):
        watched.frames(IMAGE, "a boat", "", **OPTIONS, camera=np.zeros(shape, np.float32))
