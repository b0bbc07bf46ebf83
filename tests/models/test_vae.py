"""Autoencoders with random weights; parity with the release is in benchmarks.parity."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.vae import (  # noqa: E402
    autoencoder,
    decoded,
    encoded,
    posterior,
)

pytestmark = pytest.mark.slow

SMALL = {"block_out_channels": [8, 8, 8, 8], "norm_num_groups": 4, "layers_per_block": 1}


@pytest.fixture(scope="module")
def vae():
    torch.manual_seed(0)
    return autoencoder(2, SMALL)


def test_a_latent_is_a_sample_of_its_posterior(vae):
    pictures = torch.rand(3, 2, 16, 24, generator=torch.Generator().manual_seed(1))
    noise = torch.randn(3, 4, 2, 3, generator=torch.Generator().manual_seed(2))
    normal = posterior(vae, pictures)
    torch.testing.assert_close(encoded(vae, pictures, noise), normal.mean + (normal.logvar / 2).exp() * noise)
    torch.testing.assert_close(encoded(vae, pictures, 0 * noise), normal.mean)


def test_a_log_variance_is_held_under_twenty():
    wild = autoencoder(2, SMALL)
    torch.nn.init.constant_(wild.quant_conv.bias, 1000.0)
    assert posterior(wild, torch.rand(1, 2, 16, 16)).logvar.max() == 20


def test_frames_are_coded_each_by_itself(vae):
    pictures = torch.rand(3, 2, 16, 24, generator=torch.Generator().manual_seed(1))
    latents = posterior(vae, pictures).mean
    assert torch.equal(posterior(vae, pictures[1:2]).mean[0], latents[1])
    assert [picture.shape for picture in decoded(vae, latents)] == [(2, 16, 24)] * 3


def test_a_large_picture_is_decoded_in_tiles_of_the_same_size(vae, monkeypatch):
    latents = torch.randn(1, 4, 12, 20, generator=torch.Generator().manual_seed(3))
    whole = next(decoded(vae, latents))
    monkeypatch.setattr("v2v_studio.models.vae.TILED_FROM", 100)
    monkeypatch.setattr("v2v_studio.models.vae.TILE", 96)
    tiled = next(decoded(vae, latents))
    assert tiled.shape == whole.shape == (2, 96, 160)
    assert not torch.equal(tiled, whole)  # else there were no tiles
