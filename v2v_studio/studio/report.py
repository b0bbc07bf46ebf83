"""Report: takes as one page to read and hand on, with tables, strips and the worst frames as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import jpeg, read_png
from v2v_studio.metrics.flags import BOUNDS
from v2v_studio.metrics.picture import CURVES, strip
from v2v_studio.project.atomic import write_bytes
from v2v_studio.project.records import Take
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.report_page import Picture, Section, Table, page

ACROSS = 6  # frames in a strip
WORST = 6  # frames shown of a take, at most
HEAD = ("take", "frames", "first frame", "track", "quality", "status", "visible", "temporal", "drift", "flagged")


class Reporting(Desk):
    """The verb `report`."""

    def report(self, name: str | None = None, path: Path | None = None, on_progress: Tell = silent) -> dict[str, Any]:
        """Write what was measured of takes as one HTML file that needs no other.

        Args:
            name: a take ("sh010/t001"), or a shot, for all its takes; None for the project: the take that each shot shows.
            path: default exports/report.html, or exports/sh010-t001_report.html.

        Returns:
            path; `takes`, each with its `worst` frames by measure, whether they are flagged or not.

        Raises:
            UsageError: there is no take to report.
        """
        takes = self._reported(name)
        stem = f"{name.replace('/', '-')}_report" if name else "report"
        path = path or self.store.folder / "exports" / f"{stem}.html"
        self.spare_footage(path)
        rows = [self._report_row(take) for take in takes]
        sections = [self._overview(takes, rows)]
        for done, (take, row) in enumerate(zip(takes, rows, strict=True)):
            on_progress(done, len(takes))
            sections.append(self._section(take, row))
        sections.append(Section("limits", "When a frame is flagged", [limits()]))
        title = f"{self.store.project().name}: {name or 'report'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, page(title, sections).encode())
        return {"path": str(path), "takes": rows}

    def _reported(self, name: str | None) -> list[Take]:
        if name is None:
            shown = [take for shot in self.active_shots() if (take := self.shown(shot))]
            if not shown:
                raise UsageError("no shot has a take yet; make some with: v2v render")
            return shown
        shot, _, one = name.partition("/")
        if one:
            return [self.store.take(shot, one)]
        takes = self.store.takes(self.store.shot(shot).id)
        if not takes:
            raise UsageError(f"{shot} has no take yet; make one with: v2v render {shot}")
        return takes

    def _report_row(self, take: Take) -> dict[str, Any]:
        metrics = self.metrics(take)
        review = self.store.review(take.shot, take.id)
        return {
            "take": f"{take.shot}/{take.id}",
            "frames": take.last - take.first,
            "first frame": " ".join([take.first_frame, *take.further]),
            "track": take.recipe.get("track"),
            "quality": take.recipe.get("params", {}).get("quality", ""),
            "status": review.status,
            "notes": [{"frame": n.frame and take.number(n.frame), "text": n.text} for n in review.notes],
            "mean": metrics["mean"],
            "flagged": sorted({take.number(flag["frame"]) for flag in metrics["flags"]}),
            "worst": worst(metrics["rows"], metrics["flags"], take),
        }

    def _overview(self, takes: Sequence[Take], rows: Sequence[Mapping[str, Any]]) -> Section:
        cells = [
            [
                *(str(row[key]) for key in HEAD[:6]),
                *(_figure(row["mean"].get(m)) for m in ("visible", "temporal_difference_error", "colour_drift")),
                str(len(row["flagged"]) or ""),
            ]
            for row in rows
        ]
        table = Table(HEAD, cells, [anchor(take) for take in takes])
        return Section("overview", "", [table])

    def _section(self, take: Take, row: Mapping[str, Any]) -> Section:
        metrics = self.metrics(take)
        parts: list[str | Table | Picture] = [Picture(self._strip(take), "footage above, take below")]
        if metrics["rows"]:
            start = take.number(metrics["rows"][0]["frame"])
            parts.append(
                Picture(jpeg(strip(metrics["rows"], start)), "measures, frame by frame; flagged ones are marked")
            )
            parts.append(_means(metrics))
        else:
            parts.append("Nothing was measured of this take: its motion is not the footage's.")
        if row["flagged"]:
            parts.append(f"Flagged: {', '.join(map(str, row['flagged']))}")
        if row["notes"]:
            parts.append(Table(("frame", "note"), [[str(n["frame"] or ""), n["text"]] for n in row["notes"]]))
        for number, found in row["worst"].items():
            says = "; ".join(_of(one) for one in found)
            picture = self._side_by_side(take, take.start + int(number) - take.number(take.start))
            parts.append(Picture(picture, f"{number}: {says}", any(one["flagged"] for one in found)))
        return Section(anchor(take), f"{row['take']} ({row['track']}, {row['status']})", parts)

    def _strip(self, take: Take) -> bytes:
        frames = np.unique(np.linspace(take.first, take.last - 1, ACROSS).round().astype(int)).tolist()
        shot = self.store.shot(take.shot)
        above = [Cell(self.still(shot, frame), "") for frame in frames]
        below = [Cell(read_png(self.store.take_frame(take, frame)), str(take.number(frame))) for frame in frames]
        return jpeg(sheet([above, below], height=150))

    def _side_by_side(self, take: Take, frame: int) -> bytes:
        """A footage frame and the take's."""
        footage = self.still(self.store.shot(take.shot), frame)
        made = read_png(self.store.take_frame(take, frame))
        return jpeg(sheet([[Cell(footage, "footage"), Cell(made, f"{take.shot}/{take.id}")]], height=270))


def worst(
    rows: Sequence[Mapping[str, float]], flags: Sequence[Mapping[str, Any]], take: Take
) -> dict[str, list[dict[str, Any]]]:
    """Number of a frame -> why to look at it: the worst frame of every measure, then flagged ones, WORST at most."""
    flagged = {(flag["frame"], flag["measure"]) for flag in flags}
    found: dict[str, list[dict[str, Any]]] = {}
    candidates = []
    for measure in CURVES if rows else ():
        pick = min if BOUNDS[measure].low else max
        candidates.append((measure, pick(rows, key=lambda row: row[measure])))
    by_frame = {row["frame"]: row for row in rows}
    candidates += [(flag["measure"], by_frame[flag["frame"]]) for flag in flags]
    for measure, row in sorted(candidates, key=lambda one: (one[1]["frame"], one[0]) not in flagged):
        number = str(take.number(int(row["frame"])))
        if number not in found and len(found) == WORST:
            continue
        told = {"measure": measure, "value": row[measure], "flagged": (row["frame"], measure) in flagged}
        if told not in found.setdefault(number, []):
            found[number].append(told)
    return dict(sorted(found.items()))


def limits() -> Table:
    """When a frame is flagged."""
    rows = [
        [_called(name), "below" if b.low else "above", f"{b.always_fine:g}", f"{b.never_fine:g}"]
        for name, b in BOUNDS.items()
    ]
    return Table(("measure", "flagged", "where it stands out of its take and is past", "always past"), rows)


def anchor(take: Take) -> str:
    return f"{take.shot}-{take.id}"


def _means(metrics: Mapping[str, Any]) -> Table:
    values = {name: [row[name] for row in metrics["rows"]] for name in CURVES}
    rows = [
        [CURVES[name][0], _figure(float(np.mean(v))), _figure(min(v) if BOUNDS[name].low else max(v))]
        for name, v in values.items()
    ]
    return Table(("measure", "mean", "worst"), rows)


def _of(one: Mapping[str, Any]) -> str:
    called, _, unit = _called(one["measure"]).partition(", ")
    value = " ".join(filter(None, (_figure(one["value"]), unit)))
    return f"{called} {value}{', flagged' if one['flagged'] else ''}"


def _called(measure: str) -> str:
    """A measure and its unit as the curves have them."""
    return CURVES[measure][0] if measure in CURVES else measure


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
