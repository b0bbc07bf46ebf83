"""Fixtures that any test may use."""

import os
import re
import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

# Tests run beside one another, at toy widths, where threads that outnumber the free processors only wait for each other.
# It is read when torch is imported, here and in every process that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

SHARED = Path(__file__).resolve().parents[2] / "shared"
AS_A_WHOLE = re.compile(r"^pytestmark = pytest\.mark\.(slow|long)$", re.M)
SHOTS = ((0, 12), (12, 22), (22, 36))  # of the film below, hard cuts between


def pytest_ignore_collect(collection_path, config):
    """Where slow tests are left out, a file that is slow as a whole is not even imported: torch alone takes seconds."""
    if "not " not in config.option.markexpr or not collection_path.match("test_*.py"):
        return None
    marked = AS_A_WHOLE.search(collection_path.read_text())
    return True if marked and f"not {marked[1]}" in config.option.markexpr else None


def pytest_collection_modifyitems(items):
    """Files that are slow as a whole come first: last, they would leave one process at work and the others idle."""
    items.sort(key=lambda item: not hasattr(item.module, "pytestmark"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real footage beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("no shared/ folder with real footage beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Three short shots of photographs that drift by, 96x64 at 24000/1001, with a tone as AAC: what most tests ingest."""
    from skimage import data

    path = tmp_path_factory.mktemp("film") / "film.mp4"
    photographs = (data.astronaut(), data.coffee(), data.chelsea())
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=Fraction(24000, 1001), options={"crf": "10"})
        picture.width, picture.height, picture.pix_fmt = 96, 64, "yuv420p"
        sound = container.add_stream("aac", rate=48000)
        for photograph, (start, end) in zip(photographs, SHOTS, strict=True):
            for t in range(end - start):
                crop = photograph[80 : 80 + 192, 60 + 4 * t : 60 + 4 * t + 288]
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(crop), "rgb24").reformat(96, 64, "yuv420p")
                frame.pts, frame.time_base = start + t, Fraction(1001, 24000)
                container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        wave = np.sin(np.arange(48000 * 36 * 1001 // 24000) * 2 * np.pi * 330 / 48000).astype(np.float32) / 4
        for at in range(0, len(wave), 1024):
            block = av.AudioFrame.from_ndarray(wave[None, at : at + 1024], "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = 48000, at, Fraction(1, 48000)
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
    return path


@pytest.fixture(scope="session")
def rendered_once(film, tmp_path_factory) -> Path:
    """A project whose three shots have a first frame and a take each. Copy it (`rendered`) to change it."""
    from v2v_studio.studio import Studio

    folder = tmp_path_factory.mktemp("project") / "myfilm"
    studio = Studio.create(folder)
    studio.ingest([film], copy=True)
    studio.cut()
    studio.stylize(translator="filters", options={"preset": "poster"})
    studio.render(studio.plan(options={"quality": "draft"}), workers=1)
    return folder


@pytest.fixture
def rendered(rendered_once, tmp_path):
    """A copy of that project, as a Studio."""
    from v2v_studio.studio import Studio

    shutil.copytree(rendered_once, tmp_path / "myfilm")
    return Studio(tmp_path / "myfilm")


@pytest.fixture
def fake(monkeypatch):
    """The renderer `fake` and a track of that name, as long as the test runs."""
    from v2v_studio.renderers.base import RENDERERS
    from v2v_studio.tracks.table import TRACKS, Track

    monkeypatch.setitem(RENDERERS._own, "fake", "tests.fake:Fake")
    monkeypatch.setitem(TRACKS, "fake", Track("fake", "estimate", "fake", "The first frame, repeated."))


@pytest.fixture
def empty(tmp_path):
    """A project with nothing in it, as a Studio."""
    from v2v_studio.studio import Studio

    return Studio.create(tmp_path / "myfilm")
