"""The power cut in the middle of a verb, and the verb run again. `benchmarks/reliability.py` does so at every write."""

import shutil

import pytest

from tests.faults.disk import Fault
from tests.faults.partition import POWER, Partition
from tests.faults.story import struck
from tests.faults.v2v import run

pytestmark = pytest.mark.slow

PLACES = {
    "ingest": 0.6,
    "stylize": 0.5,
    "render": 0.5,
    "mask": 0.8,
    "assemble": 0.6,
    "split": 0.6,
}  # how far into its writes


@pytest.fixture(scope="module")
def partition(tmp_path_factory):
    try:
        with Partition(tmp_path_factory.mktemp("disk")) as made:
            yield made
    except OSError as error:
        pytest.skip(f"a file system of its own can only be mounted by root, on Linux ({error})")


@pytest.mark.parametrize("kind", POWER)
@pytest.mark.parametrize(("verb", "along"), PLACES.items())
def test_run_again_after_a_power_cut_it_is_as_if_there_had_been_none(pages, partition, verb, along, kind):
    page = pages[verb]
    fault = Fault(kind, round(along * page.moments))
    after = struck(page, fault, partition.folder / "work", doctor_first=True, partition=partition)
    assert after.ended.killed
    assert (after.lost, after.differing, after.left) == ([], [], [])


@pytest.mark.parametrize("kind", POWER)
@pytest.mark.parametrize("verb", ["render", "approve", "assemble"])
def test_what_a_verb_said_was_done_is_there_after_a_power_cut(pages, partition, verb, kind):
    page = pages[verb]
    after = struck(page, Fault(kind, page.moments + 1), partition.folder / "work", partition=partition)
    assert after.ended.code == 0
    assert (after.lost, after.differing, after.left) == ([], [], [])


@pytest.mark.parametrize("kind", POWER)
def test_after_a_power_cut_a_render_goes_on_at_the_first_missing_frame(pages, partition, kind):
    page, project = pages["render-again"], partition.folder / "goes-on" / kind / "film"
    shutil.copytree(page.before, project)
    partition.sync()
    assert run(project, page.verb, Fault(kind, round(0.75 * page.moments))).killed
    partition.restart(kind)
    written = times(project.glob("shots/sh020/takes/.partial-*/frames/[!.]*.png"))
    assert len(written) > 1
    assert run(project, page.verb).code == 0
    again = written - times(project.glob("shots/sh020/takes/t002/frames/*.png"))
    assert len(again) <= 1  # the one that was being written


def times(files):
    """When they were written; a rename does not change it."""
    return {path.stat().st_mtime_ns for path in files}


def test_a_file_that_is_not_synced_would_be_found_out(pages, partition):
    """The harness itself: with writers that sync nothing, a power cut shows."""

    def careless():
        from v2v_studio import parts

        parts.sync = lambda path: None

    page = pages["stylize"]
    after = struck(
        page, Fault("power-late", page.moments + 1), partition.folder / "work", prepare=careless, partition=partition
    )
    assert after.lost
