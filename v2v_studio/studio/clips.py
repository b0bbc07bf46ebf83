"""Clips in a folder, and what is known of them beside their frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.fingerprint import file_digest, fingerprint
from v2v_studio.media.frames import frame_files
from v2v_studio.media.pictures import picture_files
from v2v_studio.media.probe import probe
from v2v_studio.media.reader import Reader, open_reader
from v2v_studio.metrics.pair import Clip
from v2v_studio.motion.rasterise import resampled
from v2v_studio.project.atomic import read_json
from v2v_studio.studio.ingest import VIDEO_SUFFIXES
from v2v_studio.types import Trajectory

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class About(BaseModel):
    """What was asked of a clip.

    Attributes:
        prompt: its text.
        boxes: of an object, one a frame: x0, y0, x1, y1 as shares of width and height.
        drags: paths of points of the first frame, in pixels of it, one or more points each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: str = ""
    boxes: tuple[Box, ...] | None = None
    drags: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True)
class Opened:
    """A clip ready to be read."""

    path: Path
    reader: Reader

    @property
    def size(self) -> tuple[int, int]:
        return self.reader.probe.width, self.reader.probe.height

    @property
    def frames(self) -> int:
        return self.reader.probe.frames

    def clip(self, about: About) -> Clip:
        """With what was asked of it. UsageError where there is not a box for every frame."""
        if about.boxes is not None and len(about.boxes) != self.frames:
            raise UsageError(
                f"{self.path} has {self.frames} frames and {len(about.boxes)} boxes; give one box for every frame"
            )
        boxes = None if about.boxes is None else np.array(about.boxes, np.float32)
        paths = tuple(resampled(Trajectory(points), self.frames).astype(np.float32) for points in about.drags)
        return Clip(self.frames, self.size, Fraction(self.reader.probe.rate), about.prompt, boxes, paths)


def opened(path: Path) -> Opened:
    """MediaError for what cannot be read."""
    return Opened(path, open_reader(path, probe(path)))


def clips_in(path: Path) -> dict[str, Path]:
    """Name -> clip, by name. A clip is a video file or a folder of pictures; its name is the file's without the suffix.

    Args:
        path: a folder of clips, or a single clip.

    Raises:
        UsageError: there is none, or two have one name.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist; give a folder of clips (videos, or folders of pictures), or a clip")
    if path.is_file() or frame_files(path):
        return {path.stem: path}
    found: dict[str, Path] = {}
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.suffix.lower() in VIDEO_SUFFIXES if entry.is_file() else frame_files(entry):
            name = entry.stem if entry.is_file() else entry.name
            if name in found:
                raise UsageError(f"{found[name]} and {entry} have one name; rename one of them")
            found[name] = entry
    if not found:
        raise UsageError(f"{path} holds no clip; put videos into it, or folders of pictures")
    return found


def read_about(path: Path | None) -> dict[str, About]:
    """Name of a clip -> what was asked of it, from a JSON file {name: {"prompt": …, "boxes": …, "drags": …}}.

    Raises:
        UsageError: it is not such a file.
    """
    if path is None:
        return {}
    try:
        return {name: About.model_validate(value) for name, value in read_json(path).items()}
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); give a JSON file") from None
    except ProjectError as error:
        raise UsageError(str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f'{path}: {where}: {first["msg"]}; a clip has "prompt", "boxes" and "drags"') from None


def digest(path: Path) -> str:
    """sha256 of a clip's bytes: of the file, or of the pictures in order."""
    if path.is_file():
        return file_digest(path)
    return fingerprint([file_digest(picture) for picture in picture_files(path)])
