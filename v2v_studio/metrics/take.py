"""The measures of one take, frame by frame: what its metrics.json holds."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

from v2v_studio.metrics.cells import cell_average
from v2v_studio.metrics.colour import colour_change, colour_drift, length
from v2v_studio.metrics.flags import flags
from v2v_studio.metrics.sharpness import gradient_energy, sharpness_ratio
from v2v_studio.metrics.temporal import (
    agreement,
    compensated_change,
    flicker_index,
    temporal_difference_error,
)
from v2v_studio.types import Anchor, Array, FlowField

Row = dict[str, float]

LINES = 160  # temporal measures and colour are taken at this height or up to twice it; sharpness at full size
FLAT = 1 / 255  # a frame whose values differ by less is constant


class TakeMetrics:
    """Measures frames as they are rendered, holding nothing but the anchor and one row of numbers a frame.

    A row holds
        visible                   share of the frame that the first frame can supply
        agreeing                  share of pixels that the footage explains from its frame before; the temporal measures
                                  stand on these
        temporal_difference_error, flicker          8-bit levels (see `temporal`)
        colour_drift              Oklab distance from the first frame that the footage does not explain (see `colour`)
        source_colour_change      the footage's own distance
        sharpness                 ratio to the first frame's (see `sharpness`)
        finite                    share of values that are finite; the others are measured as 0
        constant                  1 where the frame is one colour and its footage is not, else 0
    and only the last three where there is no flow to measure the others along.

    Args:
        anchor: the first frame and the footage it was painted on.
        rows: rows of an interrupted run, to go on from.
    """

    def __init__(self, anchor: Anchor, rows: list[Row] | None = None) -> None:
        self.anchor = anchor
        self.rows: list[Row] = list(rows or [])

    def add(self, source_prev: Array, source: Array, output_prev: Array, output: Array, flow: FlowField | None) -> Row:
        """Measure one frame.

        Args:
            source_prev, output_prev: (3, H, W), the frame before, in order of rendering; the anchor's for the first.
            source, output: (3, H, W), this frame.
            flow: one backward entry with its `step`: this frame's motion; None where it is no field.

        Raises:
            ValueError: the flow has more than one entry, is forward, or has no step.
        """
        output, finite = finite_part(output)
        row = {
            **({} if flow is None else self._along(flow, source_prev, source, finite_part(output_prev)[0], output)),
            "sharpness": self._sharpness(source, output),
            "finite": finite,
            "constant": float(np.ptp(output) < FLAT <= np.ptp(source)),
        }
        self.rows.append(row)
        return row

    def _along(self, flow: FlowField, source_prev: Array, source: Array, output_prev: Array, output: Array) -> Row:
        """What is measured along a flow, of finite frames."""
        if len(flow) != 1 or flow.direction != "backward" or flow.step is None:
            raise ValueError("the flow of one frame is needed: one backward entry, with its step")
        by = factor(source.shape[1])
        before, after = reduced(source_prev, by), reduced(source, by)
        out_before, out_after = reduced(output_prev, by), reduced(output, by)
        step: Array = reduced(flow.step[0], by) / np.float32(by)
        reference: Array = reduced(flow.displacement[0], by) / np.float32(by)
        visible = reduced(flow.visible[0], by)[0]

        change = compensated_change(before, after, step)
        out_change = compensated_change(out_before, out_after, step)
        agree = agreement(change, step)
        first, out_first = self._reduced_anchor
        source_moved, weight = colour_change(after - compensated_change(first, after, reference), after, visible)
        output_moved, _ = colour_change(
            out_after - compensated_change(out_first, out_after, reference), out_after, visible
        )
        return {
            "visible": float(visible.mean()),
            "agreeing": float(agree.mean()),
            "temporal_difference_error": temporal_difference_error(change, out_change, agree),
            "flicker": flicker_index(change, out_change, agree),
            "colour_drift": colour_drift(source_moved, output_moved, weight),
            "source_colour_change": cell_average(length(source_moved), weight),
        }

    def summary(self) -> dict[str, object]:
        """Mean of every measure over the take, and the flagged frames: index of the row, measure, value and limit."""
        names = self.rows[0] if self.rows else {}
        return {
            "frames": len(self.rows),
            "mean": {name: float(np.mean([row[name] for row in self.rows])) for name in names},
            "flags": [flag.record() for flag in flags(self.rows)],
        }

    def _sharpness(self, source: Array, output: Array) -> float:
        first_source, first_output = self._anchor_energy
        return sharpness_ratio(first_source, gradient_energy(source), first_output, gradient_energy(output))

    @cached_property
    def _anchor_energy(self) -> tuple[float, float]:
        return gradient_energy(self.anchor.source), gradient_energy(self.anchor.styled)

    @cached_property
    def _reduced_anchor(self) -> tuple[Array, Array]:
        by = factor(self.anchor.source.shape[1])
        return reduced(self.anchor.source, by), reduced(self.anchor.styled, by)


def finite_part(frame: Array) -> tuple[Array, float]:
    """The frame with 0 for every value that is not finite, and the share of values that are."""
    if np.isfinite(frame.sum()):  # the common case, in a tenth of the time
        return frame, 1.0
    good = np.isfinite(frame)
    return np.where(good, frame, np.float32(0)), float(good.mean())


def factor(height: int) -> int:
    """By how much frames of this height are reduced: a whole number, so that pixels are shared by no two others."""
    return max(1, height // LINES)


def reduced(planes: Array, by: int) -> Array:
    """(C, H, W) -> (C, H // by, W // by), the mean of each by x by square; what does not fill one is left out."""
    if by == 1:
        return planes
    _, h, w = planes.shape
    whole = planes[:, : h - h % by, : w - w % by]
    return np.stack([cv2.resize(plane, (w // by, h // by), interpolation=cv2.INTER_AREA) for plane in whole])
