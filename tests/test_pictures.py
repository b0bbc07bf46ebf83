"""Every picture of README and docs is made by docs/pictures.py or docs/ui_pictures.py, and every one made there is shown."""

import importlib.util
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from v2v_studio.media.frames import read_png

ROOT = Path(__file__).resolve().parents[1]


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pictures, ui_pictures = loaded("pictures"), loaded("ui_pictures")
MADE = {
    *(ROOT / "docs" / name for name in pictures.PICTURES),
    *(ROOT / "docs/ui" / f"{name}.jpg" for name in ui_pictures.PAGES),
}


def shown() -> set[Path]:
    """The pictures that pages show."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    image = re.compile(r"!\[[^\]]*\]\(([^)\s]+)|<img[^>]*src=\"([^\"]+)")
    return {(page.parent / (a or b)).resolve() for page in pages for a, b in image.findall(page.read_text())}


def test_every_picture_that_a_page_shows_can_be_made_again():
    assert shown() <= MADE


def test_every_picture_that_can_be_made_is_shown_and_there():
    assert shown() >= MADE
    assert [file for file in MADE if not file.is_file()] == []


def test_no_picture_lies_in_docs_that_is_not_made():
    there = {
        file for end in ("jpg", "png") for folder in ("", "ui/") for file in (ROOT / "docs").glob(f"{folder}*.{end}")
    }
    assert there <= MADE


def test_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(SystemExit, match=r"no page shows moon\.jpg; the pictures are strip\.jpg"):
        pictures.main(["moon.jpg"])


def test_a_png_is_written_as_it_is_and_a_jpeg_no_wider_than_asked(tmp_path):
    picture = np.zeros((3, 40, 200), np.float32)
    pictures.write(tmp_path / "a.png", picture, width=100)
    pictures.write(tmp_path / "a.jpg", picture, width=100)
    assert read_png(tmp_path / "a.png").shape == (3, 40, 200)
    assert cv2.imread(str(tmp_path / "a.jpg")).shape == (20, 100, 3)


@pytest.mark.slow
def test_the_mask_of_the_girl_has_her_coat_and_not_the_wall():
    mask = pictures.girl()
    assert mask.shape == (3, 360, 640)
    assert mask[:, 220, 175].min() == 1
    assert mask[:, 20:340, 300:].max() == 0  # posters and lamp post
