from pathlib import Path

import pytest

from v2v_studio.errors import ShotsFailed
from v2v_studio.studio import Studio

DRAFT = {"quality": "draft"}


@pytest.fixture
def ran(film, tmp_path):
    studio = Studio.create(tmp_path / "myfilm")
    return studio, studio.run(film, "filters", {"preset": "poster"}, render_options=DRAFT, workers=1)


def test_run_does_every_stage(ran):
    assert ran[1]["stages"] == {
        "ingest": "a001 36 frames at 24000/1001",
        "cut": "3 shots",
        "stylize": "3 first frames",
        "render": "3 rendered",
        "assemble": "36 of 36 frames styled",
    }


def test_second_run_does_nothing_again(ran, film):
    studio, first = ran
    before = Path(first["exports"][0]["path"]).read_bytes()
    second = studio.run(film, "filters", {"preset": "poster"}, render_options=DRAFT, workers=1)
    assert second["stages"]["render"] == "3 reused"
    assert Path(second["exports"][0]["path"]).read_bytes() == before


def test_second_run_does_only_what_changed(ran, film):
    studio, _ = ran
    studio.stylize(["sh020"], "filters", {"preset": "ink"})
    assert studio.run(film, render_options=DRAFT, workers=1)["stages"]["render"] == "2 reused, 1 rendered"


def test_failed_shot_is_told_and_the_others_are_kept(ran, film):
    studio, _ = ran
    broken = studio.store.first_frame_image(studio.store.first_frame("sh020", "ff001"))
    broken.write_bytes(b"no picture")
    studio.store.take_folder("sh020", "t001").rename(studio.store.folder / "elsewhere")
    with pytest.raises(ShotsFailed, match="1 of 3 shots failed"):
        studio.run(film, render_options=DRAFT, workers=1)


def test_status_says_what_comes_next(empty, film):
    said = [empty.status()["next"]]
    for verb in (lambda: empty.ingest([film]), empty.cut, lambda: empty.stylize(options={"preset": "poster"})):
        verb()
        said.append(empty.status()["next"])
    assert said == ["v2v ingest clip.mp4", "v2v cut", "v2v stylize", "v2v render"]
