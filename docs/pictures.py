"""The pictures of README and docs, made from the demo film that the project draws itself, as their pages say.

`python docs/pictures.py` makes all of them, `python docs/pictures.py masks.jpg reel.jpg` those named: each in a copy of the
finished demo project, beside which lie the files that the page's commands name.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from v2v_studio.media.frames import fit, read_png, resize, to_uint8, write_png
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import open_reader
from v2v_studio.sheets import BACKGROUND, Cell, sheet
from v2v_studio.studio import Studio
from v2v_studio.translators.filters import PRESETS, Filters
from v2v_studio.types import Array

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS), str(DOCS.parent), str(DOCS.parent / "projects" / "demo")]
SHOTS = ("sh010", "sh020", "sh030", "sh040")


def strip(studio: Studio) -> Array:
    """Four shots: footage, first frame, footage later, result."""
    return studio.strip()


def looks(_: Studio) -> Array:
    """One frame of the demo in every preset."""
    import draw

    frame, translator = draw.draw("meadow", 4), Filters()
    cells = [
        Cell(translator.translate(frame, Filters.Params(preset=preset), 0), preset)  # type: ignore[arg-type]
        for preset in sorted(PRESETS)
    ]
    return sheet([cells[i : i + 4] for i in range(0, len(cells), 4)], height=200)


def reference(studio: Studio) -> Array:
    """The four shots after four style pictures."""
    from tests.translators.style_pictures import STYLES

    blank = np.broadcast_to(np.float32(BACKGROUND)[:, None, None] / 255, (3, 360, 640))
    painted = [studio.store.first_frame(shot, "ff001") for shot in SHOTS]
    footage = [Cell(studio.still(studio.store.shot(first.shot), first.frame), first.shot) for first in painted]
    rows = [[Cell(blank), *footage]]
    for name, style in STYLES.items():
        write_png(Path("style.png"), style(360, 640))
        made = studio.stylize(SHOTS, "reference", {"file": "style.png"})
        styled = [Cell(read_png(studio.store.first_frame_image(first))) for first in made]
        rows.append([Cell(read_png(Path("style.png")), name), *styled])
    return sheet(rows, height=140)


def like(studio: Studio) -> Array:
    """Three shots in the look of the first."""
    from tests.translators.style_pictures import strokes

    write_png(Path("style.png"), strokes(360, 640))
    studio.stylize(["sh010"], "reference", {"file": "style.png"})
    studio.before_after(studio.stylize(SHOTS[1:], like="sh010/ff002"), Path("like.png"))
    return read_png(Path("like.png"))


def sources(studio: Studio) -> Array:
    """Which pixel of a take came from which of two first frames."""
    studio.stylize(["sh030"], "filters", {"preset": "ink"}, frame=1040)
    studio.pick("sh030", ["ff001", "ff002"])
    studio.render(studio.plan(["sh030"], options={"quality": "draft"}))
    studio.sources("sh030", Path("sources.png"))
    return read_png(Path("sources.png"))


def masks(studio: Studio) -> Array:
    """A mask as it was painted and as it was carried, over the footage; below it the take."""
    write_png(Path("girl.png"), girl())
    (row,) = studio.render(studio.plan(["sh020"], ask=studio.ask(["sh020"], mask="girl.png@1001")))
    shot, take = studio.store.shot("sh020"), studio.store.take("sh020", row["take"])
    above, below = [], []
    for number in (1001, 1019, 1036, 1048):  # the third: behind the lamp post
        frame = shot.frame(number)
        mask = read_png(studio.store.take_folder(shot.id, take.id) / "masks" / f"{number}.png")
        above.append(Cell(studio.still(shot, frame) * (0.3 + 0.7 * mask), str(number)))
        below.append(Cell(read_png(studio.store.take_frame(take, frame)), str(number)))
    return sheet([above, below], height=180)


def girl() -> Array:
    """Frame 1001 of sh020 with the girl in white and all else in black."""
    from drawing import street

    stage = street.stage()
    layers = []
    for layer in stage.layers:
        colour, cover = np.split(layer.texture, [3], 2)
        white = np.isclose(layer.depth(0), street.PATH, atol=0.02)  # her limbs, each in front of the other
        if layer.solid:
            layers.append(replace(layer, texture=np.dstack([0 * colour + white * cover, cover]), tint=None))
    return replace(stage, layers=layers, light=lambda picture, _: picture).draw(0)


def motion(studio: Studio) -> Array:
    """How a frame has moved since its first frame: colours, arrows, a grid."""
    studio.preview_motion("sh020", Path("motion.png"), 1012)
    return read_png(Path("motion.png"))


def coverage(studio: Studio) -> Array:
    """What first frames show of each frame, and what further ones would."""
    studio.suggest("sh020", picture=Path("coverage.png"))
    return read_png(Path("coverage.png"))


def compare(studio: Studio) -> Array:
    """Footage and take, on either side of a line."""
    studio.compare("sh010/source", "sh010/t001", "wipe", 1020, Path("compare.png"))
    return read_png(Path("compare.png"))


def reel(studio: Studio) -> Array:
    """The review reel in the middle of the dissolve."""
    path = Path(studio.reel()[0]["path"])
    return next(open_reader(path, probe(path)).frames(144, 145))


def farm(_: Studio) -> Array:
    """What a long film takes on 1 to 64 workers, simulated."""
    from benchmarks.farm_simulation import picture

    return picture()


def training(_: Studio) -> Array:
    """How the loss of each recipe falls on four clips."""
    from benchmarks.overfit import drawn

    return drawn()


PICTURES: dict[str, Callable[[Studio], Array]] = {
    "strip.jpg": strip,
    "looks.jpg": looks,
    "reference.jpg": reference,
    "like.jpg": like,
    "sources.jpg": sources,
    "masks.jpg": masks,
    "motion.jpg": motion,
    "coverage.png": coverage,
    "compare.png": compare,
    "reel.jpg": reel,
    "farm.png": farm,
    "training.png": training,
}


def write(path: Path, picture: Array, width: int = 1280) -> None:
    """A PNG as it is, a JPEG no wider than that."""
    if path.suffix == ".png":
        write_png(path, picture)
        return
    small = resize(picture, fit((picture.shape[2], picture.shape[1]), (width, 4 * width)))
    cv2.imwrite(str(path), to_uint8(small)[::-1].transpose(1, 2, 0), [cv2.IMWRITE_JPEG_QUALITY, 82])


def main(names: list[str]) -> None:
    from console import demo

    if unknown := [name for name in names if name not in PICTURES]:
        sys.exit(f"no page shows {unknown[0]}; the pictures are {', '.join(PICTURES)}")
    for name in names or PICTURES:
        with tempfile.TemporaryDirectory() as folder, chdir(folder):
            write(DOCS / name, PICTURES[name](Studio(demo(Path(folder)) / "projects" / "demo")))


if __name__ == "__main__":
    main(sys.argv[1:])
