"""Each page at its own address in a real browser: there, whole, and within reach of the keyboard."""

import pytest

from ui.app import PAGES

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # ms, for a machine that is busy elsewhere
UNNAMED = """() => {
  const roots = [document];
  for (const root of roots) for (const one of root.querySelectorAll('*')) if (one.shadowRoot) roots.push(one.shadowRoot);
  // a table's canvas has its cells inside it, as elements that only a screen reader sees
  const controls = 'button, a[href], input:not([type=hidden]), select, textarea, [tabindex="0"]:not(canvas)';
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().width > 1;
  const named = (one) => one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.title
    || one.textContent.trim() || one.labels?.length || one.querySelector('[aria-label], [title], [alt]');
  return roots.flatMap((root) => [...root.querySelectorAll(controls)]).filter((one) => seen(one) && !named(one))
    .map((one) => one.outerHTML.slice(0, 200));
}"""


def test_every_page_has_an_address_of_its_own_and_every_control_of_it_a_name(rendered, room, chromium):
    rendered.proxy("sh010", "t001")
    page, address = chromium(), room(rendered)
    page.set_default_timeout(PATIENCE)
    for name, (title, _) in PAGES.items():
        page.goto(f"{address}/{name}?shot=sh010")
        page.get_by_role("heading", name=title, exact=True).wait_for()
        page.locator("[data-test-script-state=notRunning]").wait_for()
        assert page.get_by_text("Page not found").count() == 0
        assert (name, page.evaluate(UNNAMED)) == (name, [])


def test_the_room_s_own_address_leads_to_the_shots_with_the_shot_of_the_link(rendered, room, chromium):
    page, address = chromium(), room(rendered)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/?shot=sh020")
    page.locator("[data-id=sh020][aria-selected=true]").wait_for()
    assert page.url == f"{address}/shots?shot=sh020"
