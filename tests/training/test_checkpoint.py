"""Checkpoints: whole or not there, the newest good one found."""

import json

import pytest

torch = pytest.importorskip("torch")

from v2v_studio.training.checkpoint import Checkpoint, newest, write  # noqa: E402

pytestmark = pytest.mark.slow


def at(step):
    return Checkpoint(step, {"streams": [{"place": step}]}, {"weights": {"a.weight": torch.full((2, 3), float(step))}})


def test_what_was_written_is_read(tmp_path):
    write(tmp_path, at(7))
    found = newest(tmp_path)
    assert (found.step, found.facts["streams"]) == (7, [{"place": 7}])
    assert torch.equal(found.tensors["weights"]["a.weight"], torch.full((2, 3), 7.0))


def test_nothing_is_there_before_the_first(tmp_path):
    assert newest(tmp_path / "checkpoints") is None


def test_the_last_two_are_kept_and_the_newest_is_read(tmp_path):
    for step in (9, 10, 100):  # by number, not by name
        write(tmp_path, at(step))
    assert sorted(place.name for place in tmp_path.iterdir()) == ["step-00000010", "step-00000100"]
    assert newest(tmp_path).step == 100


@pytest.mark.parametrize("harm", ["cut off", "changed", "weights gone", "record gone", "record cut off"])
def test_one_that_is_damaged_is_passed_over(tmp_path, caplog, harm):
    write(tmp_path, at(1))
    place = write(tmp_path, at(2))
    weights, record = place / "weights.safetensors", place / "checkpoint.json"
    data = weights.read_bytes()
    if harm == "cut off":
        weights.write_bytes(data[:-5])
    elif harm == "changed":
        weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif harm == "weights gone":
        weights.unlink()
    elif harm == "record gone":
        record.unlink()
    else:
        record.write_text(record.read_text()[:-20])
    assert newest(tmp_path).step == 1
    assert "step-00000002 is damaged" in caplog.text
    write(tmp_path, at(2))  # the step is reached again
    assert newest(tmp_path).step == 2


def test_what_a_killed_process_left_is_no_checkpoint(tmp_path, monkeypatch):
    write(tmp_path, at(1))

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("v2v_studio.parts.os.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, at(2))
    (tmp_path / ".step-00000003.123.part").mkdir()
    assert newest(tmp_path).step == 1


def test_nothing_in_it_can_run_code(tmp_path):
    kinds = {path.suffix for path in write(tmp_path, at(1)).iterdir()}
    assert kinds == {".safetensors", ".json"}
    assert json.loads((tmp_path / "step-00000001/checkpoint.json").read_text())["schema"] == "v2v.checkpoint/1"
