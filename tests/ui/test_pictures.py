"""The pictures of docs/ui.md can be made again: every page shows the demo film whole, and no error."""

import importlib.util

import cv2
import pytest

from tests.ui.conftest import ROOT
from v2v_studio.studio import Studio


def module(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.browser
@pytest.mark.slow
def test_every_page_is_photographed_on_the_demo_film(room, chromium, tmp_path):
    """Stale? Make them again with: python docs/ui_pictures.py"""
    pictures = module("ui_pictures")
    page = chromium()
    studio = Studio(module("console").demo(tmp_path) / "projects" / "demo")
    pictures.prepared(studio)
    made = pictures.take_pictures(page, room(studio), studio, tmp_path / "made")
    assert {path.name for path in made} == {path.name for path in (ROOT / "docs" / "ui").iterdir()}
    for path in made:
        now, kept = cv2.imread(str(path)), cv2.imread(str(ROOT / "docs" / "ui" / path.name))
        assert now.shape == kept.shape == (720, 1280, 3)
