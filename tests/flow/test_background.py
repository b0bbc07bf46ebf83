"""The background's affine motion."""

import numpy as np

from v2v_studio.flow.background import affine_background


def test_the_motion_most_pixels_share_is_found_everywhere():
    """The ground grows and slides; a block that is a quarter of the picture goes its own way."""
    y, x = np.mgrid[:60, :80].astype(np.float32)
    ground = np.dstack([0.1 * x + 3, 0.05 * y - 2]).astype(np.float32)
    moving = ground.copy()
    moving[15:45, 20:60] = (-15, 9)
    found = affine_background(moving, np.ones((60, 80), bool))
    assert np.abs(found - ground).max() < 0.01  # exact but for float32


def test_untrusted_pixels_have_no_say():
    x = np.tile(np.arange(80), (60, 1))
    field = np.where((x < 30)[..., None], np.float32([4, 0]), np.float32([-9, 7]))
    found = affine_background(field.astype(np.float32), x < 30)
    assert np.abs(found - np.float32([4, 0])).max() < 0.01


def test_too_few_trusted_pixels_give_none():
    assert affine_background(np.zeros((60, 80, 2), np.float32), np.zeros((60, 80), bool)) is None
