"""What README and docs show is what their commands print."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
spec = importlib.util.spec_from_file_location("console", ROOT / "docs" / "console.py")
console = importlib.util.module_from_spec(spec)
spec.loader.exec_module(console)


@pytest.mark.slow
@pytest.mark.parametrize("page", console.PAGES)
def test_commands_of_a_page_print_what_it_shows(page, tmp_path):
    """Stale? Refresh with: python docs/console.py"""
    shown = (ROOT / page).read_text()
    assert console.comparable(console.rerun(page, console.demo(tmp_path))) == console.comparable(shown)


@pytest.mark.parametrize("page", console.PAGES)
def test_page_shows_commands(page):
    assert console.BLOCK.search((ROOT / page).read_text())


def test_every_verb_is_shown_in_the_docs():
    from v2v_studio.cli import VERBS

    text = "".join(page.read_text() for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    assert [verb for verb in VERBS if f" {verb} " not in text and f" {verb}\n" not in text] == []


def test_links_of_the_docs_lead_somewhere():
    import re

    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"
