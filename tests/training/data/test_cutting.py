"""A clip cut into samples."""

from fractions import Fraction

import numpy as np
import pytest

from tests.conftest import SHOTS
from v2v_studio.flow.base import estimator
from v2v_studio.flow.longrange import LongRange, TrackParams
from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.training.data.cutting import PrepareParams, cut_samples, moved, sample_starts, shots_of
from v2v_studio.training.data.got10k import got10k
from v2v_studio.training.data.sources import Annotation

SMALL = {"width": 48, "height": 32, "flow": "none"}


@pytest.fixture(scope="module")
def reader(film):
    return open_reader(film, probe(film))


def cut(reader, starts, known=None, motion=None, **options):
    return list(
        cut_samples("film", reader, known or Annotation(), starts, PrepareParams(**{**SMALL, **options}), motion)
    )


def test_no_sample_spans_a_cut(reader):
    params = PrepareParams(frames=3, stride=2, every=1, **SMALL)
    starts = list(sample_starts(shots_of(reader, "adaptive"), params))
    covered = [set(range(start, start + params.span)) for start in starts]
    assert all(any(frames <= set(range(*shot)) for shot in SHOTS) for frames in covered)
    assert len(starts) == sum(end - start - params.span + 1 for start, end in SHOTS)


def test_samples_follow_one_another_where_nothing_else_is_asked(reader):
    assert list(sample_starts(SHOTS, PrepareParams(frames=2, stride=4))) == [0, 5, 12, 17, 22, 27]


def test_a_sample_is_every_so_many_th_frame_of_the_footage_in_8_bits(reader):
    everything = np.stack([from_uint8(to_uint8(frame)) for frame in reader.frames(size=(48, 32))])
    one, two = cut(reader, [1, 12], frames=3, stride=3)
    assert np.array_equal(one.frames, everything[[1, 4, 7]])
    assert np.array_equal(two.frames, everything[[12, 15, 18]])
    assert one.indices.tolist() == [0, 3, 6] and one.rate == Fraction(24000, 1001)
    assert [one.name, two.name] == ["film_000001", "film_000012"]


def test_overlapping_samples_are_the_same_as_each_cut_by_itself(reader, same):
    together = cut(reader, [0, 2, 3, 20], frames=4)
    assert all(same(one, *cut(reader, [start], frames=4)) for one, start in zip(together, [0, 2, 3, 20], strict=True))


def test_boxes_and_caption_go_with_their_frames(got):
    (source,) = got10k(got)
    reader = open_reader(source.path, probe(source.path, source.rate))
    (one,) = cut(reader, [1], source.annotation(), frames=2, stride=2, width=32, height=24)
    assert one.caption == "A red fox that is running. " and one.rate == 10
    assert one.boxes.boxes[0, 0].tolist() == [5.5, 6, 17.5, 18]
    assert one.boxes.present[:, 0].tolist() == [True, False]


@pytest.mark.parametrize("motion", [estimator("dis"), LongRange(TrackParams(quality="draft"))])
def test_motion_points_from_the_first_frame_to_each_later_one(reader, motion):
    """The film's crops go four pixels to the right a frame and are shown at a third: the picture goes 4/3 to the left."""
    (one,) = cut(reader, [0], motion=motion, frames=3, stride=2, width=96, height=64)
    assert one.flow.shape == (2, 2, 64, 96) and one.visible.shape == (2, 64, 96)
    for later, t in enumerate((2, 4)):
        inner = one.flow[later, :, 16:-16, 16:-16]
        assert abs(np.median(inner[0]) + 4 / 3 * t) < 0.3 and abs(np.median(inner[1])) < 0.3  # a film of 8 bits, coded
    assert np.array_equal(one.flow * 64, np.rint(one.flow * 64))


def test_what_leaves_the_picture_is_not_seen(reader):
    (one,) = cut(reader, [0], motion=estimator("dis"), frames=2, stride=8, width=96, height=64)
    assert one.visible[0, :, 20:76].mean() > 0.9 and one.visible[0, :, :6].mean() < 0.1


class Recorded:
    """An estimator that keeps what it was shown."""

    def __init__(self, chained):
        self.chained = chained
        self.inner = estimator("dis")

    def flow(self, frames, direction):
        self.shown = frames
        return self.inner.flow(frames, direction)


def test_only_an_estimator_that_goes_from_frame_to_frame_sees_those_between(reader):
    frames = np.stack(list(reader.frames(0, 7, (48, 32))))
    both = [Recorded(chained=False), Recorded(chained=True)]
    found = [moved(frames, 3, motion) for motion in both]
    assert np.array_equal(both[0].shown, frames[::3]) and np.array_equal(both[1].shown, frames)
    assert np.array_equal(found[0][0], found[1][0])  # DIS looks at each frame by itself: it gives the same either way


def test_a_sample_of_one_frame_has_no_motion(reader):
    (one,) = cut(reader, [5], motion=estimator("dis"), frames=1)
    assert one.flow is None and len(one) == 1
