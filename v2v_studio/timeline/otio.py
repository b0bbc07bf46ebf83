"""The edit as an OpenTimelineIO timeline: one clip a shot, every take a media reference, the shown one active.

All media of a clip share one clock, the footage's frames, so that changing the active reference changes nothing else. A
clip's range includes its share of the transitions beside it and meets its neighbour in the middle of a dissolve, as editing
programs have it. The recipe of a take and the notes of its review travel in `metadata["v2v"]`; notes are markers as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from urllib.parse import quote

import opentimelineio as otio

from v2v_studio.project.records import Footage, Review, Shot, Take
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.extent import footage_transitions, transition_into, transition_out_of, whole

SOURCE = "source"


@dataclass(frozen=True)
class ShotTakes:
    """A shot with what was made of it: its takes, their reviews by take id, and the take that is shown."""

    shot: Shot
    takes: Sequence[Take] = ()
    reviews: Mapping[str, Review] = field(default_factory=dict)
    shown: Take | None = None


def timeline_of(
    name: str, footages: Sequence[Footage], shots: Mapping[str, Sequence[ShotTakes]], folder: str = ".."
) -> otio.schema.Timeline:
    """The whole edit: footages one after the other.

    Args:
        name: of the edit.
        footages: in order.
        shots: footage id -> its shots in order.
        folder: the project, as seen from where the timeline is saved.
    """
    timeline = otio.schema.Timeline(name)
    picture = otio.schema.Track("picture", kind=otio.schema.TrackKind.Video)
    sound = otio.schema.Track("sound", kind=otio.schema.TrackKind.Audio)
    timeline.tracks.extend([picture, sound])
    for footage in footages:
        _add_picture(picture, footage, shots.get(footage.id, ()), folder)
        if footage.probe.get("audio"):
            sound.append(_source_clip(footage, 0, footage.frames, folder))
        else:
            sound.append(otio.schema.Gap(source_range=_span(footage, 0, footage.frames)))
    return timeline


def _add_picture(track: otio.schema.Track, footage: Footage, shots: Sequence[ShotTakes], folder: str) -> None:
    transitions = whole(footage_transitions(footage), [entry.shot for entry in shots])
    at = 0
    for entry in shots:
        start, end = _clip_range(entry.shot, transitions)
        if at < start:
            track.append(_source_clip(footage, at, start, folder))
        into = transition_into(entry.shot, transitions)
        if into and into.kind == "dissolve" and at == start and start > into.start:
            track.append(
                otio.schema.Transition(
                    f"into {entry.shot.id}",
                    otio.schema.TransitionTypes.SMPTE_Dissolve,
                    _time(footage, start - into.start),
                    _time(footage, into.end - start),
                )
            )
        track.append(_shot_clip(footage, entry, start, end, folder))
        at = end
    if at < footage.frames:
        track.append(_source_clip(footage, at, footage.frames, folder))


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
    return otio.schema.Clip(footage.id, _source_reference(footage, folder), _span(footage, start, end))


def _source_reference(footage: Footage, folder: str) -> otio.schema.ExternalReference:
    return otio.schema.ExternalReference(quote(f"{folder}/{footage.path}"), _span(footage, 0, footage.frames))


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
