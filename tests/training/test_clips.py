"""Which frames of a sample are taken, and which part of them."""

from fractions import Fraction

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from v2v_studio.errors import MediaError  # noqa: E402
from v2v_studio.training.clips import covering, spaced, square, stretched  # noqa: E402
from v2v_studio.training.sample import Sample  # noqa: E402
from v2v_studio.types import BoxSequence  # noqa: E402

pytestmark = pytest.mark.slow


def draw(seed=0):
    return torch.Generator().manual_seed(seed)


def ramp(height, width, frames=1):
    """Red is a pixel's place across, green its place down, both in [0, 1]."""
    y, x = np.indices((height, width), np.float32)
    frame = np.stack([(x + 0.5) / width, (y + 0.5) / height, np.zeros_like(x)])
    return np.repeat(frame[None], frames, 0)


def sample(frames=10, size=(4, 4), every=1, boxes=None):
    return Sample("clip", ramp(*size, frames), Fraction(24), every * np.arange(frames), boxes=boxes)


@given(
    length=st.integers(2, 60),
    frames=st.integers(2, 16),
    longest=st.integers(1, 6),
    every=st.integers(1, 4),
    seed=st.integers(0, 9),
)
def test_frames_are_evenly_spaced_within_the_sample_and_no_further_apart_than_asked(
    length, frames, longest, every, seed
):
    clip = sample(length, (1, 1), every)
    if length < frames:
        with pytest.raises(MediaError, match=f"clip has {length} frames and {frames} are trained on"):
            spaced(clip, frames, longest, draw(seed))
        return
    chosen = spaced(clip, frames, longest, draw(seed))
    (apart,) = set(np.diff(chosen))
    assert len(chosen) == frames and chosen[0] >= 0 and chosen[-1] < length
    assert apart * every <= longest or apart == 1  # those of the sample that are closest may be further apart


def test_every_start_and_every_spacing_comes():
    chosen = [spaced(sample(9), 3, 5, draw(seed)) for seed in range(300)]
    assert {int(places[1] - places[0]) for places in chosen} == {1, 2, 3, 4}  # 5 would need 11 frames
    assert {int(places[0]) for places in chosen if places[1] - places[0] == 1} == set(range(7))


def test_the_middle_is_covered_in_its_own_shape():
    """A picture twice as wide as high loses a quarter at each side."""
    (cut,) = covering(ramp(32, 64), 16, 16)
    assert cut.shape == (3, 16, 16)
    assert cut[0, 0, [0, -1]] == pytest.approx([0.25 + 1 / 64, 0.75 - 1 / 64], abs=0.01)
    assert cut[1, [0, -1], 0] == pytest.approx([1 / 32, 31 / 32], abs=0.01)


def test_a_stretched_picture_is_all_of_it():
    (whole,) = stretched(ramp(32, 64), 16, 16)
    assert whole[0, 0, [0, -1]] == pytest.approx([1 / 32, 31 / 32], abs=0.01)


def boxes(present, size=(20, 30)):
    """Of one object, 4 pixels wide at (10, 8)."""
    places = np.tile(np.array([10, 8, 14, 12], np.float32), (len(present), 1, 1))
    return BoxSequence(places, np.array(present, bool)[:, None], ("a ball",), size)


def test_a_square_lies_in_a_frame_with_an_object_and_its_boxes_in_the_square():
    clip = sample(3, (20, 30), boxes=boxes([False, True, False]))
    sides = set()
    for seed in range(40):
        picture, found = square(clip, 0.8, draw(seed))
        side = picture.shape[2]
        sides.add(side)
        assert picture.shape == (1, 3, side, side) and found.size == (side, side) and found.present.all()
        left, top = (round(float(picture[0, channel, 0, 0]) * length - 0.5) for channel, length in ((0, 30), (1, 20)))
        assert found.boxes[0, 0].tolist() == [10 - left, 8 - top, 14 - left, 12 - top]
    assert sides == {16, 17, 18, 19, 20}


def test_without_an_object_there_is_nothing_to_train_on():
    with pytest.raises(MediaError, match="clip has no boxes"):
        square(sample(3), 1, draw())
    with pytest.raises(MediaError, match="none is of an object that is to be seen"):
        square(sample(3, (20, 30), boxes=boxes([False] * 3)), 1, draw())
