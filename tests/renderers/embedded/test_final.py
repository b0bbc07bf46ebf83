"""Paint at full quality: which of the key's own pixels and of patches stands where."""

import numpy as np
import pytest

from tests.renderers.conftest import texture
from v2v_studio.renderers.embedded.final import Final
from v2v_studio.renderers.embedded.lookup import lookup
from v2v_studio.types import Anchor, FlowField, Window
from v2v_studio.warping import planes

HEIGHT, WIDTH = 48, 64
SOURCE, PAINT = (texture(HEIGHT, WIDTH, seed) * np.float32(255) for seed in (1, 2))
HALF = np.full((HEIGHT, WIDTH, 2), 0.5, np.float32)
SURE, UNSURE = 1.0, 0.6  # above and below what a pixel of the band is
INNER = np.s_[8:-8, 8:-8]


@pytest.fixture(scope="module")
def final():
    return Final(Anchor(planes(SOURCE) / np.float32(255), planes(PAINT) / np.float32(255)), 0)


def rendered(final, frame, displacement, visible, before=None):
    """The frame after the first, (H, W, 3) in 0..255, of footage that stands still."""
    field = FlowField(
        planes(displacement)[None],
        "backward",
        np.full((1, 1, HEIGHT, WIDTH), visible, np.float32),
        np.zeros((1, 2, HEIGHT, WIDTH), np.float32),
    )
    window = Window(2, planes(frame)[None] / np.float32(255), planes(frame) / np.float32(255))
    carry = {} if before is None else {"painted": before}
    return final.render(window, field, carry).frames[0].transpose(1, 2, 0) * np.float32(255)


def apart(one, other):
    return np.abs(one - other)[INNER].mean()


def test_jitter_of_the_map_does_not_reach_the_picture(final):
    jitter = np.random.default_rng(0).normal(0, 0.1, HALF.shape).astype(np.float32)
    shown = rendered(final, SOURCE, jitter, SURE)
    assert apart(shown, PAINT) < 0.5 * apart(lookup(PAINT, jitter), PAINT)


def test_where_the_map_can_be_believed_after_all_the_key_is_moved_by_parts_of_a_pixel(final):
    shown = rendered(final, lookup(SOURCE, HALF), HALF, UNSURE)
    assert apart(shown, lookup(PAINT, HALF)) < 0.2 * apart(PAINT, lookup(PAINT, HALF))


def test_where_the_source_looks_otherwise_patches_stand_instead(final):
    brighter = lookup(SOURCE, HALF) * np.float32(0.8) + 50  # every match stays, so only the look tells
    believed, unlike = (rendered(final, frame, HALF, UNSURE) for frame in (lookup(SOURCE, HALF), brighter))
    assert apart(unlike, believed) > 0.5 * apart(PAINT, lookup(PAINT, HALF))


def test_what_is_synthesised_is_held_towards_the_output_before(final):
    brighter = lookup(SOURCE, HALF) * np.float32(0.8) + 50
    alone = rendered(final, brighter, HALF, UNSURE)
    before = np.clip(np.rint(alone + 4), 0, 255).astype(np.uint8)
    moved = (rendered(final, brighter, HALF, UNSURE, before) - alone)[INNER].mean()
    assert 0.5 < moved < 2  # a quarter of 4, and what patches chosen anew add or take
