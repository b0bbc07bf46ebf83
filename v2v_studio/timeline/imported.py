"""A cut made elsewhere, as an OpenTimelineIO file: which frames of our footage it plays, in which order.

The file is untrusted. Nothing that it points to is opened: a clip is matched to footage that the project has already, by the
sha256 that we wrote into it, else by the name of its media file, else by the footage it says it is of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any
from urllib.parse import unquote

import opentimelineio as otio

from v2v_studio.errors import MediaError
from v2v_studio.project.records import Footage

MAX_BYTES = 64 * 2**20  # of a timeline; ours take 5 kB a shot
MAX_CLIPS = 10_000
SAME_RATE = 0.005  # frames a second: programs write 23.98 or 23.976 for 24000/1001; 24 is another rate
OUR_TAKE = re.compile(r"(sh[0-9a-z]{3,})_t[0-9]{3,}\.")  # the start of a take's file names
WHOLE = 0.01  # frames: what floating point may have done to a whole number


@dataclass(frozen=True)
class Clip:
    """Frames [start, end) of a footage, in the order they are played.

    Attributes:
        name: as the cut has it.
        shot: the shot it was exported as; "" for one that went out as source; None for a clip made elsewhere.
    """

    name: str
    footage: str
    start: int
    end: int
    shot: str | None = None


@dataclass(frozen=True)
class Cut:
    """A cut that was read: its clips, and whether it is one that was imported before; notes say what it loses."""

    clips: tuple[Clip, ...]
    imported: bool
    notes: tuple[str, ...]


def read_cut(data: bytes, name: str, footages: Sequence[Footage], shots: Mapping[str, str]) -> Cut:
    """The cut in an .otio file.

    Args:
        data: the file.
        name: of the file, for messages.
        footages: of the project.
        shots: id of each shot -> id of its footage.

    Raises:
        MediaError: no timeline, one too large, or one with something in it that no edit here can play.
    """
    timeline = _timeline(data, name)
    pictures = [track for track in timeline.video_tracks() if track.enabled and len(track)]
    if len(pictures) != 1:
        raise MediaError(
            f"{name} has {len(pictures)} picture tracks with clips in them; flatten it to one, export again"
        )
    if len(pictures[0]) > MAX_CLIPS:
        raise MediaError(f"{name} has {len(pictures[0])} items in its picture track; at most {MAX_CLIPS} are read")
    clips: list[Clip] = []
    notes: list[str] = []
    for item in pictures[0]:
        if isinstance(item, otio.schema.Clip):
            if not item.enabled:
                raise MediaError(
                    f"{name}: clip '{_short(item.name)}' is disabled; delete it or enable it, export again"
                )
            clips.append(_clip(item, name, footages, shots))
        elif isinstance(item, otio.schema.Transition):
            if not item.name.startswith("into "):  # ours are remade from the footage
                notes.append(f"transition '{_short(item.name)}' is played as a cut")
        else:
            kind = item.schema_name().lower()
            raise MediaError(
                f"{name} has a {kind} in its picture track; only clips can be played: fill it, export again"
            )
    if not clips:
        raise MediaError(f"{name} has no clips; export the timeline with its picture track")
    return Cut(tuple(clips), _of(timeline).get("imported") is True, tuple(notes))


def _timeline(data: bytes, name: str) -> otio.schema.Timeline:
    if len(data) > MAX_BYTES:
        raise MediaError(f"{name} has {len(data) >> 20} MB; at most {MAX_BYTES >> 20} MB of timeline are read")
    try:
        text = data.decode("utf-8")
        json.loads(text)  # refuses deep nesting, which the library's own reader would follow until it falls over
        timeline = otio.core.deserialize_json_from_string(text)
    except (ValueError, KeyError, RecursionError, otio.exceptions.OTIOError) as error:
        raise MediaError(f"{name} is not an OpenTimelineIO file; export the cut as .otio") from error
    if not isinstance(timeline, otio.schema.Timeline) or timeline.tracks is None:  # the library falls over without
        raise MediaError(f"{name} holds no timeline; export the cut itself, as .otio")
    return timeline


def _clip(clip: otio.schema.Clip, name: str, footages: Sequence[Footage], shots: Mapping[str, str]) -> Clip:
    where = f"{name}: clip '{_short(clip.name)}'"
    if any(isinstance(effect, otio.schema.TimeEffect) for effect in clip.effects):
        raise MediaError(f"{where} changes the speed, which no take can follow; remove the effect and export again")
    footage = _footage(clip, where, footages, shots)
    span = clip.source_range or (None if clip.media_reference is None else clip.media_reference.available_range)
    if span is None:
        raise MediaError(f"{where} does not say which frames it plays; export the cut with source ranges")
    zero = _zero(clip)
    start = _frame(span.start_time, footage, where) - (_frame(zero, footage, where) if zero is not None else 0)
    end = start + _frame(span.duration, footage, where)
    if not 0 <= start < end <= footage.frames:
        raise MediaError(
            f"{where} plays frames {start} up to {end} of {footage.id}, which has 0 up to {footage.frames}"
        )
    ours = _of(clip)
    shot = ours.get("shot", "") if "footage" in ours else None
    return Clip(clip.name or footage.id, footage.id, start, end, shot if isinstance(shot, str) else None)


def _footage(clip: otio.schema.Clip, where: str, footages: Sequence[Footage], shots: Mapping[str, str]) -> Footage:
    """The one footage a clip is of: by the media it shows, else by the others it has, else as it says itself."""
    references = list(clip.media_references().values())
    for things in ([clip.media_reference], references, [clip]):
        digests = [_of(thing).get("sha256") for thing in things]
        names = [_basename(thing) for thing in things]
        said = [_of(thing).get("footage") for thing in things] + [shots.get(_take_of(thing)) for thing in things]
        for found in (
            [footage for footage in footages if footage.sha256 in digests],
            [footage for footage in footages if footage.path.rpartition("/")[2] in names],
            [footage for footage in footages if footage.id in said],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                both = " and ".join(footage.id for footage in found)
                raise MediaError(f"{where} may be of {both}, whose files have one name; rename one and ingest it again")
    media = ", ".join(sorted({_short(_basename(one)) for one in references} - {""})) or "no media file"
    known = ", ".join(footage.path.rpartition("/")[2] for footage in footages)
    raise MediaError(
        f"{where} is of {media}, which is not footage of this project ({known}); take it in: v2v ingest FILE"
    )


def _basename(reference: Any) -> str:
    """Name of the file or folder a reference points to, as text: nothing is looked up. "" for a take's pictures."""
    if _take_of(reference):
        return ""
    url = getattr(reference, "target_url", "") or getattr(reference, "target_url_base", "")
    return unquote(url or "").replace("\\", "/").rstrip("/").rpartition("/")[2]


def _take_of(reference: object) -> str:
    """The shot whose take an image sequence is; "" for any other media."""
    ours = OUR_TAKE.match(getattr(reference, "name_prefix", ""))
    return ours[1] if ours else ""


def _zero(clip: otio.schema.Clip) -> otio.opentime.RationalTime | None:
    """What the clip's clock says at the footage's first frame. Takes count as their footage does."""
    reference = clip.media_reference
    if reference is None or reference.available_range is None or _take_of(reference):
        return None
    return reference.available_range.start_time


def _frame(time: otio.opentime.RationalTime, footage: Footage, where: str) -> int:
    """A whole number of the footage's frames."""
    if not abs(time.rate - float(Fraction(footage.rate))) <= SAME_RATE:  # nor where it is not a number
        raise MediaError(
            f"{where} counts {time.rate:g} frames a second but {footage.id} has {footage.rate}; "
            "make the cut at the rate of the footage"
        )
    if not isfinite(time.value) or abs(round(time.value) - time.value) > WHOLE:
        raise MediaError(f"{where} is cut at frame {time.value:g}; move the cut to a whole frame and export again")
    return round(time.value)


def _of(thing: Any) -> dict[str, Any]:
    """Our own metadata, if it is there and of a kind to look into."""
    ours = getattr(thing, "metadata", {}).get("v2v")
    return {str(key): ours[key] for key in ours} if isinstance(ours, Mapping) else {}


def _short(text: str | None) -> str:
    """Foreign text in a message: one line, of bounded length."""
    text = " ".join((text or "").split())
    return text if len(text) <= 60 else text[:59] + "…"
