"""Hostile files: handled, or refused in one sentence. `benchmarks/reliability.py` tries a hundred thousand of them."""

import json
import random
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.gallery import PICTURES, shown
from tests.faults.hammer import hammer
from tests.faults.hostile import READERS, RECORDS, looked_over, mutated, outcome, seeds, spoiled
from tests.faults.story import clip

pytestmark = pytest.mark.slow

FEW = 25  # of each kind
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=12,
)
ONE_BY_ONE = settings(
    max_examples=FEW, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.fixture(scope="module")
def good(pages, tmp_path_factory):
    """A rendered project to change, and good files of every kind."""
    folder = tmp_path_factory.mktemp("hostile")
    project = shutil.copytree(pages["assemble"].after, folder / "film")
    return project, seeds(pages["assemble"].after, clip(folder))


@pytest.mark.parametrize("kind", READERS)
def test_files_of_a_stranger_are_handled_or_refused(good, kind):
    project, files = good
    chance = random.Random(kind)
    before = {path: path.read_bytes() for path in project.rglob("*.json")}
    for _ in range(FEW):
        outcome(lambda: READERS[kind](mutated(chance.choice(files[kind]), chance), project))
    for path, data in before.items():
        path.write_bytes(data)


@ONE_BY_ONE
@given(
    value=st.dictionaries(st.sampled_from(["schema", "id", "name", "size", "rate", "start", "end"]) | st.text(), JSON)
)
@pytest.mark.parametrize("kind", ["project.json", "shot.json", "take.json", "control.json"])
def test_any_object_is_a_record_or_none(good, kind, value):
    project, _ = good
    path = project / RECORDS[kind][0]
    before = path.read_bytes() if path.exists() else None
    data = json.dumps({"schema": f"v2v.{kind.removesuffix('.json')}/1", **value}).encode("utf-8", "surrogatepass")
    try:
        outcome(lambda: READERS[kind](data, project))
    finally:
        path.write_bytes(before) if before else path.unlink()


def test_a_project_of_which_one_value_was_changed_is_listed_planned_and_checked_or_refused(good):
    project, _ = good
    chance = random.Random(5)
    for _ in range(12):
        place = project / RECORDS[chance.choice(["footage.json", "shot.json", "take.json", "firstframe.json"])][0]
        before = place.read_bytes()
        place.write_bytes(json.dumps(spoiled(json.loads(before), chance)).encode("utf-8", "surrogatepass"))
        outcome(lambda: looked_over(project))
        place.write_bytes(before)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_hostile_thing_made_by_hand(pages, tmp_path, picture):
    assert shown(picture, pages["assemble"].after, tmp_path / "work").wrong == ""


def test_three_at_work_on_one_project_lose_nothing_of_each_other(pages, tmp_path):
    """Five minutes of it are in the benchmark."""
    project = shutil.copytree(pages["render"].after, tmp_path / "film")
    came = hammer(project, 2.5)
    assert came.wrong == [] and came.done["note"] > 3
