"""Shards: tar files of samples in WebDataset's layout, written whole or not at all, read from front to back."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from glob import glob
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, Self

import numpy as np

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.fingerprint import file_digest
from v2v_studio.parts import beside, settle
from v2v_studio.training.data.packing import key, packed, unpacked
from v2v_studio.training.sample import Sample, State

PIPE = "pipe:"  # before a shell command that writes a shard
SHUFFLED = 256  # samples that are shuffled among themselves: their files, still compressed, are in memory

Files = Mapping[str, bytes]  # of one sample


class ShardWriter:
    """A shard being written. It appears under its name when it is kept, and not before.

    The same samples give the same bytes: members bear no time and no owner.
    """

    def __init__(self, path: Path) -> None:
        self.samples = 0
        self._path, self._part = path, beside(path)
        self._file = open(self._part, "wb")  # noqa: SIM115  # closed by `keep` or `drop`
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115

    def add(self, sample: Sample) -> None:
        for suffix, data in sorted(packed(sample).items()):
            member = tarfile.TarInfo(f"{key(sample.name)}.{suffix}")
            member.size = len(data)
            self._tar.addfile(member, BytesIO(data))
        self.samples += 1

    def keep(self) -> dict[str, str | int]:
        """Put it in its place; what it is, for the manifest."""
        self._tar.close()
        self._file.close()
        record: dict[str, str | int] = {
            "file": self._path.name,
            "samples": self.samples,
            "bytes": self._part.stat().st_size,
            "sha256": file_digest(self._part),
        }
        settle(self._part, self._path)
        return record

    def drop(self) -> None:
        """Leave nothing of it."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def shard_files(places: Iterable[str | Path]) -> list[str]:
    """The shards in some places, in the order of the places and then by name.

    Args:
        places: files, folders of .tar files, patterns such as "/disk2/part-*/*.tar", and "pipe:COMMAND", a shell command
            that writes a shard to its standard output.

    Raises:
        UsageError: there is none in one of them.
    """
    found = []
    for place in map(str, places):
        if place.startswith(PIPE):
            here = [place]
        elif Path(place).is_dir():
            here = sorted(map(str, Path(place).glob("*.tar")))
        else:
            here = [place] if Path(place).is_file() else sorted(glob(place))  # noqa: PTH207  # a pattern may begin at /
        if not here:
            raise UsageError(f"there is no shard at {place}; make some with: v2v train prepare CLIPS {place}")
        found += here
    return found


class Position(NamedTuple):
    """Where a stream stands: `taken` of the samples shuffled together that begin with a sample of a shard.

    Attributes:
        epoch: how often all shards were gone through.
        shard: how many shards of it.
        sample: how many samples of the next shard.
        taken: how many of those that follow, in the shuffled order.
    """

    epoch: int = 0
    shard: int = 0
    sample: int = 0
    taken: int = 0

    def after(self, samples: int) -> Self:
        return self._replace(sample=self.sample + samples)


class Shards:
    """Samples of shards: a `Stream`. Shards come in another order every epoch, and neighbouring samples are shuffled.

    Memory holds `shuffle` packed samples and one that is unpacked, however many there are in all.

    Args:
        places: as `shard_files` takes them: several folders for shards that lie on several disks.
        seed: of every order; the same for all processes.
        process, processes: of every epoch's order this process reads each `processes`-th shard, and no other does.
        shuffle: how many samples are shuffled among themselves; 1 leaves them in order.

    Raises:
        UsageError: there are no shards, or fewer than processes.
    """

    def __init__(
        self,
        places: Sequence[str | Path],
        seed: int = 0,
        process: int = 0,
        processes: int = 1,
        shuffle: int = SHUFFLED,
    ) -> None:
        self._files = shard_files(places)
        if len(self._files) < processes:
            raise UsageError(
                f"there are {len(self._files)} shards for {processes} processes, and each reads its own; "
                "make more of them with a smaller --per-shard"
            )
        self._seed, self._process, self._processes, self._shuffle = seed, process, processes, shuffle
        self._at = Position()

    def __iter__(self) -> Iterator[Sample]:
        """From where the stream stands; all shards over and over. MediaError for one that is damaged."""
        while True:
            before = self._at
            yield from self._epoch()
            if before == Position(before.epoch) and self._at == before:
                raise MediaError(f"{self._files[0]} and what is beside it hold no samples; prepare them again")
            self._at = Position(before.epoch + 1)

    def state(self) -> State:
        return {**self._identity(), **self._at._asdict()}

    def resume(self, state: State) -> None:
        """UsageError where the state is of other shards, another seed or share."""
        for name, value in self._identity().items():
            if state[name] != value:
                raise UsageError(
                    f"training that is resumed had {name} {state[name]} of its data and now has {value}; "
                    "resume with the same shards, seed and number of processes"
                )
        self._at = Position(*(state[name] for name in Position._fields))

    def _identity(self) -> dict[str, int]:
        return {
            "shards": len(self._files),
            "seed": self._seed,
            "process": self._process,
            "processes": self._processes,
            "shuffle": self._shuffle,
        }

    def _order(self) -> list[str]:
        """The shards of this process in this epoch."""
        order = np.random.default_rng([self._seed, self._at.epoch]).permutation(len(self._files))
        return [self._files[place] for place in order[self._process :: self._processes]]

    def _epoch(self) -> Iterator[Sample]:
        coming = self._samples()
        while block := list(islice(coming, self._shuffle)):
            chance = np.random.default_rng([self._seed, self._process, *self._at[:3]])
            for place in chance.permutation(len(block))[self._at.taken :]:
                self._at = self._at._replace(taken=self._at.taken + 1)
                _, shard, files = block[place]
                yield unpacked(files, shard)
            self._at = block[-1][0]

    def _samples(self) -> Iterator[tuple[Position, str, Files]]:
        """From where the stream stands to the end of the epoch: what stands after a sample, its shard, its files."""
        at = self._at._replace(taken=0)
        for shard in self._order()[at.shard :]:
            for files in samples_of(shard, at.sample):
                at = at.after(1)
                yield at, shard, files
            at = Position(at.epoch, at.shard + 1)


def samples_of(shard: str, skipped: int = 0) -> Iterator[Files]:
    """The samples of a shard, packed, but for the first ones.

    Raises:
        MediaError: it cannot be read to its end.
    """
    try:
        with _opened(shard) as tar:
            current, files, number = None, dict[str, bytes](), -1
            for member in tar:
                folder, _, name = member.name.rpartition("/")
                stem, _, suffix = name.partition(".")
                if (folder, stem) != current:
                    if files:
                        yield files
                    current, files, number = (folder, stem), {}, number + 1
                if number >= skipped and (inside := tar.extractfile(member)) is not None:
                    files[suffix] = inside.read()
            if files:
                yield files
    except (tarfile.TarError, OSError) as error:
        raise MediaError(f"{shard} cannot be read ({error}); make the shard again") from None


@contextmanager
def _opened(shard: str) -> Iterator[tarfile.TarFile]:
    """A shard for reading: a file, or what a command writes."""
    if not shard.startswith(PIPE):
        with tarfile.open(shard, "r:") as tar:
            yield tar
        return
    command = subprocess.Popen(shard.removeprefix(PIPE), shell=True, stdout=subprocess.PIPE)
    assert command.stdout is not None
    try:
        with tarfile.open(fileobj=command.stdout, mode="r|") as tar:
            yield tar
            _exhaust(command.stdout)
        if command.wait():
            raise MediaError(f"{shard} ended with {command.returncode}; try the command by itself")
    finally:
        command.stdout.close()
        command.kill()
        command.wait()


def _exhaust(stream: IO[bytes]) -> None:
    """Read what is left, so that the command is not cut off: a tar file ends with empty blocks."""
    while stream.read(2**16):
        pass
