"""The pictures of README and docs, made from the demo film that the project draws itself: `python docs/pictures.py`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import cv2

from v2v_studio.media.frames import fit, read_png, resize, to_uint8
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio import Studio
from v2v_studio.translators.filters import PRESETS, Filters
from v2v_studio.types import Array

DOCS = Path(__file__).parent
DEMO = DOCS.parent / "projects" / "demo"
sys.path.insert(0, str(DEMO))


def write_jpeg(path: Path, picture: Array, width: int = 1280) -> None:
    small = resize(picture, fit((picture.shape[2], picture.shape[1]), (width, 4 * width)))
    cv2.imwrite(str(path), to_uint8(small)[::-1].transpose(1, 2, 0), [cv2.IMWRITE_JPEG_QUALITY, 82])


def looks() -> Array:
    """One frame of the demo in every preset."""
    import draw

    frame, translator = draw.draw("meadow", 4), Filters()
    cells = [
        Cell(translator.translate(frame, Filters.Params(preset=preset), 0), preset)  # type: ignore[arg-type]
        for preset in sorted(PRESETS)
    ]
    return sheet([cells[i : i + 4] for i in range(0, len(cells), 4)], height=200)


def sources(folder: Path) -> Array:
    """Which pixel of a take came from which of two first frames."""
    shutil.copytree(DEMO, folder / "demo")
    studio = Studio(folder / "demo")
    studio.stylize(["sh030"], "filters", {"preset": "ink"}, frame=1040)
    studio.pick("sh030", ["ff001", "ff002"])
    studio.render(studio.plan(["sh030"], options={"quality": "draft"}))
    studio.sources("sh030", folder / "sources.png")
    return read_png(folder / "sources.png")


def main() -> None:
    write_jpeg(DOCS / "strip.jpg", Studio(DEMO).strip())
    write_jpeg(DOCS / "looks.jpg", looks())
    with tempfile.TemporaryDirectory() as folder:
        write_jpeg(DOCS / "sources.jpg", sources(Path(folder)))


if __name__ == "__main__":
    main()
