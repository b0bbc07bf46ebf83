import gc
import subprocess
import sys
import weakref

import pytest

from benchmarks.memory import CASES, looped, measure
from v2v_studio.memory import frugal


@pytest.mark.slow
def test_peak_memory_does_not_grow_with_the_length_of_the_shot():
    short, long = (measure(frames, (160, 96), *CASES["draft"])["peak_mb"] for frames in (40, 400))
    assert long < 1.10 * short  # the promise: within 10 %


@pytest.mark.long
def test_peak_memory_of_the_diffusion_renderer_does_not_grow_with_the_length_of_the_shot():
    """Toy weights: most of the memory is the process's own, so a window more would be a few per cent."""
    short, long = (measure(frames, (64, 36), *CASES["diffusion"])["peak_mb"] for frames in (32, 320))
    assert long < 1.05 * short


EVALUATE = """
import resource, sys
from pathlib import Path
from v2v_studio.studio.evaluate import evaluate
clip = Path(sys.argv[1])
evaluate(clip, clip, ["psnr", "ssim", "temporal_difference", "colour_drift", "displacement"], clip.with_suffix(".json"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_peak_memory_of_evaluate_does_not_grow_with_the_length_of_a_clip(tmp_path):
    peaks = []
    for frames in (40, 400):
        clip = looped(tmp_path / f"{frames}.mp4", frames, (160, 96))
        done = subprocess.run([sys.executable, "-c", EVALUATE, str(clip)], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.10 * peaks[0]


HEAPS = """
import re, sys, threading
from contextlib import nullcontext
from pathlib import Path
from v2v_studio.memory import frugal

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
def test_threads_share_one_heap_and_what_is_freed_is_given_back():
    """By itself the C library gives each thread its own, beginning at a multiple of 64 MB, and keeps what lies between."""

    def measured(how):
        said = subprocess.run([sys.executable, "-c", HEAPS, how], capture_output=True, text=True, check=True).stdout
        return map(int, said.split())

    (heaps, kept), (heaps_apart, kept_apart) = measured("frugal"), measured("as it is")
    assert heaps <= 1 and heaps_apart >= heaps + 4
    assert kept < 10 and kept_apart > 30  # MB


class Knot:
    """Something that holds itself, and so waits for Python's collector."""

    def __init__(self):
        self.itself = self


def test_what_waits_for_the_collector_is_given_back_too():
    gc.disable()
    try:
        with frugal():
            left = weakref.ref(Knot())
            assert left() is not None
        assert left() is None
    finally:
        gc.enable()


SCATTERED = """
import re, sys
from contextlib import nullcontext
from pathlib import Path
from v2v_studio.memory import apart

def resident():
    return int(re.search(r"VmRSS:\\s+([0-9]+)", Path("/proc/self/status").read_text())[1])

before, index, small = resident(), [], []
with apart() if sys.argv[1] == "apart" else nullcontext():
    for _ in range(300):  # 30 MB that go, and between them what stays
        index.append(b"x" * 100_000)
        small.append(bytes(1_000))  # not a constant, which Python would make once
del index
print((resident() - before) // 1000)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what a process holds is read from /proc")
def test_what_was_allocated_apart_is_gone_once_it_is_freed():
    def kept(how):
        said = subprocess.run([sys.executable, "-c", SCATTERED, how], capture_output=True, text=True, check=True).stdout
        return int(said)

    assert kept("apart") < 3 and kept("as it is") > 10  # MB
