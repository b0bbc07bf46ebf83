"""Cluster files and what of a farm lies on the disk; no farm is begun here."""

import json
import os
import stat

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import ResourceError, UsageError
from v2v_studio.executors import cluster
from v2v_studio.executors.ray import Needs, asked

FARM = {"head": "one", "hosts": {"one": {"cores": 8, "gpus": 1}, "two": {}}}


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    """Nobody's farm is met."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAY_ADDRESS", "")  # and what a command sets there is forgotten


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "farm.json"
    path.write_text(json.dumps(FARM))
    return path


def said(*told):
    done = CliRunner().invoke(cli, ["farm", *map(str, told)])
    return done.output if done.exception is None else str(done.exception)


def test_a_cluster_file_names_its_hosts_and_the_head_s_address(file):
    farm = cluster.read_farm(file)
    assert farm.address == "one:6379" and farm.hosts["one"].cores == 8 and farm.hosts["two"].cores is None


@pytest.mark.parametrize(
    ("spoiled", "sentence"),
    [
        ({"head": "three"}, "the head 'three' is not among its hosts: one, two"),
        ({"hosts": {"one": {"cores": -1}}}, "'hosts.one.cores' is wrong"),
        ({"hosts": {"one": {"cpus": 4}}}, "'hosts.one.cpus' is wrong"),
        ({"port": 80}, "'port' is wrong"),
    ],
)
def test_a_spoiled_cluster_file_is_refused_in_a_sentence(file, spoiled, sentence):
    file.write_text(json.dumps(FARM | spoiled))
    with pytest.raises(UsageError, match=sentence):
        cluster.read_farm(file)


def test_a_file_that_is_no_json_is_refused(file):
    file.write_text("head: one")
    with pytest.raises(UsageError, match="is no cluster file: 'it' is wrong"):
        cluster.read_farm(file)


def test_what_to_begin_where_is_shown_without_beginning_anything(file):
    rows = json.loads(said("up", file, "--dry-run", "--json"))
    assert [(row["host"], row["part"]) for row in rows] == [("one", "head"), ("two", "worker")]
    assert {row["state"] for row in rows} == {f"begin it there with: v2v farm up {file}"}
    assert cluster.part() is None


def test_a_machine_that_the_file_does_not_name_is_asked_which_it_is(file):
    assert "names no host 'three', only: one, two; say which with --host" in said("up", file, "--host", "three")


def test_without_a_farm_there_is_none_to_end_and_none_to_look_at():
    assert said("down").strip() == "no farm was up here"
    assert "no farm is up here; begin one with: v2v farm up" in said("status")
    assert "no farm answers at 127.0.0.1:9" in said("status", "--address", "127.0.0.1:9")
    assert "no farm answers at nowhere" in said("status", "--address", "nowhere")


def test_a_part_whose_process_is_gone_is_not_up():
    own = cluster.Part("one", "one:6379", os.getpid(), "a moment of another boot", "/nowhere", "/nowhere")
    cluster._record().parent.mkdir(parents=True)
    cluster._record().write_text(json.dumps(own.__dict__))
    assert cluster.part() is None


def test_the_secret_is_made_once_and_its_owner_alone_may_read_it(tmp_path):
    made = cluster.secret(tmp_path / "farm.token")
    words = made.read_text()
    assert len(words) == 64 and stat.S_IMODE(made.stat().st_mode) == 0o600
    assert cluster.secret(made).read_text() == words


def test_ray_that_is_not_installed_is_asked_for(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(cluster.importlib, "import_module", missing)
    assert "pip install 'v2v-studio[farm]'" in said("up")


def node(alive=True, **resources):
    return {"Alive": alive, "Resources": resources}


SMALL, BIG = node(CPU=4.0, memory=8e9), node(CPU=16.0, GPU=2.0, memory=64e9)


@pytest.mark.parametrize(
    ("needs", "nodes", "cores", "gpus", "memory"),
    [
        (Needs(), [SMALL, BIG], 1, 0, None),
        (Needs(memory=10**9), [SMALL, BIG], 1, 0, 10**9),
        (Needs(memory=10**12), [SMALL, BIG], 1, 0, 64 * 10**9),  # as on one machine: it is tried where there is most
        (Needs(alone=True, gpu=True), [SMALL, BIG], 1, 1, None),
        (Needs(alone=True, gpu=True), [SMALL], 4, 0, None),
        (Needs(alone=True), [SMALL, BIG], 4, 0, None),  # all the cores of a machine, whichever it is
        (Needs(alone=True), [BIG, node(CPU=1.0, memory=1e9, alive=False)], 16, 0, None),
    ],
)
def test_a_worker_is_asked_for_with_what_its_job_needs(needs, nodes, cores, gpus, memory):
    told = asked(needs, nodes)
    assert (told["num_cpus"], told["num_gpus"], told.get("memory")) == (cores, gpus, memory)


def test_a_farm_of_desks_alone_is_told_to_have_no_cores():
    with pytest.raises(ResourceError, match="no machine of the farm gives any cores"):
        asked(Needs(), [node(CPU=0.0), node(memory=8e9)])
