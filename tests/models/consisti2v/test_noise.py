"""What frames share of their noise."""

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.models.consisti2v.noise import correlated, mixed, progressive  # noqa: E402
from v2v_studio.models.sampling import Noise  # noqa: E402

pytestmark = pytest.mark.slow

SHAPE = (4, 3, 100, 100)
CHANCE = 0.02  # 40,000 numbers a frame: four deviations


def shared(noise):
    """The correlation of neighbouring frames, and of the first with the last."""
    frames = noise[0].transpose(0, 1).flatten(1)
    return torch.corrcoef(frames)[[0, 0], [1, 2]].tolist()


@pytest.mark.parametrize(
    ("kind", "alpha", "expected"),
    [
        ("vanilla", 1.0, [0, 0]),
        ("mixed", 1.0, [0.5, 0.5]),
        ("mixed", 2.0, [0.8, 0.8]),
        ("mixed", 0.0, [0, 0]),
        ("progressive", 1.0, [0.5**0.5, 0.5]),
    ],
)
def test_frames_share_what_alpha_says_and_each_is_normal(kind, alpha, expected):
    noise = correlated(kind, alpha, SHAPE, Noise(0))
    assert noise.shape == (1, *SHAPE)
    assert shared(noise) == pytest.approx(expected, abs=CHANCE)
    assert noise.std((1, 3, 4)).tolist() == [pytest.approx([1, 1, 1], abs=CHANCE)]


def test_mixed_draws_what_is_shared_first():
    draw = Noise(5)
    common, own = draw(1, 4, 1, 100, 100), draw(1, *SHAPE)
    assert torch.equal(correlated("mixed", 1.5, SHAPE, Noise(5)), mixed(common, own, 1.5))


def test_progressive_begins_with_the_first_draw_and_adds_the_second():
    draw = Noise(5)
    first, own = draw(1, *SHAPE), draw(1, *SHAPE)
    made = correlated("progressive", 1.0, SHAPE, Noise(5))
    assert torch.equal(made, progressive(first, own, 1.0))
    assert torch.equal(made[:, :, 0], first[:, :, 0])
    torch.testing.assert_close(made[:, :, 2], (made[:, :, 1] + own[:, :, 2]) * 0.5**0.5)


def test_each_video_draws_one_share_of_its_own():
    """With a generator for each of two videos the release makes four."""
    made = torch.cat([correlated("mixed", 1.0, SHAPE, Noise(seed)) for seed in (1, 2)])
    assert made.shape == (2, *SHAPE)
    assert torch.equal(made[1:], correlated("mixed", 1.0, SHAPE, Noise(2)))
    assert torch.corrcoef(made[:, :, 0].flatten(1))[0, 1].item() == pytest.approx(0, abs=CHANCE)
