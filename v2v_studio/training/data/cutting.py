"""A clip cut into samples: shots by a cut detector, from every shot as many samples as fit into it, and their motion."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from v2v_studio.flow.base import FlowEstimator
from v2v_studio.flow.longrange import PARTS, quantised
from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.media.reader import Reader
from v2v_studio.shots.base import Range
from v2v_studio.shots.detect import detect
from v2v_studio.training.data.fitting import Fitting
from v2v_studio.training.data.sources import Annotation
from v2v_studio.training.sample import Sample
from v2v_studio.types import Array, BoxSequence

SEEN = 0.5  # how surely a pixel has to be visible to count as it


class PrepareParams(BaseModel):
    """What samples are like."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frames: int = Field(default=16, ge=1, le=999, description="Frames of a sample.")
    stride: int = Field(default=4, ge=1, description="Of the footage's frames every so many-th is one of the sample's.")
    every: int = Field(
        default=0, ge=0, description="Frames from the start of a sample to that of the next; 0: its length."
    )
    width: int = Field(default=512, ge=16, description="Of the samples' frames.")
    height: int = Field(default=320, ge=16, description="Of the samples' frames.")
    stretch: bool = Field(default=False, description="Stretch frames to that size; else what sticks out is cut off.")
    flow: str = Field(default="longrange", description="What estimates their motion, or none.")
    detector: str = Field(default="adaptive", description="What finds the cuts; no sample spans one.")
    per_shard: int = Field(default=64, ge=1, description="Samples of a shard.")

    @property
    def span(self) -> int:
        """Frames of the footage from a sample's first to its last."""
        return (self.frames - 1) * self.stride + 1


def shots_of(reader: Reader, detector: str) -> tuple[Range, ...]:
    """The clean shots of a clip. UsageError for an unknown detector."""
    return detect(reader.frames(), Fraction(reader.probe.rate), detector).shots


def sample_starts(shots: Sequence[Range], params: PrepareParams) -> Iterator[int]:
    """First frames of samples, each wholly within a shot.

    Example:
        >>> list(sample_starts([(0, 10), (10, 13)], PrepareParams(frames=2, stride=3, every=2)))
        [0, 2, 4, 6]
    """
    for start, end in shots:
        yield from range(start, end - params.span + 1, params.every or params.span)


def cut_samples(
    name: str,
    reader: Reader,
    known: Annotation,
    starts: Sequence[int],
    params: PrepareParams,
    motion: FlowEstimator | None,
) -> Iterator[Sample]:
    """The samples of a clip that begin at some frames, ascending. Memory holds the frames of one."""
    about = reader.probe
    fitting = Fitting.of((about.width, about.height), (params.width, params.height), params.stretch)
    boxes = known.boxes and fitting.boxes(known.boxes)
    within = slice(None, None, params.stride)
    for start, span in zip(starts, _spans(reader, starts, params.span, fitting), strict=True):
        flow, visible = moved(span, params.stride, motion) if motion and params.frames > 1 else (None, None)
        yield Sample(
            f"{name}_{start:06d}",
            np.ascontiguousarray(span[within]),
            Fraction(about.rate),
            np.arange(params.span, dtype=np.int64)[within],
            known.caption,
            flow,
            visible,
            boxes and _of_every(boxes, slice(start, start + params.span, params.stride)),
        )


def _spans(reader: Reader, starts: Sequence[int], span: int, fitting: Fitting) -> Iterator[Array]:
    """(span, 3, H, W) of the footage from each start on, of 8 bits; what several have is decoded once."""
    frames = reader.frames(starts[0], starts[-1] + span, fitting.scaled)
    held: deque[Array] = deque()
    at = starts[0]
    for start in starts:
        for _ in range(start - at):
            held.popleft() if held else next(frames)
        at = start
        held.extend(from_uint8(to_uint8(fitting.picture(frame))) for frame in islice(frames, span - len(held)))
        yield np.stack(held)


def moved(frames: Array, stride: int, motion: FlowEstimator) -> tuple[Array, NDArray[np.bool_]]:
    """Forward motion from the first of some frames to every `stride`-th after it.

    An estimator that goes from frame to frame is shown those between too, for there it finds its way.

    Returns:
        (T - 1, 2, H, W) in whole 64ths of a pixel, and (T - 1, H, W), whether the pixel is still seen.
    """
    between = stride if motion.chained else 1
    flow = motion.flow(np.ascontiguousarray(frames[:: stride // between]), "forward")
    later = slice(between, None, between)
    return quantised(flow.displacement[later], PARTS), flow.visible[later, 0] > SEEN


def _of_every(boxes: BoxSequence, frames: slice) -> BoxSequence:
    return replace(boxes, boxes=boxes.boxes[frames], present=boxes.present[frames])
