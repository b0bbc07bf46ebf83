"""The tables of docs/benchmarks/README.md, from the results: `python -m benchmarks.report` rewrites them in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.record import load

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "README.md"
TABLE = re.compile(r"(<!-- (\S+) -->\n).*?(<!-- end -->)", re.S)
QUALITY = ("psnr", "gmsd", "tX", "sharp", "psnr_unseen", "cpu_per_frame")
HEAD = ("style", "renderer", "PSNR", "GMSD", "tX", "sharp", "PSNR unseen", "CPU s per frame")


def main() -> None:
    PAGE.write_text(refreshed(PAGE.read_text()))


def refreshed(page: str) -> str:
    """The page with every table made anew from its result; a result that is not there leaves its table as it is."""

    def table(match: re.Match[str]) -> str:
        result = load(match.group(2))
        if result is None:
            return match.group(0)
        about = f"commit {result['commit']}, {result['machine']['architecture']}, {result['machine']['cores']} cores, no GPU"
        return f"{match.group(1)}{rows_of(match.group(2), result['measured'])}\n\n({about})\n{match.group(3)}"

    return TABLE.sub(table, page)


def rows_of(name: str, measured: list[dict[str, Any]]) -> str:
    """The table of a result, by its kind."""
    if name.startswith("propagation"):
        return propagation(measured)
    if name == "real-keys":
        keys = ("case", "renderer", "coherence", "edges", "steady", "cpu_per_frame")
        return markdown(
            ("first frame", "renderer", *keys[2:5], "CPU s per frame"), [cells(row, keys) for row in measured]
        )
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
    if name == "stage2-forward":
        keys = ("dtype", "latents", "batch", "cpu_s", "tflop", "peak_gb")
        released = tuple(f"release_{key}" for key in keys[3:])
        figures = ("CPU s", "TFLOP", "peak GB")
        head = (*keys[:3], *figures, *(f"release's {figure}" for figure in figures))
        return markdown(head, [cells(row, (*keys, *released)) for row in measured])
    if name == "samplers":
        keys = ("sampler", "steps", "psnr", "flow", "flow_length")
        head = (*keys[:2], "frames, dB", "flow, pixels apart", "flow's own length")
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


def cells(row: dict[str, Any], keys: Iterable[str]) -> list[str]:
    """Values as text: three significant places, a dash for none."""
    return [f"{value:.3g}" if isinstance(value := row.get(key), float) else str(value or "-") for key in keys]


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
