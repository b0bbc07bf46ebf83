import os
from contextlib import suppress

import numpy as np
import pytest

from tests.project.conftest import FINGERPRINT, rendered, take
from v2v_studio.errors import RenderError


def test_a_take_s_files_are_named_by_shot_take_and_number(store):
    rendered(store)
    folder = store.take_folder("sh010", "t001")
    assert sorted(path.name for path in (folder / "frames").iterdir()) == [
        f"sh010_t001.{number}.png" for number in ("0999", "1000", "1001", "1002", "1003")
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["frames", "take.json"]
    assert store.take_frame(take().changed(id="t001"), 2).read_text() == "1001"


def test_what_was_rendered_is_there_when_it_is_opened_again(store):
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.frame(1001).write_text("1001")
        partial.save_state("forward", {"index": np.array(3), "carry": np.arange(6, dtype=np.uint8).reshape(2, 3)})
        partial.add_row({"frame": 2, "visible": 0.5})
    with store.open_partial("sh010", FINGERPRINT) as partial:
        assert partial.frames() == {1001: partial.frame(1001)}
        state = partial.state("forward")
        assert int(state["index"]) == 3 and state["carry"].dtype == np.uint8
        assert state["carry"].tolist() == [[0, 1, 2], [3, 4, 5]]
        assert list(partial.rows()) == [{"frame": 2, "visible": 0.5}]


@pytest.mark.parametrize("keep", [0, 10, 100])
def test_a_state_that_is_torn_reads_as_none(store, keep):
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.save_state("forward", {"index": np.array(3)})
        path = partial.folder / "forward.npz"
        path.write_bytes(path.read_bytes()[:keep])
        assert partial.state("forward") == {}
        assert partial.state("backward") == {}


def test_a_row_that_is_torn_is_left_out(store):
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.add_row({"frame": 2})
        with open(partial.folder / "rows.jsonl", "a") as file:
            file.write('\n{"frame": 3, "vis')
        assert list(partial.rows()) == [{"frame": 2}]


def test_a_row_after_a_torn_one_is_kept(store):
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.add_row({"frame": 2})
        with open(partial.folder / "rows.jsonl", "a") as file:
            file.write('\n{"frame": 3, "vis')
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.add_row({"frame": 3})
        assert list(partial.rows()) == [{"frame": 2}, {"frame": 3}]


def test_a_row_that_a_power_cut_turned_to_zeros_takes_none_along(store):
    with store.open_partial("sh010", FINGERPRINT) as partial:
        partial.add_row({"frame": 2})
        with open(partial.folder / "rows.jsonl", "a") as file:
            file.write("\0" * 20)
        partial.add_row({"frame": 3})
        assert list(partial.rows()) == [{"frame": 2}, {"frame": 3}]


def stretch_of_three(store):
    with store.open_partial("sh010", FINGERPRINT, stretch="-1") as stretch:
        for number in (1001, 1002, 1003):
            stretch.frame(number).write_text(str(number))
            stretch.source(number).write_text(f"source of {number}")
            stretch.add_row({"frame": number})
            stretch.save_state("forward", {"index": np.array(number)})
        stretch.save_state("aside", {"frame": np.arange(3)})


@pytest.mark.parametrize("killed_at", range(28))
def test_a_stretch_made_apart_is_taken_in_whole_wherever_that_was_interrupted(store, monkeypatch, killed_at):
    stretch_of_three(store)
    calls = []

    def counted(call):
        def until_killed(*told, **how):
            calls.append(call)
            if len(calls) == killed_at + 1:
                raise KeyboardInterrupt
            return call(*told, **how)

        return until_killed

    def take_in():
        with store.open_partial("sh010", FINGERPRINT) as whole:
            with store.open_partial("sh010", FINGERPRINT, stretch="-1") as stretch:
                whole.take_in(stretch)
            assert sorted(whole.frames()) == [1001, 1002, 1003]
            assert [whole.source(number).read_text()[-4:] for number in (1001, 1002, 1003)] == ["1001", "1002", "1003"]
            assert {row["frame"] for row in whole.rows()} == {1001, 1002, 1003}
            assert int(whole.state("forward")["index"]) == 1003 and whole.state("aside")["frame"].tolist() == [0, 1, 2]
            assert not stretch.folder.exists()

    with monkeypatch.context() as patch:
        for name in ("link", "unlink", "rmdir"):
            patch.setattr(os, name, counted(getattr(os, name)))
        with suppress(KeyboardInterrupt):
            take_in()
    assert len(calls) == killed_at + 1
    take_in()


@pytest.mark.parametrize(("numbers", "amiss"), [(range(999, 1003), 1003), (range(999, 1005), 1004)])
def test_a_take_with_a_frame_too_few_or_too_many_is_not_committed(store, numbers, amiss):
    with store.open_partial("sh010", FINGERPRINT) as partial:
        for number in numbers:
            partial.frame(number).write_text(str(number))
        with pytest.raises(RenderError, match=f"is not whole: frame {amiss} is amiss"):
            partial.commit(take())
    assert store.takes("sh010") == []
    assert store.partial_frames("sh010", FINGERPRINT) == len(numbers)


def test_a_number_that_is_taken_is_not_given_again(store):
    (store.folder / "shots/sh010/takes/t001").mkdir()
    assert rendered(store).id == "t002"
