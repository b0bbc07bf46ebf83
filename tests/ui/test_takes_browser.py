"""The page Takes in a real browser: decisions by keys, two browsers, a render that outlives its page."""

import re

import pytest

from tests.ui.counted import counted, number_on

pytestmark = pytest.mark.browser
PATIENCE = 120_000  # ms, for a machine that is busy elsewhere


@pytest.fixture
def shown(room, chromium):
    """shown(studio, shot) -> the page Takes of a shot, in a browser of its own, once its player stands on a frame."""
    addresses = {}

    def opened(studio, shot="sh010"):
        if studio not in addresses:
            addresses[studio] = room(studio)
        page = chromium()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{addresses[studio]}/takes?shot={shot}")
        page.locator(".player[data-at]").wait_for()
        return page

    return opened


def badge(page, status):
    return page.locator(".stMarkdownBadge", has_text=status)


def test_a_take_is_approved_by_a_key_and_a_second_browser_sees_it_within_two_seconds(rendered, shown):
    rendered.proxy("sh010", "t001")
    first, second = shown(rendered), shown(rendered)
    badge(second, "pending").wait_for()
    second.evaluate(
        """() => new MutationObserver(() => {
            if (!window.seen && /approved/.test(document.body.innerText)) window.seen = Date.now();
        }).observe(document.body, {subtree: true, childList: true, characterData: true})"""
    )
    first.keyboard.press("a")
    badge(second, "approved").wait_for()
    badge(first, "approved").wait_for()
    (review,) = rendered.store.folder.glob("shots/sh010/takes/t001/review.json")
    assert second.evaluate("window.seen") / 1000 - review.stat().st_mtime < 2
    assert rendered.store.review("sh010", "t001").status == "approved"


@pytest.fixture
def numbered(rendered):
    """A project whose first take and its source are videos that show their frames' numbers."""
    proxy = rendered.proxy("sh010", "t001")
    for path in (rendered.store.take_folder("sh010", "t001") / "preview.mp4", proxy):
        counted(path)
    return rendered


def numbers(page):
    return tuple(number_on(page.locator(f"video[data-{side}]")) for side in "ab")


def at(page, frame):
    page.locator(f'.player[data-at="{frame}"]').wait_for()
    return numbers(page)


def test_take_and_source_stay_on_one_frame_and_are_wiped_where_the_handle_is(numbered, shown):
    page = shown(numbered)
    for key, frame in (("Shift+ArrowRight", 10), ("ArrowLeft", 9), ("End", 11), ("Home", 0)):
        page.keyboard.press(key)
        assert at(page, frame) == (frame, frame)
    page.keyboard.press("l")
    assert at(page, 11) == (11, 11)  # played to its end
    stage = page.locator("[data-stage]").bounding_box()
    page.mouse.click(stage["x"] + stage["width"] * 0.75, stage["y"] + 40)
    assert page.locator("[data-seam]").get_attribute("aria-valuenow") == "75"
    assert "75%" in page.locator("video[data-b]").evaluate("(video) => getComputedStyle(video).clipPath")
    assert at(page, 11) == (11, 11)


def test_a_note_is_pinned_by_keys_shown_as_text_and_leads_to_its_frame(numbered, shown):
    text = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'> **loud**"
    numbered.review("sh010/t001", "note", text, 1004)
    page = shown(numbered)
    page.get_by_text(text, exact=True).wait_for()
    page.keyboard.press("ArrowRight")
    at(page, 1)
    page.keyboard.press("n")
    page.keyboard.type("<b>smears</b>")
    page.keyboard.press("Enter")
    page.get_by_text("<b>smears</b>", exact=True).wait_for()
    assert [(note.text, note.frame) for note in numbered.store.review("sh010", "t001").notes][1:] == [
        ("<b>smears</b>", 1)
    ]
    page.get_by_role("button", name="Frame 1004").click()
    assert at(page, 3) == (3, 3)
    assert page.evaluate("window.ran") is None


@pytest.mark.slow
def test_a_render_goes_on_when_its_page_is_left_and_is_cancelled_on_the_next(long, room, chromium):
    page = chromium()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{room(long)}/takes?shot=sh010")
    page.get_by_role("button", name="Render", exact=True).click()
    progress = page.locator("[class*=st-key-job-]").get_by_text(re.compile(r"\d+ of 96"))
    progress.wait_for()
    before = done(progress)
    page.reload()
    progress.wait_for()
    assert done(progress) >= before
    page.get_by_role("button", name="Cancel").click()
    page.locator("[class*=st-key-job-]").wait_for(state="detached")
    (job,) = long.store.jobs()
    assert (job.kind, job.state) == ("render", "cancelled") and not long.store.takes("sh010")


def done(progress):
    return int(re.search(r"(\d+) of 96", progress.inner_text())[1])
