"""Pictures of what a ControlNet is to keep of a frame, such as edges, depth or poses: controlnet-aux's detectors.

The detectors differ in what they load, in what they accept and in the size they return. The table says how each is asked;
`annotate` gives a picture of the frame's own size from any of them. torch and controlnet_aux are imported when the first
picture is asked for.
"""

from __future__ import annotations

import colorsys
import contextlib
import io
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from v2v_studio.errors import MissingError, unknown
from v2v_studio.media.frames import from_uint8, to_uint8
from v2v_studio.models import weights
from v2v_studio.models.manifest import manifest
from v2v_studio.translators.diffusion.sizing import Canvas
from v2v_studio.types import Array
from v2v_studio.warping import pixels, planes

MULTIPLE = 64  # the detectors resize to multiples of this; a picture that has them is taken as it is
BONES = [(0 if joint % 4 == 1 else joint - 1, joint) for joint in range(1, 21)]  # a hand: five fingers from the wrist

Picture = np.ndarray  # (H, W, 3) uint8, sides whole multiples


def _resized(detector: Any, picture: Picture, side: int) -> Picture:
    return detector(picture, detect_resolution=side, image_resolution=side, output_type="np")


def _own_size(detector: Any, picture: Picture, side: int) -> Picture:
    """For those that return the picture's own size and refuse to be told another."""
    return detector(picture, detect_resolution=side, output_type="np")


def _pose(detector: Any, picture: Picture, side: int) -> Picture:
    """Bodies, faces and hands; the hands are drawn here, for its own drawing of them needs matplotlib."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    from controlnet_aux.open_pose import draw_poses

    poses = detector.detect_poses(picture, include_hand=True, include_face=True)
    drawn = draw_poses(poses, *picture.shape[:2], draw_hand=False)
    for pose in poses:
        for hand in filter(None, (pose.left_hand, pose.right_hand)):
            _draw_hand(drawn, hand)
    return drawn


def _draw_hand(canvas: Picture, keypoints: Sequence[Any]) -> None:
    """A hand as OpenPose's ControlNets learnt it: each bone in a hue of its own, the joints blue; one not found is at -1."""
    height, width = canvas.shape[:2]
    joints = [(int(point.x * width), int(point.y * height)) for point in keypoints]
    for i, (start, end) in enumerate(BONES):
        if min(*joints[start], *joints[end]) > 0:
            colour = [255 * part for part in colorsys.hsv_to_rgb(i / len(BONES), 1, 1)]
            cv2.line(canvas, joints[start], joints[end], colour, thickness=2)
    for joint in joints:
        if min(joint) > 0:
            cv2.circle(canvas, joint, 4, (0, 0, 255), thickness=cv2.FILLED)


def _segments(detector: Any, picture: Picture, side: int) -> Picture:
    """Its own call fails where nothing is found."""
    found = detector.mask_generator.generate(picture)
    return detector.show_anns(found) if found else np.zeros_like(picture)


@dataclass(frozen=True)
class Annotator:
    """One detector of controlnet-aux, and how it is asked.

    Attributes:
        name: what it is called here.
        detector: its class.
        files: what its `from_pretrained` takes: argument -> path in the folder of its weights. Empty where it has none.
        options: more arguments of `from_pretrained`.
        ask: (detector, picture, shorter side) -> (H, W, 3) uint8.
        side: networks see pictures at most this large, by the shorter side, for that is what they learnt on; 0 for any.
    """

    name: str
    detector: str
    files: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    ask: Callable[[Any, Picture, int], Picture] = _resized
    side: int = 512

    @property
    def weights(self) -> str | None:
        """The name of its weights among the models; None where it needs none."""
        return f"annotator-{self.name}" if self.files else None

    @property
    def unavailable(self) -> str | None:
        """Why it cannot be used here; None where it can."""
        model = manifest().get(f"annotator-{self.name}")
        return model.unavailable if model else None


_TABLE = (
    Annotator("canny", "CannyDetector", side=0),
    Annotator("shuffle", "ContentShuffleDetector", side=0),
    Annotator("lineart-standard", "LineartStandardDetector", ask=_own_size, side=0),
    Annotator("hed", "HEDdetector", {"filename": "ControlNetHED.pth"}),
    Annotator("pidi", "PidiNetDetector", {"filename": "table5_pidinet.pth"}),
    Annotator("lineart", "LineartDetector", {"filename": "sk_model.pth", "coarse_filename": "sk_model2.pth"}),
    Annotator("lineart-anime", "LineartAnimeDetector", {"filename": "netG.pth"}),
    Annotator("mlsd", "MLSDdetector", {"filename": "mlsd_large_512_fp32.pth"}),
    Annotator("teed", "TEEDdetector", {"filename": "5_model.pth"}, ask=_own_size),
    Annotator("anyline", "AnylineDetector", {"filename": "Anyline/MTEED.pth"}, ask=_own_size, side=1280),
    Annotator(
        "openpose",
        "OpenposeDetector",
        {"filename": "body_pose_model.pth", "hand_filename": "hand_pose_model.pth", "face_filename": "facenet.pth"},
        ask=_pose,
    ),
    Annotator("midas", "MidasDetector", {"filename": "dpt_hybrid-midas-501f0c75.pt"}),
    Annotator("normalbae", "NormalBaeDetector", {"filename": "scannet.pt"}),
    Annotator("leres", "LeresDetector", {"filename": "res101.pth", "pix2pix_filename": "latest_net_G.pth"}),
    Annotator("zoe", "ZoeDetector", {"filename": "ZoeD_M12_N.pt"}),
    Annotator("sam", "SamDetector", {"filename": "mobile_sam.pt"}, {"model_type": "vit_t"}, ask=_segments),
    Annotator("mediapipe-face", "MediapipeFaceDetector"),
    Annotator("dwpose", "DWposeDetector"),
)
ANNOTATORS: Mapping[str, Annotator] = {annotator.name: annotator for annotator in _TABLE}


def annotate(name: str, image: Array, folder: Path | None = None, seed: int = 0) -> Array:
    """What an annotator draws of a frame.

    The frame is reduced to what the network learnt on where it is larger, and mirrored out to whole multiples, so that
    the detector resizes nothing and what it draws lies on the frame exactly.

    Args:
        image: (3, H, W) RGB in [0, 1]; the detectors see 8 bits of it.
        folder: its weights; None looks for them among the models of this machine.
        seed: of what is drawn at random (shuffle's places, sam's colours).

    Returns:
        (3, H, W) in [0, 1]. The same image, seed and number of threads give the same bytes.

    Raises:
        UsageError: no annotator has that name.
        MissingError: it cannot be used here, or its weights are not there or not its own.
    """
    if name not in ANNOTATORS:
        raise unknown("annotator", name, ANNOTATORS)
    annotator = ANNOTATORS[name]
    if annotator.unavailable:
        usable = ", ".join(other.name for other in _TABLE if not other.unavailable)
        raise MissingError(f"annotator '{name}' cannot be used: {annotator.unavailable}; use one of {usable}")
    _, height, width = image.shape
    canvas = Canvas.around((width, height), MULTIPLE, annotator.side if min(height, width) > annotator.side else 0)
    picture = to_uint8(pixels(canvas.laid(image)))
    with _alone(seed):
        drawn = annotator.ask(_load(annotator, folder), picture, min(picture.shape[:2]))
    return canvas.lifted(planes(from_uint8(drawn)))


def _load(annotator: Annotator, folder: Path | None) -> Any:
    """The detector, ready to be asked."""
    import v2v_studio.models.torchvision_shim  # noqa: F401, isort:skip
    import controlnet_aux
    import torch

    maker = getattr(controlnet_aux, annotator.detector)
    if annotator.weights is None:
        return maker()
    folder = folder or weights.locate(annotator.weights)
    again = f"get it with 'v2v models fetch {annotator.weights}'"
    for file in annotator.files.values():
        if not (folder / file).is_file():
            raise MissingError(f"{folder} has no {file}, which annotator '{annotator.name}' loads; {again}")
    try:
        detector = maker.from_pretrained(str(folder), **annotator.files, **annotator.options)
    except Exception as error:  # a file that is damaged or another network's fails in any way
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise MissingError(
            f"{folder} does not hold the weights of annotator '{annotator.name}' ({reason}); {again}"
        ) from error
    for part in vars(detector).values():
        if isinstance(part, torch.nn.Module):
            part.eval()  # not all of them do it themselves, and some normalise by the batch until then
    return detector


@contextlib.contextmanager
def _alone(seed: int) -> Iterator[None]:
    """Keeps a detector from the rest of the process: some print, warn, read the command line, or draw from numpy's one
    generator for all, which is seeded here and put back."""
    state = np.random.get_state()  # noqa: NPY002  theirs
    arguments = sys.argv
    np.random.seed(seed % 2**32)  # noqa: NPY002
    sys.argv = arguments[:1]
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.argv = arguments
        np.random.set_state(state)  # noqa: NPY002
