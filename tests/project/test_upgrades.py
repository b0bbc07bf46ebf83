"""Old records open as before. `SAMPLES` keeps one file of every version there ever was, for good."""

import json

import pytest

from tests.project.conftest import CREATED
from v2v_studio.errors import ProjectError
from v2v_studio.project.records import RECORDS, Record
from v2v_studio.project.upgrades import UPGRADES, upgrade, upgraded

DIGEST = "0" * 64
SAMPLES = {
    "v2v.project/1": {"name": "film", "size": [854, 480], "defaults": {"seed": 7}},
    "v2v.footage/1": {
        "id": "a001",
        "path": "../clip.mp4",
        "sha256": DIGEST,
        "bytes": 3,
        "kind": "video",
        "frames": 24,
        "rate": "24000/1001",
        "width": 8,
        "height": 6,
        "cut": {
            "detector": "adaptive",
            "transitions": [{"kind": "dissolve", "start": 4, "end": 6, "curve": [0.25, 0.75]}],
        },
    },
    "v2v.shot/1": {"id": "sh010", "footage": "a001", "start": 0, "end": 24, "status": "wip", "take": "t001"},
    "v2v.firstframe/1": {
        "id": "ff001",
        "shot": "sh010",
        "frame": 0,
        "size": [8, 6],
        "translator": "filters",
        "fingerprint": DIGEST,
        "sha256": DIGEST,
        "created": CREATED,
    },
    "v2v.take/1": {
        "id": "t001",
        "shot": "sh010",
        "first_frame": "ff001",
        "size": [8, 6],
        "start": 0,
        "first": 0,
        "last": 24,
        "anchor": 0,
        "fingerprint": DIGEST,
        "created": CREATED,
    },
    "v2v.review/1": {"status": "approved", "notes": [{"text": "good", "frame": 3, "created": CREATED}]},
    "v2v.job/1": {"id": "j001", "shot": "sh010", "state": "done", "progress": 1.0, "done": 24, "total": 24},
    "v2v.job/2": {"id": "j001", "kind": "assemble", "task": {"name": "cut01"}, "state": "paused", "priority": 2},
}
MODELS = {model.SCHEMA.partition("/")[0]: model for model in RECORDS}


@pytest.mark.parametrize("schema", SAMPLES)
def test_a_sample_of_every_version_opens(schema):
    model = MODELS[schema.partition("/")[0]]
    record = upgraded({"schema": schema, **SAMPLES[schema]}, model.SCHEMA, "sample.json")
    assert model.model_validate(record).plain()["schema"] == model.SCHEMA


def test_there_is_a_sample_of_every_version():
    versions = {f"{name}/{v}" for name, m in MODELS.items() for v in range(1, int(m.SCHEMA.partition("/")[2]) + 1)}
    assert versions == set(SAMPLES)


class Cell(Record):
    """A record of this test only, in its third version."""

    SCHEMA = "test.cell/3"

    start: int
    end: int
    label: str = ""


@pytest.fixture
def steps(monkeypatch):
    """v1 stored [first, last]; v2 start and end; v3 renamed `name` to `label`."""
    monkeypatch.setattr("v2v_studio.project.upgrades.UPGRADES", dict(UPGRADES))

    @upgrade("test.cell", to=2)
    def frames_become_half_open(record):
        first, last = record.pop("frames")
        return {**record, "start": first, "end": last + 1}

    @upgrade("test.cell", to=3)
    def name_becomes_label(record):
        label = record.pop("name", "")
        return {**record, "label": label}


def test_an_old_record_goes_through_every_step_and_keeps_what_is_unknown(steps):
    old = {"schema": "test.cell/1", "frames": [3, 7], "name": "hand", "colour": "green"}
    before = json.dumps(old)
    cell = Cell.model_validate(upgraded(old, Cell.SCHEMA, "cell.json"))
    assert cell.plain() == {"schema": "test.cell/3", "start": 3, "end": 8, "label": "hand", "colour": "green"}
    assert json.dumps(old) == before


def test_a_record_in_the_middle_takes_only_the_steps_left(steps):
    record = upgraded({"schema": "test.cell/2", "start": 3, "end": 8, "name": "hand"}, Cell.SCHEMA, "cell.json")
    assert record == {"schema": "test.cell/3", "start": 3, "end": 8, "label": "hand"}


def test_a_step_cannot_be_registered_twice(steps):
    with pytest.raises(ValueError, match=r"test\.cell/2 has an upgrade already: frames_become_half_open"):
        upgrade("test.cell", to=2)(dict)


def test_a_newer_record_is_refused_with_what_to_do():
    with pytest.raises(ProjectError, match=r"shot.json was written by a newer v2v_studio \(v2v.shot/2.*update"):
        upgraded({"schema": "v2v.shot/2"}, "v2v.shot/1", "shot.json")


@pytest.mark.parametrize("schema", [None, 1, "", "v2v.take/1", "v2v.shot", "v2v.shot/0", "v2v.shot/1x", "v2vxshot/1"])
def test_another_schema_is_refused(schema):
    with pytest.raises(ProjectError, match=r"shot.json: schema is .* where 'v2v.shot/1' belongs"):
        upgraded({"schema": schema}, "v2v.shot/1", "shot.json")
