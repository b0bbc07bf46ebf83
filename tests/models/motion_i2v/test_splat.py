"""Forward splatting on grids small enough to work out by hand."""

import math

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.motion_i2v.splat import EPSILON, Splat, resized_flow  # noqa: E402

pytestmark = pytest.mark.slow


def shifted(x, y, height=2, width=4):
    """One flow that moves every pixel alike: (1, 1, 2, H, W)."""
    return torch.tensor([x, y], dtype=torch.float32)[None, None, :, None, None].expand(1, 1, 2, height, width)


def tokens(rows):
    """A grid of numbers as (1, H * W, 1)."""
    return torch.tensor(rows, dtype=torch.float32).reshape(1, -1, 1)


def test_a_whole_step_to_the_right_leaves_a_hole_on_the_left():
    moved = Splat(shifted(1, 0))(tokens([[1, 2, 3, 4], [5, 6, 7, 8]]))
    torch.testing.assert_close(moved.view(2, 4), torch.tensor([[0.0, 1, 2, 3], [0, 5, 6, 7]]))


def test_a_step_down_leaves_a_hole_above():
    moved = Splat(shifted(0, 1))(tokens([[1, 2, 3, 4], [5, 6, 7, 8]]))
    torch.testing.assert_close(moved.view(2, 4), torch.tensor([[0.0, 0, 0, 0], [1, 2, 3, 4]]))


def test_half_a_step_shares_each_pixel_between_two_and_averages():
    splat = Splat(shifted(0.5, 0, height=1, width=3))
    torch.testing.assert_close(splat.weight.flatten(), torch.tensor([0.5, 1.0, 1.0]))  # half a pixel fell off the edge
    torch.testing.assert_close(splat(tokens([[2, 4, 8]])).flatten(), torch.tensor([2.0, 3.0, 6.0]))


def test_pixels_that_meet_are_averaged():
    flow = torch.zeros(1, 1, 2, 1, 3)
    flow[..., 0] = 1  # everything in the first column moves a pixel, also down, off the grid
    flow[0, 0, 1] = 0
    moved = Splat(flow)(tokens([[2, 4, 8]])).flatten()
    torch.testing.assert_close(moved, torch.tensor([0.0, 3.0, 8.0]))


@pytest.mark.parametrize("lost", [math.nan, math.inf, -math.inf, 1e30, -5.0])
def test_what_lands_nowhere_is_left_out(lost):
    flow = torch.zeros(1, 1, 2, 1, 3)
    flow[0, 0, 0, 0, 1] = lost
    moved = Splat(flow)(tokens([[2, 4, 8]])).flatten()
    torch.testing.assert_close(moved, torch.tensor([2.0, 0.0, 8.0]))


def slowly(flow, features, entry):
    """The same pixel by pixel: out[b][n] from features[entry(b, n)]."""
    b, n, _, h, w = flow.shape
    out = torch.zeros(b, n, h * w, features.shape[-1], dtype=torch.float64)
    for i in range(b):
        for j in range(n):
            weights = torch.zeros(h, w, dtype=torch.float64)
            sums = torch.zeros(h, w, features.shape[-1], dtype=torch.float64)
            for y in range(h):
                for x in range(w):
                    at_x, at_y = x + float(flow[i, j, 0, y, x]), y + float(flow[i, j, 1, y, x])
                    for column in (math.floor(at_x), math.floor(at_x) + 1):
                        for row in (math.floor(at_y), math.floor(at_y) + 1):
                            if 0 <= column < w and 0 <= row < h:
                                weight = (1 - abs(at_x - column)) * (1 - abs(at_y - row))
                                weights[row, column] += weight
                                sums[row, column] += weight * features[entry(i, j), y * w + x].double()
            out[i, j] = (sums / (weights + EPSILON)[..., None]).view(h * w, -1)
    return out.float()


@pytest.mark.parametrize("order", ["separate", "released"])
def test_it_is_what_a_loop_over_pixels_gives(order):
    generator = torch.Generator().manual_seed(0)
    flow = 2 * torch.randn(2, 3, 2, 4, 5, generator=generator)
    features = torch.randn(2, 20, 6, generator=generator)
    entry = (lambda i, j: (3 * i + j) % 2) if order == "released" else (lambda i, j: i)
    # float32 sums; a pixel with next to no weight magnifies their error
    torch.testing.assert_close(Splat(flow, order)(features), slowly(flow, features, entry), rtol=1e-4, atol=1e-5)


def test_a_projection_may_be_done_before_the_splat():
    generator = torch.Generator().manual_seed(0)
    splat = Splat(torch.randn(1, 3, 2, 4, 5, generator=generator))
    features, projection = torch.randn(1, 20, 6, generator=generator), torch.randn(6, 4, generator=generator)
    torch.testing.assert_close(splat(features @ projection), splat(features) @ projection, rtol=1e-4, atol=1e-5)


def test_half_precision_features_keep_their_type():
    moved = Splat(shifted(1, 0))(tokens([[1, 2, 3, 4], [5, 6, 7, 8]]).bfloat16())
    assert moved.dtype == torch.bfloat16
    assert moved.flatten().tolist() == [0, 1, 2, 3, 0, 5, 6, 7]


def test_gradients_reach_the_features():
    features = tokens([[1, 2, 3, 4], [5, 6, 7, 8]]).requires_grad_()
    Splat(shifted(1, 0))(features).sum().backward()
    torch.testing.assert_close(features.grad.view(2, 4), torch.tensor([[1.0, 1, 1, 0], [1, 1, 1, 0]]))


def test_a_flow_on_a_coarser_grid_is_in_that_grids_pixels():
    flow = shifted(8, 4, height=16, width=32)
    torch.testing.assert_close(resized_flow(flow, (2, 4)), shifted(1, 0.5, height=2, width=4))


def test_a_level_whose_size_was_rounded_up_scales_each_axis_by_itself():
    flow = shifted(9, 5, height=5, width=9)
    torch.testing.assert_close(resized_flow(flow, (3, 5)), shifted(5, 3, height=3, width=5))
