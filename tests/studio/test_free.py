"""A track whose motion is left to its renderer: everything above renderers does without a motion field."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from tests.fake import Fake
from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png
from v2v_studio.renderers.base import Rendered
from v2v_studio.tracks.table import TRACKS, Track
from v2v_studio.types import FreeMotion

TRACK = "free-fake"


class Fading:
    """Every frame a tenth darker than the one before, which only what is carried knows."""

    window = 4
    stride = 1

    def __init__(self, anchor):
        self.styled = anchor.styled
        self.windows = []

    def render(self, window, motion, carry):
        assert motion == FreeMotion(len(window.frames), window.frames.shape[2:])
        self.windows.append(window.start)
        made = []
        before = carry.get("before", self.styled)
        for _ in window.frames:
            before = np.float32(0.9) * before
            made.append(before)
        return Rendered(np.stack(made), {"before": before})


@pytest.fixture
def free(rendered, fake, monkeypatch):
    """A project, and the renders that were opened on it."""
    opened = []
    monkeypatch.setitem(TRACKS, TRACK, Track(TRACK, "free", "fake", "Fades."))
    monkeypatch.setattr(Fake, "open", lambda self, anchor, *_: opened.append(Fading(anchor)) or opened[-1])
    return rendered, opened


def take(studio, shot="sh010", **plan):
    rows = studio.render(studio.plan([shot], TRACK, **plan), workers=1)
    assert rows[0]["what"] == "rendered", rows
    made = studio.store.take(shot, rows[0]["take"])
    return made, [studio.store.take_frame(made, frame) for frame in range(made.first, made.last)]


def test_every_frame_is_rendered_and_none_of_it_is_kept_as_motion(free):
    studio, _ = free
    kept = sorted((studio.store.folder / "cache" / "flow").rglob("*.flow"))
    made, files = take(studio)
    shot = studio.store.shot("sh010")
    assert len(files) == made.last - made.first == shot.end - shot.start
    assert read_png(files[2]).mean() == pytest.approx(0.81 * read_png(files[0]).mean(), abs=0.01)  # 8 bits
    assert sorted((studio.store.folder / "cache" / "flow").rglob("*.flow")) == kept


def test_a_render_that_was_stopped_goes_on_from_its_last_window_with_the_bytes_of_one_go(free, monkeypatch):
    studio, opened = free
    whole = [file.read_bytes() for file in take(studio)[1]]
    plain = Fading.render

    def stopped(self, window, motion, carry):
        if window.start > 4:
            raise KeyboardInterrupt
        return plain(self, window, motion, carry)

    monkeypatch.setattr(Fading, "render", stopped)
    with pytest.raises(KeyboardInterrupt):
        studio.render(studio.plan(["sh010"], TRACK, again=True), workers=1)
    monkeypatch.setattr(Fading, "render", plain)
    assert [file.read_bytes() for file in take(studio, again=True)[1]] == whole
    assert opened[-1].windows[0] == 5


def test_two_first_frames_are_blended_by_nearness_alone(free):
    studio, _ = free
    second = studio.stylize(["sh010"], "filters", {"preset": "poster"}, frame=1009)[0]
    studio.pick("sh010", ["ff001", second.id])
    made, files = take(studio)
    assert len(made.further) == 1 and len(files) == made.last - made.first
    assert np.isfinite(read_png(files[4])).all()


def test_only_what_needs_no_field_is_measured(free):
    studio, _ = free
    made, files = take(studio)
    metrics = studio.metrics(made)
    assert len(metrics["rows"]) == len(files) - 1
    assert set(metrics["mean"]) == {"sharpness", "finite", "constant"}
    assert read_png(studio.store.take_folder("sh010", made.id) / "metrics.png").shape[0] == 3
    row = next(row for row in studio.take_rows("sh010") if row["take"] == f"sh010/{made.id}")
    assert row["visible"] is row["temporal"] is row["drift"] is None
    listed = CliRunner().invoke(cli, ["-C", str(studio.store.folder), "takes", "sh010"], catch_exceptions=False)
    assert TRACK in listed.output and "None" not in listed.output
    assert json.dumps(row)


def test_a_range_and_a_mask_are_refused_in_a_sentence(free):
    studio, _ = free
    made, _ = take(studio)
    ask = studio.ask(["sh010"], parent=made.id, span="1003:1006")
    with pytest.raises(UsageError, match="track 'free-fake' does not follow the footage"):
        studio.plan(["sh010"], TRACK, ask=ask)


def test_there_is_no_motion_to_show(free, tmp_path):
    studio, _ = free
    with pytest.raises(UsageError, match="track 'free-fake' moves by is no motion of pixels"):
        studio.preview_motion("sh010", tmp_path / "motion.png", track=TRACK)
    assert not list(tmp_path.glob("*.png"))


def test_nothing_is_suggested_to_be_painted(free):
    studio, _ = free
    studio.store.change_project(lambda p: p.changed(defaults=p.defaults.changed(track=TRACK, params={})))
    with pytest.raises(UsageError, match="track 'free-fake' does not follow the footage"):
        studio.suggest("sh010", 1)
