"""Fetching from a hub on this machine: what goes over the wire, and what is said when it does not."""

import errno
import hashlib
import os
import random
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.models.hub import COMMIT, serving
from v2v_studio.errors import MissingError, ResourceError, StudioError
from v2v_studio.models import download
from v2v_studio.models.fetch import fetch, intact, plan
from v2v_studio.models.manifest import Model, manifest
from v2v_studio.models.record import read_record
from v2v_studio.models.weights import find, locate

pytestmark = pytest.mark.slow

NAME = "owner/model"
WEIGHTS = "unet/weights.safetensors"


def fetched(hub):
    return fetch(plan(NAME, hub.endpoint))


def content(folder):
    """What a user sees of a model: path -> bytes."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "fetched.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_repository_is_fetched_and_found(hub, folder):
    assert fetched(hub) == folder / "owner--model" == locate(NAME)
    assert content(folder / "owner--model") == {name: hub.files[name] for name in ("config.json", WEIGHTS)}


def test_the_plan_says_all_before_anything_is_fetched(hub, folder):
    planned = plan(NAME, hub.endpoint)
    assert (planned.licence, planned.gated, planned.revision) == ("mit", False, COMMIT)
    assert planned.size == planned.left == sum(len(hub.files[name]) for name in ("config.json", WEIGHTS))
    assert planned.free > planned.size
    assert hub.asked == [] and list(folder.iterdir()) == []


def test_the_record_names_source_revision_and_digests(hub, folder):
    record = read_record(fetched(hub))
    assert (record.source, record.revision, record.licence) == (NAME, COMMIT, "mit")
    assert {path: file.size for path, file in record.files.items()} == {"config.json": 13, WEIGHTS: 10240}


def test_fetched_again_nothing_is_transferred(hub):
    fetched(hub)
    before = hub.sent, len(hub.asked)
    hub.down = True
    assert intact(NAME) == find(NAME)
    hub.down = False
    fetched(hub)
    assert (hub.sent, len(hub.asked)) == before


def test_of_a_damaged_model_only_what_is_wrong_is_fetched(hub):
    path = fetched(hub) / "config.json"
    path.write_bytes(b'{"layers": 3}')
    hub.asked.clear()
    assert intact(NAME) is None
    fetched(hub)
    assert hub.asked == [("config.json", 0)]
    assert path.read_bytes() == hub.files["config.json"]


def test_progress_ends_at_the_whole(hub):
    told = []
    fetch(plan(NAME, hub.endpoint), lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (10253, 10253)


def test_a_connection_that_breaks_is_gone_on_from(hub):
    hub.cut = 6000
    with pytest.raises(
        StudioError, match=f"{WEIGHTS} broke off after 6000 of 10240 bytes .* run the same command again"
    ):
        fetched(hub)
    assert find(NAME) is None
    hub.cut, hub.down = None, False
    hub.asked.clear()
    assert plan(NAME, hub.endpoint).left == 10240 - 6000
    fetched(hub)
    assert hub.asked == [(WEIGHTS, 6000)]
    assert content(find(NAME))[WEIGHTS] == hub.files[WEIGHTS]


def test_files_that_are_stored_elsewhere_are_gone_on_from_there_and_the_login_stays_here(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with serving(hub.files) as storage:
        hub.moved, storage.cut = storage.endpoint, 6000
        with pytest.raises(StudioError, match="broke off after 6000 of 10240 bytes"):
            fetched(hub)
        storage.cut, storage.down = None, False
        fetched(hub)
        assert storage.asked[-1] == (WEIGHTS, 6000)
        assert set(hub.logins) == {"Bearer hf_secret"}
        assert set(storage.logins) == {None}


def test_a_server_that_cannot_go_on_starts_anew(hub):
    hub.ranges, hub.cut = False, 6000
    with pytest.raises(StudioError, match="broke off"):
        fetched(hub)
    hub.cut, hub.down = None, False
    assert content(fetched(hub))[WEIGHTS] == hub.files[WEIGHTS]


def test_a_busy_hub_is_asked_again(hub):
    hub.busy = 2  # as many pauses as the fixture allows
    assert fetched(hub).is_dir()


def test_one_flipped_byte_is_refused_and_removed(hub, folder):
    hub.wrong[WEIGHTS] = hub.files[WEIGHTS][:5000] + b"\xff" + hub.files[WEIGHTS][5001:]
    with pytest.raises(StudioError, match=f"{WEIGHTS} arrived with other bytes than were announced"):
        fetched(hub)
    assert find(NAME) is None
    assert not [path for path in folder.rglob("*") if path.name.startswith("weights")]


def test_one_flipped_byte_of_a_small_file_is_refused_too(hub):
    hub.wrong["config.json"] = b'{"layers": 3}'
    with pytest.raises(StudioError, match=r"config\.json arrived with other bytes"):
        fetched(hub)


def test_a_file_that_the_hub_lists_and_does_not_have_is_named(hub):
    planned = plan(NAME, hub.endpoint)
    del hub.files[WEIGHTS]
    with pytest.raises(MissingError, match=rf"the hub does not have {WEIGHTS} \(404\)"):
        fetch(planned)


def test_a_repository_that_is_not_there_is_named(hub):
    with pytest.raises(MissingError, match="the hub has no owner/nothing, or it is private"):
        plan("owner/nothing", hub.endpoint)


def test_a_licence_that_was_not_accepted_is_said(hub):
    planned = plan(NAME, hub.endpoint)
    hub.gated = True
    with pytest.raises(MissingError, match="accept the model's licence on its page there, then log in"):
        fetch(planned)


def test_an_answer_that_is_no_answer_is_one_sentence(hub):
    with pytest.raises(StudioError, match="the hub's answer for owner/garbled is not understood"):
        plan("owner/garbled", hub.endpoint)


def test_a_hub_that_is_not_there_is_one_sentence(hub):
    hub.down = True
    with pytest.raises(StudioError, match=r"the hub cannot be reached .* check the network"):
        plan(NAME, hub.endpoint)


@pytest.mark.parametrize("path", ["../evil.bin", "/etc/evil", "a/../../evil", "C:\\evil", "fetched.json"])
def test_a_file_name_that_leads_out_of_the_folder_is_refused(hub, path):
    hub.names["config.json"] = path
    with pytest.raises(StudioError, match="does not stay in its folder; nothing was fetched"):
        plan(NAME, hub.endpoint)


def test_what_does_not_fit_is_refused_before_it_is_begun(hub, monkeypatch):
    monkeypatch.setattr("v2v_studio.models.fetch.free_space", lambda path: 10252)
    with pytest.raises(ResourceError, match=r"owner/model needs 0\.0 MB and 0\.0 MB are free .* V2V_MODELS"):
        plan(NAME, hub.endpoint)
    assert hub.asked == []


def test_a_disk_that_fills_up_is_one_sentence_and_what_came_is_kept(hub, monkeypatch):
    def full(write, piece, remote, real=download._write):
        def partly(data):
            write(data[:100])
            raise OSError(errno.ENOSPC, "No space left on device")

        real(partly if remote.path == WEIGHTS else write, piece, remote)

    planned = plan(NAME, hub.endpoint)
    with (
        monkeypatch.context() as patched,
        pytest.raises(ResourceError, match=f"the disk is full; .* of {WEIGHTS} is kept"),
    ):
        patched.setattr(download, "_write", full)
        fetch(planned)
    fetch(planned)
    assert hub.asked[-1] == (WEIGHTS, 100)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_is_refused_before_any_connection(hub, monkeypatch, variable):
    monkeypatch.setenv(variable, "1")
    hub.down = True
    with pytest.raises(
        MissingError, match=r"the network is not to be used .* bring the files from another machine into .*"
    ):
        plan(NAME, hub.endpoint)


def test_offline_what_is_there_is_found(hub, monkeypatch):
    path = fetched(hub)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert intact(NAME) == path


def test_two_processes_do_not_fetch_one_model(hub, folder):
    from filelock import FileLock

    planned = plan(NAME, hub.endpoint)
    with FileLock(folder / ".owner--model.lock"), pytest.raises(StudioError, match="another process is fetching"):
        fetch(planned)


def test_a_folder_that_is_not_ours_is_left_alone(hub, folder):
    (folder / "raft_small").mkdir()
    (folder / "raft_small" / "notes.txt").touch()
    with pytest.raises(StudioError, match="was not fetched by this program and is not whole; move it away first"):
        plan("raft_small", hub.endpoint)
    assert (folder / "raft_small" / "notes.txt").exists()


@pytest.fixture
def listed(monkeypatch):
    """The repository as a model of the manifest."""

    def listing(**known):
        model = Model(name="toy", title="Toy", use=(), repository=NAME, licence="made up", **known)
        monkeypatch.setitem(manifest(), "toy", model)

    return listing


def test_of_a_listed_model_only_its_files_are_fetched(hub, listed):
    listed(files=["*.json"], revision=COMMIT)
    planned = plan("toy", hub.endpoint)
    assert ([file.path for file in planned.files], planned.licence) == (["config.json"], "made up")
    assert fetch(planned).name == "toy"


def test_a_listed_file_that_the_repository_does_not_have_is_named(hub, listed):
    listed(files=["config.json", "vae/*.safetensors"])
    with pytest.raises(MissingError, match=r"owner/model has no vae/\*\.safetensors at this revision"):
        plan("toy", hub.endpoint)


def test_a_revision_that_is_gone_is_named(hub, listed):
    listed(revision="a" * 40)
    with pytest.raises(MissingError, match="owner/model has no revision aaaa"):
        plan("toy", hub.endpoint)


def test_a_digest_that_the_manifest_knows_goes_before_the_hubs(hub, listed):
    listed(files=[WEIGHTS], sha256={WEIGHTS: "0" * 64})
    with pytest.raises(StudioError, match=f"now holds another {WEIGHTS} than the one that is known here"):
        plan("toy", hub.endpoint)


def test_a_newly_pinned_revision_is_fetched_and_the_old_files_go(hub, listed, monkeypatch):
    listed(revision=None)
    home = fetch(plan("toy", hub.endpoint))
    monkeypatch.setattr("tests.models.hub.COMMIT", "b" * 40)
    hub.files["config.json"] = b"{}"
    hub.files["added.txt"] = b"new"
    del hub.files[WEIGHTS]
    listed(revision="b" * 40)
    hub.asked.clear()
    assert intact("toy") is None
    assert fetch(plan("toy", hub.endpoint)) == home
    assert content(home) == {"config.json": b"{}", "added.txt": b"new"}


def test_what_a_user_put_beside_stays_when_a_model_is_mended(hub):
    home = fetched(hub)
    (home / "converted.safetensors").write_bytes(b"mine")
    (home / "config.json").unlink()
    fetched(hub)
    assert (home / "converted.safetensors").read_bytes() == b"mine"


def test_beside_safetensors_no_other_weights_are_fetched(hub):
    hub.files |= {"unet/weights.bin": b"pickle", "readme.md": b"# hello", "old/weights.ckpt": b"only this"}
    assert {file.path for file in plan(NAME, hub.endpoint).files} == {"config.json", WEIGHTS, "old/weights.ckpt"}


@pytest.mark.slow
@pytest.mark.parametrize("digits", ["", "0"])
def test_of_torchvisions_weights_the_digits_in_the_name_are_checked(hub, monkeypatch, digits):
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import torchvision.models

    content = b"weights"
    name = f"toy-{digits}{hashlib.sha256(content).hexdigest()[:8]}.pth"
    hub.files[name] = content
    model = Model(name="toy", title="Toy", use=(), torchvision="Toy.V1", files=(name,), form="file", licence="BSD")
    monkeypatch.setitem(manifest(), "toy", model)
    url = SimpleNamespace(url=f"{hub.endpoint}/{name}")
    monkeypatch.setattr(torchvision.models, "get_weight", {"Toy.V1": url}.__getitem__)
    if digits:
        with pytest.raises(StudioError, match="arrived with other bytes"):
            fetch(plan("toy"))
    else:
        assert fetch(plan("toy")) == locate("toy")
        assert locate("toy").read_bytes() == content


@pytest.mark.parametrize("digits", ["", "0"])
def test_of_a_file_at_an_address_the_digits_in_the_name_are_checked(hub, monkeypatch, digits):
    content = b"weights of an address"
    name = f"toy-{digits}{hashlib.sha256(content).hexdigest()[:8]}.pth"
    hub.files[name] = content
    model = Model(name="toy", title="Toy", use=(), address=f"https://example.org/{name}", files=(name,), form="file")
    monkeypatch.setitem(manifest(), "toy", model.model_copy(update={"address": f"{hub.endpoint}/{name}"}))
    if digits:
        with pytest.raises(StudioError, match="arrived with other bytes"):
            fetch(plan("toy"))
    else:
        assert fetch(plan("toy")) == locate("toy")
        assert locate("toy").read_bytes() == content


@pytest.mark.parametrize(
    "address", ["http://example.org/toy-12345678.pth", "https://example.org/toy.pth", "/toy-12345678.pth"]
)
def test_an_address_is_safe_and_its_file_named_by_its_digest(address):
    with pytest.raises(ValueError, match="address"):
        Model(name="toy", title="Toy", use=(), address=address)


def fetch_command(hub):
    """`v2v models fetch` in a process of its own."""
    command = [sys.executable, "-m", "v2v_studio", "models", "fetch", NAME, "--yes"]
    environment = os.environ | {"HF_ENDPOINT": hub.endpoint}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_killed_process_loses_nothing_that_arrived(folder):
    large = random.Random(4).randbytes(24_000_000)
    with serving({"weights.safetensors": large}) as hub:
        hub.stall = 16_000_000  # more than lies in the buffers between the two
        first = fetch_command(hub)
        assert hub.stalled.wait(30)
        first.kill()
        first.communicate()
        hub.go_on.set()
        (part,) = (folder / ".owner--model.fetching").glob("*.part")
        arrived = part.stat().st_size
        assert arrived > 0
        hub.stall = None
        hub.asked.clear()
        second = fetch_command(hub)
        second.communicate()
        assert hub.asked == [("weights.safetensors", arrived)]
    assert (folder / "owner--model" / "weights.safetensors").read_bytes() == large


@pytest.mark.slow
def test_cut_at_60_percent_of_40_mb_a_new_process_sends_the_rest_only(folder):
    large = random.Random(4).randbytes(40_000_000)
    with serving({"weights.safetensors": large}) as hub:
        hub.cut = 24_000_000
        with pytest.raises(StudioError, match="broke off after 24000000 of 40000000 bytes"):
            fetched(hub)
        hub.cut, hub.down = None, False
        hub.asked.clear()
        said, told = fetch_command(hub).communicate()
        assert hub.asked == [("weights.safetensors", 24_000_000)]
        assert hub.sent == 40_000_000
    assert "16.0 MB of them still to come" in told
    assert said == f"owner/model: {folder / 'owner--model'}\n"
    assert (folder / "owner--model" / "weights.safetensors").read_bytes() == large
