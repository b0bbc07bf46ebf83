"""Every other way in which a machine fails: one sentence, an exit code, and nothing lost."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from tests.faults.disk import Fault
from tests.faults.story import digests, missing, struck, unreadable
from tests.faults.v2v import run

pytestmark = pytest.mark.slow

FULL = ["render", "note", "assemble", "split"]


def unharmed(after):
    return (after.lost, after.differing, after.left) == ([], [], [])


@pytest.mark.parametrize("verb", FULL)
def test_a_full_disk_is_one_sentence_and_once_there_is_room_the_verb_goes_on(pages, tmp_path, verb):
    page = pages[verb]
    after = struck(page, Fault("full", round(page.moments / 2)), tmp_path / "work")
    assert after.ended.code == 5 and after.ended.told and "make room" in after.ended.said
    assert unharmed(after)


LOOK = [["status"], ["shots"], ["takes"], ["jobs"], ["plan"], ["doctor"]]
WRITE = ["approve", "render-again", "trim", "assemble"]


def test_a_project_that_may_only_be_read_can_be_looked_at(pages):
    for verb in LOOK:
        ended = run(pages["assemble"].after, verb, Fault("readonly", 1))
        assert (verb, ended.code, "Traceback" in ended.said) == (verb, 0, False)


@pytest.mark.parametrize("verb", WRITE)
def test_a_project_that_may_only_be_read_is_not_written_and_says_so(pages, tmp_path, verb):
    page = pages[verb]
    after = struck(page, Fault("readonly", 1), tmp_path / "work")
    assert after.ended.code == 1 and after.ended.told and "Read-only file system" in after.ended.said
    assert unharmed(after)


@pytest.mark.parametrize(("verb", "kind"), [("render", "unmounted"), ("assemble", "gone"), ("split", "unmounted")])
def test_a_shared_folder_that_is_lost_is_a_sentence_and_the_verb_goes_on_once_it_is_back(pages, tmp_path, verb, kind):
    page = pages[verb]
    after = struck(page, Fault(kind, round(page.moments / 2)), tmp_path / "work")
    assert after.ended.code in (1, 3, 6) and "Traceback" not in after.ended.said and "error: " in after.ended.said
    assert unharmed(after)


def test_a_window_that_runs_out_of_memory_fails_its_shot_and_no_other(pages, tmp_path):
    def short_of_memory():
        from v2v_studio.tracks.run import Pass

        plain, calls = Pass._rendered, count(1)

        def rendered(self, *arguments):
            if next(calls) == 3:  # the last frame of the first of two shots
                raise MemoryError
            return plain(self, *arguments)

        Pass._rendered = rendered

    after = struck(pages["render"], Fault(), tmp_path / "work", prepare=short_of_memory)
    assert after.ended.code == 6 and "1 of 2 shots failed; the others are done" in after.ended.said
    assert "sh010: out of memory; render at a smaller size" in after.ended.said
    assert unharmed(after)


def test_a_bug_in_one_shot_is_told_as_one_and_stops_no_other(pages, tmp_path):
    def broken():
        from v2v_studio.studio import render

        plain = render.render_shot

        def render_shot(job):
            return plain(job) if job.shot != "sh010" else [][1]

        render.render_shot = render_shot

    project = shutil.copytree(pages["render"].before, tmp_path / "film")
    ended = run(project, pages["render"].verb, prepare=broken)
    assert ended.code == 6 and "sh010: a bug (IndexError: list index out of range)" in ended.said
    assert (project / "shots/sh020/takes/t001").exists()
    assert "in render_shot" in (project / "jobs/j001.log").read_text()


def test_a_clock_that_jumps_back_and_forth_changes_nothing_but_the_times(pages, tmp_path):
    def jumping():
        from v2v_studio.studio import origin

        class Clock(datetime):
            when = count()

            @classmethod
            def now(cls, zone=None):
                return datetime(2000, 1, 1, tzinfo=UTC) + timedelta(days=36500 * (next(cls.when) % 2))

        origin.datetime = Clock

    before = pages["render"].before
    project = shutil.copytree(before, tmp_path / "film")
    for verb in ("render", "approve", "note", "stylize-again", "render-again"):
        assert run(project, pages[verb].verb, prepare=jumping).code == 0
    assert digests(project) == digests(pages["render-again"].after)
    records = [json.loads(path.read_text()) for path in project.glob("shots/*/*/*/[ft]*.json")]
    # the clock really jumped; that of workers, which are processes of their own, did not
    assert {record["created"][:4] for record in records} >= {"2000", "2099"}


@pytest.mark.parametrize("harm", ["cut off", "a byte changed", "its head changed"])
def test_a_corrupt_cache_entry_is_made_again(pages, tmp_path, harm):
    page = pages["render-again"]
    project = shutil.copytree(page.before, tmp_path / "film")
    flows = sorted(project.glob("cache/flow/*/*/*.flow"))
    assert flows
    for path in flows:
        data = bytearray(path.read_bytes())
        if harm == "a byte changed":
            data[len(data) // 2] ^= 255
        elif harm == "its head changed":
            data[4] ^= 2  # forward for backward
        else:
            del data[-9:]
        path.write_bytes(data)
    assert run(project, page.verb).code == 0
    assert digests(project) == digests(page.after)


def test_a_cache_entry_that_would_unpack_to_gigabytes_is_not_unpacked(tmp_path):
    import struct
    import zlib

    from v2v_studio.project.cache import FlowCache

    folder = tmp_path / "ab" / "ab"
    folder.mkdir(parents=True)
    head = struct.pack("<4sBHHH", b"v2f2", 0, 1, 4, 4)
    (folder / "1.flow").write_bytes(head + zlib.compress(bytes(10**8)))
    (folder / "2.flow").write_bytes(struct.pack("<4sBHHH", b"v2f2", 0, 65535, 65535, 65535) + zlib.compress(b""))
    assert FlowCache(tmp_path, "ab").get(1) is None and FlowCache(tmp_path, "ab").get(2) is None


@pytest.mark.parametrize("harm", ["cut off", "zeroed"])
def test_a_torn_frame_of_a_partial_take_is_rendered_again(pages, tmp_path, harm):
    page = pages["render"]
    project = shutil.copytree(page.before, tmp_path / "film")
    assert run(project, page.verb, Fault("kill", round(page.moments * 0.4))).killed
    frame = sorted(project.glob("shots/*/takes/.partial*/frames/[!.]*.png"))[0]
    data = frame.read_bytes()
    frame.write_bytes({"cut off": data[: len(data) // 2], "zeroed": bytes(len(data))}[harm])
    assert run(project, page.verb).code == 0
    assert digests(project) == digests(page.after)


def test_a_shot_that_another_process_renders_the_same_way_is_left_to_it(pages, tmp_path):
    from v2v_studio.project.store import Store
    from v2v_studio.studio import Studio
    from v2v_studio.studio.request import request_for

    page = pages["render"]
    project = shutil.copytree(page.before, tmp_path / "film")
    (plan, _) = Studio(project).plan(options={"quality": "draft"})
    request = request_for(Store(project), Store(project).shot("sh010"), plan.setup, plan.ask)

    def impatient():
        from v2v_studio.project import store

        store.HANDOVER = 0.1

    with Store(project).open_partial("sh010", request.fingerprint):
        ended = run(project, page.verb, prepare=impatient)
    assert ended.code == 6 and "sh010 is being rendered this way by another process" in ended.said
    assert missing(project, page) == [] and unreadable(project) == []
    assert run(project, page.verb).code == 0 and digests(project) == digests(page.after)
