"""Pictures on disk: PNG frames in and out, and any picture an artist or a renderer may hand us.

Frames are (3, H, W) float32 RGB in [0, 1]. `read_png` and `write_png` are the fast pair for our own frames;
`read_picture` also minds profiles, transparency and the camera's orientation tag.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from v2v_studio.errors import MediaError
from v2v_studio.parts import whole
from v2v_studio.types import Array

if TYPE_CHECKING:
    from PIL import Image

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
MAX_PIXELS = 2**26  # 8192 x 8192: four times 4K cinema, and 800 MB as a float frame
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IHDR_END = 33  # signature, then the IHDR chunk: length, name, 13 bytes, checksum
_FORMATS = ("PNG", "JPEG", "TIFF")
_UNREADABLE = "{} is not a picture that can be read, or it is damaged; export it again as PNG"
_ORIENTATION, _BITS_PER_SAMPLE = 0x0112, 0x0102  # tags of EXIF and TIFF


@dataclass(frozen=True)
class Picture:
    """A picture as it is meant to be seen.

    Attributes:
        rgb: (3, H, W) in [0, 1], sRGB, upright, not multiplied by alpha.
        alpha: (1, H, W) in [0, 1], None for a picture without transparency.
        profile: name of the colour profile it was converted from, None where it was sRGB or had none.
        depth: bits per sample in the file, 8 or 16.
    """

    rgb: Array
    alpha: Array | None
    profile: str | None
    depth: int

    @property
    def over_black(self) -> Array:
        """(3, H, W): the picture laid over black."""
        return self.rgb if self.alpha is None else self.rgb * self.alpha


def to_uint8(frame: Array) -> NDArray[np.uint8]:
    """Nearest 8-bit value, out-of-range values clipped."""
    scaled = frame * np.float32(255)
    scaled += np.float32(0.5)
    return np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)


def from_uint8(frame: NDArray[np.uint8]) -> Array:
    """[0, 255] -> [0, 1]; `to_uint8` undoes it exactly."""
    return _unit(frame)


def pixels_digest(frame: Array) -> str:
    """sha256 of a picture's size and 8-bit values: the same for the same picture, however its file is compressed."""
    return hashlib.sha256(repr(frame.shape).encode() + to_uint8(frame).tobytes()).hexdigest()


def _unit(samples: NDArray[Any]) -> Array:
    """Integer samples -> [0, 1] float32."""
    return samples.astype(np.float32) / np.float32(np.iinfo(samples.dtype).max)


def _planar(samples: NDArray[Any]) -> NDArray[Any]:
    """(H, W) or (H, W, C) -> (C, H, W), contiguous."""
    return np.ascontiguousarray(np.atleast_3d(samples).transpose(2, 0, 1))


def resize(frame: Array, size: tuple[int, int]) -> Array:
    """A frame at another size (W, H): area average where it shrinks, Lanczos where it grows."""
    _, height, width = frame.shape
    if size == (width, height):
        return frame
    method = cv2.INTER_AREA if size[0] <= width and size[1] <= height else cv2.INTER_LANCZOS4
    resized = np.stack([cv2.resize(plane, size, interpolation=method) for plane in frame])
    return np.clip(resized, 0, 1, out=resized)


def fit(size: tuple[int, int], within: tuple[int, int]) -> tuple[int, int]:
    """The largest even (W, H) of a size's shape that fits into a box, never larger than the size: a working size.

    Example:
        >>> fit((1920, 1080), (854, 854))
        (854, 480)
    """
    scale = min(Fraction(within[0], size[0]), Fraction(within[1], size[1]), Fraction(1))
    width, height = (
        min(2 * round(side * scale / 2), bound // 2 * 2, side // 2 * 2)
        for side, bound in zip(size, within, strict=True)
    )
    return max(2, width), max(2, height)


def frame_files(folder: Path) -> list[Path]:
    """The pictures in a folder in natural order (2 before 10); hidden files are passed over."""
    named = (p for p in Path(folder).iterdir() if p.suffix.lower() in PICTURE_SUFFIXES and not p.name.startswith("."))
    found = (p for p in named if p.is_file())  # to open a pipe would be to wait for ever
    return sorted(found, key=lambda p: [(int(s), "") if s.isdigit() else (-1, s) for s in re.split(r"(\d+)", p.name)])


def check_file(path: Path) -> None:
    """MediaError for what is there and is no file: to open a pipe would be to wait for ever."""
    if not (path := Path(path)).is_file() and path.exists():
        raise MediaError(f"{path} is no file; give a picture")


def check_size(path: Path, width: int, height: int) -> None:
    """MediaError for a picture so large that decoding it would fill the memory."""
    if width * height > MAX_PIXELS:
        raise MediaError(
            f"{path} is {width}x{height}; at most {MAX_PIXELS // 2**20} megapixels are read; make it smaller"
        )


def read_png(path: Path) -> Array:
    """A PNG frame, 8 or 16 bits, grey, palette or colour; transparency is laid over black.

    Raises:
        MediaError: missing, not a PNG, damaged or absurdly large.
    """
    check_file(path)
    try:
        return parse_png(Path(path).read_bytes(), path)
    except FileNotFoundError as error:
        raise MediaError(f"{path} does not exist") from error


def parse_png(data: bytes, path: Path) -> Array:
    """The same of a PNG file's bytes; `path` is where they were found, for the error."""
    if not data.startswith(_PNG_SIGNATURE) or len(data) < _IHDR_END:
        raise MediaError(f"{path} is not a PNG; convert it to PNG, or make it again")
    check_size(path, *struct.unpack(">II", data[16:24]))
    return _decoded(path, data).over_black


def _decoded(path: Path, data: bytes, orientation: int = 1) -> Picture:
    """PNG or TIFF bytes in their full depth, colours as they are, turned upright."""
    broken = data.startswith(_PNG_SIGNATURE) and _end_of_png(data) is None
    samples = None if broken else cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None or samples.dtype not in (np.uint8, np.uint16):
        raise MediaError(f"{path} is damaged or of an unusual kind; export it again as an 8 or 16 bit PNG")
    blue, green, red, *alpha = planes if len(planes := cv2.split(samples)) >= 3 else [planes[0]] * 3
    return Picture(
        upright(_unit(np.stack([red, green, blue])), orientation),
        upright(_unit(np.stack(alpha)), orientation) if alpha else None,
        None,
        8 * samples.itemsize,
    )


def read_picture(path: Path) -> Picture:
    """A PNG, JPEG or TIFF upright and in sRGB.

    An embedded profile other than sRGB is converted (at 8 bits); 16-bit pictures without one keep their depth.

    Raises:
        MediaError: missing, not a picture, damaged or absurdly large.
    """
    from PIL import Image  # here: the start of `v2v propagate` need not pay for it

    check_file(path)
    try:
        with Image.open(path, formats=_FORMATS) as image:
            check_size(path, *image.size)
            profile = _foreign_profile(image)
            if profile is None and _is_deep(image):
                return _decoded(path, Path(path).read_bytes(), _orientation(image))
            return _shallow(image, profile)
    except FileNotFoundError as error:
        raise MediaError(f"{path} does not exist") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(_UNREADABLE.format(path)) from error


def _orientation(image: Image.Image) -> int:
    """EXIF orientation still to be applied; both PIL and OpenCV turn a TIFF by themselves."""
    return 1 if image.format == "TIFF" else image.getexif().get(_ORIENTATION, 1)


def picture_size(path: Path) -> tuple[int, int]:
    """(W, H) of a picture as `read_picture` gives it, from its header alone."""
    from PIL import Image

    check_file(path)
    try:
        with Image.open(path, formats=_FORMATS) as image:
            return image.size[::-1] if _orientation(image) >= 5 else image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise MediaError(_UNREADABLE.format(path)) from error


def _is_deep(image: Image.Image) -> bool:
    """Whether a file holds 16 bits per sample, of which PIL would hand over the upper 8 of colour."""
    if image.format == "PNG":
        with open(image.filename, "rb") as file:  # type: ignore[attr-defined]
            return file.read(25)[24] == 16
    return max(getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (8,))) > 8


def _foreign_profile(image: Image.Image) -> Any:
    """The embedded colour profile if it is one to convert from; None for sRGB, for none and for an unreadable one."""
    from PIL import ImageCms

    data = image.info.get("icc_profile")
    if not data or image.mode not in ("RGB", "RGBA", "CMYK"):
        return None
    try:
        profile = ImageCms.getOpenProfile(BytesIO(data))
        return None if "srgb" in ImageCms.getProfileDescription(profile).lower() else profile
    except ImageCms.PyCMSError:
        return None


def _shallow(image: Image.Image, profile: Any) -> Picture:
    """PIL's 8-bit picture, converted from `profile` to sRGB if there is one."""
    from PIL import ImageCms, ImageOps

    image = ImageOps.exif_transpose(image)
    alpha = None
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = _unit(_planar(np.asarray(image.getchannel("A"))))
        image = image.convert("RGB")
    name = None
    if profile is not None:
        name = ImageCms.getProfileDescription(profile).strip()
        to_srgb = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), image.mode, "RGB")
        image = to_srgb.apply(image)
    return Picture(_unit(_planar(np.asarray(image.convert("RGB")))), alpha, name, 8)


def upright(frame: Array, orientation: int) -> Array:
    """A (C, H, W) frame turned as its EXIF orientation (1 to 8) asks."""
    if orientation in (5, 6, 7, 8):
        frame = frame.transpose(0, 2, 1)
    if orientation in (2, 3, 6, 7):
        frame = frame[:, :, ::-1]
    if orientation in (3, 4, 7, 8):
        frame = frame[:, ::-1]
    return np.ascontiguousarray(frame)


def write_png(path: Path, frame: Array, text: Mapping[str, str] | None = None) -> None:
    """Write a frame as 8-bit PNG with `text` as tEXt chunks (iTXt for what Latin-1 cannot hold).

    The file appears whole or not at all. The same frame and text give the same bytes. Compression is light, for frames
    are many and short-lived.
    """
    with whole(Path(path)) as part:
        part.write_bytes(png(frame, text))


def is_whole_png(path: Path) -> bool:
    """Whether a PNG has every chunk, from its signature to its end, with the right checksum; pixels are not looked at."""
    data = Path(path).read_bytes()
    return _end_of_png(data) == len(data)


def _end_of_png(data: bytes) -> int | None:
    """Where the last chunk of a PNG ends; None where one is not whole: a decoder would believe any length it is told."""
    view, at, kind = memoryview(data), len(_PNG_SIGNATURE), b""
    if data[:at] != _PNG_SIGNATURE:
        return None
    while at + 12 <= len(data) and kind != b"IEND":
        length, kind = struct.unpack(">I4s", view[at : at + 8])
        if view[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(view[at + 4 : at + 8 + length])):
            return None
        at += 12 + length
    return at if kind == b"IEND" else None


def png(frame: Array, text: Mapping[str, str] | None = None) -> bytes:
    """A frame as the bytes of an 8-bit PNG file (PNG specification, third edition), with text chunks.

    Every row has filter 1, the difference to the pixel on its left. Ours, for OpenCV's encoder takes twice the time for a
    larger file and writes no text.
    """
    _, height, width = frame.shape
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    pixels = cv2.merge(list(to_uint8(frame))).reshape(height, 3 * width)
    rows[:, 0] = 1
    rows[:, 1:4] = pixels[:, :3]
    np.subtract(pixels[:, 3:], pixels[:, :-3], out=rows[:, 4:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    chunks = [_chunk(b"IHDR", header), *(_text(key, value) for key, value in (text or {}).items())]
    return b"".join([_PNG_SIGNATURE, *chunks, _chunk(b"IDAT", zlib.compress(rows.data, 1)), _chunk(b"IEND", b"")])


def jpeg(frame: Array, quality: int = 85) -> bytes:
    """A frame as a JPEG file's bytes: for people, where a PNG would be five times as large."""
    encoded, data = cv2.imencode(".jpg", cv2.merge(list(to_uint8(frame)[::-1])), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert encoded
    return data.tobytes()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _text(key: str, value: str) -> bytes:
    """A text chunk: a keyword of 1 to 79 Latin-1 bytes, then the text."""
    keyword = key.encode("latin-1")
    try:
        return _chunk(b"tEXt", keyword + b"\0" + value.encode("latin-1"))
    except UnicodeEncodeError:
        return _chunk(b"iTXt", keyword + b"\0\0\0\0\0" + value.encode())
