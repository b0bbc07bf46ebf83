"""What a machine has, read from a made-up one."""

import os

import pytest

from v2v_studio.executors import machine

GB = 2**30


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """Four cores, 8 GB available, no container, no GPU."""
    monkeypatch.setattr(machine, "PROC", tmp_path / "proc")
    monkeypatch.setattr(machine, "CGROUP", tmp_path / "cgroup")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    (tmp_path / "proc").mkdir(), (tmp_path / "cgroup").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n")
    return tmp_path


def test_one_process_a_core_where_memory_is_no_matter(made_up):
    assert machine.places(100 * 2**20) == 4


def test_as_many_as_the_free_memory_holds_and_one_at_least(made_up):
    assert [machine.places(needed) for needed in (3 * GB, 8 * GB, 9 * GB)] == [2, 1, 1]


def test_a_container_is_what_counts_where_it_has_less(made_up):
    (made_up / "cgroup/memory.max").write_text(f"{3 * GB}\n")
    (made_up / "cgroup/memory.current").write_text(f"{GB}\n")
    (made_up / "cgroup/cpu.max").write_text("150000 100000\n")
    assert (machine.free_memory(), machine.cores()) == (2 * GB, 2)


def test_a_container_without_limits_counts_for_nothing(made_up):
    (made_up / "cgroup/memory.max").write_text("max\n")
    (made_up / "cgroup/memory.current").write_text(f"{GB}\n")
    (made_up / "cgroup/cpu.max").write_text("max 100000\n")
    assert (machine.free_memory(), machine.cores()) == (8 * GB, 4)


def test_networks_have_a_gpu_each_and_one_place_without(made_up, monkeypatch):
    assert machine.places(GB, alone=True) == 1
    for bus in ("0000:01:00.0", "0000:02:00.0"):
        (made_up / "proc/driver/nvidia/gpus" / bus).mkdir(parents=True)
    assert (machine.gpus(), machine.places(GB, alone=True)) == (["0", "1"], 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    assert (machine.gpus(), machine.places(GB, alone=True)) == (["3"], 1)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert machine.gpus() == []


def test_where_nothing_is_known_of_memory_the_cores_decide(made_up):
    (made_up / "proc/meminfo").unlink()
    assert (machine.free_memory(), machine.places(GB)) == (None, 4)
