"""What older formats hold of a timeline: its picture as straight cuts, at one rate."""

from __future__ import annotations

from fractions import Fraction

import opentimelineio as otio

from v2v_studio.errors import MediaError
from v2v_studio.media.timecode import STANDARD_RATES


def rate_of(timeline: otio.schema.Timeline) -> Fraction:
    """Frames a second of all clips. MediaError where they differ."""
    rates = sorted({clip.source_range.duration.rate for clip in timeline.find_clips()})
    if len(rates) != 1:
        several = ", ".join(f"{rate:.6g}" for rate in rates)
        raise MediaError(f"the edit has clips at {several} frames a second and this format holds one rate; use --otio")
    near = (rate for rate in STANDARD_RATES if float(rate) == rates[0])
    return next(near, Fraction(rates[0]).limit_denominator(1001))


def _url(reference: otio.core.MediaReference) -> str:
    if isinstance(reference, otio.schema.ImageSequenceReference):
        digits = reference.frame_zero_padding
        return reference.abstract_target_url(f"[{reference.start_frame:0{digits}d}-{reference.end_frame():0{digits}d}]")
    return reference.target_url


def cuts_only(timeline: otio.schema.Timeline) -> tuple[otio.schema.Timeline, list[str]]:
    """A copy with the picture alone, dissolves left out; and what that lost. Clips keep their ranges exactly.

    Media are files by name, a picture sequence with the numbers it has, as NAME.[1001-1048].png.
    """
    copy = timeline.deepcopy()
    lost = []
    for track in list(copy.tracks):
        if track.kind != otio.schema.TrackKind.Video:
            copy.tracks.remove(track)
            continue
        dissolves = [item for item in track if isinstance(item, otio.schema.Transition)]
        for dissolve in dissolves:
            track.remove(dissolve)
        unplayed = 0
        for clip in track:
            media = clip.media_reference
            clip.media_reference = otio.schema.ExternalReference(_url(media), media.available_range)
            unplayed += _drop_unplayed(clip)
        if unplayed:
            plural = "s are" if unplayed > 1 else " is"
            lost.append(f"{unplayed} note{plural} left out, on frames that the cut does not play")
        if dissolves:
            plural = "s are" if len(dissolves) > 1 else " is"
            lost.append(f"{len(dissolves)} dissolve{plural} a cut in the middle of it")
    return copy, lost


def _drop_unplayed(clip: otio.schema.Clip) -> int:
    """Take off the markers on frames outside the clip, which would be read as the neighbour's; how many there were."""
    outside = [mark for mark in clip.markers if not clip.source_range.contains(mark.marked_range.start_time)]
    for mark in outside:
        clip.markers.remove(mark)
    return len(outside)
