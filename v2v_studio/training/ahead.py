"""Batches read in a second thread, while the one before them is trained on."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from v2v_studio.errors import UsageError
from v2v_studio.training.sample import Sample, State, Stream


def ahead(stream: Stream, count: int) -> Generator[tuple[list[Sample], State]]:
    """Batches of `count` samples, each with where the stream stands after it: to go on from there, not from what was
    read ahead.

    Raises:
        UsageError: the stream ends.
    """
    source = iter(stream)

    def read() -> tuple[list[Sample], State]:
        return list(islice(source, count)), stream.state()

    with ThreadPoolExecutor(1, "samples") as reader:
        coming = reader.submit(read)
        while True:
            samples, state = coming.result()
            if len(samples) < count:
                raise UsageError("the data hold no clip for this process; prepare more clips, or use fewer processes")
            coming = reader.submit(read)
            yield samples, state
