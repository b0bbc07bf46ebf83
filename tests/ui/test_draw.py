"""The drawing board in a real browser: what is drawn is in source pixels, however large it is shown."""

import json

import pytest

from tests.ui.counted import SIZE

pytestmark = pytest.mark.browser
GIVEN_DRAG = [[20, 20], [60, 20]]
GIVEN_BOX = {"object": 1, "phrase": "a red fox", "frame": 0, "box": [10, 100, 40, 30]}


@pytest.fixture
def board(component_page, chromium):
    def opened(width=600, ratio=1, frame=0):
        page = chromium(ratio=ratio)
        page.goto(f"{component_page}/?show=draw&width={width}&frame={frame}")
        page.locator("[data-shape=drags-0]").wait_for()
        return page

    return opened


def path(page, *points):
    """Draw along points, given in source pixels."""
    canvas = page.locator("canvas:visible").bounding_box()
    scale = canvas["width"] / SIZE[0]
    for index, (x, y) in enumerate(points):
        page.mouse.move(canvas["x"] + x * scale, canvas["y"] + y * scale)
        if index == 0:
            page.mouse.down()
    page.mouse.up()


def drawn(page, true=lambda told: True, **counts):
    """What Python was told, once it has so many drags or boxes, and something is true of it."""
    told = {}
    for _ in range(150):
        text = page.locator("[data-testid=stText]")
        told = json.loads(text.inner_text()) if text.count() else {}
        if told and all(len(told[name]) == count for name, count in counts.items()) and true(told):
            return told
        page.wait_for_timeout(100)
    raise AssertionError(f"not so in time: {told}")


def tool(page, name):
    page.locator(f"[data-tool={name}]").click()


def draw_everything(page):
    tool(page, "drag")
    path(page, (100, 50), (150, 60), (200, 40))
    tool(page, "box")
    path(page, (200, 100), (240, 150))
    page.locator("[data-object]").select_option("2")
    page.locator("[data-phrase]").fill("a white goose")
    path(page, (250, 20), (300, 60))
    told = drawn(page, drags=2, boxes=2)
    tool(page, "brush")
    path(page, (100, 120), (140, 120))
    return told, painted(page)


def painted(page):
    """The mask that Python was given, as the rows and columns that it spans."""
    drawn(page, lambda told: told["brush"])
    return page.evaluate(
        """async ([width, height]) => {
          const answer = await fetch('/project/exports/brush.png', { cache: 'reload' });
          const bitmap = await createImageBitmap(await answer.blob());
          const context = new OffscreenCanvas(width, height).getContext('2d');
          context.drawImage(bitmap, 0, 0);
          const { data } = context.getImageData(0, 0, width, height);
          const at = [...Array(width * height).keys()].filter((i) => data[4 * i] > 127);
          const [x, y] = [at.map((i) => i % width), at.map((i) => Math.floor(i / width))];
          return [bitmap.width, bitmap.height, Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y)];
        }""",
        list(SIZE),
    )


@pytest.mark.parametrize(("width", "ratio"), [(600, 1), (377, 2), (820, 2)])
def test_a_drag_a_brush_and_two_keyed_boxes_are_in_source_pixels_at_any_size(board, width, ratio):
    told, mask = draw_everything(board(width, ratio))
    assert told["drags"][0] == GIVEN_DRAG
    drag = told["drags"][1]
    assert drag[0] == pytest.approx([100, 50], abs=1) and drag[-1] == pytest.approx([200, 40], abs=1)
    assert min(abs(x - 150) + abs(y - 60) for x, y in drag) <= 1
    first, second = told["boxes"]
    assert (first["object"], first["phrase"], first["frame"]) == (1, "a red fox", 0)
    assert first["box"] == pytest.approx([200, 100, 40, 50], abs=1)
    assert (second["object"], second["phrase"]) == (2, "a white goose")
    assert second["box"] == pytest.approx([250, 20, 50, 40], abs=1)
    radius = round(SIZE[1] / 16)
    across = [100 - radius, 139 + radius, 120 - radius, 119 + radius]
    assert mask[:2] == list(SIZE) and mask[2:] == pytest.approx(across, abs=1)


def test_a_box_at_another_frame_is_a_key_of_its_own(board):
    page = board(frame=12)
    tool(page, "box")
    path(page, (100, 100), (140, 130))
    boxes = drawn(page, boxes=2)["boxes"]
    assert [(box["object"], box["frame"]) for box in boxes] == [(1, 0), (1, 12)]
    assert {box["phrase"] for box in boxes} == {"a red fox"}


def test_everything_can_be_drawn_moved_and_deleted_by_keys(board):
    page = board()
    page.locator("canvas:visible").focus()
    page.keyboard.press("d")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    assert drawn(page, drags=2)["drags"][1] == [[160, 90], [190, 90]]
    page.locator("[data-shape=drags-1]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowDown")
    page.locator("canvas:visible").focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    drawn(page, lambda told: told["drags"][1:] == [[[160, 101], [190, 101]]])
    page.keyboard.press("Delete")
    assert drawn(page, drags=1)["drags"] == [GIVEN_DRAG]


def test_a_shape_is_taken_hold_of_and_moved_with_the_mouse(board):
    page = board()
    tool(page, "select")
    path(page, (60, 20), (80, 60))
    assert drawn(page, drags=1)["drags"][0] == [[20, 20], pytest.approx([80, 60], abs=1)]
    path(page, (30, 115), (50, 125))
    box = drawn(page, lambda told: told["boxes"][0] != GIVEN_BOX)["boxes"][0]["box"]
    assert box == pytest.approx([30, 110, 40, 30], abs=1)
