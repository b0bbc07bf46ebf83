"""One translator for many pictures: when a pipeline is loaded, and when it is kept."""

from types import SimpleNamespace

import pytest

from v2v_studio.translators.diffusion.held import Held
from v2v_studio.translators.diffusion.recipe import Checkpoint, Recipe


class Scheduler:
    config: dict = {}  # noqa: RUF012  diffusers' is a class's too

    @classmethod
    def from_config(cls, config):
        return cls()


@pytest.fixture
def loads(monkeypatch):
    """Names of the models loaded, in order."""
    loaded = []

    def load(recipe):
        loaded.append(recipe.model.path)
        return SimpleNamespace(scheduler=Scheduler())

    monkeypatch.setattr("v2v_studio.translators.diffusion.pipelines.load", load)
    return loaded


def recipe(model):
    return Recipe("img2img", Checkpoint(model, model, "Pipeline"), (), (), None, "auto", "auto")


@pytest.mark.slow  # the module that loads imports diffusers
def test_a_pipeline_is_loaded_once_until_another_is_asked_for(loads):
    held = Held()
    first = held.pipeline(recipe("one"))
    assert held.pipeline(recipe("one")) is first
    held.pipeline(recipe("two"))
    held.pipeline(recipe("one"))
    assert loads == ["one", "two", "one"]


@pytest.mark.slow
def test_every_picture_has_a_scheduler_of_its_own(loads):
    held = Held()
    first = held.pipeline(recipe("one")).scheduler
    assert held.pipeline(recipe("one")).scheduler is not first
