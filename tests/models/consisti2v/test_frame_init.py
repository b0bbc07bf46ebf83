"""Low frequencies of the noise, against filters that are made cell by cell."""

import math

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from v2v_studio.models.consisti2v.frame_init import (  # noqa: E402
    FrameInitOptions,
    initialised,
    low_pass,
    mixed_bands,
)
from v2v_studio.models.sampling import Noise, Walk  # noqa: E402

pytestmark = pytest.mark.slow

SHAPE = (5, 4, 7)


def slowly(options, shape):
    """Cell by cell, as section 7 of the fact sheet has it; zero frequency in the middle."""
    mask = torch.zeros(shape)
    if options.d_s == 0 or options.d_t == 0:
        return mask
    middle = [side // 2 for side in shape]
    for t in range(shape[0]):
        for y in range(shape[1]):
            for x in range(shape[2]):
                u, p, q = (2 * at / side - 1 for at, side in zip((t, y, x), shape, strict=True))
                d2 = (options.d_s / options.d_t * u) ** 2 + p**2 + q**2
                mask[t, y, x] = {
                    "gaussian": lambda d2=d2: math.exp(-d2 / (2 * options.d_s**2)),
                    "butterworth": lambda d2=d2: 1 / (1 + (d2 / options.d_s**2) ** options.order),
                    "ideal": lambda d2=d2: d2 <= options.d_s**2,
                    "box": lambda at=(t, y, x): all(
                        half - round(half * d) <= i < half + round(half * d)
                        for i, half, d in zip(at, middle, (options.d_t, options.d_s, options.d_s), strict=True)
                    ),
                }[options.filter]()
    return mask


@given(
    kind=st.sampled_from(["gaussian", "butterworth", "ideal", "box"]),
    shape=st.tuples(*[st.integers(1, 6)] * 3),
    d_s=st.sampled_from([0.0, 0.25, 0.4, 1.0]),
    d_t=st.sampled_from([0.0, 0.25, 0.6]),
    order=st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_a_filter_is_what_its_formula_says_in_every_cell(kind, shape, d_s, d_t, order):
    options = FrameInitOptions(filter=kind, order=order, d_s=d_s, d_t=d_t)
    torch.testing.assert_close(low_pass(options, shape), slowly(options, shape), atol=1e-6, rtol=0)


def test_the_released_ideal_filter_lets_more_through():
    options = {"filter": "ideal", "d_s": 0.5}
    mask = low_pass(FrameInitOptions(**options), (8, 8, 8))
    wider = low_pass(FrameInitOptions(**options, ideal_cutoff="released"), (8, 8, 8))
    u = torch.arange(8) / 4 - 1
    t, y, x = torch.meshgrid(2 * u, u, u, indexing="ij")
    assert torch.equal(mask == 1, t**2 + y**2 + x**2 <= 0.25)
    assert torch.equal(wider == 1, t**2 + y**2 + x**2 <= 1.0)


def test_the_released_box_reaches_sideways_by_the_height():
    options = {"filter": "box", "d_s": 0.5, "d_t": 1.0}
    (row,) = low_pass(FrameInitOptions(**options), (2, 8, 12))[:, 4].unique(dim=0)
    (same,) = low_pass(FrameInitOptions(**options, box_reach="released"), (2, 8, 12))[:, 4].unique(dim=0)
    assert row.nonzero().flatten().tolist() == [3, 4, 5, 6, 7, 8]
    assert same.nonzero().flatten().tolist() == [4, 5, 6, 7]


def test_the_released_box_beyond_the_left_edge_goes_on_from_the_right():
    options = FrameInitOptions(filter="box", d_s=0.6, d_t=1.0, box_reach="released")
    (row,) = low_pass(options, (2, 16, 8))[:, 8].unique(dim=0)
    assert row.nonzero().flatten().tolist() == [7]


def videos(seed):
    return torch.randn(1, 4, *SHAPE, generator=torch.Generator().manual_seed(seed))


def test_bands_of_one_video_are_that_video():
    video = videos(0)
    torch.testing.assert_close(mixed_bands(video, video, low_pass(FrameInitOptions(), SHAPE)), video)


def test_all_is_taken_from_the_low_video_where_the_filter_is_open_and_nothing_where_it_is_shut():
    low, high = videos(0), videos(1)
    torch.testing.assert_close(mixed_bands(low, high, torch.ones(SHAPE)), low)
    torch.testing.assert_close(mixed_bands(low, high, torch.zeros(SHAPE)), high)


def test_the_middle_of_the_filter_is_what_does_not_change():
    middle = torch.zeros(SHAPE)
    middle[2, 2, 3] = 1
    low, high = videos(0), videos(1)
    expected = high - high.mean((2, 3, 4), keepdim=True) + low.mean((2, 3, 4), keepdim=True)
    torch.testing.assert_close(mixed_bands(low, high, middle), expected)


def test_high_frequencies_are_of_the_very_noise_the_layout_got():
    """e + LP[sqrt(ab) layout + (sqrt(1 - ab) - 1) e]."""
    noise, layout, walk = videos(0), videos(1)[:, :, :1].expand(1, 4, *SHAPE), Walk("ddim", 3, Noise(0))
    options = FrameInitOptions(noise_level=700, d_s=0.5)
    kept = math.prod(1 - (0.00085 + (0.012 - 0.00085) * time / 999) for time in range(701))
    change = kept**0.5 * layout + ((1 - kept) ** 0.5 - 1) * noise
    expected = noise + mixed_bands(change, torch.zeros_like(change), low_pass(options, SHAPE))
    torch.testing.assert_close(initialised(noise, layout, walk, options), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("shut", [{"d_s": 0.0}, {"d_t": 0.0}])
def test_a_shut_filter_leaves_the_noise_as_it_is(shut):
    noise = videos(0)
    left = initialised(noise, videos(1), Walk("ddim", 3, Noise(0)), FrameInitOptions(**shut))
    torch.testing.assert_close(left, noise)
