"""Clips made into shards: cut into shots, every shot into samples, the motion of every sample estimated.

One clip is open at a time, one shard is being written, and a shard that is finished is never looked at again: it may be
moved to another disk while the next is made. A run that was killed goes on after the last finished shard, and its shards
and manifest have the bytes of one that was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from v2v_studio import __version__
from v2v_studio.errors import MediaError, UsageError
from v2v_studio.fingerprint import content_digest, file_digest, fingerprint
from v2v_studio.flow.base import FlowEstimator, estimator
from v2v_studio.flow.raft import WEIGHTS
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import Reader, open_reader
from v2v_studio.models.weights import locate
from v2v_studio.parts import PART
from v2v_studio.project.atomic import read_json, write_json
from v2v_studio.shots.base import DETECTORS
from v2v_studio.training.data.cutting import PrepareParams, cut_samples, sample_starts, shots_of
from v2v_studio.training.data.shards import ShardWriter
from v2v_studio.training.data.sources import Annotation, Source
from v2v_studio.training.sample import Sample

SCHEMA = "v2v.shards/1"
MANIFEST = "manifest.json"
NO_FLOW = "none"

Tell = Callable[[int, int], None]


def prepare(sources: Sequence[Source], out: Path, params: PrepareParams, on_progress: Tell) -> dict[str, Any]:
    """Make shards of clips in a folder, from its first missing one on.

    Args:
        sources: in an order that is the same when the run is taken up again.
        on_progress: told of samples made, and of how many there will be, as far as the clips so far let it guess.

    Returns:
        the manifest: what stands in `manifest.json` beside the shards.

    Raises:
        UsageError: the folder holds shards of other clips or options, or another process makes some there; an unknown
            estimator or detector.
        MissingError: the estimator's weights are not on this machine.
        MediaError: no clip gives a sample. One that cannot be read is passed over, and the manifest says why.
    """
    DETECTORS.load(params.detector)
    motion = None if params.flow == NO_FLOW else estimator(params.flow)
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".prepare.lock", timeout=0):
            for part in out.glob(f".*{PART}"):
                part.unlink()
            return _Preparation(sources, out, params, motion, on_progress).run()
    except Timeout:
        raise UsageError(f"another process makes shards in {out}; wait for it, or give another folder") from None


class _Preparation:
    def __init__(
        self, sources: Sequence[Source], out: Path, params: PrepareParams, motion: FlowEstimator | None, tell: Tell
    ) -> None:
        self._sources, self._out, self._params, self._motion, self._tell = sources, out, params, motion, tell
        self._manifest = self._begun()
        self._writer: ShardWriter | None = None
        self._expected = 0  # samples in all

    def _begun(self) -> dict[str, Any]:
        """The manifest so far. UsageError where it is of another run."""
        weights = file_digest(locate(WEIGHTS)) if self._params.flow == "raft" else None
        new: dict[str, Any] = {
            "schema": SCHEMA,
            "version": __version__,
            "parameters": {**self._params.model_dump(), "flow_weights": weights},
            "clips": fingerprint([source.name for source in self._sources]),
            "complete": False,
            "next": {"source": 0, "sample": 0},
            "samples": 0,
            "shards": [],
            "sources": [],
        }
        path = self._out / MANIFEST
        if not path.exists():
            if held := next(self._out.glob("*.tar"), None):
                raise UsageError(f"{held} is there, but no {MANIFEST}; give an empty folder")
            write_json(path, new)
            return new
        before = read_json(path)
        made, asked = ({**one, **one.get("parameters", {})} for one in (before, new))
        for name in ("schema", "version", "clips", *new["parameters"]):
            if made.get(name) != asked[name]:
                raise UsageError(
                    f"{self._out} holds shards of {name} {made.get(name)}, and asked for are those of {asked[name]}; "
                    "give another folder, or the same clips and options"
                )
        return before

    def run(self) -> dict[str, Any]:
        if self._manifest["complete"]:
            return self._manifest
        begin = self._manifest["next"]
        try:
            for index in range(begin["source"], len(self._sources)):
                first = begin["sample"] if index == begin["source"] else 0
                for number, sample in enumerate(self._samples(index, first), first + 1):
                    self._writer = self._writer or ShardWriter(self._next_shard())
                    self._writer.add(sample)
                    self._tell(self._manifest["samples"] + self._writer.samples, self._expected)
                    if self._writer.samples == self._params.per_shard:
                        self._keep(index, number)
            if self._writer:
                self._keep(len(self._sources), 0)
        finally:
            if self._writer:
                self._writer.drop()
        if not self._manifest["samples"]:
            raise MediaError(self._why_none())
        self._tell(self._manifest["samples"], self._manifest["samples"])
        self._manifest["complete"] = True
        del self._manifest["next"]
        write_json(self._out / MANIFEST, self._manifest)
        return self._manifest

    def _next_shard(self) -> Path:
        return self._out / f"shard-{len(self._manifest['shards']):06d}.tar"

    def _keep(self, source: int, sample: int) -> None:
        """Finish the shard; the next one begins with that sample of that source."""
        assert self._writer is not None
        self._manifest["shards"].append(self._writer.keep())
        self._manifest["samples"] += self._writer.samples
        self._manifest["next"] = {"source": source, "sample": sample}
        self._writer = None
        write_json(self._out / MANIFEST, self._manifest)

    def _samples(self, index: int, first: int) -> Iterator[Sample]:
        """The samples of a clip from one on; its entry in the manifest is made, or held against the one made before."""
        source = self._sources[index]
        entry: dict[str, Any] = {"name": source.name}
        starts: list[int] = []
        try:
            reader = open_reader(source.path, probe(source.path, source.rate))
            known = _annotation(source, reader)
            starts = list(sample_starts(shots_of(reader, self._params.detector), self._params))
            entry |= {"sha256": content_digest(source.path), "frames": reader.probe.frames, "samples": len(starts)}
            entry["annotation"] = _told(known)
        except MediaError as error:
            entry["skipped"] = str(error)
        entries = self._manifest["sources"]
        if index == len(entries):
            entries.append(entry)
        elif entries[index] != entry:
            raise UsageError(f"{source.path} is not what it was when this run was begun; give an empty folder")
        found = sum(entry.get("samples", 0) for entry in entries)
        self._expected = round(found * len(self._sources) / len(entries))
        if starts[first:]:
            yield from cut_samples(source.name, reader, known, starts[first:], self._params, self._motion)

    def _why_none(self) -> str:
        skipped = [entry["skipped"] for entry in self._manifest["sources"] if "skipped" in entry]
        if len(skipped) == len(self._sources):
            return f"none of the {len(skipped)} clips can be used; the first: {skipped[0]}"
        return (
            f"no shot of the {len(self._sources)} clips has the {self._params.span} frames of a sample; "
            "ask for fewer --frames or a smaller --stride"
        )


def _annotation(source: Source, reader: Reader) -> Annotation:
    known = source.annotation()
    if known.boxes is not None and len(known.boxes) != reader.probe.frames:
        raise MediaError(f"{source.path} has {reader.probe.frames} frames and boxes for {len(known.boxes)}")
    return known


def _told(known: Annotation) -> str | None:
    """The identity of what is known of a clip."""
    if not known.caption and known.boxes is None:
        return None
    boxes = known.boxes and [known.boxes.boxes.tolist(), known.boxes.present.tolist(), known.boxes.phrases]
    return fingerprint([known.caption, boxes])
