"""Pixels to what the autoencoder of flow takes, and back."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.motion_i2v.flow01 import flow01, flow_pixels  # noqa: E402

pytestmark = pytest.mark.slow


def test_rest_is_one_half_and_one_picture_width_is_one():
    wide = torch.zeros(1, 2, 4, 8)
    assert flow01(wide).unique().tolist() == [0.5]
    wide[0, 0], wide[0, 1] = 8, -4
    assert flow01(wide)[0, :, 0, 0].tolist() == [1.0, 0.0]


def test_pixels_come_back_from_flow01():
    flow = torch.linspace(-3, 3, 2 * 4 * 8).view(1, 2, 4, 8)
    torch.testing.assert_close(flow_pixels(flow01(flow)), flow)


def test_flow_beyond_one_picture_is_held_at_its_edge():
    far = torch.full((1, 2, 4, 8), 2.0)
    assert flow_pixels(far)[0, :, 0, 0].tolist() == [8.0, 4.0]
    assert flow_pixels(-far)[0, :, 0, 0].tolist() == [-8.0, -4.0]
