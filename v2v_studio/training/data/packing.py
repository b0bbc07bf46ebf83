"""A sample as files, in WebDataset's layout: all of one name, told apart by what follows its first dot.

NAME.000.png ...  the frames, 8 bits
NAME.json         caption, rate, indices, boxes
NAME.flow.npz     `flow`, whole 64ths of a pixel, and `visible`
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from v2v_studio.errors import MediaError
from v2v_studio.fingerprint import canonical
from v2v_studio.flow.longrange import PARTS
from v2v_studio.media.frames import parse_png, png
from v2v_studio.training.sample import Sample
from v2v_studio.types import Array, BoxSequence

_FRAME = re.compile(r"\d+\.png")


def key(name: str) -> str:
    """A sample's name as the name of its files: a dot would end it, and a slash make a folder of it."""
    return re.sub(r"[^\w-]", lambda found: f"%{ord(found[0]):02x}", name, flags=re.ASCII)


def packed(sample: Sample) -> dict[str, bytes]:
    """What follows the dot -> the file. The same sample gives the same bytes.

    Frames are rounded to 8 bits, flow to 64ths of a pixel; whatever `unpacked` gave comes back as it was.
    """
    boxes = sample.boxes
    about = {
        "name": sample.name,
        "rate": str(sample.rate),
        "indices": sample.indices.tolist(),
        "caption": sample.caption,
        "boxes": boxes
        and {"phrases": boxes.phrases, "corners": boxes.boxes.tolist(), "present": boxes.present.tolist()},
    }
    files = {f"{t:03d}.png": png(frame) for t, frame in enumerate(sample.frames)}
    files["json"] = canonical(about).encode()
    if sample.flow is not None:
        files["flow.npz"] = _motion(sample.flow, sample.visible)
    return files


def _motion(flow: Array, visible: np.ndarray | None) -> bytes:
    parts = np.rint(flow * np.float32(PARTS)).astype(np.int32)
    narrow = parts.astype(np.int16)  # up to 512 pixels
    seen = {} if visible is None else {"visible": visible}
    into = BytesIO()
    np.savez_compressed(into, allow_pickle=False, flow=narrow if (narrow == parts).all() else parts, **seen)
    return into.getvalue()


def unpacked(files: Mapping[str, bytes], where: str) -> Sample:
    """The sample that was packed.

    Args:
        where: of what shard it is, for the error.

    Raises:
        MediaError: files are missing, or damaged.
    """
    try:
        about = json.loads(files["json"])
        frames = sorted(name for name in files if _FRAME.fullmatch(name))
        pictures = np.stack([parse_png(files[name], Path(where)) for name in frames])
        motion = np.load(BytesIO(files["flow.npz"])) if "flow.npz" in files else {}
        return Sample(
            about["name"],
            pictures,
            Fraction(about["rate"]),
            np.array(about["indices"], np.int64),
            about["caption"],
            motion["flow"].astype(np.float32) / np.float32(PARTS) if "flow" in motion else None,
            motion.get("visible"),
            about["boxes"] and _boxes(about["boxes"], len(pictures), pictures.shape[2:]),
        )
    except (KeyError, TypeError, ValueError, EOFError, BadZipFile) as error:
        raise MediaError(f"{where} holds a sample that cannot be read ({error}); make the shard again") from None


def _boxes(held: Mapping[str, Any], frames: int, size: tuple[int, ...]) -> BoxSequence:
    each = frames, len(held["phrases"])
    present = np.array(held["present"], np.bool_).reshape(each)
    corners = np.array(held["corners"], np.float32).reshape(*each, 4)
    return BoxSequence(corners, present, tuple(held["phrases"]), (size[0], size[1]))
