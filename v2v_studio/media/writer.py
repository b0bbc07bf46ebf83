"""Video files out: H.264 or ProRes with exact times and the source's own sound."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, count
from pathlib import Path
from typing import Literal

import av
import numpy as np
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from av.video.stream import VideoStream

from v2v_studio.errors import MediaError
from v2v_studio.media.container import open_video
from v2v_studio.media.frames import fit, resize, to_uint8
from v2v_studio.media.sound import SoundCopy, beginning
from v2v_studio.parts import whole
from v2v_studio.types import Array

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP | Interpolation.BITEXACT
_BT709 = 1  # the code of matrix, primaries and transfer alike (H.273)
_LIMITED = 1  # AVCOL_RANGE_MPEG
_FINE = 10_000  # ticks per second at least, as ffmpeg does it
# What x264 writes depends on the number of threads, and with its macroblock tree differs from one run to the next.
_REPEATABLE = {"threads": "2", "x264-params": "mbtree=0"}
_STEPPED = {"g": "12", "bf": "0"}


@dataclass(frozen=True)
class _Codec:
    """An encoder, the pixels it is given, and its options."""

    encoder: Literal["libx264", "prores_ks"]
    pixels: str
    options: Mapping[str, str]


_PRORES = _Codec("prores_ks", "yuv422p10le", {"profile": "hq", "vendor": "apl0", "threads": "2"})


@dataclass(frozen=True)
class Written:
    """What was written: where (the suffix may have had to change), how many frames, and notes for the user."""

    path: Path
    frames: int
    notes: tuple[str, ...]


def write_video(
    path: Path,
    frames: Iterable[Array],
    rate: Fraction,
    *,
    start: Fraction = Fraction(0),
    times: Sequence[int] = (),
    time_base: Fraction | None = None,
    audio_from: Path | None = None,
    metadata: Mapping[str, str] | None = None,
    crf: int = 16,
    preset: str = "medium",
    codec: Literal["h264", "prores"] = "h264",
    stepped: bool = False,
) -> Written:
    """Encode frames as H.264 (4:2:0) or ProRes 422 HQ (10 bits), BT.709, limited range, beside the sound of another file.

    Frames out == frames in. Frame i is shown at start + i / rate, exactly; with `times`, at times[i] * time_base. Sound
    packets are copied untouched with their own times, so whoever passes the source's times or start keeps its sync.
    Where both begin late (a camera's clock, a broadcast) the earlier of them becomes the new file's zero. The file
    appears whole or not at all, and the same input gives the same bytes.

    Args:
        path: .mp4, .mov or .mkv. A container that cannot hold the sound is exchanged for one that can, with a note.
        frames: (3, H, W), all of one size. An odd side is made even by repeating its last row or column, with a note.
        rate: frames per second; with `times` only the nominal rate in the header.
        start: seconds at which the first frame is shown, on the clock of the sound.
        times, time_base: the time of every frame in ticks, and seconds per tick, for a variable rate; else empty.
        audio_from: the file whose sound tracks are copied, all of them.
        metadata: tags of the file.
        crf: x264's constant quality, 0 (lossless) to 51. preset: its speed, such as "veryfast". ProRes has neither.
        codec: for ProRes `path` is a .mov.
        stepped: for stepping through by frames: a key frame every few, and none that waits for a later one.

    Raises:
        MediaError: no frames, frames of different sizes, another number of times than of frames, an unknown suffix.
    """
    path = Path(path)
    coding = (
        _PRORES
        if codec == "prores"
        else _Codec(
            "libx264", "yuv420p", {**_REPEATABLE, "crf": str(crf), "preset": preset, **(_STEPPED if stepped else {})}
        )
    )
    formats = {".mov": "mov"} if codec == "prores" else FORMATS
    if path.suffix.lower() not in formats:
        raise MediaError(f"{path} ends in '{path.suffix}'; video is written as {', '.join(formats)}")
    head = next(iterator := iter(frames), None)
    if head is None:
        raise MediaError(f"{path} would have no frames; render or enable a shot first")
    done = 0
    with ExitStack() as stack:
        source = stack.enter_context(open_video(audio_from)) if audio_from else None
        suffix = _suffix(path.suffix.lower(), source, formats)
        final = path if suffix == path.suffix.lower() else path.with_suffix(suffix)
        part = stack.enter_context(whole(final))
        tick = time_base or 1 / rate if times else _fine_tick(rate)
        zero = beginning(source, times[0] * tick if times else start)
        ticks = _listed(times, round(zero / tick), path) if times else _even(rate, start - zero, tick)
        with _opened(part, FORMATS[suffix], metadata or {}) as target:
            stream = _video_stream(target, head, rate, tick, coding)
            sound = SoundCopy(source, target, zero)
            for frame in _encodable(chain([head], iterator), head, path, coding.pixels):
                frame.pts, frame.time_base = next(ticks), tick
                sound.up_to(frame.pts * tick)
                target.mux(stream.encode(frame))
                done += 1
            target.mux(stream.encode(None))
            sound.up_to(None)
        if times and done != len(times):
            raise MediaError(f"{path} got {done} frames but {len(times)} times; give one time for each frame")
    return Written(final, done, tuple(_notes(path, final, head)))


def missing_encoders() -> list[str]:
    """Encoders that videos are written with and that this build of the libraries does not have."""
    return sorted({"libx264", "prores_ks", "aac", "pcm_s16le"} - av.codecs_available)


def write_preview(path: Path, frames: Iterable[Array], rate: Fraction, within: tuple[int, int] = (640, 640)) -> Written:
    """A small, quickly made, silent video for stepping through; frames are shrunk to fit the box (W, H)."""
    small = (resize(frame, fit((frame.shape[2], frame.shape[1]), within)) for frame in frames)
    return write_video(path, small, rate, crf=23, preset="veryfast", stepped=True)


def _fine_tick(rate: Fraction) -> Fraction:
    """Seconds per tick: a frame is a whole number of them, and they are fine enough for any start."""
    per_second = rate.numerator
    while per_second < _FINE:
        per_second *= 2
    return Fraction(1, per_second)


def _even(rate: Fraction, start: Fraction, tick: Fraction) -> Iterator[int]:
    """Endless times in ticks, a frame apart."""
    return count(round(start / tick), int(1 / (rate * tick)))


def _listed(times: Sequence[int], zero: int, path: Path) -> Iterator[int]:
    """The given times, counted from `zero`."""
    yield from (time - zero for time in times)
    raise MediaError(f"{path} got more frames than the {len(times)} times it was given; give one time for each frame")


def _suffix(wanted: str, source: InputContainer | None, formats: Mapping[str, str]) -> str:
    """The wanted container's suffix if it can hold the sound of the source, else that of the first that can."""
    codecs = {track.codec_context.name for track in source.streams.audio} if source else set()
    for suffix in (wanted, *formats):
        with av.open(os.devnull, "w", format=formats[suffix]) as container:
            if codecs <= container.supported_codecs:
                return suffix
    raise MediaError(f"no container holds sound of kind {', '.join(sorted(codecs))}; convert it to AAC first")


def _opened(part: Path, container_format: str, metadata: Mapping[str, str]) -> OutputContainer:
    """An output file that carries no date, no version and no random number of its own."""
    flags = {"movflags": "+faststart+use_metadata_tags"} if container_format != "matroska" else {}
    target = av.open(f"file:{part}", "w", format=container_format, container_options={"fflags": "+bitexact", **flags})
    target.metadata.update(metadata)
    return target


def _up_to_even(side: int) -> int:
    return side + side % 2


def _video_stream(target: OutputContainer, head: Array, rate: Fraction, tick: Fraction, coding: _Codec) -> VideoStream:
    stream = target.add_stream(coding.encoder, rate=rate, options=dict(coding.options))
    _, height, width = head.shape
    stream.width, stream.height, stream.pix_fmt = _up_to_even(width), _up_to_even(height), coding.pixels
    stream.time_base = tick
    codec = stream.codec_context
    codec.time_base = tick
    codec.flags |= Flags.bitexact
    codec.colorspace = codec.color_primaries = codec.color_trc = _BT709
    codec.color_range = _LIMITED
    return stream


def _encodable(frames: Iterable[Array], head: Array, path: Path, pixels_format: str) -> Iterator[VideoFrame]:
    """RGB frames as the encoder wants them, of even size."""
    _, height, width = head.shape
    padding = ((0, 0), (0, height % 2), (0, width % 2))
    for frame in frames:
        if frame.shape != head.shape:
            raise MediaError(
                f"{path} got a frame of {frame.shape[2]}x{frame.shape[1]} after frames of {width}x{height}"
            )
        pixels = np.ascontiguousarray(np.pad(to_uint8(frame), padding, mode="edge").transpose(1, 2, 0))
        picture = VideoFrame.from_ndarray(pixels, format="rgb24")
        yield picture.reformat(
            format=pixels_format,
            interpolation=_EXACT,
            src_color_range=2,
            dst_color_range=_LIMITED,
            dst_colorspace=_BT709,
            threads=1,
        )


def _notes(path: Path, final: Path, head: Array) -> Iterator[str]:
    _, height, width = head.shape
    if final != path:
        yield f"{path.suffix} cannot hold the sound as it is: written as {final.name}, the sound untouched."
    if (width % 2, height % 2) != (0, 0):
        even = f"{_up_to_even(width)}x{_up_to_even(height)}"
        yield f"{width}x{height} is odd: written as {even}, the last row or column repeated."
