"""The tracker on motion that is known."""

import gc
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from v2v_studio.flow.longrange import LongRange, Tracker, TrackParams, followed_size
from v2v_studio.types import FlowField

QUALITIES = pytest.mark.parametrize("quality", ["draft", "final"])


def track(frames, quality, before=None, start=1):
    tracker = Tracker(frames[0], TrackParams(quality=quality))
    entries = []
    for t in range(start, len(frames)):
        before = tracker.step(frames[t - 1], frames[t], before)
        entries.append(before)
    return entries


@QUALITIES
def test_a_pan_is_followed_without_drift(quality, panning):
    frames = panning(9, 3, 1)
    last = track(frames, quality)[-1]
    inner = np.s_[0, :, 4:-12, 4:-28]  # what frame 8 still shares with frame 0
    error = last.displacement[inner] - np.float32([24, 8])[:, None, None]
    assert np.abs(error).mean() < 0.1  # sub-pixel noise; chained alone it would have grown eightfold
    assert last.visible[0, 0, 8:-16, 8:-32].mean() > 0.9


def test_a_tracker_is_gone_as_soon_as_it_is_let_go(panning):
    """It holds what it knows of the reference, which is not to wait for Python's collector."""
    gc.disable()
    try:
        tracker = Tracker(panning(2, 1, 0)[0])
        known = weakref.ref(tracker)
        del tracker
        assert known() is None
    finally:
        gc.enable()


@QUALITIES
def test_what_entered_the_picture_is_not_visible(quality, panning):
    last = track(panning(9, 3), quality)[-1]
    assert last.visible[0, 0, :, -20:].mean() < 0.1  # 24 columns are new


@QUALITIES
def test_a_turn_is_followed(quality, texture):
    picture = texture(72, 96).transpose(1, 2, 0)
    turns = [cv2.getRotationMatrix2D((47.5, 35.5), 3 * t, 1) for t in range(6)]
    frames = np.stack([cv2.warpAffine(picture, m, (96, 72), flags=cv2.INTER_CUBIC, borderMode=2) for m in turns])
    frames = np.clip(frames, 0, 1).transpose(0, 3, 1, 2)
    last = track(frames, quality)[-1].displacement[0].transpose(1, 2, 0)
    y, x = np.mgrid[:72, :96].astype(np.float32)
    back = cv2.transform(np.dstack([x, y]), cv2.invertAffineTransform(turns[-1])) - np.dstack([x, y])
    assert np.linalg.norm(last - back, axis=2)[14:-14, 14:-14].mean() < 0.15  # sub-pixel noise


@QUALITIES
def test_what_an_object_uncovers_is_not_visible(quality, passing):
    last = track(passing(6), quality)[-1]
    square, uncovered = np.s_[0, 0, 28:44, 44:60], np.s_[0, 0, 28:44, 24:36]
    assert last.visible[square].mean() > 0.8
    assert last.visible[uncovered].mean() < 0.35
    assert np.abs(last.displacement[square] + 20).mean() < 0.5


@QUALITIES
def test_continuing_from_a_field_kept_elsewhere_equals_one_go(quality, passing):
    """All state is in the field: as whole 64ths and 255ths it may be stored in integers."""
    frames = passing(6)
    whole = track(frames, quality)
    kept = whole[2]
    stored = FlowField(
        np.int16(kept.displacement * 64).astype(np.float32) / 64,
        "backward",
        np.uint8(np.rint(kept.visible * 255)).astype(np.float32) / 255,
    )
    for one, other in zip(whole[3:], track(frames, quality, stored, start=4), strict=True):
        for name in ("displacement", "visible", "step"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


@QUALITIES
def test_step_points_to_the_frame_before(quality, panning):
    step = track(panning(4, 3, 1), quality)[-1].step[0]
    assert np.abs(step[:, 8:-8, 8:-8] - np.float32([3, 1])[:, None, None]).mean() < 0.1  # sub-pixel noise


@QUALITIES
def test_two_threads_do_not_disturb_each_other(quality, panning, passing):
    clips = [panning(4, 3, 1), passing(4)]
    alone = [track(clip, quality)[-1].displacement for clip in clips]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda clip: track(clip, quality)[-1].displacement, clips))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_the_estimator_gives_what_the_tracker_gives(passing):
    frames = passing(4)
    flow = LongRange().flow(frames, "backward")
    entries = track(frames, "final")
    assert flow.displacement[1:].tobytes() == np.concatenate([e.displacement for e in entries]).tobytes()


def test_final_finds_an_object_that_jumps_too_far_for_flow(passing):
    """The square jumps 20 px at once, most of its own size, which only a search sees."""
    frames = passing(6)[[0, 5]]
    square = np.s_[0, 0, 30:42, 46:58]
    errors = {q: np.abs(track(frames, q)[-1].displacement[square] + 20).mean() for q in ("draft", "final")}
    assert errors["final"] < 0.5


def test_a_frame_of_one_colour_is_followed_without_a_warning():
    flat = np.full((4, 3, 32, 40), 0.5, np.float32)
    assert np.abs(LongRange().flow(flat, "backward").displacement).max() == 0


def test_starting_a_draft_imports_neither_numba_nor_torch():
    code = (
        "import sys, numpy as np; from v2v_studio.flow.longrange import Tracker, TrackParams;"
        "f = np.zeros((3, 32, 32), np.float32); Tracker(f, TrackParams(quality='draft')).step(f, f, None);"
        "sys.exit(bool({'numba', 'torch', 'scipy', 'skimage'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_draft_of_a_large_picture_is_followed_at_half_size_to_within_a_pixel(panning):
    frames = panning(4, 6, 2, height=303, width=321)
    assert followed_size((303, 321), "draft") == (151, 160) and followed_size((303, 321), "final") == (303, 321)
    last = track(frames, "draft")[-1]
    inner = np.s_[0, :, 8:-16, 8:-32]
    assert (
        np.abs(last.displacement[inner] - np.float32([18, 6])[:, None, None]).mean() < 0.5
    )  # a quarter of a half pixel
    assert last.size == (303, 321)
