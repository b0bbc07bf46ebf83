"""Where weights are looked for."""

from pathlib import Path

import pytest

from v2v_studio.errors import MissingError
from v2v_studio.models.manifest import manifest
from v2v_studio.models.weights import SUFFIXES, locate, present


def test_what_exists_is_taken_as_it_is(folder, tmp_path):
    (tmp_path / "mine.safetensors").touch()
    assert locate(tmp_path / "mine.safetensors") == tmp_path / "mine.safetensors"
    assert locate(str(tmp_path)) == tmp_path


def test_a_file_is_found_by_its_name(folder):
    (folder / "raft_small.pth").touch()
    assert locate("raft_small") == folder / "raft_small.pth"
    assert present("raft_small")


def test_safetensors_go_before_a_pickle(folder):
    for suffix in SUFFIXES:
        (folder / f"mystyle{suffix}").touch()
    assert locate("mystyle").suffix == ".safetensors"


def test_a_folder_is_found_by_its_name(folder):
    (folder / "sd15").mkdir()
    assert locate("sd15") == folder / "sd15"


@pytest.mark.parametrize("name", ["my ink, v2", "ink.safetensors", "tusche"])
def test_whatever_name_you_gave_it_is_found_by_that(folder, name):
    file = folder / (name if name.endswith(".safetensors") else f"{name}.safetensors")
    file.touch()
    assert locate(name) == file


def test_a_repository_is_found_as_owner_and_name(folder):
    (folder / "owner--model").mkdir()
    assert locate("owner/model") == folder / "owner--model"


def test_of_a_model_that_is_one_file_the_file_is_found(folder):
    file = folder / "raft_small" / manifest()["raft_small"].files[0]
    file.parent.mkdir()
    assert not present("raft_small")
    file.touch()
    assert locate("raft_small") == file


def test_the_cache_is_where_they_lie_if_not_in_the_folder(folder, tmp_path):
    cache = tmp_path / "home/.cache/v2v_studio/models"
    cache.mkdir(parents=True)
    (cache / "raft_small.pth").touch()
    assert locate("raft_small") == cache / "raft_small.pth"
    (folder / "raft_small.pth").touch()
    assert locate("raft_small") == folder / "raft_small.pth"


def hub_cached(tmp_path: Path, repository: str, revision: str, *files: str) -> Path:
    """A snapshot in the hub's cache."""
    cached = tmp_path / "hub" / f"models--{repository.replace('/', '--')}"
    for file in files:
        (cached / "snapshots" / revision / file).parent.mkdir(parents=True, exist_ok=True)
        (cached / "snapshots" / revision / file).touch()
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(revision)
    return cached / "snapshots" / revision


def test_the_hubs_cache_is_looked_into_last(folder, tmp_path):
    snapshot = hub_cached(tmp_path, "owner/model", "ab12", "config.json")
    assert locate("owner/model") == snapshot
    (folder / "owner--model").mkdir()
    assert locate("owner/model") == folder / "owner--model"


def test_half_a_model_in_the_hubs_cache_is_none(folder, tmp_path):
    repository = manifest()["controlnet-canny"].repository
    snapshot = hub_cached(tmp_path, repository, "ab12", "config.json")
    assert not present("controlnet-canny")
    (snapshot / "diffusion_pytorch_model.safetensors").touch()
    assert locate("controlnet-canny") == snapshot


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sd15", "fetch it with: v2v models fetch sd15$"),
        ("owner/model", "fetch it with: v2v models fetch owner/model$"),
        ("sd51", "no model 'sd51'. Did you mean 'sd15'?"),
        ("nothing.safetensors", "no file or folder nothing.safetensors"),
        ("../../elsewhere", r"no file or folder \.\./\.\./elsewhere"),
        ("~nobody-of-that-name/model", "no file or folder ~nobody-of-that-name/model"),
        ("x" * 3000, "no file or folder xxx"),
        ("annotator-dwpose", "cannot be used: .*mm"),
    ],
)
def test_where_there_are_none_it_is_said_what_to_do(folder, name, said):
    with pytest.raises(MissingError, match=said.replace("?", r"\?")) as told:
        locate(name)
    assert told.value.exit_code == 4
    assert not present(name)
