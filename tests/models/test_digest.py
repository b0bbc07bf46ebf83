"""Digests of weights: what counts, and what is remembered."""

import hashlib
import os
from pathlib import Path

import pytest

from v2v_studio.models import digest as module
from v2v_studio.models.digest import digest


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_a_file_s_digest_is_its_sha256(tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"weights")
    assert digest(tmp_path / "a.safetensors") == hashlib.sha256(b"weights").hexdigest()


def test_a_file_is_read_once_until_it_changes(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(module, "file_digest", lambda path: read.append(path) or path.read_bytes().hex())
    file = tmp_path / "a.safetensors"
    file.write_bytes(b"one")
    assert digest(file) == digest(file) == b"one".hex()
    assert len(read) == 1
    file.write_bytes(b"two")
    os.utime(file, ns=(1, 1))  # another time, whatever the file system's clock can tell apart
    assert digest(file) == b"two".hex()
    assert len(read) == 2


def test_a_folder_counts_names_and_bytes_of_what_a_model_is_read_of(tmp_path):
    model = tmp_path / "model"
    (model / "unet").mkdir(parents=True)
    (model / "unet" / "a.safetensors").write_bytes(b"weights")
    first = digest(model)
    for other in ("README.md", "fetched.json", ".cache.json"):
        (model / other).write_text("left beside it")
    assert digest(model) == first
    (model / "unet" / "a.safetensors").rename(model / "unet" / "b.safetensors")
    assert digest(model) != first


def test_a_folder_of_links_is_what_they_lead_to(tmp_path):
    for name in ("blob", "plain"):
        (tmp_path / name).mkdir()
    (tmp_path / "blob" / "x").write_bytes(b"weights")
    (tmp_path / "plain" / "a.safetensors").write_bytes(b"weights")
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot" / "a.safetensors").symlink_to(tmp_path / "blob" / "x")
    assert digest(tmp_path / "snapshot") == digest(tmp_path / "plain")


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "file")  # a folder cannot be made in a file
    (tmp_path / "a.safetensors").write_bytes(b"weights")
    assert digest(tmp_path / "a.safetensors") == hashlib.sha256(b"weights").hexdigest()
