"""Motion given as files: read, kept under its digest, and refused where it does not fit."""

import numpy as np
import pytest

from v2v_studio.errors import MediaError, ProjectError, UsageError
from v2v_studio.media.flo import write_flo
from v2v_studio.media.frames import write_png
from v2v_studio.studio.moves import (
    AS_MADE,
    Adjustment,
    Moves,
    adjusted,
    check_kept,
    kept_moves,
    moves_folder,
    take_in_moves,
)
from v2v_studio.types import FlowField

SIZE = (96, 64)


def pan(pixels, size=SIZE):
    """Everything this far to the right."""
    way = np.zeros((2, size[1], size[0]), np.float32)
    way[0] = pixels
    return way


@pytest.fixture
def given(rendered, tmp_path):
    """Takes in a pan of half a pixel a frame, from a frame to others."""

    def given(*pairs, size=SIZE, speed=0.5):
        folder = tmp_path / "flows"
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for start, end in pairs:
            write_flo(folder / f"{start}-{end}.flo", pan(speed * (end - start), size))
        return take_in_moves(rendered.store, rendered.store.shot("sh010"), SIZE, folder)

    return given


FORWARDS = [(1004, 1004 + n) for n in (1, 2, 3)]
BACKWARDS = [(1004, 1003), (1004, 1002)]


def test_what_is_given_is_kept_by_direction(given, rendered):
    moves = given(*FORWARDS, *BACKWARDS)
    start = rendered.store.shot("sh010").frame(1004)
    assert moves.runs == ((start, "backward", 2), (start, "forward", 3))
    assert moves.reaches(start, "forward") == 3 and moves.reaches(start + 1, "forward") == 0
    ahead = kept_moves(rendered.store, "sh010", moves.sha256, start, "forward").get(3)
    behind = kept_moves(rendered.store, "sh010", moves.sha256, start, "backward").get(2)
    assert np.array_equal(ahead.displacement[0], pan(1.5)) and np.array_equal(behind.displacement[0], pan(-1))
    assert ahead.direction == behind.direction == "forward" and ahead.visible.all()
    check_kept(rendered.store, "sh010", moves, SIZE)


def test_the_digest_is_that_of_the_vectors_and_of_what_they_reach(given):
    same, again, faster, less = given(*FORWARDS), given(*FORWARDS), given(*FORWARDS, speed=0.75), given(*FORWARDS[:2])
    assert same == again
    assert len({same.sha256, faster.sha256, less.sha256}) == 3


def test_a_gap_is_named(given):
    with pytest.raises(UsageError, match=r"1004-1005\.flo is missing, though others go on"):
        given((1004, 1006))


def test_a_folder_without_motion_is_refused(given):
    with pytest.raises(UsageError, match=r"holds no motion such as 1001-1002\.flo"):
        given()


def test_motion_of_another_size_or_too_long_is_refused(given):
    with pytest.raises(MediaError, match="is 8x8 but the shot is worked at 96x64"):
        given((1001, 1002), size=(8, 8))
    with pytest.raises(MediaError, match="moves farther than 511 pixels"):
        given((1001, 1002), speed=600)


def test_what_was_changed_in_the_project_or_is_gone_is_refused(given, rendered):
    moves, store = given(*FORWARDS), rendered.store
    file = next(moves_folder(store, "sh010", moves.sha256).rglob("3.flow"))
    file.write_bytes(file.with_name("2.flow").read_bytes())
    with pytest.raises(ProjectError, match="was changed; remove that folder"):
        check_kept(store, "sh010", moves, SIZE)
    file.unlink()
    with pytest.raises(ProjectError, match="is not whole"):
        check_kept(store, "sh010", moves, SIZE)
    with pytest.raises(ProjectError, match="is not whole"):
        check_kept(store, "sh010", Moves("0" * 64, moves.runs), SIZE)


def test_a_link_out_of_the_project_is_not_followed(given, rendered, tmp_path):
    (rendered.store.folder / "shots/sh010/motion").symlink_to(tmp_path)
    with pytest.raises(ProjectError, match="leads out of the project"):
        given(*FORWARDS)


def test_motion_is_scaled_and_masked():
    motion = FlowField(pan(2)[None], "forward", np.ones((1, 1, 64, 96), np.float32))
    mask = np.zeros((64, 96), np.float32)
    mask[:, 48:] = 1
    made = adjusted(motion, 0.75, mask)
    assert not made.displacement[..., :48].any() and (made.displacement[0, 0, :, 48:] == 1.5).all()
    assert np.array_equal(adjusted(motion).displacement, motion.displacement)


@pytest.mark.parametrize("scale", [-1, 11, float("nan")])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(UsageError, match="times as far; give 0 to 10"):
        Adjustment(scale=scale)


def test_motion_of_the_footage_is_not_changed_or_replaced(given, rendered, tmp_path):
    ask = rendered.ask(["sh010"], motion=tmp_path / "flows") if given(*FORWARDS) else None
    with pytest.raises(UsageError, match="'restyle' finds its motion in the footage"):
        rendered.plan(["sh010"], "restyle", ask=ask)
    with pytest.raises(
        UsageError, match="'restyle' makes no motion that could be changed or written; these do: animate"
    ):
        rendered.export_motion("sh010", tmp_path / "out", "restyle")
    with pytest.raises(UsageError, match="only motion that is made can be changed"):
        rendered.motion("sh010", tmp_path / "a.mp4", adjustment=Adjustment(scale=2))


def test_a_mask_of_another_size_is_refused(tmp_path):
    write_png(tmp_path / "mask.png", np.eye(8, dtype=np.float32)[None].repeat(3, 0))
    with pytest.raises(MediaError, match="is 8x8 but the shot is worked at 96x64"):
        Adjustment(mask=tmp_path / "mask.png").on(SIZE)
    assert AS_MADE.mask is None
