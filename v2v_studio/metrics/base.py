"""What a metric is, and the names of all there are.

A metric opens a meter for every clip; the meter is fed the clip's frames in order and gives a number. A metric of
distributions (FID and its kin) gives features instead, and one number of those of all clips together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from v2v_studio.metrics.pair import Clip, Pair
from v2v_studio.registry import Registry
from v2v_studio.types import Array

Better = Literal["higher", "lower", "neither"]
Need = Literal["reference", "prompt", "boxes", "drags"]


class Meter(Protocol):
    """One clip being measured."""

    def add(self, pair: Pair) -> None:
        """The next frame. Pairs come in order, from the first frame on."""
        ...

    def value(self) -> Any:
        """A number, or None where the clip has nothing to measure; features (N, D) for a metric of distributions."""
        ...


class Metric(Protocol):
    """What measures clips.

    Attributes:
        better: which way is better; "neither" for what describes a clip and does not judge it.
        unit: of the number.
        source: paper and equation, or the code it was published in.
        needs: what has to be there beside the generated frames.
        models: names of models that have to be on this machine.
    """

    better: ClassVar[Better]
    unit: ClassVar[str]
    source: ClassVar[str]
    needs: ClassVar[tuple[Need, ...]]
    models: ClassVar[tuple[str, ...]]

    def open(self, clip: Clip) -> Meter:
        """Raises UsageError for a clip that cannot be measured so."""
        ...


class Distribution(Metric, Protocol):
    """A metric of whole sets of clips. Its meters give features, which are kept; it is not told which set they are of."""

    def combine(self, generated: Iterable[Array], reference: Iterable[Array]) -> float:
        """One number of the features of all clips, each (N, D), read one clip at a time.

        Raises:
            UsageError: there are too few.
        """
        ...


class Mean:
    """A meter: the mean of one number a frame. Where a frame gives None it does not count."""

    def __init__(self, of: Any) -> None:
        self._of = of
        self._values: list[float] = []

    def add(self, pair: Pair) -> None:
        value = self._of(pair)
        if value is not None:
            self._values.append(value)

    def value(self) -> float | None:
        return float(np.mean(self._values)) if self._values else None


class PerFrame(ABC):
    """A metric that is the mean over frames of one number."""

    better: ClassVar[Better] = "lower"
    unit: ClassVar[str] = ""
    source: ClassVar[str] = ""
    needs: ClassVar[tuple[Need, ...]] = ("reference",)
    models: ClassVar[tuple[str, ...]] = ()

    def open(self, clip: Clip) -> Meter:
        return Mean(self.frame)

    @abstractmethod
    def frame(self, pair: Pair) -> float | None:
        """The number of one frame; None where it does not count."""


METRICS = Registry(
    "metric",
    {
        "ao": "v2v_studio.metrics.grounding:AverageOverlap",
        "background_consistency": "v2v_studio.metrics.vbench:BackgroundConsistency",
        "clip_frames": "v2v_studio.metrics.clip:ClipFrames",
        "clip_prompt": "v2v_studio.metrics.clip:ClipPrompt",
        "clip_sim": "v2v_studio.metrics.clip:ClipSim",
        "colour_drift": "v2v_studio.metrics.steadiness:ColourDrift",
        "displacement": "v2v_studio.metrics.displacement:Displacement",
        "drag_error": "v2v_studio.metrics.displacement:DragError",
        "dynamic_degree": "v2v_studio.metrics.vbench:DynamicDegree",
        "fff_clip": "v2v_studio.metrics.first_frame:FirstFrameClip",
        "fff_dino": "v2v_studio.metrics.first_frame:FirstFrameDino",
        "fid": "v2v_studio.metrics.inception:Fid",
        "flicker": "v2v_studio.metrics.steadiness:Flicker",
        "fvd": "v2v_studio.metrics.fvd:Fvd",
        "gmsd": "v2v_studio.metrics.fidelity:Gmsd",
        "i2v_subject": "v2v_studio.metrics.first_frame:I2vSubject",
        "is": "v2v_studio.metrics.inception:InceptionScore",
        "lpips": "v2v_studio.metrics.lpips:Lpips",
        "motion_epe": "v2v_studio.metrics.displacement:MotionEndpoint",
        "psnr": "v2v_studio.metrics.fidelity:Psnr",
        "sharpness": "v2v_studio.metrics.steadiness:Sharpness",
        "sr50": "v2v_studio.metrics.grounding:SuccessRate50",
        "sr75": "v2v_studio.metrics.grounding:SuccessRate75",
        "ssim": "v2v_studio.metrics.fidelity:Ssim",
        "subject_consistency": "v2v_studio.metrics.vbench:SubjectConsistency",
        "temporal_difference": "v2v_studio.metrics.steadiness:TemporalDifference",
        "temporal_flickering": "v2v_studio.metrics.vbench:TemporalFlickering",
        "warp_error": "v2v_studio.metrics.steadiness:WarpError",
    },
)

_ELSEWHERE = "whose network is not part of this program; lay the clips out with --vbench and let VBench measure them"
ABSENT: Mapping[str, str] = {  # published axes that cannot be measured here, and why
    "aesthetic_quality": f"LAION's aesthetic predictor, {_ELSEWHERE}",
    "camera_motion": f"CoTracker, {_ELSEWHERE}",
    "i2v_background": f"DreamSim, {_ELSEWHERE}",
    "imaging_quality": f"MUSIQ, {_ELSEWHERE}",
    "is_c3d": "C3D trained on UCF-101, which is published as a program and not as weights; `is` is by Inception",
    "motion_smoothness": f"AMT, {_ELSEWHERE}",
    "object_consistency": f"GRiT, {_ELSEWHERE}",
    "overall_consistency": f"ViCLIP, {_ELSEWHERE}",
    "scene_consistency": f"Tag2Text, {_ELSEWHERE}",
}
