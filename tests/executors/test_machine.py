"""What a machine has, read from a made-up one."""

import os
import subprocess
import sys

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


HEAPS = """
import re, sys, threading
from contextlib import nullcontext
from pathlib import Path
from v2v_studio.executors.machine import frugal

def hold():
    held.append([bytearray(100_000) for _ in range(8)])
    met.wait()
    read.wait()  # a heap whose thread has ended is given to another

def resident():
    return int(re.search(r"VmRSS:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])

held, met, read = [], threading.Barrier(9), threading.Event()
threads = [threading.Thread(target=hold) for _ in range(8)]
with frugal() if sys.argv[1] == "frugal" else nullcontext():
    [thread.start() for thread in threads]
    met.wait()
    maps = Path("/proc/self/maps").read_text()
    read.set()
    [thread.join() for thread in threads]
    before = resident()
    many = [bytes(60_000) for _ in range(1000)]  # 60 MB, of which one in a hundred stays
    held.append(many[::100])
    del many
print(len(re.findall(r"^[0-9a-f]+000000-[0-9a-f]+ rw-p 0+ 00:00 0 *$", maps, re.M)), (resident() - before) // 1000)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="heaps are counted in /proc")
def test_threads_share_two_heaps_and_what_is_freed_is_given_back():
    """By itself the C library gives each thread its own, beginning at a multiple of 64 MB, and keeps what lies between."""

    def measured(how):
        said = subprocess.run([sys.executable, "-c", HEAPS, how], capture_output=True, text=True, check=True).stdout
        return map(int, said.split())

    (heaps, kept), (heaps_apart, kept_apart) = measured("frugal"), measured("as it is")
    assert heaps <= 2 and heaps_apart >= heaps + 4
    assert kept < 10 and kept_apart > 30  # MB
