"""The whole job in a real browser, from the clip that is dropped in to the film that is kept; and what may go wrong."""

import re
import sys
from fractions import Fraction

import numpy as np
import pytest

from tests.ui.conftest import ROOT, free_port, serving
from v2v_studio.media.probe import probe
from v2v_studio.media.writer import write_video
from v2v_studio.studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 180_000  # ms, for a machine that is busy elsewhere


@pytest.fixture
def browse(chromium):
    """browse(width, height, ratio) -> a page that waits long enough."""

    def opened(*shape):
        page = chromium(*shape)
        page.set_default_timeout(PATIENCE)
        return page

    return opened


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def drop(page, file):
    """Give the upload a file, once it listens."""
    page.get_by_role("button", name="Drop clips or pictures here").wait_for()
    page.locator("input[type=file]").set_input_files(file)


def test_a_clip_that_is_dropped_in_becomes_a_film_of_its_frames_and_rate(empty, film, room, browse, tmp_path):
    page, address = browse(), room(empty)
    page.goto(f"{address}/footage")
    drop(page, film)
    page.get_by_text("film.mp4 is here as a001").wait_for()
    press(page, "Find shots in a001")
    page.get_by_text("0 of 3 shots have a small copy").wait_for()

    page.goto(f"{address}/first_frames?shot=sh010")
    press(page, "Make")
    page.locator("[data-id=ff001]").wait_for()

    page.goto(f"{address}/takes?shot=sh010")
    page.get_by_text("Draft", exact=True).click()
    press(page, "Render")
    page.locator(".player[data-at]").wait_for()
    page.keyboard.press("a")
    page.locator(".stMarkdownBadge", has_text="approved").wait_for()

    page.goto(f"{address}/edit")
    page.get_by_text("Without a take, so the film shows the source: sh020, sh030").wait_for()
    press(page, "Assemble")
    with page.expect_download() as download:
        page.locator("a", has_text=re.compile(r"cut01\.mp4$")).click()
    download.value.save_as(tmp_path / "kept.mp4")

    take = empty.shown(empty.store.shot("sh010"), strict=True)
    assert (take.id, take.recipe["params"]["quality"]) == ("t001", "draft")
    source, made = probe(film), probe(tmp_path / "kept.mp4")
    assert (made.frames, made.rate) == (source.frames, source.rate)
    assert (made.width, made.height) == (source.width, source.height)


SIZE = 960, 540
DRAG = (200, 100), (420, 180), (640, 90)
BOXES = ((300, 250), (500, 400)), ((340, 260), (540, 410))
STROKE = (100, 450), (700, 450)


@pytest.fixture
def field(tmp_path):
    """A project with one shot of twelve frames of noise, 960x540."""
    noise = np.random.default_rng(0).random((3, SIZE[1], SIZE[0]), np.float32)
    write_video(tmp_path / "noise.mp4", (noise for _ in range(12)), Fraction(24))
    studio = Studio.create(tmp_path / "field")
    studio.ingest([tmp_path / "noise.mp4"])
    studio.cut()
    return studio


def stroke(page, tool, *points):
    """Draw with a tool along points of the source."""
    page.locator(f"[data-tool={tool}]").click()
    page.locator("canvas[data-canvas]").scroll_into_view_if_needed()
    canvas = page.locator("canvas[data-canvas]").bounding_box()
    scale = canvas["width"] / SIZE[0]
    for index, (x, y) in enumerate(points):
        page.mouse.move(canvas["x"] + x * scale, canvas["y"] + y * scale)
        if index == 0:
            page.mouse.down()
    page.mouse.up()
    return canvas["width"]


def near(*numbers):
    return pytest.approx(numbers, abs=1)


def test_a_drag_a_brush_and_two_keyed_boxes_are_the_same_source_pixels_at_any_width(field, room, browse):
    address, widths = room(field), []
    for shape in ((1280, 1200), (820, 900, 2), (700, 900, 2)):  # the last two on a fine screen
        page = browse(*shape)
        page.goto(f"{address}/motion?shot=sh010")
        page.locator("canvas[aria-label*='frame 1001']").wait_for()
        stroke(page, "drag", *DRAG)
        stroke(page, "box", *BOXES[0])
        page.get_by_text("not saved yet: 1 drag, 1 box, no brush").wait_for()
        page.get_by_role("slider", name="Frame").press("End")
        page.locator("canvas[aria-label*='frame 1012']").wait_for()
        stroke(page, "box", *BOXES[1])
        widths.append(stroke(page, "brush", *STROKE))
        page.get_by_text("not saved yet: 1 drag, 1 box, a brush").wait_for()
        press(page, "Save")
        page.get_by_text("saved: 1 drag, 1 box, a brush", exact=True).wait_for()

        control = field.store.control("sh010")
        assert (control.width, control.height) == SIZE
        points = control.drags[0].points
        assert points[0] == near(*DRAG[0]) and points[-1] == near(*DRAG[2])
        assert min(abs(x - DRAG[1][0]) + abs(y - DRAG[1][1]) for x, y in points) <= 1
        keys = control.boxes[0].keys
        assert [key.frame for key in keys] == [0, 11]
        for key, ((left, top), (right, bottom)) in zip(keys, BOXES, strict=True):
            assert key.box == near(left, top, right - left, bottom - top)
        rows, columns = np.nonzero(painted(field))
        radius = round(SIZE[1] / 16)
        assert (columns.min(), columns.max()) == near(STROKE[0][0] - radius, STROKE[1][0] + radius - 1)
        assert (rows.min(), rows.max()) == near(STROKE[0][1] - radius, STROKE[0][1] + radius - 1)
        press(page, "Clear")
        page.get_by_text("saved: 0 drags, 0 boxes, no brush", exact=True).wait_for()
        page.context.close()
    assert widths[0] > SIZE[0] > max(widths[1:])  # shown larger, and smaller, than it is


def painted(studio):
    """Where the brush is white."""
    from v2v_studio.media.frames import read_png

    return read_png(studio.control("sh010").brush)[0] > 0.5


def test_a_running_render_is_cancelled_on_the_page_jobs(long, room, browse):
    page = browse()
    page.goto(f"{room(long)}/jobs")
    long.enqueue(long.plan(["sh010"]))
    page.get_by_text(re.compile(r"\d+ of 96")).wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.locator(".stMarkdownBadge", has_text="cancelled").wait_for()
    page.get_by_text("Nothing to do").wait_for()
    assert long.store.job("j001").state == "cancelled" and long.store.takes("sh010") == []


def test_a_render_shows_its_progress_again_after_a_reload_and_its_take_comes(long, room, browse):
    page = browse()
    page.goto(f"{room(long)}/takes?shot=sh010")
    page.get_by_text("Draft", exact=True).click()
    press(page, "Render")
    progress = page.get_by_text(re.compile(r"\d+ of 96"))
    progress.wait_for()
    page.reload()
    progress.wait_for()
    page.locator(".player[data-at]").wait_for()
    assert [take.id for take in long.store.takes("sh010")] == ["t001"]


def test_a_script_in_a_shots_note_is_shown_as_text(rendered, room, browse):
    note = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'> **loud**"
    rendered.store.change_shot("sh010", lambda shot: shot.changed(note=note))
    page = browse()
    page.goto(f"{room(rendered)}/?shot=sh010")
    page.get_by_text(note, exact=True).wait_for()
    assert page.evaluate("window.ran") is None and page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("path", ["..%2f..%2fsecret.png", "%2e%2e%2fsecret.png", "exports/..%2f..%2f..%2fsecret.png"])
def test_a_url_that_leads_out_of_the_project_shows_nothing(rendered, room, browse, tmp_path, path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    page = browse()
    answer = page.goto(f"{room(rendered)}/project/{path}")
    assert answer.status in (400, 404) and "secret" not in page.content()


NARROW = """
import sys
from pathlib import Path
from ui import routes
from ui.serve import serve
routes.LIMITS["footage"] = int(sys.argv[3])
serve(Path(sys.argv[1]), "127.0.0.1", int(sys.argv[2]), browser=False)
"""


def test_an_upload_that_is_too_large_is_refused_with_a_sentence_and_leaves_nothing(empty, film, browse, tmp_path):
    folder, limit = empty.store.folder, film.stat().st_size - 1
    command = [sys.executable, "-c", NARROW, str(folder), str(free_port()), str(limit)]
    with serving(command, ROOT) as address:
        page = browse()
        page.goto(f"{address}/footage")
        drop(page, film)
        page.get_by_role("alert").get_by_text("film.mp4 is larger than").wait_for()
    assert list((folder / "footage").iterdir()) == [] and empty.store.footages() == []
