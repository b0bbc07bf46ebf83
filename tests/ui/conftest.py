"""A rendered project, a server that shows it, a browser that looks: what the tests of pages and components need.

A page's states are tested without a browser (`open_page`); what only a browser can tell is marked `browser`.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.ui.counted import RATE, SIZE, counted
from v2v_studio.media.writer import write_preview
from v2v_studio.studio import Studio

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]


@pytest.fixture(autouse=True)
def main_module(monkeypatch):
    """AppTest leaves its page in the place of `__main__`, which every process spawned later would run again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def idle(monkeypatch):
    """No worker starts: what is queued stays so."""
    monkeypatch.setattr(Studio, "start_worker", lambda self: None)


@pytest.fixture(scope="session")
def watchman():
    """A hook that cannot be taken away again, and does nothing while no folder is closed."""
    sys.addaudithook(refuse)


@pytest.fixture
def close(watchman):
    """close(studio): from now on every write in its project's folder is refused, whoever runs the tests."""
    yield lambda studio: CLOSED.add(str(studio.store.folder))
    CLOSED.clear()


CLOSED: set[str] = set()
WRITES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.utime", "os.truncate")


def refuse(event, arguments):
    """An audit hook: what would change a closed folder is not permitted."""
    if not CLOSED or (event not in WRITES and event != "open") or not isinstance(arguments[0], (str, os.PathLike)):
        return
    path = os.fspath(arguments[0])
    if event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
        return
    if event == "os.mkdir" and Path(path).is_dir():  # which is said first
        return
    if path.startswith(tuple(CLOSED)):
        raise PermissionError(13, "Permission denied", path)


@pytest.fixture
def long(tmp_path):
    """A project with one shot of four seconds, 480x270, that has a first frame and no take: seconds of work for a render."""
    import numpy as np
    from skimage import data

    photograph = data.astronaut().transpose(2, 0, 1).astype(np.float32) / 255
    film = tmp_path / "long.mp4"
    write_preview(film, (photograph[:, 40 + t : 310 + t, t // 4 : 480 + t // 4] for t in range(96)), RATE)
    studio = Studio.create(tmp_path / "long")
    studio.ingest([film])
    studio.cut()
    studio.stylize(translator="filters", options={"preset": "poster"})
    return studio


@pytest.fixture
def open_page(monkeypatch):
    """open_page(studio, "shots", shot="sh020") -> the AppTest of the room, run, on that page."""
    from streamlit.testing.v1 import AppTest

    def opened(studio, page, **query):
        monkeypatch.setenv("V2V_PROJECT", str(studio.store.folder))
        app = AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=30)
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, [one.message for one in app.exception]
        return app

    return opened


def said(app):
    """The sentences that an app shows as errors and hints, without the marks that keep them plain."""
    return [one.value.replace("\\", "") for one in (*app.error, *app.warning, *app.info)]


@contextmanager
def serving(command, cwd):
    """Run a server; gives its address once it answers."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            address = process.stdout.readline().decode().strip()
            assert address, process.stderr.read().decode()
            wait_for(address)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def served(studio, cwd):
    """`v2v ui` on a project, as long as the block runs; gives its address."""
    command = [sys.executable, "-m", "v2v_studio", "ui", str(studio.store.folder), "--port", str(free_port())]
    return serving([*command, "--no-browser"], cwd)


def wait_for(address, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return urlopen(f"{address}/_stcore/health", timeout=5).read()
        except URLError:
            if time.monotonic() > deadline:
                raise


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def room(tmp_path):
    """room(studio) -> the address of `v2v ui` on that project, running until the test ends."""
    with ExitStack() as stack:

        def opened(studio):
            return stack.enter_context(served(studio, tmp_path))

        yield opened


def launched(driver, profile, width=1280, height=720, ratio=1):
    """A browser with one page, for Playwright's driver."""
    return driver.chromium.launch_persistent_context(
        str(profile),
        executable_path=CHROMIUM,
        headless=True,
        viewport={"width": width, "height": height},
        device_scale_factor=ratio,
        args=FLAGS,
    )


@pytest.fixture(scope="session")
def driver():
    """Playwright's own."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine; install it with: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        yield driver


@pytest.fixture
def chromium(driver, tmp_path_factory):
    """chromium(width, height, ratio) -> a page of the system's own browser, which is closed when the test ends."""
    with ExitStack() as contexts:

        def opened(width=1280, height=720, ratio=1):
            context = launched(driver, tmp_path_factory.mktemp("profile"), width, height, ratio)
            contexts.callback(context.close)
            return context.pages[0]

        yield opened


SERVE = """
import sys
from pathlib import Path
from ui.serve import serve
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), browser=False, app=Path(sys.argv[3]))
"""


@pytest.fixture(scope="session")
def component_page(tmp_path_factory):
    """The address of component_page.py, served by the room's own server."""
    import numpy as np
    from PIL import Image

    folder = tmp_path_factory.mktemp("components") / "film"
    exports = Studio.create(folder).store.folder / "exports"
    exports.mkdir(exist_ok=True)
    for name in ("a", "b"):
        counted(exports / f"{name}.mp4")
    Image.fromarray(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)).save(exports / "still.png")
    command = [sys.executable, "-c", SERVE, str(folder), str(free_port()), str(ROOT / "tests/ui/component_page.py")]
    with serving(command, folder.parent) as address:
        yield address
