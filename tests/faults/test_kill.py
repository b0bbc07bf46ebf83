"""A verb killed with -9 at a write, and run again. `benchmarks/reliability.py` does so at every write of every verb."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.disk import VARIABLE, Fault
from tests.faults.story import struck
from tests.faults.v2v import run

pytestmark = pytest.mark.slow

PLACES = {  # verb -> how far into its writes
    "ingest": 0.4,
    "render": 0.5,
    "mask": 0.9,
    "draw": 0.7,
    "assemble": 0.6,
    "split": 0.6,
    "gc": 0.5,
}


@pytest.mark.parametrize(("verb", "along"), PLACES.items())
def test_killed_at_a_write_and_run_again_it_is_as_if_it_had_not_been(pages, tmp_path, verb, along):
    page = pages[verb]
    after = struck(page, Fault("kill", round(along * page.moments)), tmp_path / "work", doctor_first=True)
    assert after.ended.code == -signal.SIGKILL
    assert (after.lost, after.differing, after.left) == ([], [], [])


def test_killed_right_after_a_first_frame_its_sources_are_not_forgotten(pages, tmp_path):
    def killed_after_a_frame():
        from v2v_studio.studio.shot_render import ShotRender

        plain = ShotRender._write

        def write(self, *arguments):
            plain(self, *arguments)
            os.kill(os.getpid(), signal.SIGKILL)

        ShotRender._write = write

    after = struck(pages["render"], Fault(), tmp_path / "work", prepare=killed_after_a_frame)
    assert after.ended.killed and (after.lost, after.differing, after.left) == ([], [], [])


def test_the_verbs_of_the_story_write_at_more_than_five_hundred_moments(pages):
    assert sum(page.moments for page in pages.values()) > 500 and min(page.moments for page in pages.values()) > 3


def test_a_record_that_is_not_written_whole_would_be_found_out(pages, tmp_path):
    """The harness itself: with a careless writer, a kill in the middle of a write shows."""

    def careless():
        from v2v_studio.project import atomic

        def write_json(path, value):
            with open(path, "w") as file:
                file.write(atomic.json.dumps(value))

        for module in (atomic, sys.modules["v2v_studio.project.store"]):
            module.write_json = write_json

    page = pages["note"]
    found = [struck(page, Fault("kill", moment), tmp_path / "work", prepare=careless) for moment in (1, 2, 3)]
    assert any("review.json" in " ".join(one.lost) for one in found)


def test_a_fault_is_armed_by_the_environment_and_by_the_harness_alone(pages, tmp_path):
    project = tmp_path / "film"
    run_for_real = [sys.executable, "-m", "v2v_studio"], [sys.executable, "-m", "tests.faults.v2v"]
    codes = []
    for command in run_for_real:
        made = subprocess.run(
            [*command, "-C", str(project), "init", str(project)], env={**os.environ, VARIABLE: "kill@3"}, cwd=ROOT
        )
        codes.append(made.returncode)
        project = tmp_path / "other"
    assert codes == [0, -signal.SIGKILL]


ROOT = Path(__file__).resolve().parents[2]


def test_production_code_knows_nothing_of_the_faults():
    assert [path for path in (ROOT / "v2v_studio").rglob("*.py") if VARIABLE in path.read_text()] == []


def test_an_uninterrupted_verb_leaves_nothing_for_the_doctor(pages):
    assert run(pages["gc"].after, ["doctor"]).code == 0
