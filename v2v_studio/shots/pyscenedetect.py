"""PySceneDetect's detectors of hard cuts, driven frame by frame, with their score curve kept.

Castellano, PySceneDetect (https://scenedetect.com): `adaptive` compares each change with the changes around it, `content`
and `hash` hold it against a fixed threshold, `threshold` looks for fades to and from black.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from fractions import Fraction
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scenedetect.common import FrameTimecode
from scenedetect.detector import SceneDetector
from scenedetect.detectors import AdaptiveDetector, ContentDetector, HashDetector, ThresholdDetector
from scenedetect.stats_manager import StatsManager

from v2v_studio.shots.base import DetectorParams


class _ScoreKeeper(StatsManager):
    """A StatsManager that keeps one metric alone: the others would cost a kilobyte a frame."""

    def __init__(self, metric: str) -> None:
        super().__init__()
        self.metric = metric
        self.scores = array("d")

    def set_metrics(self, timecode: int | FrameTimecode, metric_kv_dict: Mapping[str, Any]) -> None:
        if self.metric in metric_kv_dict:
            self.scores.extend(repeat(0.0, int(timecode) + 1 - len(self.scores)))
            self.scores[int(timecode)] = float(metric_kv_dict[self.metric])


class _Driven:
    """A PySceneDetect detector as an OpenDetector. `metric` is the number that it holds against its threshold."""

    def __init__(self, detector: SceneDetector, metric: str, rate: Fraction) -> None:
        self._detector, self._rate, self._count = detector, rate, 0
        self._keeper = _ScoreKeeper(metric)
        self._detector.stats_manager = self._keeper
        self._found: list[FrameTimecode] = []

    @property
    def scores(self) -> array[float]:
        kept = self._keeper.scores
        return (kept + array("d", repeat(0.0, self._count - len(kept))))[: self._count]

    def push(self, frame: NDArray[np.uint8]) -> None:
        self._found += self._detector.process_frame(self._time(self._count), frame)
        self._count += 1

    def cuts(self) -> list[int]:
        last = self._detector.post_process(self._time(max(self._count - 1, 0)))
        return sorted({time.frame_num for time in [*self._found, *last] if 0 < time.frame_num < self._count})

    def _time(self, frame: int) -> FrameTimecode:
        return FrameTimecode(frame, fps=self._rate)


class Adaptive:
    """The change at a frame against the mean change of the frames around it: steady under camera motion."""

    confirm = True

    class Params(DetectorParams):
        threshold: float = Field(default=3.0, gt=0, description="How many times the change around it a cut must be.")
        min_content: float = Field(
            default=15.0, ge=0, description="Least change of a cut, 0 to 255, whatever is around it."
        )

    def open(self, params: Params, rate: Fraction) -> _Driven:
        detector = AdaptiveDetector(params.threshold, min_scene_len=0, min_content_val=params.min_content)
        return _Driven(detector, detector.get_metrics()[-1], rate)


class Content:
    """The mean change of hue, saturation and brightness from frame to frame."""

    confirm = True

    class Params(DetectorParams):
        threshold: float = Field(default=27.0, gt=0, description="Least change of a cut, 0 to 255.")

    def open(self, params: Params, rate: Fraction) -> _Driven:
        return _Driven(ContentDetector(params.threshold, min_scene_len=0), ContentDetector.FRAME_SCORE_KEY, rate)


class Hash:
    """The share of bits that change in a perceptual hash: blind to brightness, noise and compression."""

    confirm = True

    class Params(DetectorParams):
        threshold: float = Field(default=0.35, gt=0, le=1, description="Least share of changed bits of a cut, 0 to 1.")

    def open(self, params: Params, rate: Fraction) -> _Driven:
        detector = HashDetector(params.threshold, min_scene_len=0)
        return _Driven(detector, detector.get_metrics()[0], rate)


class Threshold:
    """Fades: cuts midway between going below a brightness and coming back above it."""

    confirm = False

    class Params(DetectorParams):
        threshold: int = Field(
            default=12, ge=1, le=254, description="Mean brightness, 0 to 255, under which a frame is black."
        )

    def open(self, params: Params, rate: Fraction) -> _Driven:
        return _Driven(
            ThresholdDetector(params.threshold, min_scene_len=0), ThresholdDetector.THRESHOLD_VALUE_KEY, rate
        )
