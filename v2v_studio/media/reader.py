"""Frames of footage by index: exact from any start, upright, square, progressive, RGB."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import Protocol

import av
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from v2v_studio.errors import MediaError
from v2v_studio.media.colour import to_rgb
from v2v_studio.media.container import open_video, video_stream
from v2v_studio.media.footage import Probe
from v2v_studio.media.frames import read_picture, resize, upright
from v2v_studio.media.pictures import picture_files
from v2v_studio.media.scan import frame_tick
from v2v_studio.memory import apart
from v2v_studio.types import Array

# H.264 and HEVC reorder at most 16 frames, so a key frame found this much before the wanted one has no undecodable
# frame of its own (open GOP) after the wanted one's time.
_REORDER = 16
SMALL = 854 * 480  # pixels of a frame


class Reader(Protocol):
    """Footage opened for reading.

    `frames(start, stop)` gives exactly stop - start frames, the same ones whatever the start, (3, H, W) float32 RGB in
    [0, 1] at the size of `probe`, or at `size` (W, H). Nothing is kept: memory does not grow with the range. Several
    iterations may be open at once. MediaError for a range outside the footage, or a file changed since it was probed.
    """

    probe: Probe

    def frames(
        self, start: int = 0, stop: int | None = None, size: tuple[int, int] | None = None
    ) -> Iterator[Array]: ...


def open_reader(path: Path, probe: Probe) -> Reader:
    """A reader for what `probe(path)` described."""
    return VideoReader(Path(path), probe) if probe.kind == "video" else PictureReader(Path(path), probe)


def _checked(path: Path, probe: Probe, start: int, stop: int | None) -> tuple[int, int]:
    stop = probe.frames if stop is None else stop
    if not 0 <= start <= stop <= probe.frames:
        raise MediaError(f"{path} has frames 0 to {probe.frames - 1}; the range [{start}, {stop}) is not in it")
    return start, stop


class PictureReader:
    """Reader of a folder of pictures, or of one."""

    def __init__(self, path: Path, probe: Probe) -> None:
        self.path, self.probe = path, probe

    def frames(self, start: int = 0, stop: int | None = None, size: tuple[int, int] | None = None) -> Iterator[Array]:
        start, stop = _checked(self.path, self.probe, start, stop)
        files = picture_files(self.path) * (self.probe.frames if self.probe.kind == "still" else 1)
        if len(files) != self.probe.frames:
            raise MediaError(f"{self.path} held {self.probe.frames} pictures and now has {len(files)}; ingest it again")
        shown = (self.probe.width, self.probe.height)
        for file in files[start:stop]:
            yield resize(read_picture(file).over_black, size or shown)


class VideoReader:
    """Reader of a video file."""

    def __init__(self, path: Path, probe: Probe) -> None:
        self.path, self.probe = path, probe

    def frames(self, start: int = 0, stop: int | None = None, size: tuple[int, int] | None = None) -> Iterator[Array]:
        start, stop = _checked(self.path, self.probe, start, stop)
        good: VideoFrame | None = None
        wanted = start
        for index, frame in self._progressive(start, stop):
            while good is not None and wanted < min(index, stop):  # frames lost to damage show the one before
                yield self._shown(good, size)
                wanted += 1
            good = frame
        if good is None and start < stop:
            raise MediaError(f"{self.path} gave no frame at {start}; the file has changed: ingest it again")
        while good is not None and wanted < stop:
            yield self._shown(good, size)
            wanted += 1

    def _shown(self, frame: VideoFrame, size: tuple[int, int] | None) -> Array:
        """A decoded frame as it is meant to be seen."""
        rgb = upright(to_rgb(frame, self.probe.matrix, self.probe.range == "full"), self.probe.orientation)
        return resize(rgb, size or (self.probe.width, self.probe.height))

    def _progressive(self, start: int, stop: int) -> Iterator[tuple[int, VideoFrame]]:
        """Indexed frames that cover [start, stop), deinterlaced where needed."""
        if not self.probe.interlaced:
            yield from self._decoded(start, stop)
            return
        # The filter looks one frame back and one ahead.
        indices: deque[int] = deque()
        graph: Graph | None = None
        for index, frame in self._decoded(max(0, start - 1), min(stop + 1, self.probe.frames)):
            if index < start - 1:
                continue
            graph = graph or _deinterlacer(frame)
            graph.vpush(frame)
            indices.append(index)
            yield from _pulled(graph, indices)
        if graph is not None:
            graph.vpush(None)
            yield from _pulled(graph, indices)

    def _decoded(self, start: int, stop: int) -> Iterator[tuple[int, VideoFrame]]:
        """Indexed frames as stored, from at or before `start` up to `stop`."""
        with self._opened() as container:
            stream = video_stream(container, self.path)
            stream.thread_type = "AUTO" if self.probe.intact else "NONE"  # as when it was probed
            if start > _REORDER and self.probe.intact:
                with suppress(av.FFmpegError):  # a container without an index
                    container.seek(self.probe.tick(start - _REORDER), stream=stream)
            rest = _indexed(container, stream, self.probe)
            first = next(rest, None)
            if first is None or first[0] > start:  # a container with a bad index: go through it from the start
                container.seek(0, stream=stream)
                rest = _indexed(container, stream, self.probe)
            else:
                yield first
            yield from takewhile(lambda indexed: indexed[0] < stop, rest)

    def _opened(self) -> InputContainer:
        """The index of a long film is many small frames large, and would scatter them; of large ones it is a part."""
        if self.probe.width * self.probe.height > SMALL:
            return open_video(self.path)
        with apart():
            return open_video(self.path)


def _indexed(container: InputContainer, stream: VideoStream, probe: Probe) -> Iterator[tuple[int, VideoFrame]]:
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:  # counted and reported by the probe
            continue
        for frame in frames:
            if (tick := frame_tick(frame)) is not None and (index := probe.index_at(tick)) >= 0:
                yield index, frame


def _deinterlacer(frame: VideoFrame) -> Graph:
    """bwdif, one frame for one, only where a frame is marked as interlaced."""
    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    filter_ = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
    graph.link_nodes(source, filter_, graph.add("buffersink")).configure()
    return graph


def _pulled(graph: Graph, indices: deque[int]) -> Iterator[tuple[int, VideoFrame]]:
    """The frames the filter has ready, each with the index it went in with."""
    while True:
        try:
            frame = graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return
        yield indices.popleft(), frame
