"""Weights held against what is known of them."""

import hashlib

import pytest

from v2v_studio.errors import MissingError
from v2v_studio.models.fetch import fetch, plan
from v2v_studio.models.manifest import Model, manifest
from v2v_studio.models.verify import verify

NAME = "owner/model"
WEIGHTS = "unet/weights.safetensors"


def test_what_was_fetched_is_as_it_should_be(hub):
    home = fetch(plan(NAME, hub.endpoint))
    check = verify(NAME)
    assert (check.path, check.files, check.wrong) == (home, 2, {})


def test_what_differs_from_the_record_is_named(hub):
    home = fetch(plan(NAME, hub.endpoint))
    (home / WEIGHTS).write_bytes(b"x" * 10240)
    (home / "config.json").unlink()
    assert verify(NAME).wrong == {
        "config.json": "missing",
        WEIGHTS: "other bytes than were fetched: its sha256 differs",
    }
    (home / WEIGHTS).write_bytes(b"x")
    assert verify(NAME).wrong[WEIGHTS] == "1 bytes, 10240 were fetched"


def test_progress_counts_bytes(hub):
    fetch(plan(NAME, hub.endpoint))
    told = []
    verify(NAME, lambda done, total: told.append((done, total)))
    assert told[-1] == (10253, 10253)


@pytest.mark.parametrize(("content", "wrong"), [(b"weights", []), (b"weightz", ["w.bin"])])
def test_files_of_the_users_own_are_held_against_the_manifest(folder, monkeypatch, content, wrong):
    known = {"w.bin": hashlib.sha256(b"weights").hexdigest()}
    monkeypatch.setitem(manifest(), "toy", Model(name="toy", title="Toy", use=(), repository=NAME, sha256=known))
    (folder / "toy").mkdir()
    (folder / "toy" / "w.bin").write_bytes(content)
    assert list(verify("toy").wrong) == wrong


def test_one_file_is_held_against_the_manifest_whatever_it_is_called(folder):
    (folder / "i3d.pt").write_bytes(b"something else")
    assert set(verify("i3d").wrong) == {"i3d.pt"}


@pytest.mark.parametrize(("content", "wrong"), [(b"weights", []), (b"weightz", ["w.bin"])])
def test_in_the_hubs_cache_files_are_named_by_their_digest(folder, tmp_path, content, wrong):
    cached = tmp_path / "hub" / "models--owner--model"
    blob = cached / "blobs" / hashlib.sha256(b"weights").hexdigest()
    link = cached / "snapshots" / "ab12" / "w.bin"
    for path in (blob, link, cached / "refs" / "main"):
        path.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    link.symlink_to(blob)
    (cached / "refs" / "main").write_text("ab12")
    check = verify(NAME)
    assert (check.files, list(check.wrong)) == (1, wrong)


def test_files_of_which_nothing_is_known_are_no_failure(folder):
    (folder / "owner--model").mkdir()
    (folder / "owner--model" / "config.json").touch()
    check = verify(NAME)
    assert (check.files, check.wrong) == (0, {})


def test_a_model_that_is_not_here_cannot_be_verified(folder):
    with pytest.raises(MissingError, match="v2v models fetch sd15"):
        verify("sd15")


def test_what_you_put_there_yourself_has_no_digests_to_check(folder):
    (folder / "my style.safetensors").touch()
    assert verify("my style").files == 0


def test_a_fetched_model_is_known_by_its_folder_too(hub):
    fetch(plan(NAME, hub.endpoint))
    assert verify("owner--model").files == 2
