"""Finding out what a path holds: a video file, a picture, or a folder of pictures."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from v2v_studio.errors import MediaError
from v2v_studio.media.footage import AudioStream, Probe
from v2v_studio.media.frames import PICTURE_SUFFIXES
from v2v_studio.media.pictures import probe_pictures
from v2v_studio.media.scan import probe_video

__all__ = ["AudioStream", "Probe", "probe"]

PICTURE_RATE = Fraction(24)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


def probe(path: Path, rate: Fraction = PICTURE_RATE, held: int = 1) -> Probe:
    """Find out all about a video file, a picture, or a folder of pictures.

    A video is decoded from end to end, so that the count of frames and the damage are facts, not what a header says.

    Args:
        rate: frames per second of pictures, which carry none of their own.
        held: frames that a single picture stands.

    Raises:
        MediaError: what cannot be used as footage: missing, empty, no moving picture in it, cut off before its index,
            pictures of different sizes, absurdly large, an internet address. One sentence each.
    """
    path = Path(path)
    if not path.exists():
        if _ADDRESS.match(str(path)):
            raise MediaError(f"{path} is an address, and only local files are read; download it and give the file")
        raise MediaError(f"{path} does not exist; check the spelling and the folder")
    if path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES:
        return probe_pictures(path, rate, held)
    return probe_video(path)
