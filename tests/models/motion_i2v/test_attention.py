"""Temporal attention beside one written out: every moved feature projected, tokens interleaved, pixel by pixel."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.errors import UsageError  # noqa: E402
from v2v_studio.models.motion_i2v import attention as module  # noqa: E402
from v2v_studio.models.motion_i2v.attention import MotionAttention  # noqa: E402
from v2v_studio.models.motion_i2v.splat import Splat  # noqa: E402

pytestmark = pytest.mark.slow

ROUNDING = {"atol": 2e-6, "rtol": 1e-5}  # float32, sums in another order
SIZE, CHANNELS, HEADS = (3, 4), 32, 4


def filled(positions=32):
    torch.manual_seed(0)
    return MotionAttention(CHANNELS, HEADS, positions).eval()


def video(batch, frames):
    torch.manual_seed(1)
    hidden = torch.randn(batch, frames, SIZE[0] * SIZE[1], CHANNELS)
    return hidden, torch.randn(batch, frames - 1, 2, *SIZE)


def slowly(attention, hidden, moved):
    """One entry (F, P, C), with what is moved to it (N, P, C) or None: tokens in a row, each pixel for itself."""
    rows = []
    for pixel in range(hidden.shape[1]):
        tokens = hidden[:, pixel]
        if moved is not None:
            tokens = torch.stack(
                [tokens[0], *(t for pair in zip(moved[:, pixel], tokens[1:], strict=True) for t in pair)]
            )
        tokens = tokens + attention.pos_encoder.pe[0, : len(tokens)]
        queries = tokens if moved is None else tokens[::2]
        q, k, v = (
            (rows @ layer.weight.T).view(len(rows), HEADS, -1).transpose(0, 1)
            for rows, layer in ((queries, attention.to_q), (tokens, attention.to_k), (tokens, attention.to_v))
        )
        weights = (q @ k.transpose(1, 2) / (CHANNELS // HEADS) ** 0.5).softmax(-1)
        out = attention.to_out[0]
        rows.append((weights @ v).transpose(0, 1).flatten(1) @ out.weight.T + out.bias)
    return torch.stack(rows, dim=1)


@torch.no_grad()
@pytest.mark.parametrize("values_at_once", [2**22, 1])
def test_features_moved_after_their_projection_are_those_projected_after_the_move(monkeypatch, values_at_once):
    monkeypatch.setattr(module, "CHUNK", values_at_once)  # all pixels at once, or one by one
    attention = filled()
    hidden, flow = video(2, 5)
    splat = Splat(flow)
    moved = splat(hidden[:, 0])
    expected = torch.stack([slowly(attention, *entry) for entry in zip(hidden, moved, strict=True)])
    torch.testing.assert_close(attention(hidden, splat), expected, **ROUNDING)


@torch.no_grad()
def test_without_a_flow_the_frames_attend_to_one_another():
    attention = filled()
    hidden, _ = video(2, 5)
    expected = torch.stack([slowly(attention, entry, None) for entry in hidden])
    torch.testing.assert_close(attention(hidden, None), expected, **ROUNDING)


@torch.no_grad()
def test_the_released_order_moves_the_features_of_both_entries_of_the_batch():
    attention = filled()
    hidden, flow = video(2, 4)  # 3 flows an entry: of 6 in all, entry 0 supplies the even ones
    splat = Splat(flow, "released")
    moved = torch.stack(
        [Splat(flow)(hidden[[entry, entry], 0]) for entry in (0, 1)]
    )  # (whose features, along whose flow)
    mixed = torch.stack([torch.stack([moved[(b * 3 + j) % 2, b, j] for j in range(3)]) for b in (0, 1)])
    expected = torch.stack([slowly(attention, *entry) for entry in zip(hidden, mixed, strict=True)])
    torch.testing.assert_close(attention(hidden, splat), expected, **ROUNDING)


def test_no_gradient_reaches_the_reference_through_what_is_moved():
    attention = filled()
    hidden, flow = video(1, 3)
    hidden.requires_grad_()
    splat = Splat(flow)
    normed = hidden * 1
    normed[:, 1:] = 0
    (attention(normed, splat) - attention(normed.detach(), None)).sum().backward()
    assert attention.to_k.weight.grad.abs().sum() > 0


def test_a_table_of_32_positions_takes_16_frames_with_a_flow_and_32_without():
    attention = filled()
    assert attention(*(video(1, 16)[0], Splat(video(1, 16)[1]))).shape[1] == 16
    assert attention(video(1, 32)[0], None).shape[1] == 32
    with pytest.raises(UsageError, match="at most 16 frames at a time, not 17"):
        attention(video(1, 17)[0], Splat(video(1, 17)[1]))
