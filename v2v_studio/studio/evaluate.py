"""Evaluate: folders of clips measured one clip at a time, each frame read once; what was measured is not measured again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from inspect import getdoc
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio import __version__
from v2v_studio.errors import MissingError, ProjectError, UsageError
from v2v_studio.fingerprint import fingerprint
from v2v_studio.flow.base import FlowEstimator, estimator
from v2v_studio.metrics.base import ABSENT, METRICS, Metric
from v2v_studio.metrics.pair import Pair
from v2v_studio.models import weights
from v2v_studio.project.atomic import read_json, write_json
from v2v_studio.studio.clips import About, Opened, clips_in, digest, opened, read_about
from v2v_studio.studio.desk import Tell, silent
from v2v_studio.studio.features import FeatureStore
from v2v_studio.types import Array

SCHEMA = "v2v.evaluation/1"


def evaluate(
    generated: Path,
    reference: Path | None,
    names: Sequence[str],
    out: Path,
    about: Path | None = None,
    flow: str = "dis",
    on_progress: Tell = silent,
) -> dict[str, Any]:
    """Measure clips and write what was found, clip by clip, so that a run that was stopped goes on where it was.

    Args:
        generated: a folder of clips (videos, or folders of pictures), or a clip.
        reference: likewise. A generated clip is held against the reference of its name; single ones against each other.
        names: of metrics.
        out: the JSON file. What it holds of the same clips is kept; features of distributions lie beside it.
        about: a JSON file of prompts, boxes and drags (see `read_about`).
        flow: "dis" or "raft", what temporal metrics estimate motion with.

    Returns:
        what the file holds: `metrics`, `mean` over the clips that have a value, `clips`.

    Raises:
        UsageError: an unknown metric, something that a metric needs and nobody gave, clips that do not fit together.
        MissingError: a model that a metric needs; before any work.
        MediaError: a clip that cannot be read.
    """
    measuring = Measuring(chosen_metrics(names), flow, estimator(flow), FeatureStore(out.with_suffix(".features")))
    left, right, asked = clips_in(generated), clips_in(reference) if reference else {}, read_about(about)
    _check_given(measuring.metrics, left, right, asked)
    partner = _partners(left, right) if measuring.in_pairs else {}
    others = list(right.values()) if measuring.of_references else []
    before, rows = _kept(out), dict[str, Any]()
    out.parent.mkdir(parents=True, exist_ok=True)
    about_run = {"generated": str(generated), "reference": str(reference) if reference else None, "flow": flow}
    total = len(left) + len(others)
    for done, (name, path) in enumerate(left.items()):
        on_progress(done, total)
        rows[name] = measuring.row(path, partner.get(name), asked.get(name, About()), before.get(name, {}))
        write_json(out, _result(about_run, measuring.metrics, {**before, **rows}, {}))
    for done, path in enumerate(others, len(left)):
        on_progress(done, total)
        measuring.measure(path, measuring.of_references)
    result = _result(about_run, measuring.metrics, rows, measuring.combined(left.values(), right.values()))
    write_json(out, result)
    on_progress(total, total)
    return result


class Measuring:
    """Metrics at work on clip after clip.

    Args:
        metrics: by name.
        flow_name, flow: what temporal metrics estimate motion with.
        features: where those of distributions are kept.
    """

    def __init__(
        self, metrics: Mapping[str, Metric], flow_name: str, flow: FlowEstimator, features: FeatureStore
    ) -> None:
        self.metrics = metrics
        self._flow_name, self._flow, self._features = flow_name, flow, features
        self._sets: dict[str, Any] = {name: metric for name, metric in metrics.items() if hasattr(metric, "combine")}
        self._single = {name: metric for name, metric in metrics.items() if name not in self._sets}
        self._key = cache(lambda path: fingerprint([__version__, digest(path)]))  # a clip's bytes are read once for it

    @property
    def in_pairs(self) -> bool:
        """Whether each clip is held against one of its own."""
        return any("reference" in metric.needs for metric in self._single.values())

    @property
    def of_references(self) -> dict[str, Metric]:
        """The metrics whose features are also taken of references."""
        return {name: metric for name, metric in self._sets.items() if "reference" in metric.needs}

    def row(self, path: Path, other: Path | None, about: About, before: Mapping[str, Any]) -> dict[str, Any]:
        """What is found in one clip: a key of all that decides it, and a value for each metric that is of single clips.

        Args:
            before: the row of an earlier run; what it has of the very same clip is kept.
        """
        key = fingerprint([self._flow_name, self._key(path), other and self._key(other), about.model_dump()])
        values = dict(before["values"]) if before.get("key") == key else {}
        wanted = {name: metric for name, metric in self._single.items() if name not in values}
        found = self.measure(path, {**wanted, **self._sets}, other, about)
        return {"key": key, "values": values | found}

    def measure(
        self, path: Path, metrics: Mapping[str, Metric], other: Path | None = None, about: About | None = None
    ) -> dict[str, Any]:
        """Measure one clip. Features go to the store, where they may be already; the values of other metrics come back."""
        key = self._key(path)
        lacking = {
            name: metric
            for name, metric in metrics.items()
            if name not in self._sets or not self._features.has(key, name)
        }
        found = measured(path, other, about or About(), lacking, self._flow) if lacking else {}
        self._features.keep(key, {name: found.pop(name) for name in self._sets.keys() & found.keys()})
        return found

    def combined(self, generated: Iterable[Path], reference: Iterable[Path]) -> dict[str, float]:
        """The metrics of distributions, of all clips together."""
        sides = [list(map(self._key, paths)) for paths in (generated, reference)]
        return {
            name: metric.combine(*(self._features.read(keys, name) for keys in sides))
            for name, metric in self._sets.items()
        }


def chosen_metrics(names: Sequence[str]) -> dict[str, Metric]:
    """Name -> metric. UsageError for none or an unknown one, MissingError where its models are not on this machine."""
    if not names:
        raise UsageError("name at least one metric; see what there is with: v2v evaluate --list")
    for name in names:
        if name in ABSENT:
            raise MissingError(f"metric '{name}' needs {ABSENT[name]}")
    metrics: dict[str, Metric] = {name: METRICS.load(name)() for name in dict.fromkeys(names)}
    for name, metric in metrics.items():
        try:
            for model in metric.models:
                weights.locate(model)
        except MissingError as error:
            raise MissingError(f"metric '{name}': {error}") from None
    return metrics


def metric_rows() -> list[dict[str, Any]]:
    """Every metric: what it is, which way is better, what it needs, and whether that is here; then those that cannot be."""
    rows = []
    for name in METRICS.names():
        metric = METRICS.load(name)
        missing = [model for model in metric.models if not weights.present(model)]
        rows.append(
            {
                "name": name,
                "better": metric.better,
                "unit": metric.unit,
                "needs": list(metric.needs),
                "models": list(metric.models),
                "missing": missing,
                "fetch": f"v2v models fetch {' '.join(missing)}" if missing else None,
                "source": metric.source,
                "about": (getdoc(metric) or "").splitlines()[0],
                "absent": None,
            }
        )
    blank: dict[str, Any] = {
        "better": "higher",
        "unit": "",
        "needs": [],
        "models": [],
        "missing": [],
        "fetch": None,
        "source": "",
    }
    return rows + [{"name": name, **blank, "about": "", "absent": why} for name, why in ABSENT.items()]


def _check_given(
    metrics: Mapping[str, Metric], left: Mapping[str, Path], right: Mapping[str, Path], asked: Mapping[str, About]
) -> None:
    """UsageError where a metric needs what nobody gave."""
    for name, metric in metrics.items():
        if "reference" in metric.needs and not right:
            raise UsageError(f"metric '{name}' needs a reference; give it after the generated clips")
        for need in set(metric.needs) - {"reference"}:
            lacking = [clip for clip in left if not getattr(asked.get(clip, About()), need)]
            if lacking:
                raise UsageError(
                    f"metric '{name}' needs {need}, and there {'are none' if need != 'prompt' else 'is none'} for "
                    f"{lacking[0]}; give them in a JSON file with --about"
                )


def _partners(left: Mapping[str, Path], right: Mapping[str, Path]) -> dict[str, Path]:
    """Name of each generated clip -> its reference."""
    if len(left) == len(right) == 1:
        return dict(zip(left, right.values(), strict=True))
    lacking = [name for name in left if name not in right]
    if lacking:
        raise UsageError(
            f"there is no reference for {', '.join(lacking[:3])}{' …' if len(lacking) > 3 else ''}; "
            "a clip and its reference have one name"
        )
    return {name: right[name] for name in left}


def measured(
    path: Path, other: Path | None, about: About, metrics: Mapping[str, Metric], flow: FlowEstimator
) -> dict[str, Any]:
    """What each metric finds in one clip. Two frames and the first are all that is held of it."""
    one = opened(path)
    meters = {name: metric.open(one.clip(about)) for name, metric in metrics.items()}
    pair: Pair | None = None
    for frame, held_against in zip(one.reader.frames(), _reference_frames(one, other), strict=False):
        pair = Pair(frame, held_against, pair, flow)
        for meter in meters.values():
            meter.add(pair)
    return {name: meter.value() for name, meter in meters.items()}


def _reference_frames(one: Opened, other: Path | None) -> Iterator[Array | None]:
    if other is None:
        return repeat(None)
    two = opened(other)
    if (one.size, one.frames) != (two.size, two.frames):
        sizes = [f"{each.frames} frames of {each.size[0]}x{each.size[1]}" for each in (one, two)]
        raise UsageError(
            f"{one.path} has {sizes[0]} and {two.path} {sizes[1]}; a clip is held against one that fits it"
        )
    return two.reader.frames()


def _kept(out: Path) -> dict[str, Any]:
    """The clips of an earlier run. UsageError for a file that is something else."""
    if not out.exists():
        return {}
    try:
        held = read_json(out)
    except (ProjectError, UnicodeDecodeError):
        held = {}
    if held.get("schema") != SCHEMA:
        raise UsageError(f"{out} is there and is no evaluation; give another name with --out")
    return dict(held["clips"])


def _result(
    about_run: Mapping[str, Any],
    metrics: Mapping[str, Metric],
    rows: Mapping[str, Any],
    combined: Mapping[str, float],
) -> dict[str, Any]:
    means = {}
    for name in metrics:
        values = [v for row in rows.values() if (v := row["values"].get(name)) is not None]
        means[name] = combined.get(name, float(np.mean(values)) if values else None)
    return {
        "schema": SCHEMA,
        "version": __version__,
        **about_run,
        "metrics": {n: {"better": m.better, "unit": m.unit, "source": m.source} for n, m in metrics.items()},
        "mean": means,
        "clips": dict(rows),
    }
