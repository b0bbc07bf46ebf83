"""Clips made into shards, stopped and taken up again."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.conftest import drawn
from v2v_studio.errors import MediaError, UsageError
from v2v_studio.fingerprint import file_digest
from v2v_studio.project.atomic import read_json
from v2v_studio.training.data.cutting import PrepareParams
from v2v_studio.training.data.prepare import prepare
from v2v_studio.training.data.shards import Shards
from v2v_studio.training.data.sources import Annotation, Source

PARAMS = PrepareParams(frames=2, stride=1, width=32, height=24, flow="dis", detector="fixed", per_shard=3)
SAMPLES = 8  # four of the first clip, none of the second, four of the last


def silent(done, total):
    pass


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Clips of eight frames, of one frame, and of eight again."""
    folder = tmp_path_factory.mktemp("clips")
    return [Source(name, drawn(folder / name, count)) for name, count in (("a", 8), ("b", 1), ("c", 8))]


@pytest.fixture(scope="module")
def whole(sources, tmp_path_factory):
    """Shards of them, made in one go."""
    out = tmp_path_factory.mktemp("whole")
    prepare(sources, out, PARAMS, silent)
    return out


def held(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if not path.name.startswith(".")}


def test_every_shard_is_full_but_the_last_and_the_manifest_knows_them(sources, whole):
    manifest = read_json(whole / "manifest.json")
    assert [shard["samples"] for shard in manifest["shards"]] == [3, 3, 2]
    assert all(file_digest(whole / shard["file"]) == shard["sha256"] for shard in manifest["shards"])
    assert [(entry["name"], entry["samples"]) for entry in manifest["sources"]] == [("a", 4), ("b", 0), ("c", 4)]
    assert manifest["complete"] and manifest["samples"] == SAMPLES
    assert manifest["parameters"]["flow"] == "dis"


def test_a_stream_of_them_has_every_sample(whole):
    found = {sample.name for sample, _ in zip(Shards([whole]), range(SAMPLES), strict=False)}
    assert found == {f"{clip}_{start:06d}" for clip in "ac" for start in (0, 2, 4, 6)}


@pytest.mark.parametrize("shards", [0, 1, 2])
def test_a_run_that_was_ended_in_a_shard_gives_the_same_bytes(sources, whole, tmp_path, monkeypatch, shards):
    """Ended by Ctrl-C within the shard after so many: its samples are made again, those before are not."""
    from v2v_studio.training.data import prepare as module

    class Ending(module.ShardWriter):
        made = 0

        def add(self, sample):
            if Ending.made == 3 * shards + 1:
                raise KeyboardInterrupt
            Ending.made += 1
            super().add(sample)

    with monkeypatch.context() as patched:
        patched.setattr(module, "ShardWriter", Ending)
        with pytest.raises(KeyboardInterrupt):
            prepare(sources, tmp_path, PARAMS, silent)
    assert len(list(tmp_path.glob("*.tar"))) == shards and not list(tmp_path.glob(".*.part"))
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.tar")}
    prepare(sources, tmp_path, PARAMS, silent)
    assert held(tmp_path) == held(whole)
    assert all((tmp_path / name).stat().st_mtime_ns == then for name, then in times.items())


KILLED = """
import os, signal, sys
from pathlib import Path
from v2v_studio.training.data import prepare as module
from v2v_studio.training.data.sources import Source
from tests.training.data.test_prepare import PARAMS, silent

class Killed(module.ShardWriter):
    def keep(self):
        made = super().keep()
        if made["file"] == "shard-000001.tar":
            module.ShardWriter(self._path.with_name("shard-000002.tar"))
            os.kill(os.getpid(), signal.SIGKILL)
        return made

module.ShardWriter, folder = Killed, Path(sys.argv[1])
module.prepare([Source(name, folder / name) for name in "abc"], Path(sys.argv[2]), PARAMS, silent)
"""


def test_a_killed_run_gives_the_same_bytes(sources, whole, tmp_path):
    """Killed when the second shard is in its place and the manifest does not know of it, and the third one is begun."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", KILLED, str(sources[0].path.parent), str(tmp_path)]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(read_json(tmp_path / "manifest.json")["shards"]) == 1 and len(list(tmp_path.glob("*.tar"))) == 2
    assert list(tmp_path.glob(".*.part"))
    (tmp_path / ".manifest.json.1234567.part").write_text("{")  # of a process killed while it wrote the manifest
    prepare(sources, tmp_path, PARAMS, silent)
    assert held(tmp_path) == held(whole)
    assert not list(tmp_path.glob(".*.part"))


def test_finished_shards_may_be_moved_away_meanwhile(sources, whole, tmp_path, monkeypatch):
    from v2v_studio.training.data import prepare as module

    class Moving(module.ShardWriter):
        def __init__(self, path):
            super().__init__(path)
            for finished in path.parent.glob("*.tar"):
                finished.rename(other / finished.name)

    here, other = tmp_path / "here", tmp_path / "other"
    here.mkdir(), other.mkdir()
    monkeypatch.setattr(module, "ShardWriter", Moving)
    prepare(sources, here, PARAMS, silent)
    assert [len(list(folder.glob("*.tar"))) for folder in (here, other)] == [1, 2]
    assert {**held(other), **held(here)} == held(whole)


def test_progress_counts_samples_and_guesses_how_many_there_will_be(sources, tmp_path):
    told = []
    prepare(sources, tmp_path, PARAMS, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == [1, 2, 3, 4, 5, 6, 7, 8, 8]
    assert told[0][1] == 12 and told[4][1] == told[-1][1] == 8  # three clips as the first one; then it is known


def test_what_is_complete_is_left_as_it_is(sources, whole):
    before = held(whole)
    prepare(sources, whole, PARAMS, lambda done, total: pytest.fail("nothing is to be done"))
    assert held(whole) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda sources, params: (sources, params.model_copy(update={"stride": 2})),
            "shards of stride 1, and asked for are those of 2",
        ),
        (lambda sources, params: (sources[1:], params), "shards of clips "),
    ],
)
def test_other_clips_or_options_are_not_mixed_in(sources, whole, change, said):
    changed, params = change(sources, PARAMS)
    with pytest.raises(UsageError, match=said):
        prepare(changed, whole, params, silent)


def test_a_clip_that_changed_meanwhile_is_named(sources, tmp_path, monkeypatch):
    from v2v_studio.training.data import prepare as module

    params = PARAMS.model_copy(update={"per_shard": 1})
    with monkeypatch.context() as patched:
        patched.setattr(module.ShardWriter, "add", full_after_one(module.ShardWriter.add))
        with pytest.raises(OSError, match="No space"):
            prepare(sources, tmp_path, params, silent)
    told = [replace(sources[0], annotation=lambda: Annotation("another text")), *sources[1:]]
    with pytest.raises(UsageError, match="is not what it was"):
        prepare(told, tmp_path, params, silent)


def full_after_one(add):
    """`ShardWriter.add` on a disk that has room for one sample."""
    added = []

    def until_full(self, sample):
        if added:
            raise OSError(28, "No space left on device")
        added.append(sample)
        add(self, sample)

    return until_full


def test_a_clip_that_cannot_be_read_is_passed_over_and_said(sources, tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    made = prepare([Source("broken", tmp_path / "broken.mp4"), sources[0]], tmp_path / "out", PARAMS, silent)
    assert "broken.mp4" in made["sources"][0]["skipped"] and made["samples"] == 4


def test_no_sample_at_all_is_an_error_that_says_what_to_change(sources, tmp_path):
    with pytest.raises(MediaError, match="has the 9 frames of a sample"):
        prepare(sources, tmp_path / "a", PARAMS.model_copy(update={"stride": 8}), silent)
    with pytest.raises(MediaError, match="none of the 1 clips can be used"):
        prepare([Source("x", tmp_path / "x.mp4")], tmp_path / "b", PARAMS, silent)


def test_shards_of_something_else_are_not_written_over(sources, tmp_path):
    (tmp_path / "shard-000000.tar").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"no manifest\.json"):
        prepare(sources, tmp_path, PARAMS, silent)
    assert (tmp_path / "shard-000000.tar").read_bytes() == b"mine"


def test_two_runs_in_one_folder_are_refused(sources, tmp_path):
    from filelock import FileLock

    with FileLock(tmp_path / ".prepare.lock"), pytest.raises(UsageError, match="another process"):
        prepare(sources, tmp_path, PARAMS, silent)
