"""Models as the service lists, fetches and removes them."""

# ruff: noqa: F811 - fixtures are imported and asked for by one name

from pathlib import Path

import pytest

from tests.models.conftest import folder, hub  # noqa: F401
from v2v_studio.errors import MissingError, StudioError, UsageError
from v2v_studio.models.manifest import manifest
from v2v_studio.studio import models

NAME = "owner/model"


@pytest.fixture
def reached(hub, monkeypatch):
    """The hub, where no endpoint is named."""
    from huggingface_hub import constants

    template = "{endpoint}/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template.replace("{endpoint}", hub.endpoint))
    return hub


def fetched():
    return models.fetch_model(NAME, lambda plan: None)


def named(name):
    return next(row for row in models.model_rows() if row["name"] == name)


def test_every_model_of_the_manifest_is_listed(folder):
    assert [row["name"] for row in models.model_rows()] == list(manifest())
    row = named("annotator-hed")
    assert (row["for"], row["size"], row["size is"], row["where"]) == (["controlnet"], 29444406, "listed", None)


def test_what_lies_there_besides_is_listed_too(folder):
    (folder / "mystyle.safetensors").write_bytes(b"1234")
    (folder / "notes.txt").touch()
    (folder / ".sd15.lock").touch()
    assert [row["name"] for row in models.model_rows()[len(manifest()) :]] == ["mystyle"]
    assert (named("mystyle")["size"], named("mystyle")["where"]) == (4, str(folder / "mystyle.safetensors"))


def test_what_was_fetched_is_listed_with_its_source(reached):
    path, new = fetched()
    assert new
    row = named(NAME)
    assert (row["repository"], row["licence"], row["where"]) == (NAME, "mit", str(path))


def test_a_second_fetch_asks_nobody(reached):
    fetched()
    reached.down = True

    def confirm(plan):
        raise AssertionError("asked")

    assert models.fetch_model(NAME, confirm)[1] is False


def test_nothing_is_fetched_unless_confirmed(reached, folder):
    class Refused(Exception):
        pass

    def confirm(plan):
        raise Refused

    with pytest.raises(Refused):
        models.fetch_model(NAME, confirm)
    assert reached.asked == [] and list(folder.iterdir()) == []


def test_what_has_begun_is_counted(folder):
    (folder / ".sd15.fetching").mkdir()
    (folder / ".sd15.fetching" / "a.part").write_bytes(b"123")
    assert named("sd15")["begun"] == 3


def test_all_that_was_fetched_is_verified_where_no_name_is_given(reached):
    assert models.verify_models([]) == []
    fetched()
    (check,) = models.verify_models([])
    assert (check.name, check.wrong) == (NAME, {})


def test_what_was_fetched_is_removed(reached, folder):
    fetched()
    assert models.remove_model(NAME) > 10253
    assert not [path for path in folder.iterdir() if path.is_dir()]


def test_what_has_begun_is_removed_too(folder):
    (folder / ".sd15.fetching").mkdir()
    (folder / ".sd15.fetching" / "a.part").write_bytes(b"123")
    assert models.remove_model("sd15") == 3
    assert not (folder / ".sd15.fetching").exists()


def test_what_was_not_fetched_is_not_removed(folder):
    (folder / "sd15").mkdir()
    with pytest.raises(StudioError, match=r"sd15 was not fetched by this program; remove .*/sd15 yourself"):
        models.remove_model("sd15")
    with pytest.raises(MissingError, match="sdxl"):
        models.remove_model("sdxl")


def test_a_target_that_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "style.safetensors").touch()
    with pytest.raises(
        StudioError, match=r"style\.safetensors is there already; remove it, or name another with --out"
    ):
        models.convert_model(tmp_path / "style.ckpt")


def test_a_model_that_is_used_as_it_was_fetched_is_not_converted():
    with pytest.raises(UsageError, match="consisti2v is used as it was fetched"):
        models.convert_model(Path("consisti2v"))


def test_a_text_encoder_is_converted_to_the_name_it_is_looked_for_by(tmp_path):
    import torch

    torch.save({"weight": torch.ones(2)}, tmp_path / "pytorch_model.bin")
    assert models.convert_model(tmp_path / "pytorch_model.bin").target == tmp_path / "model.safetensors"
