"""A small project at each stage of the work, made once and copied."""

import shutil

import pytest

from v2v_studio.studio import Studio


@pytest.fixture(scope="session")
def rendered_once(film, tmp_path_factory):
    folder = tmp_path_factory.mktemp("project") / "myfilm"
    studio = Studio.create(folder)
    studio.ingest([film], copy=True)
    studio.cut()
    studio.stylize(translator="filters", options={"preset": "poster"})
    studio.render(studio.plan(options={"quality": "draft"}), workers=1)
    return folder


@pytest.fixture
def empty(tmp_path):
    """A project with nothing in it."""
    return Studio.create(tmp_path / "myfilm")


@pytest.fixture
def rendered(rendered_once, tmp_path):
    """A project whose three shots have a first frame and a take each."""
    shutil.copytree(rendered_once, tmp_path / "myfilm")
    return Studio(tmp_path / "myfilm")
