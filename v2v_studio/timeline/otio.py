"""The edit as an OpenTimelineIO timeline: one clip a shot, every take a media reference, the shown one active.

All media of a clip share one clock, the footage's frames, so that changing the active reference changes nothing else. A
clip's range includes its share of the transitions beside it and meets its neighbour in the middle of a dissolve, as editing
programs have it. The recipe of a take and the notes of its review travel in `metadata["v2v"]`; notes are markers as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from urllib.parse import quote

import opentimelineio as otio

from v2v_studio.project.records import Footage, Review, Shot, Take
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.cut import Span, film_order
from v2v_studio.timeline.extent import footage_transitions, transition_into, transition_out_of, whole

SOURCE = "source"


@dataclass(frozen=True)
class ShotTakes:
    """A shot with what was made of it: its takes, their reviews by take id, and the take that is shown."""

    shot: Shot
    takes: Sequence[Take] = ()
    reviews: Mapping[str, Review] = field(default_factory=dict)
    shown: Take | None = None


@dataclass(frozen=True)
class Tile:
    """Footage frames [start, end) that one clip of the timeline shows: a shot with its share of the transitions beside it.

    Attributes:
        shot: id of the shot; None for the source.
        dissolve: the one between the tile before and this; it lies over their common edge.
    """

    footage: str
    start: int
    end: int
    shot: str | None = None
    dissolve: Transition | None = None


def tiles_of(footage: Footage, shots: Sequence[Shot]) -> list[Tile]:
    """The footage from first to last frame, tiled by its shots and, between them, the source."""
    transitions = whole(footage_transitions(footage), shots)
    tiles, at = [], 0
    for shot in shots:
        start, end = _clip_range(shot, transitions)
        if at < start:
            tiles.append(Tile(footage.id, at, start))
        into = transition_into(shot, transitions)
        over = into and into.kind == "dissolve" and at == start and start > into.start
        tiles.append(Tile(footage.id, start, end, shot.id, into if over else None))
        at = end
    if at < footage.frames:
        tiles.append(Tile(footage.id, at, footage.frames))
    return tiles


def timeline_of(
    name: str,
    footages: Sequence[Footage],
    shots: Mapping[str, Sequence[ShotTakes]],
    folder: str = "..",
    cut: Sequence[Span] | None = None,
) -> otio.schema.Timeline:
    """The whole edit.

    Args:
        name: of the edit.
        footages: in order.
        shots: footage id -> its shots in order.
        folder: the project, as seen from where the timeline is saved.
        cut: what is played, in order; None for the footages one after the other.
    """
    timeline = otio.schema.Timeline(name)
    if cut is not None:
        timeline.metadata["v2v"] = {"imported": True}
    picture = otio.schema.Track("picture", kind=otio.schema.TrackKind.Video)
    sound = otio.schema.Track("sound", kind=otio.schema.TrackKind.Audio)
    timeline.tracks.extend([picture, sound])
    known = {footage.id: footage for footage in footages}
    entries = {entry.shot.id: entry for listed in shots.values() for entry in listed}
    tiles = {f.id: tiles_of(f, [entry.shot for entry in shots.get(f.id, ())]) for f in footages}
    for span in film_order(footages) if cut is None else cut:
        footage = known[span.footage]
        for tile in cropped(tiles[span.footage], span):
            _add_picture(picture, footage, tile, entries, folder)
        if footage.probe.get("audio"):
            sound.append(_source_clip(footage, span.start, span.end, folder))
        else:
            sound.append(otio.schema.Gap(source_range=_span(footage, span.start, span.end)))
    return timeline


def cropped(tiles: Sequence[Tile], span: Span) -> list[Tile]:
    """What of the tiles lies in a span; a dissolve only where all of it does."""
    inside = []
    for tile in tiles:
        start, end = max(tile.start, span.start), min(tile.end, span.end)
        if start < end:
            over = tile.dissolve
            kept = over and span.start <= over.start and over.end <= span.end
            inside.append(replace(tile, start=start, end=end, dissolve=over if kept else None))
    return inside


def _add_picture(
    track: otio.schema.Track, footage: Footage, tile: Tile, entries: Mapping[str, ShotTakes], folder: str
) -> None:
    if tile.dissolve:
        track.append(
            otio.schema.Transition(
                f"into {tile.shot}",
                otio.schema.TransitionTypes.SMPTE_Dissolve,
                _time(footage, tile.start - tile.dissolve.start),
                _time(footage, tile.dissolve.end - tile.start),
            )
        )
    if tile.shot is None:
        track.append(_source_clip(footage, tile.start, tile.end, folder))
    else:
        track.append(_shot_clip(footage, entries[tile.shot], tile.start, tile.end, folder))


def _clip_range(shot: Shot, transitions: Sequence[Transition]) -> tuple[int, int]:
    """A shot with its fades whole, and dissolves up to their middle."""
    into, out = transition_into(shot, transitions), transition_out_of(shot, transitions)
    start, end = shot.start, shot.end
    if into:
        start = (into.start + into.end) // 2 if into.kind == "dissolve" else into.start
    if out:
        end = (out.start + out.end) // 2 if out.kind == "dissolve" else out.end
    return start, end


def _shot_clip(footage: Footage, entry: ShotTakes, start: int, end: int, folder: str) -> otio.schema.Clip:
    clip = otio.schema.Clip(entry.shot.id, source_range=_span(footage, start, end))
    references = {SOURCE: _source_reference(footage, folder)}
    references |= {take.id: _take_reference(footage, take, folder) for take in entry.takes}
    clip.set_media_references(references, entry.shown.id if entry.shown else SOURCE)
    clip.metadata["v2v"] = {
        "shot": entry.shot.id,
        "footage": footage.id,
        "status": entry.shot.status,
        "note": entry.shot.note,
        "recipes": {take.id: take.recipe for take in entry.takes},
    }
    for take in entry.takes:
        for note in entry.reviews[take.id].notes if take.id in entry.reviews else ():
            frame = entry.shot.start if note.frame is None else note.frame
            clip.markers.append(
                otio.schema.Marker(
                    note.text,
                    _span(footage, frame, frame + 1),
                    otio.schema.MarkerColor.YELLOW,
                    {"v2v": {"take": take.id}},
                )
            )
    return clip


def _source_clip(footage: Footage, start: int, end: int, folder: str) -> otio.schema.Clip:
    metadata = {"v2v": {"footage": footage.id}}
    return otio.schema.Clip(footage.id, _source_reference(footage, folder), _span(footage, start, end), metadata)


def _source_reference(footage: Footage, folder: str) -> otio.schema.ExternalReference:
    url, metadata = quote(f"{folder}/{footage.path}"), {"v2v": {"footage": footage.id, "sha256": footage.sha256}}
    return otio.schema.ExternalReference(url, _span(footage, 0, footage.frames), metadata)


def _take_reference(footage: Footage, take: Take, folder: str) -> otio.schema.ImageSequenceReference:
    return otio.schema.ImageSequenceReference(
        target_url_base=f"{folder}/shots/{take.shot}/takes/{take.id}/frames/",
        name_prefix=f"{take.shot}_{take.id}.",
        name_suffix=".png",
        start_frame=take.number(take.first),
        frame_step=1,
        rate=float(Fraction(footage.rate)),
        frame_zero_padding=4,
        available_range=_span(footage, take.first, take.last),
    )


def _time(footage: Footage, frames: int) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, float(Fraction(footage.rate)))


def _span(footage: Footage, start: int, end: int) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(_time(footage, start), _time(footage, end - start))


def state_handles(timeline: otio.schema.Timeline, wanted: int) -> list[str]:
    """Have every clip say how many of the wanted frames its shown media has before and after it.

    Returns:
        A sentence for each clip of the picture whose media has fewer.
    """
    short = []
    for track in timeline.tracks:
        for clip in track.find_clips():
            media, used = clip.media_reference.available_range, clip.source_range
            sides = used.start_time - media.start_time, media.end_time_exclusive() - used.end_time_exclusive()
            before, after = (max(0, min(wanted, side.to_frames())) for side in sides)
            clip.metadata["v2v"]["handles"] = {"wanted": wanted, "before": before, "after": after}
            if track.kind == otio.schema.TrackKind.Video and before + after < 2 * wanted:
                short.append(f"{clip.name} has {before} of {wanted} handle frames before it and {after} after it")
    return short
