"""Killed with -9 at any moment and run again, a render ends with the bytes of one that was never interrupted."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

KILLS = 10


def command(folder: Path, film: Path) -> list[str]:
    return [sys.executable, "-m", "v2v_studio", "-C", str(folder), "run", str(film), "-p", "preset=poster"]


def frames(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("shots/*/takes/t*/frames/*.png"))}


def killed(arguments: list[str], after: float) -> bool:
    """Run, and kill the whole group after some seconds; False if it ended before that."""
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    timer = threading.Timer(after, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    code = process.wait()
    timer.cancel()
    return code < 0


@pytest.mark.slow
def test_killed_ten_times_and_restarted_gives_the_frames_of_one_uninterrupted_run(film, tmp_path):
    import time

    began = time.monotonic()
    subprocess.run(command(tmp_path / "whole", film), check=True, stdout=subprocess.DEVNULL)
    took = time.monotonic() - began
    moments = random.Random(7)
    torn = tmp_path / "torn"
    kills = sum(killed(command(torn, film), moments.uniform(0.1, 0.6) * took) for _ in range(KILLS))
    done = subprocess.run(command(torn, film), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert kills >= KILLS // 3
    assert frames(torn) == frames(tmp_path / "whole")
    assert not list(torn.glob("shots/*/takes/.partial*"))
    assert not list(torn.glob("shots/*/firstframes/.partial*"))


@pytest.mark.slow
def test_parent_killed_alone_leaves_no_worker_that_holds_the_shot(film, tmp_path):
    subprocess.run(command(tmp_path / "whole", film), check=True, stdout=subprocess.DEVNULL)
    torn = tmp_path / "torn"
    process = subprocess.Popen([*command(torn, film), "--workers", "2"], stdout=subprocess.DEVNULL)
    while not list(torn.glob("shots/*/takes/.partial*/frames/*.png")) and process.poll() is None:
        pass
    process.kill()
    process.wait()
    done = subprocess.run(command(torn, film), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert frames(torn) == frames(tmp_path / "whole")
