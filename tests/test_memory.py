import subprocess
import sys

import pytest

from benchmarks.memory import CASES, looped, measure


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
