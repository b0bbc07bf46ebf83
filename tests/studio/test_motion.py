"""One picture, or a video, of what moves."""

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.media.frames import read_png
from v2v_studio.project.records import Shot
from v2v_studio.studio.motion import halfway

DRAFT = {"quality": "draft"}


def test_a_preview_is_three_pictures_side_by_side(rendered, tmp_path):
    made = rendered.preview_motion("sh010", tmp_path / "new/motion.png", 1004, DRAFT)
    _, height, width = read_png(made.path).shape
    assert height > 180 and width > 3 * 270  # 180 lines each, 3:2
    assert (made.shot, made.frame, made.since) == ("sh010", 1004, 1001)


def test_a_preview_says_what_estimated_it(rendered, tmp_path):
    made = rendered.preview_motion("sh010", tmp_path / "motion.png", 1002, DRAFT)
    assert made.estimator == "estimate quality=draft flow=dis"


def test_motion_is_measured_from_the_frame_that_was_painted(rendered, tmp_path):
    """And backwards in time where the frame asked for is before it."""
    rendered.stylize(["sh010"], frame=1005)
    made = rendered.preview_motion("sh010", tmp_path / "motion.png", 1003, DRAFT)
    assert (made.frame, made.since) == (1003, 1005)


@pytest.mark.parametrize("number", [1000, 1001, 1013])
def test_a_frame_outside_the_shot_or_the_painted_one_itself_is_refused(number, rendered, tmp_path):
    with pytest.raises(UsageError, match="frames 1001 to 1012, and motion is measured from 1001"):
        rendered.preview_motion("sh010", tmp_path / "motion.png", number, DRAFT)


@pytest.mark.parametrize(
    ("since", "frame"), [(0, 5), (9, 4), (3, 6), (8, 4)], ids=["first", "last", "nearer the first", "nearer the last"]
)
def test_the_usual_frame_is_halfway_to_the_farther_end(since, frame):
    assert halfway(Shot(id="sh010", footage="a001", start=0, end=10), since) == frame


@pytest.mark.parametrize(("since", "frame"), [(4, 5), (5, 4)])
def test_of_two_frames_the_usual_one_is_the_other(since, frame):
    assert halfway(Shot(id="sh010", footage="a001", start=4, end=6), since) == frame


def test_command_takes_a_preview_with_and_without_a_frame(rendered):
    folder = str(rendered.store.folder)
    for given, frame in ((["--preview"], 1007), (["--preview", "1003"], 1003)):
        made = CliRunner().invoke(cli, ["-C", folder, "motion", "sh010", "--draft", *given])
        assert made.exit_code == 0, made.output
        assert f"sh010_motion.png: frame {frame} against 1001, by estimate quality=draft flow=dis" in made.stdout


def test_command_writes_a_video_otherwise(rendered):
    made = CliRunner().invoke(cli, ["-C", str(rendered.store.folder), "motion", "sh010", "--draft"])
    assert made.exit_code == 0 and "sh010_motion.mp4: 11 frames" in made.stdout


def test_command_refuses_what_is_no_frame(rendered):
    made = CliRunner().invoke(cli, ["-C", str(rendered.store.folder), "motion", "sh010", "--preview", "last"])
    assert made.exit_code == 2
