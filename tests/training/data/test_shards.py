"""Shards written and read."""

import tarfile
from fractions import Fraction
from itertools import islice, takewhile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.training.data.packing import packed, unpacked
from v2v_studio.training.data.shards import Shards, ShardWriter, samples_of, shard_files
from v2v_studio.training.sample import Sample

NAMES = [f"clip{n:02d}" for n in range(11)]
COUNTS = (4, 3, 4)  # of samples in the three shards


@pytest.fixture
def write(sample):
    """write(path, names): a shard of samples of these names."""

    def make(path, names):
        path.parent.mkdir(exist_ok=True, parents=True)
        writer = ShardWriter(path)
        for name in names:
            writer.add(sample(name))
        return writer.keep()

    return make


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    """Eleven samples in three shards on two disks; each has a name and one grey pixel."""
    folder, names = tmp_path_factory.mktemp("disks"), iter(NAMES)
    for number, count in enumerate(COUNTS):
        path = folder / f"disk{number // 2}" / f"shard-{number:06d}.tar"
        path.parent.mkdir(exist_ok=True)
        writer = ShardWriter(path)
        for name in islice(names, count):
            writer.add(Sample(name, np.zeros((1, 3, 1, 1), np.float32), Fraction(24), np.array([0])))
        writer.keep()
    return [folder / "disk0", folder / "disk1"]


def names(stream, count):
    return [sample.name for sample in islice(stream, count)]


def test_webdataset_reads_the_same_samples(write, tmp_path, sample, same):
    webdataset = pytest.importorskip("webdataset")
    write(tmp_path / "shard-000000.tar", NAMES)
    theirs = list(webdataset.WebDataset(str(tmp_path / "shard-000000.tar"), shardshuffle=False))
    ours = list(samples_of(str(tmp_path / "shard-000000.tar")))
    assert [{k: v for k, v in files.items() if not k.startswith("__")} for files in theirs] == ours
    assert all(same(unpacked(files, ""), sample(name)) for files, name in zip(theirs, NAMES, strict=True))


def test_we_read_what_webdataset_writes(tmp_path, sample, same):
    webdataset = pytest.importorskip("webdataset")
    with webdataset.TarWriter(str(tmp_path / "theirs.tar"), encoder=False) as writer:
        for name in NAMES:
            writer.write({"__key__": name, **packed(sample(name))})
    found = Shards([tmp_path], shuffle=1)
    assert all(same(one, sample(name)) for one, name in zip(found, NAMES, strict=False))


def test_webdataset_decodes_pictures_and_motion(write, tmp_path, sample):
    """Its own decoders know our files by their ends."""
    webdataset = pytest.importorskip("webdataset")
    write(tmp_path / "one.tar", ["fox"])
    (found,) = webdataset.WebDataset(str(tmp_path / "one.tar"), shardshuffle=False).decode("rgb8")
    assert np.array_equal(found["000.png"], np.rint(sample("fox").frames[0] * 255).transpose(1, 2, 0))
    assert np.array_equal(found["flow.npz"]["flow"], sample("fox").flow * 64)
    assert found["json"]["caption"] == "a picture of fox"


def test_the_same_samples_are_the_same_bytes_and_bear_no_time(write, tmp_path):
    one, other = write(tmp_path / "a" / "x.tar", NAMES), write(tmp_path / "b" / "x.tar", NAMES)
    assert one == other and one["samples"] == len(NAMES)
    with tarfile.open(tmp_path / "a" / "x.tar") as tar:
        assert {(member.mtime, member.uid, member.uname) for member in tar} == {(0, 0, "")}


def test_a_shard_appears_when_it_is_kept_and_leaves_nothing_when_dropped(tmp_path, sample):
    writer = ShardWriter(tmp_path / "x.tar")
    writer.add(sample("fox"))
    assert not list(tmp_path.glob("*.tar"))
    writer.drop()
    assert not list(tmp_path.iterdir())


def test_an_epoch_has_every_sample_once_in_another_order_than_the_next(disks):
    found = names(Shards(disks, shuffle=4), 22)
    assert sorted(found[:11]) == sorted(found[11:]) == NAMES
    assert found[:11] != found[11:] != NAMES


def test_the_order_is_the_seed_s(disks):
    assert names(Shards(disks, seed=1), 30) == names(Shards(disks, seed=1), 30) != names(Shards(disks, seed=2), 30)


def test_neighbours_are_shuffled_only_so_far(disks):
    """Shuffled by fours: whatever the order of the shards, each four are the next four of it."""
    in_order, shuffled = names(Shards(disks, shuffle=1), 11), names(Shards(disks, shuffle=4), 11)
    assert in_order != shuffled
    assert [sorted(shuffled[at : at + 4]) for at in (0, 4, 8)] == [sorted(in_order[at : at + 4]) for at in (0, 4, 8)]


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_every_epoch_without_overlap(disks, processes):
    shares = [first_epoch(Shards(disks, 0, process, processes, 4)) for process in range(processes)]
    assert all(shares) and sorted(name for share in shares for name in share) == NAMES


def first_epoch(stream):
    return [sample.name for sample in takewhile(lambda _: stream.state()["epoch"] == 0, stream)]


def test_fewer_shards_than_processes_are_refused(disks):
    with pytest.raises(UsageError, match="3 shards for 4 processes"):
        Shards(disks, processes=4)


@settings(deadline=None, max_examples=40)  # files are read
@given(st.integers(0, 26), st.integers(1, 12), st.integers(1, 3))
def test_a_resumed_stream_goes_on_as_one_that_never_stopped(disks, taken, shuffle, processes):
    unbroken = names(Shards(disks, 5, 0, processes, shuffle), taken + 14)
    stopped, resumed = (Shards(disks, 5, 0, processes, shuffle) for _ in range(2))
    assert names(stopped, taken) == unbroken[:taken]
    resumed.resume(stopped.state())
    assert names(resumed, 14) == unbroken[taken:]
    assert names(stopped, 14) == unbroken[taken:]


def test_a_state_of_other_data_is_refused(disks):
    with pytest.raises(UsageError, match="seed 0 of its data and now has 1"):
        Shards(disks, seed=1).resume(Shards(disks, seed=0).state())


def test_places_are_files_folders_patterns_and_commands(disks):
    everything = [str(disks[number // 2] / f"shard-{number:06d}.tar") for number in range(3)]
    assert shard_files(disks) == everything
    assert shard_files([disks[0].parent / "disk*" / "*.tar"]) == everything
    assert shard_files([everything[2], f"pipe:cat {everything[0]}"]) == [everything[2], f"pipe:cat {everything[0]}"]


def test_a_command_is_read_as_a_file_is(disks):
    (path,) = shard_files([disks[1]])
    assert list(samples_of(f"pipe:cat '{path}'")) == list(samples_of(path))
    assert list(samples_of(f"pipe:cat '{path}'", 2)) == list(samples_of(path))[2:]


def test_a_command_that_fails_at_its_end_is_named(disks):
    (path,) = shard_files([disks[1]])
    with pytest.raises(MediaError, match="ended with 3"):
        list(samples_of(f"pipe:cat '{path}'; exit 3"))


@pytest.mark.parametrize("place", ["nothing", "*.tar"])
def test_a_place_without_shards_is_named(tmp_path, place):
    with pytest.raises(UsageError, match="there is no shard at"):
        shard_files([tmp_path / place])


@pytest.mark.parametrize("bytes_kept", [0, 700])
def test_a_damaged_shard_is_named(write, tmp_path, bytes_kept):
    write(tmp_path / "x.tar", ["fox"])
    (tmp_path / "x.tar").write_bytes((tmp_path / "x.tar").read_bytes()[:bytes_kept])
    with pytest.raises(MediaError, match=r"x\.tar cannot be read"):
        list(samples_of(str(tmp_path / "x.tar")))


def test_shards_without_samples_are_no_endless_wait(write, tmp_path):
    write(tmp_path / "x.tar", [])
    with pytest.raises(MediaError, match="hold no samples"):
        next(iter(Shards([tmp_path])))
