"""Attention over a frame's pixels and the first frame's, against a slow version that builds every key sequence."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models import layers  # noqa: E402
from v2v_studio.models.consisti2v.spatial import FirstFrameAttention  # noqa: E402

pytestmark = pytest.mark.slow

SUMS = {"atol": 2e-6, "rtol": 1e-5}  # of the same products in another order


def tokens(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def slowly(attention, hidden, first_frame=True):
    """Frame by frame and head by head: softmax(Q [K_own, K_0]^T / sqrt(d)) [V_own, V_0]."""
    result = torch.empty_like(hidden)
    channels = hidden.shape[-1]
    width = channels // attention.heads
    for b, f in torch.cartesian_prod(torch.arange(hidden.shape[0]), torch.arange(hidden.shape[1])).tolist():
        own = hidden[b, f].reshape(-1, channels)
        seen = torch.cat([own, hidden[b, 0].reshape(-1, channels)]) if first_frame else own
        found = []
        for head in range(attention.heads):
            part = slice(head * width, (head + 1) * width)
            q = own @ attention.to_q.weight[part].T
            k, v = (seen @ layer.weight[part].T for layer in (attention.to_k, attention.to_v))
            found.append((q @ k.T / width**0.5).softmax(-1) @ v)
        result[b, f] = attention.to_out[0](torch.cat(found, -1)).view(hidden.shape[2:])
    return result


@pytest.fixture
def attention():
    torch.manual_seed(0)
    return FirstFrameAttention(24, 3)


@torch.no_grad()
@pytest.mark.parametrize("shape", [(2, 3, 2, 5, 24), (1, 1, 3, 3, 24), (1, 4, 1, 1, 24)])
def test_each_frame_sees_itself_and_the_first_frame_of_its_own_video(attention, shape):
    hidden = tokens(*shape)
    torch.testing.assert_close(attention(hidden), slowly(attention, hidden), **SUMS)


@torch.no_grad()
def test_without_the_first_frame_it_is_plain_self_attention(attention):
    attention.first_frame = False
    hidden = tokens(2, 3, 2, 5, 24)
    torch.testing.assert_close(attention(hidden), slowly(attention, hidden, first_frame=False), **SUMS)


@torch.no_grad()
def test_what_it_does_in_parts_is_the_same(attention, monkeypatch):
    hidden = tokens(2, 5, 4, 4, 24)
    whole = attention(hidden)
    monkeypatch.setattr("v2v_studio.models.consisti2v.spatial.CHUNK", 2 * 2 * hidden[0, 0].numel())
    torch.testing.assert_close(attention(hidden), whole, **SUMS)


@torch.no_grad()
def test_the_first_frame_is_projected_once_for_a_video(attention, monkeypatch):
    projected = []

    def counting(self, hidden):
        projected.append(hidden[..., 0].numel())
        return torch.nn.Linear.forward(self, hidden)

    monkeypatch.setattr(layers.Linear, "forward", counting)
    attention(tokens(2, 3, 2, 5, 24))
    assert projected == [2 * 3 * 10] * 4  # queries, keys, values, result
