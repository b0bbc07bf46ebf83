"""Motion kept between renders, one small file a frame; safe to delete.

Motion does not depend on the look, so a second look of a shot costs half. Displacements that estimators quantise to 1/64
pixel and visibility in 1/255 are stored exactly: as differences along each row, small either way (zigzag), high bytes
before low ones, which even the fastest deflate packs well.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

from v2v_studio.errors import ProjectError
from v2v_studio.project.atomic import write_bytes
from v2v_studio.types import FlowField

_HEAD = struct.Struct("<4sBHHH")  # magic, kind, entries, height, width
_STEP, _FORWARD = 1, 2  # bits of the kind: has a step; is forward
_MAGIC = b"v2f2"
_CHECK = struct.Struct("<I")  # of the head; deflate has its own of the rest
_LARGEST = 2**30  # bytes of one file's motion; of a frame as large as any that is read it is less
FINENESS = 64.0


class FlowCache:
    """Motion of one pass of one shot under one fingerprint.

    Args:
        folder: the project's cache/flow.
        fingerprint: identity of everything that decides the motion.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._root, self._folder = folder, folder / fingerprint[:2] / fingerprint

    def get(self, index: int) -> FlowField | None:
        """The motion of the window that starts at `index`; None where it is not there, or not whole."""
        try:
            return _unpacked((self._folder / f"{index}.flow").read_bytes())
        except (OSError, ValueError, struct.error, zlib.error):
            return None

    def put(self, index: int, motion: FlowField) -> None:
        """Keep a motion on the 1/64 grid; any other is left out, and made again next time.

        Raises:
            ProjectError: a link leads out of the cache.
        """
        packed = _packed(motion)
        if packed is not None and self._root.parent.is_dir():  # else a shared folder was just lost
            if not self._folder.resolve().is_relative_to(self._root.resolve()):
                raise ProjectError(f"{self._folder} is a link that leads out of the cache; remove it")
            self._folder.mkdir(parents=True, exist_ok=True)
            write_bytes(self._folder / f"{index}.flow", packed)


def _packed(motion: FlowField) -> bytes | None:
    vectors = [motion.displacement] if motion.step is None else [motion.displacement, motion.step]
    whole = np.concatenate(vectors, 1) * FINENESS
    visible = motion.visible * 255
    if np.abs(whole).max() > 32767:
        return None
    fixed, seen = whole.astype(np.int16), np.rint(visible).astype(np.uint8)
    if not (np.array_equal(fixed, whole) and np.array_equal(seen / np.float32(255), motion.visible)):
        return None
    along = np.diff(fixed, axis=-1, prepend=np.int16(0))  # wraps, and unwraps the same way
    zigzag = ((along << 1) ^ (along >> 15)).astype("<i2").view(np.uint8).reshape(-1, 2)
    kind = _STEP * (motion.step is not None) + _FORWARD * (motion.direction == "forward")
    head = _HEAD.pack(_MAGIC, kind, len(motion), *motion.size)
    deflate = zlib.compressobj(1, strategy=zlib.Z_RLE)
    parts = (zigzag[:, 1], zigzag[:, 0], seen)
    body = b"".join(deflate.compress(np.ascontiguousarray(part).data) for part in parts) + deflate.flush()
    return head + body + _CHECK.pack(zlib.crc32(head))


def _unpacked(data: bytes) -> FlowField:
    magic, kind, count, height, width = _HEAD.unpack_from(data)
    if magic != _MAGIC or kind & ~(_STEP | _FORWARD):
        raise ValueError("not a motion file")
    channels = 4 if kind & _STEP else 2
    split = count * channels * height * width * 2
    raw = _inflated(data[_HEAD.size :], split + count * height * width, zlib.crc32(data[: _HEAD.size]))
    planes = np.frombuffer(raw[:split], np.uint8).reshape(2, -1)
    zigzag = np.ascontiguousarray(planes[::-1].T).view("<u2")
    along = ((zigzag >> 1).view(np.int16) ^ -(zigzag & 1).view(np.int16)).reshape(count, channels, height, width)
    vectors = np.cumsum(along, axis=-1, dtype=np.int16).astype(np.float32) / np.float32(FINENESS)
    visible = np.frombuffer(raw[split:], np.uint8).reshape(count, 1, height, width) / np.float32(255)
    return FlowField(
        np.ascontiguousarray(vectors[:, :2]),
        "forward" if kind & _FORWARD else "backward",
        visible.astype(np.float32),
        np.ascontiguousarray(vectors[:, 2:]) if kind & _STEP else None,
    )


def _inflated(body: bytes, size: int, check: int) -> bytes:
    """What was deflated, never more of it than the head promises. ValueError where that is not what is there."""
    if size > _LARGEST:
        raise ValueError(f"{size} bytes of motion cannot be")
    inflate = zlib.decompressobj()
    raw = inflate.decompress(body, size + 1)
    if (
        not inflate.eof or len(raw) != size or inflate.unused_data not in (b"", _CHECK.pack(check))
    ):  # older ones end there
        raise ValueError("not whole")
    return raw
