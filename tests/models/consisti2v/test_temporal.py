"""Attention over the frames at each pixel, against a slow version that builds every window."""

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402

from v2v_studio.models.consisti2v.positions import Rotary, Sinusoidal  # noqa: E402
from v2v_studio.models.consisti2v.temporal import TemporalCrossAttention, WindowAttention  # noqa: E402

pytestmark = pytest.mark.slow

SUMS = {"atol": 2e-6, "rtol": 1e-5}  # of the same products in another order
WIDTH, HEADS, TEXT = 24, 3, 10


def tokens(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def made(kind, *parts, **options):
    """With a table of its own, as training leaves it."""
    torch.manual_seed(0)
    attention = kind(WIDTH, HEADS, *parts, **options)
    if hasattr(attention, "rotary_emb"):
        attention.rotary_emb.freqs.data *= 1.1
    return attention


def rotated(vectors, numbers, freqs):
    """Vectors (N, C) of frames `numbers`: channels 2j and 2j + 1 are a complex number, turned by an angle."""
    result = vectors.clone()
    for row, number in enumerate(numbers):
        for j, freq in enumerate(freqs):
            turn = torch.polar(torch.tensor(1.0), number * freq)
            there = torch.complex(vectors[row, 2 * j], vectors[row, 2 * j + 1]) * turn
            result[row, 2 * j], result[row, 2 * j + 1] = there.real, there.imag
    return result


def attended(q, k, v, out):
    width = WIDTH // HEADS
    heads = [
        (q[:, part] @ k[:, part].T / width**0.5).softmax(-1) @ v[:, part]
        for part in (slice(head * width, (head + 1) * width) for head in range(HEADS))
    ]
    return out(torch.cat(heads, -1))


def table(frames):
    """Sinusoidal positions: angle = frame / 10000^(i / C), sine and cosine by turns."""
    rows = torch.zeros(frames, WIDTH)
    for frame in range(frames):
        for i in range(WIDTH // 2):
            angle = torch.tensor(frame / 10000 ** (i / WIDTH))
            rows[frame, 2 * i], rows[frame, 2 * i + 1] = angle.sin(), angle.cos()
    return rows


def slowly(attention, hidden, window=True):
    """Pixel by pixel: F own tokens, then the 8 around it in frame 0, rows first, the picture going on as at its edge."""
    batch, frames, height, width, _ = hidden.shape
    result = torch.empty_like(hidden)
    rotary = attention.positions == "rotary"
    placed = hidden if rotary else hidden + table(frames)[:, None, None]
    for b in range(batch):
        first = F.pad(placed[b, 0].permute(2, 0, 1)[None], (1, 1, 1, 1), mode="replicate")[0].permute(1, 2, 0)
        for y in range(height):
            for x in range(width):
                own = placed[b, :, y, x]
                near = first[y : y + 3, x : x + 3].reshape(9, -1)[[0, 1, 2, 3, 5, 6, 7, 8]]
                seen = torch.cat([own, near]) if window else own
                q, k, v = attention.to_q(own), attention.to_k(seen), attention.to_v(seen)
                if rotary:
                    freqs = attention.rotary_emb.freqs
                    numbers = [*range(frames), *[0] * (len(seen) - frames)]
                    q, k = rotated(q, range(frames), freqs), rotated(k, numbers, freqs)
                result[b, :, y, x] = attended(q, k, v, attention.to_out[0])
    return result


@torch.no_grad()
@pytest.mark.parametrize("window", [True, False])
@pytest.mark.parametrize("positions", ["rotary", "sinusoidal"])
@pytest.mark.parametrize("shape", [(2, 4, 3, 2), (1, 7, 1, 1)])
def test_each_pixel_sees_its_frames_and_its_neighbours_in_the_first(shape, positions, window):
    attention, hidden = made(WindowAttention, positions, window=window), tokens(*shape, WIDTH)
    torch.testing.assert_close(attention(hidden), slowly(attention, hidden, window), **SUMS)


@torch.no_grad()
def test_what_it_does_in_parts_is_the_same(monkeypatch):
    attention, hidden = made(WindowAttention, "rotary"), tokens(2, 4, 3, 5, WIDTH)
    whole = attention(hidden)
    monkeypatch.setattr("v2v_studio.models.consisti2v.temporal.CHUNK", 4 * 2 * 4 * WIDTH)
    torch.testing.assert_close(attention(hidden), whole, **SUMS)


@torch.no_grad()
@pytest.mark.parametrize("positions", ["rotary", "sinusoidal"])
@pytest.mark.parametrize("words", [5, 4])  # 4 is the number of frames
def test_text_has_no_place_in_time_and_queries_have(positions, words):
    attention = made(TemporalCrossAttention, TEXT, positions)
    hidden, text = tokens(2, 4, 3, 2, WIDTH), tokens(2, words, TEXT)
    expected = torch.empty_like(hidden)
    for b in range(2):
        for y in range(3):
            for x in range(2):
                own = hidden[b, :, y, x] + (table(4) if positions == "sinusoidal" else 0)
                q, k, v = attention.to_q(own), attention.to_k(text[b]), attention.to_v(text[b])
                q = rotated(q, range(4), attention.rotary_emb.freqs) if positions == "rotary" else q
                expected[b, :, y, x] = attended(q, k, v, attention.to_out[0])
    torch.testing.assert_close(attention(hidden, attention.keys(text)), expected, **SUMS)


@torch.no_grad()
def test_the_release_turns_a_text_of_as_many_tokens_as_frames():
    attention = made(TemporalCrossAttention, TEXT, "rotary")
    hidden, text = tokens(1, 4, 1, 1, WIDTH), tokens(1, 4, TEXT)
    plain = attention(hidden, attention.keys(text))
    attention.equal_text = "turned"
    freqs = attention.rotary_emb.freqs
    q = rotated(attention.to_q(hidden[0, :, 0, 0]), range(4), freqs)
    k, v = rotated(attention.to_k(text[0]), range(4), freqs), attention.to_v(text[0])
    turned = attention(hidden, attention.keys(text))
    torch.testing.assert_close(turned[0, :, 0, 0], attended(q, k, v, attention.to_out[0]), **SUMS)
    assert not torch.allclose(turned, plain, atol=1e-4)
    longer = tokens(1, 5, TEXT)
    again = attention(hidden, attention.keys(longer))
    attention.equal_text = "plain"
    assert torch.equal(attention(hidden, attention.keys(longer)), again)


@torch.no_grad()
def test_the_stored_angles_count_and_no_others():
    attention, hidden = made(WindowAttention, "rotary"), tokens(1, 4, 2, 2, WIDTH)
    before = attention(hidden)
    attention.rotary_emb.freqs.data *= 2
    assert not torch.allclose(attention(hidden), before, atol=1e-4)


@torch.no_grad()
def test_weights_of_the_layout_that_nothing_uses_change_nothing():
    attention, hidden = made(WindowAttention, "rotary"), tokens(1, 4, 2, 2, WIDTH)
    before = attention(hidden)
    attention.rotary_bias.relative_attention_bias.weight.data += 1
    assert torch.equal(attention(hidden), before)


def test_a_new_table_has_a_quarter_as_many_angles_as_channels():
    freqs = Rotary(16).freqs
    torch.testing.assert_close(freqs.data, torch.tensor([1, 10000**-0.25, 10000**-0.5, 10000**-0.75]))
    assert freqs.requires_grad


@torch.no_grad()
def test_the_first_frame_and_the_second_half_of_the_channels_are_not_turned():
    rotary, vectors = Rotary(16), tokens(3, 1, 16)
    turned = rotary(vectors, torch.arange(3.0))
    assert torch.equal(turned[0], vectors[0])
    assert torch.equal(turned[..., 8:], vectors[..., 8:])
    assert not torch.isclose(turned[1:, :, :8], vectors[1:, :, :8]).all()


def test_sinusoidal_positions_begin_with_nought_and_one():
    assert Sinusoidal(6)(torch.zeros(1)).tolist() == [[0, 1, 0, 1, 0, 1]]
