"""How long the server takes for each page of the review room: the first time, and when it is come back to.

python -m benchmarks.pages demo projects/demo      the finished demo project, of which a copy is looked at
python -m benchmarks.pages many                    300 shots, each with a first frame and a take: records and tiny files

A page is run as the server runs it, without a browser. CPU seconds are this process's; wall seconds depend on what else the
machine does. The first page of a process loads what all pages need, and is run once before.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.memory import looped
from benchmarks.record import save
from v2v_studio.project.records import CutRecord, Shot
from v2v_studio.studio import Studio

ROOT = Path(__file__).resolve().parents[1]
AGAIN = 5  # runs, of which the median is taken
SHOTS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("demo", "many"))
    parser.add_argument("project", nargs="?", type=Path, default=ROOT / "projects" / "demo")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        many(project) if chosen.what == "many" else shutil.copytree(chosen.project, project)
        rows = measure(project)
    for row in rows:
        print(row)
    print(save(f"pages-{chosen.what}", rows))


def measure(project: Path) -> list[dict[str, Any]]:
    """A row a page: seconds of the first run, which makes its pictures, and the median of those after it."""
    from streamlit.testing.v1 import AppTest

    from ui.app import PAGES
    from ui.room import PROJECT

    os.environ[PROJECT] = str(project)
    app = AppTest.from_file(str(ROOT / "ui" / "app.py"), default_timeout=600)
    app.run()
    rows = []
    for page in PAGES:
        app.switch_page(f"pages/{page}.py")
        first, *later = [timed(app) for _ in range(1 + AGAIN)]
        assert not app.exception and not app.error, page
        cpu, wall = (median(seconds) for seconds in zip(*later, strict=True))
        rows.append({"page": page, "first_cpu_s": first[0], "cpu_s": cpu, "wall_s": wall})
    return rows


def timed(app: Any) -> tuple[float, float]:
    """(CPU, wall) seconds of one run."""
    cpu, wall = time.process_time(), time.perf_counter()
    app.run()
    return time.process_time() - cpu, time.perf_counter() - wall


def many(folder: Path, count: int = SHOTS) -> None:
    """A project of so many shots of four frames, the take of the first under all their names; a third are approved."""
    studio = Studio.create(folder)
    studio.ingest([looped(folder.parent / "loop.mp4", 4 * count, (96, 54))], copy=True)
    cut = CutRecord(detector="fixed", scores=studio.store.write_scores("a001", [0.0] * 4 * count))
    studio.store.change_footage("a001", lambda footage: footage.changed(cut=cut))
    with studio.store.cutting():
        first = studio.store.add_shot(Shot(id="sh010", footage="a001", start=0, end=4, usable=0))
    studio.stylize([first.id], "filters", {"preset": "poster"})
    studio.render(studio.plan([first.id], options={"quality": "draft"}), workers=1)
    first = studio.store.shot(first.id)  # with its look and take
    for index in range(1, count):
        span = {"start": 4 * index, "end": 4 * index + 4, "usable": 4 * index}
        shot = first.changed(id=f"sh{10 * index + 10:03d}", **span)
        for part in ("firstframes/ff001", "takes/t001"):
            shutil.copytree(folder / "shots" / first.id / part, folder / "shots" / shot.id / part)
        renamed(folder / "shots" / shot.id, first, shot)
        with studio.store.cutting():
            studio.store.add_shot(shot)
        if index % 3 == 0:
            studio.review(f"{shot.id}/t001", "approve")


def renamed(folder: Path, first: Any, shot: Any) -> None:
    """Give a shot's copies its own name and frames."""
    own = f"{shot.id}_t001."
    for frame in (folder / "takes" / "t001" / "frames").iterdir():
        frame.rename(frame.with_name(frame.name.replace(f"{first.id}_t001.", own)))
    image, record = folder / "firstframes" / "ff001", folder / "takes" / "t001"
    by = shot.start - first.start
    made = json.loads((image / "firstframe.json").read_text())
    (image / "firstframe.json").write_text(json.dumps({**made, "shot": shot.id, "frame": made["frame"] + by}))
    take = json.loads((record / "take.json").read_text())
    moved = {key: take[key] + by for key in ("start", "first", "last", "anchor")}
    recipe = {**take["recipe"], "shot": [shot.start, shot.end]}
    (record / "take.json").write_text(json.dumps({**take, **moved, "shot": shot.id, "recipe": recipe}))
    metrics = json.loads((record / "metrics.json").read_text())
    rows = [{**row, "frame": row["frame"] + by} for row in metrics["rows"]]
    (record / "metrics.json").write_text(json.dumps({**metrics, "rows": rows}))


if __name__ == "__main__":
    main()
