"""Where weights are looked for."""

import pytest

from v2v_studio.errors import MissingError
from v2v_studio.models.weights import find_weights


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that V2V_MODELS names, on a machine with an empty home."""
    monkeypatch.setenv("V2V_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_a_file_is_found_by_its_name(folder):
    (folder / "raft_small.pth").touch()
    assert find_weights("raft_small") == folder / "raft_small.pth"


def test_safetensors_go_before_a_pickle(folder):
    (folder / "raft_small.pth").touch()
    (folder / "raft_small.safetensors").touch()
    assert find_weights("raft_small").suffix == ".safetensors"


def test_the_cache_is_where_they_lie_if_not_in_the_folder(folder, tmp_path):
    cache = tmp_path / "home/.cache/v2v_studio/models"
    cache.mkdir(parents=True)
    (cache / "raft_small.pth").touch()
    assert find_weights("raft_small") == cache / "raft_small.pth"
    (folder / "raft_small.pth").touch()
    assert find_weights("raft_small") == folder / "raft_small.pth"


def test_where_there_are_none_it_is_said_where_to_put_them(folder):
    with pytest.raises(MissingError, match=r"put raft_small\.safetensors or raft_small\.pth into .*models") as told:
        find_weights("raft_small")
    assert told.value.exit_code == 4
