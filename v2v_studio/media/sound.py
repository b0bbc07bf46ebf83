"""Sound tracks: copied packet by packet, never decoded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from v2v_studio.media.container import open_video


def audio_packets(path: Path) -> list[list[tuple[Fraction, bytes]]]:
    """The sound of a file, for comparing: for each track its packets as (seconds, bytes), in order."""
    with open_video(path) as container:
        tracks: dict[int, list[tuple[Fraction, bytes]]] = {stream.index: [] for stream in container.streams.audio}
        for packet in _timed(container):
            tracks[packet.stream_index].append((Fraction(packet.pts or 0) * packet.time_base, bytes(packet)))
    return list(tracks.values())


def _timed(container: InputContainer) -> Iterator[Packet]:
    """Packets of all sound tracks in file order, without the empty ones that end each stream."""
    tracks = container.streams.audio
    if tracks:
        yield from (packet for packet in container.demux(*tracks) if packet.dts is not None)


def beginning(source: InputContainer | None, picture: Fraction) -> Fraction:
    """The moment, in seconds, at which the first of picture and sound begins; 0 if that is earlier than 0."""
    tracks = source.streams.audio if source else ()
    starts = [Fraction(track.start_time or 0) * Fraction(track.time_base or 1) for track in tracks]
    return max(Fraction(0), min([picture, *starts]))


class SoundCopy:
    """The sound of one file on its way into another, in step with the picture.

    Args:
        source: an open file, or None for silence.
        target: the file being written, before its first packet.
        zero: the moment of the source, in seconds, that becomes 0.
    """

    def __init__(self, source: InputContainer | None, target: OutputContainer, zero: Fraction) -> None:
        tracks: tuple[AudioStream, ...] = source.streams.audio if source else ()
        self._streams = {track.index: _added(target, track) for track in tracks}
        self._packets = _timed(source) if source else iter(())
        self._next = next(self._packets, None)
        self._target = target
        self._zero = zero

    def up_to(self, seconds: Fraction | None) -> None:
        """Copy the packets that start no later than a moment; all the rest for None."""
        while (packet := self._next) is not None:
            if seconds is not None and (packet.dts or 0) * packet.time_base - self._zero > seconds:
                return
            shift = round(self._zero / packet.time_base)
            packet.pts, packet.dts = (packet.pts or 0) - shift, (packet.dts or 0) - shift
            packet.stream = self._streams[packet.stream_index]
            self._target.mux(packet)
            self._next = next(self._packets, None)


def _added(target: OutputContainer, track: AudioStream) -> AudioStream:
    """A stream for the track's packets, with its language."""
    stream = target.add_stream_from_template(track)
    stream.metadata.update(track.metadata)
    return stream
