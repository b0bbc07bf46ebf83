"""The tables of docs/benchmarks/README.md, docs/metrics.md, docs/training.md and docs/farm.md, from the results:
`python -m benchmarks.report` rewrites them in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.record import load

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = tuple(DOCS / name for name in ("benchmarks/README.md", "metrics.md", "training.md", "farm.md"))
TABLE = re.compile(r"(<!-- (\S+) -->\n).*?(<!-- end -->)", re.S)
QUALITY = ("psnr", "gmsd", "tX", "sharp", "psnr_unseen", "cpu_per_frame")
HEAD = ("style", "renderer", "PSNR", "GMSD", "tX", "sharp", "PSNR unseen", "CPU s per frame")


def main() -> None:
    for page in PAGES:
        page.write_text(refreshed(page.read_text()))


def refreshed(page: str) -> str:
    """The page with every table made anew from its result; a result that is not there leaves its table as it is."""

    def table(match: re.Match[str]) -> str:
        result = load(match.group(2))
        if result is None:
            return match.group(0)
        about = f"commit {result['commit']}, {result['machine']['architecture']}, {result['machine']['cores']} cores, no GPU"
        return f"{match.group(1)}{rows_of(match.group(2), result['measured'])}\n\n({about})\n{match.group(3)}"

    return TABLE.sub(table, page)


def rows_of(name: str, measured: Any) -> str:
    """The table of a result, by its kind."""
    if name.startswith("propagation"):
        return propagation(measured)
    if name == "farm":
        keys = ("way", "wall_s", "efficiency")
        return markdown(("way", "wall s", "efficiency"), [cells(row, keys) for row in measured["ways"]])
    if name == "long":
        return long_films(measured)
    if name == "farm-simulation":
        return simulation(measured)
    if name == "real-keys":
        keys = ("case", "renderer", "coherence", "edges", "steady", "cpu_per_frame")
        return markdown(
            ("first frame", "renderer", *keys[2:5], "CPU s per frame"), [cells(row, keys) for row in measured]
        )
    if name == "identity":
        return identity(measured)
    if name == "identity-metrics":
        return identity_metrics(measured)
    if name.startswith("evaluation"):
        return evaluation(measured)
    if name.startswith("speed"):
        keys = ("renderer", "frames", "cpu_per_frame", "wall_per_frame")
        return markdown(
            ("renderer", "frames", "CPU s per frame", "wall s per frame"), [cells(row, keys) for row in measured]
        )
    if name.startswith("pages"):
        keys = ("page", "first_cpu_s", "cpu_s", "wall_s")
        return markdown(
            ("page", "first, CPU s", "again, CPU s", "again, wall s"), [cells(row, keys) for row in measured]
        )
    if name.endswith("-forward"):
        keys = ("dtype", "latents", "batch", "cpu_s", "tflop", "peak_gb")
        released = tuple(f"release_{key}" for key in keys[3:])
        figures = ("CPU s", "TFLOP", "peak GB")
        head = (*keys[:3], *figures, *(f"release's {figure}" for figure in figures))
        return markdown(head, [cells(row, (*keys, *released)) for row in measured])
    if name == "training-overfit":
        head = ("recipe", "steps", "learning_rate", "first", "last", "share", "seconds")
        return markdown((*head[:2], "learning rate", *head[3:6], "s a step"), [cells(row, head) for row in measured])
    if name == "prepare":
        keys = ("flow", "samples", "cpu_per_sample", "read_cpu_per_sample", "mb_per_sample")
        head = ("flow", "samples", "CPU s to make one", "CPU s to read one", "MB of one")
        return markdown(head, [cells(row, keys) for row in measured])
    if name == "samplers":
        keys = ("sampler", "steps", "psnr", "flow", "flow_length")
        head = (*keys[:2], "frames, dB", "flow, pixels apart", "flow's own length")
        return markdown(head, [cells(row, keys) for row in measured])
    if name == "boxes":
        keys = ("clip", "frames", "marked", "iou", "worst", "held", "absent", "absent_right", "keys", "cpu_per_frame")
        figures = ("mean IoU", "worst IoU", "box left where it is", "absent", "found so", "keys", "CPU s per frame")
        return markdown((*keys[:3], *figures), [cells(row, keys) for row in measured])
    if name == "consisti2v-drift":
        keys = ("windows", "weights", "frames", "drift_last", "contrast_last", "seam")
        head = (*keys[:3], "drift of the last 15", "their contrast", "seam")
        return markdown(head, [cells(row, keys) for row in measured])
    keys = ("frames", "peak_mb", "ratio", "cpu_s")
    return markdown(("frames", "peak MB", "ratio", "CPU s"), [cells(row, keys) for row in measured])


def propagation(measured: list[dict[str, Any]]) -> str:
    """Means by style and renderer, then every case."""
    groups = sorted(
        {(row["style"], row["renderer"]) for row in measured}, key=lambda group: (group[0], group[1] != "chain")
    )
    lines = []
    for style, renderer in groups:
        rows = [row for row in measured if (row["style"], row["renderer"]) == (style, renderer)]
        means = {
            key: mean(values) for key in QUALITY if (values := [row[key] for row in rows if row.get(key) is not None])
        }
        lines.append((f"**{style}** ({len(rows)})", renderer, *cells(means, QUALITY)))
    lines += [(row["case"], row["renderer"], *cells(row, QUALITY)) for row in measured]
    return markdown(HEAD, lines)


def identity(measured: list[dict[str, Any]]) -> str:
    """A row for every measure and way of making an output: the values that so many per cent of the frames lie below."""
    shares = ("1", "5", "50", "95", "99")
    lines = [
        (row["made"], measure, *(f"{row[measure][share]:.3g}" for share in shares))
        for measure in ("temporal_difference_error", "flicker", "colour_drift", "sharpness")
        for row in measured
    ]
    return markdown(("output", "measure", *(f"{share} %" for share in shares)), lines)


def identity_metrics(measured: list[dict[str, Any]]) -> str:
    """A row for every metric: its mean over the clips for each pair of an output and what it is held against."""
    pairs = next(row for row in measured if "values" in row)["values"]
    lines = [
        (
            f"`{row['metric']}`",
            row["better"],
            *(cells(row["values"], pairs) if "values" in row else [f"needs {', '.join(row['missing'])}"]),
            *("" for _ in range(0 if "values" in row else len(pairs) - 1)),
        )
        for row in measured
    ]
    return markdown(("metric", "better", *pairs), lines)


def evaluation(measured: list[dict[str, Any]]) -> str:
    """A row for every style and measure: each renderer's mean by the tool and, behind the stroke, by `v2v evaluate`."""
    names = list(measured[0]["tool"])
    lines = [
        (
            row["style"],
            row["measure"],
            *(f"{row['tool'][name]:.4g} / {row['evaluate'][name]:.4g}" for name in names),
            "yes" if row["order by tool"] == row["order by evaluate"] else "no",
        )
        for row in measured
    ]
    return markdown(("style", "measure", *names, "same order"), lines)


def simulation(measured: dict[str, Any]) -> str:
    """A row for each power of two of workers: of a draft and of a final render, what the two of them take."""
    keys = ("hours", "efficiency", "worker_hours_per_minute", "worker_hours_per_minute_released", "hours_longest_first")
    heads = ("efficiency", "worker hours a minute of film", "the same, idle ones let go", "hours, longest shots first")
    lines = [
        (str(draft["workers"]), *cells(draft, keys[:1]), *cells(final, keys))
        for draft, final in zip(measured["draft"], measured["final"], strict=True)
        if draft["workers"].bit_count() == 1
    ]
    return markdown(("workers", "draft: hours", "final: hours", *heads), lines)


def long_films(measured: dict[str, Any]) -> str:
    """A row a length: all its verbs together; and how straight the lines of time over length are."""
    lines = [
        (
            f"{row['minutes']:g}",
            str(row["frames"]),
            *(f"{sum(row[kind].values()):.0f}" for kind in ("wall_s", "cpu_s")),
            f"{max(row['peak_mb'].values()):.0f}",
            f"{measured['peak_ratio'][str(row['minutes'])]:.3f}",
            str(row["frames_lost"]),
            f"{row['drift_frames']:g}",
        )
        for row in measured["rows"]
    ]
    head = ("minutes", "frames", "wall s", "CPU s", "peak MB", "ratio", "frames lost", "sound drifts by, frames")
    straight = measured["r_squared"]
    said = (
        f"Time over length: R² {straight['wall_s']} on the clock, {straight['cpu_s']} of processors."
        if straight
        else ""
    )
    return f"{markdown(head, lines)}\n\n{said}".strip()


def cells(row: dict[str, Any], keys: Iterable[str]) -> list[str]:
    """Values as text: three significant places, a dash for none."""
    return [f"{value:.3g}" if isinstance(value := row.get(key), float) else str(value or "-") for key in keys]


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
