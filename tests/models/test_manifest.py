"""What the manifest says can be held against the packages that use it."""

import re

import pytest

from v2v_studio.metrics.base import METRICS
from v2v_studio.models.manifest import manifest, matching
from v2v_studio.translators.annotators import ANNOTATORS

MODELS = manifest().values()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_can_be_fetched_or_says_why_not(model):
    """Something to fetch, from one place, with a size and a licence to show first; or a reason."""
    fetchable = bool(model.files and model.size and model.licence and model.use)
    assert fetchable == (model.unavailable is None)
    places = bool(model.repository) + bool(model.torchvision) + bool(model.address)
    assert places == (model.unavailable is None)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_digests_are_of_files_that_are_fetched(model):
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in model.sha256.values())
    assert all(any(matching(pattern, [path]) for pattern in model.files) for path in model.sha256)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_of_one_file_names_that_file(model):
    if model.form == "file":
        (name,) = model.files
        assert not set("*?|[") & set(name)


def test_every_annotator_finds_its_weights():
    for annotator in ANNOTATORS.values():
        if annotator.weights:
            assert set(annotator.files.values()) <= set(manifest()[annotator.weights].files)


def test_every_annotator_that_cannot_work_is_listed_with_the_reason():
    reasons = {name: model.unavailable for name, model in manifest().items() if model.unavailable}
    assert set(reasons) == {f"annotator-{one.name}" for one in ANNOTATORS.values() if one.unavailable}


def test_of_a_choice_the_first_that_is_there_is_taken():
    assert matching("a.safetensors|a.bin", ["a.bin", "a.safetensors"]) == ["a.safetensors"]
    assert matching("a.safetensors|a.bin", ["a.bin", "b.bin"]) == ["a.bin"]
    assert matching("a.safetensors|a.bin", ["b.bin"]) == []
    assert matching("tokenizer/*", ["tokenizer/vocab.json", "vocab.json"]) == ["tokenizer/vocab.json"]


@pytest.mark.slow
@pytest.mark.parametrize("model", [model for model in MODELS if model.torchvision], ids=lambda model: model.name)
def test_the_file_is_the_one_that_torchvision_names(model):
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from torchvision.models import get_weight

    assert get_weight(model.torchvision).url.rpartition("/")[2] == model.files[0]


@pytest.mark.parametrize("model", [model for model in MODELS if model.address], ids=lambda model: model.name)
def test_the_file_is_the_one_at_its_address(model):
    assert model.address.rpartition("/")[2] == model.files[0]


def test_every_model_that_a_metric_takes_is_listed_as_one():
    metrics = [METRICS.load(name) for name in METRICS.names()]
    assert {name for metric in metrics for name in metric.models} <= {m.name for m in MODELS if "metrics" in m.use}
