"""Flow between two pictures."""

import cv2
import numpy as np
import pytest

from v2v_studio.flow.dis import SEARCHES, Dis, dis_flow, luma

QUALITIES = pytest.mark.parametrize("quality", SEARCHES)


@QUALITIES
def test_source_is_the_target_shifted_by_the_flow(quality, panning):
    """The second picture's window lies 3 px further right and 2 px further down."""
    first, second = (luma(frame) for frame in panning(2, 3, 2))
    flow = dis_flow(first, second, quality)
    assert flow.shape == (72, 96, 2) and flow.dtype == np.float32
    assert np.abs(flow[10:-10, 10:-10] - np.float32([-3, -2])).mean() < 0.15  # sub-pixel noise


@QUALITIES
def test_a_guess_finds_what_is_too_far_to_search_for(quality, panning):
    first, second = (luma(frame) for frame in panning(2, 30))
    guess = np.tile(np.float32([-29, 1]), (72, 96, 1))
    flow = dis_flow(first, second, quality, guess)
    assert np.abs(flow[10:-10, 40:-10] - np.float32([-30, 0])).mean() < 0.3  # a warm start is not smoothed


def test_the_guess_is_not_changed(panning):
    first, second = (luma(frame) for frame in panning(2, 3))
    guess = np.zeros((72, 96, 2), np.float32)
    dis_flow(first, second, "fast", guess)
    assert not guess.any()


def test_the_number_of_threads_does_not_matter(panning):
    first, second = (luma(frame) for frame in panning(2, 3))
    flows = []
    for threads in (1, 4):
        cv2.setNumThreads(threads)
        flows.append(dis_flow(first, second, "high").tobytes())
    assert flows[0] == flows[1]


def test_luma_is_rec_601_rounded():
    frame = np.float32([1, 0.5, 0])[:, None, None] * np.ones((3, 2, 2), np.float32)
    assert luma(frame)[0, 0] == round(0.299 * 255 + 0.587 * 128)


def test_better_quality_is_nearer_to_the_truth(texture):
    """A turn by 4 degrees: every vector differs."""
    picture = texture(120, 160).transpose(1, 2, 0)
    turn = cv2.getRotationMatrix2D((79.5, 59.5), 4, 1)
    turned = np.clip(cv2.warpAffine(picture, turn, (160, 120), flags=cv2.INTER_CUBIC), 0, 1)
    frames = np.stack([picture, turned]).transpose(0, 3, 1, 2)
    y, x = np.mgrid[:120, :160].astype(np.float32)
    truth = (cv2.transform(np.dstack([x, y]), turn) - np.dstack([x, y])).transpose(2, 0, 1)
    inner = np.s_[:, 16:-16, 16:-16]
    errors = [np.abs(Dis(q).flow(frames, "forward").displacement[1] - truth)[inner].mean() for q in ("fast", "high")]
    assert errors[1] < errors[0] < 0.3
