"""Probing a video file: decode it once from end to end and describe what came out."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from v2v_studio.errors import MediaError
from v2v_studio.media.colour import MATRIX_CODES, is_full_range, is_rgb
from v2v_studio.media.container import open_video, video_stream
from v2v_studio.media.footage import AudioStream, Probe
from v2v_studio.media.frames import check_size
from v2v_studio.media.notes import notes_on
from v2v_studio.media.timecode import STANDARD_RATES

_FIELD_ORDERS: dict[int, Literal["tff", "bff"]] = {2: "tff", 5: "tff", 3: "bff", 4: "bff"}  # AVFieldOrder, as displayed
_UNSPECIFIED = 2  # H.273
# (a, b, c, d) of the display matrix by sign -> EXIF orientation
_ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}


def frame_tick(frame: VideoFrame) -> int | None:
    """Presentation time of a decoded frame; containers without any (AVI) give the decoding time."""
    return frame.pts if frame.pts is not None else frame.dts


@dataclass
class _Scan:
    """What one pass over the file found. Ticks are those of the video stream."""

    ticks: list[int] = field(default_factory=list)
    last_duration: int = 0
    expected: set[int] = field(default_factory=set)
    corrupt: set[int] = field(default_factory=set)
    interlaced: int = 0
    samples: int = 0
    errors: int = 0
    first: VideoFrame | None = None
    sound: dict[int, tuple[Fraction, Fraction]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not (self.errors or self.corrupt)

    def see_sound(self, packet: Packet) -> None:
        """Widen the extent, in seconds, of the packet's sound track."""
        if packet.pts is None:
            return
        start = packet.pts * packet.time_base
        end = start + (packet.duration or 0) * packet.time_base
        old = self.sound.get(packet.stream_index, (start, end))
        self.sound[packet.stream_index] = (min(start, old[0]), max(end, old[1]))

    def see_picture(self, packet: Packet) -> None:
        """Decode a packet and note the frames that come out; an empty packet flushes the decoder."""
        if packet.size:
            self.samples += 1
            self.errors += packet.is_corrupt
            if packet.pts is not None and not packet.is_discard:
                self.expected.add(packet.pts)
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self.errors += 1
            return
        for frame in frames:
            tick = frame_tick(frame)
            if tick is None:
                self.errors += 1
                continue
            self.first = self.first or frame
            self.ticks.append(tick)
            self.last_duration = frame.duration or 0
            self.interlaced += frame.interlaced_frame
            if frame.is_corrupt:
                self.corrupt.add(tick)


def _scan(path: Path, threads: Literal["AUTO", "NONE"]) -> _Scan:
    scan = _Scan()
    with open_video(path) as container:
        stream = video_stream(container, path)
        stream.thread_type = threads
        for packet in container.demux(stream, *container.streams.audio):
            if packet.stream_index == stream.index:
                scan.see_picture(packet)
            elif packet.size:
                scan.see_sound(packet)
    return scan


def probe_video(path: Path) -> Probe:
    """Describe a video file. See `probe`."""
    scan = _scan(path, "AUTO")
    if not scan.clean or scan.expected - set(scan.ticks):
        scan = _scan(path, "NONE")  # decoding in threads drops more frames around an error than it must
    if scan.first is None:
        raise MediaError(f"{path} has a video stream of which no frame can be decoded; export it again")
    if any(b <= a for a, b in pairwise(scan.ticks)):
        raise MediaError(f"{path} has frames whose times do not increase (H.264 in AVI, say); convert it to MP4 first")
    with open_video(path) as container:
        return _described(path, video_stream(container, path), scan, scan.first)


def _described(path: Path, stream: VideoStream, scan: _Scan, first: VideoFrame) -> Probe:
    codec, time_base, start = stream.codec_context, Fraction(stream.time_base or 1), scan.ticks[0]
    lost = {tick for tick in scan.expected - set(scan.ticks) if start < tick < scan.ticks[-1]} if scan.errors else set()
    ticks = sorted({*scan.ticks, *lost})
    rate = constant_rate(ticks, time_base, stream)
    orientation = _orientation(first)
    aspect = stream.sample_aspect_ratio or codec.sample_aspect_ratio or Fraction(1)
    width, height = _shown_size(first.width, first.height, aspect, orientation)
    check_size(path, width, height)
    rgb = is_rgb(first.format)
    interlaced = 2 * scan.interlaced > len(scan.ticks)
    probe = Probe(
        kind="video",
        width=width,
        height=height,
        frames=len(ticks),
        rate=str(rate or average_rate(ticks, time_base, scan.last_duration)),
        variable=rate is None,
        time_base=str(time_base),
        start=start,
        times=tuple(ticks) if rate is None else (),
        codec=codec.name,
        pixel_format=first.format.name,
        bit_depth=first.format.components[0].bits,
        range="full" if is_full_range(first.format, first.color_range) else "limited",
        matrix="rgb" if rgb else _matrix(path, first),
        coded_width=first.width,
        coded_height=first.height,
        sample_aspect=str(aspect),
        orientation=orientation,
        interlaced=_FIELD_ORDERS.get(codec.field_order, "tff") if interlaced else None,
        intact=scan.clean,
        damaged=len(lost) + len(scan.corrupt),
        audio=_audio(stream, scan),
        notes=(),
    )
    promised = stream.frames if stream.frames > scan.samples else None
    return replace(probe, notes=tuple(notes_on(probe, stream, first, lost=len(lost), promised=promised)))


def _matrix(path: Path, frame: VideoFrame) -> str:
    """The matrix a frame is tagged with; untagged, what players take: BT.601 up to the size of PAL, BT.709 above."""
    if frame.colorspace in MATRIX_CODES:
        return MATRIX_CODES[frame.colorspace]
    if frame.colorspace != _UNSPECIFIED:
        raise MediaError(
            f"{path} uses colour matrix {frame.colorspace} of H.273, which is not read; convert it to BT.709"
        )
    return "bt709" if frame.width >= 1280 or frame.height > 576 else "bt601"


def _orientation(frame: VideoFrame) -> int:
    """EXIF number of the quarter turn and mirroring in the frame's display matrix; 1 without one."""
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return 1
    a, b, _, c, d = struct.unpack("<5i", bytes(data)[:20])
    return _ORIENTATIONS.get(tuple((v > 0x8000) - (v < -0x8000) for v in (a, b, c, d)), 1)


def _shown_size(width: int, height: int, aspect: Fraction, orientation: int) -> tuple[int, int]:
    """Size with square pixels (the shorter-sampled axis grows, so that nothing is lost) and upright."""
    if aspect > 1:
        width = round(width * aspect)
    else:
        height = round(height / aspect)
    return (height, width) if orientation >= 5 else (width, height)


def constant_rate(ticks: list[int], time_base: Fraction, stream: VideoStream) -> Fraction | None:
    """The rate at which frames are evenly spaced, within the rounding to a tick; None where there is none."""
    named = [rate for rate in (stream.guessed_rate, stream.average_rate, stream.base_rate) if rate]
    for rate in (*named, *STANDARD_RATES):
        frame, unit = (1 / (rate * time_base)).as_integer_ratio()  # a frame lasts frame / unit ticks
        if all(abs((tick - ticks[0]) * unit - i * frame) <= unit for i, tick in enumerate(ticks)):
            return Fraction(rate)
    return None


def average_rate(ticks: list[int], time_base: Fraction, last_duration: int) -> Fraction:
    """Frames by the time from the first to the end of the last."""
    return len(ticks) / ((ticks[-1] - ticks[0] + (last_duration or ticks[-1] - ticks[-2])) * time_base)


def _audio(stream: VideoStream, scan: _Scan) -> tuple[AudioStream, ...]:
    found = []
    for track in stream.container.streams.audio:
        start, end = scan.sound.get(track.index, (Fraction(0), Fraction(0)))
        if track.start_time is not None and track.time_base is not None:  # after the encoder's priming samples
            start = track.start_time * track.time_base
        found.append(
            AudioStream(
                index=track.index,
                codec=track.codec_context.name,
                language=None if track.language == "und" else track.language,
                sample_rate=track.codec_context.sample_rate,
                channels=track.codec_context.channels,
                start=float(start),
                duration=float(end - start),
            )
        )
    return tuple(found)
