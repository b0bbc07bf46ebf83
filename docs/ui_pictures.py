"""The pictures of docs/ui.md: every page of the review room on the demo film, as a browser shows it.

`python docs/ui_pictures.py` makes all of them in a copy of the finished demo project, `python docs/ui_pictures.py takes
motion` those named; with `--size 1920x1080 --to FOLDER` elsewhere, in another size. It needs the system's Chromium.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

from v2v_studio.studio import Studio  # noqa: E402

PATIENCE = 180_000  # ms
SETTLED = """() => {
  const roots = [document];
  for (const root of roots) for (const one of root.querySelectorAll('*')) if (one.shadowRoot) roots.push(one.shadowRoot);
  const all = (what) => roots.flatMap((root) => [...root.querySelectorAll(what)]);
  const shown = all('img').filter((one) => one.getBoundingClientRect().top < innerHeight);
  return shown.every((one) => one.complete && one.naturalWidth) && all('video').every((one) => one.readyState >= 2)
    && !all('[data-testid=stSkeleton], [data-stale=true]').length
    && !!document.querySelector('[data-test-script-state=notRunning]');
}"""


def prepared(studio: Studio) -> None:
    """What the pages show beside the demo itself: some decisions, a drawing, a second look, small videos."""
    for shot in ("sh010", "sh020"):
        studio.review(f"{shot}/t001", "approve")
    studio.review("sh010/t001", "note", "the lamp's edge is soft here", 1020, (455, 105, 120, 95))
    studio.stylize(["sh030"], "filters", {"preset": "poster"})
    studio.pick("sh030", ["ff001"])
    keys = [{"frame": 48, "box": (130, 110, 100, 200)}, {"frame": 68, "box": (210, 110, 100, 200)}]
    drag, box = [(420, 60), (470, 50), (520, 70)], {"phrase": "a girl in a coat", "keys": keys}
    studio.draw("sh020", studio.control("sh020").version, drags=[drag], boxes=[box])
    for shot in ("sh010", "sh020", "sh030", "sh040"):
        studio.proxy(shot, "t001")


def footage(page: Any, _: Studio) -> None:
    page.get_by_text("shots have a small copy").wait_for()


def shots(page: Any, _: Studio) -> None:
    page.locator("[data-id=sh040]").wait_for()


def first_frames(page: Any, _: Studio) -> None:
    page.locator("[data-id=ff002]").wait_for()


def motion(page: Any, _: Studio) -> None:
    page.locator("[data-shape=boxes-0]").wait_for()


def takes(page: Any, _: Studio) -> None:
    page.locator(".player[data-at]").wait_for()
    page.locator("video[data-b]").wait_for()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    page.locator(".player[data-at='19'] [data-pin]").wait_for()


def edit(page: Any, _: Studio) -> None:
    page.locator("[data-id=sh040]").wait_for()
    page.locator("a", has_text=re.compile(r"cut01\.mp4$")).wait_for()


def jobs(page: Any, studio: Studio) -> None:
    """One at work, one that waits, and those that are over."""
    plans = studio.plan(["sh030", "sh040"], options={"quality": "draft"}, again=True)
    studio.enqueue(plans)
    page.get_by_text(re.compile(r"\d+ of \d+, about")).first.wait_for()


PAGES: dict[str, tuple[str, Callable[[Any, Studio], None]]] = {
    "footage": ("footage", footage),
    "shots": ("shots?shot=sh020", shots),
    "first_frames": ("first_frames?shot=sh030", first_frames),
    "motion": ("motion?shot=sh020", motion),
    "takes": ("takes?shot=sh010", takes),
    "edit": ("edit", edit),
    "jobs": ("jobs", jobs),
}


def take_pictures(page: Any, address: str, studio: Studio, folder: Path, names: Collection[str] = ()) -> list[Path]:
    """A picture of each page, once all that it shows is there."""
    page.set_default_timeout(PATIENCE)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (where, ready) in PAGES.items():
        if names and name not in names:
            continue
        page.goto(f"{address}/{where}")
        ready(page, studio)
        page.wait_for_function(SETTLED)
        page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=82, animations="disabled")
        made.append(folder / f"{name}.jpg")
    return made


def main() -> None:
    from console import demo
    from playwright.sync_api import sync_playwright

    from tests.ui.conftest import launched, served

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *PAGES])
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--to", type=Path, default=DOCS / "ui")
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        studio = Studio(demo(Path(folder)) / "projects" / "demo")
        prepared(studio)
        with served(studio, DOCS.parent) as address:
            browser = launched(driver, Path(folder) / "profile", width, height)
            for path in take_pictures(browser.pages[0], address, studio, asked.to, asked.names):
                print(path, flush=True)
            browser.close()


if __name__ == "__main__":
    main()
