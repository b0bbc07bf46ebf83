"""The edit as a CMX 3600 EDL: its cuts exactly, its notes as locators, and no more than that.

Source timecodes are those of the footage, its first frame being 00:00:00:00; the reel is the footage's name. At 29.97 and
59.94 frames a second timecode is drop-frame, as editing programs have it there.
"""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio

from v2v_studio.errors import MediaError
from v2v_studio.media.timecode import DROP_FRAME_RATES, STANDARD_RATES
from v2v_studio.timeline.cuts_only import cuts_only, rate_of

MAX_EVENTS = 999


def to_edl(timeline: otio.schema.Timeline, folder: Path) -> tuple[str, list[str]]:
    """The list, and what of the timeline it does not hold.

    Args:
        timeline: as `timeline_of` makes it.
        folder: where the list is saved; it says where media are as the timeline does, and does not need it.

    Raises:
        MediaError: a rate without timecode, more than one rate, or more events than a list can number.
    """
    rate = rate_of(timeline)
    if rate not in STANDARD_RATES:
        known = ", ".join(f"{float(one):.6g}" for one in STANDARD_RATES)
        raise MediaError(f"an EDL has no timecode at {rate} frames a second, only at {known}; use --otio or --fcpxml")
    cuts, lost = cuts_only(timeline)
    events = list(cuts.find_clips())
    if len(events) > MAX_EVENTS:
        raise MediaError(f"an EDL numbers {MAX_EVENTS} events and the cut has {len(events)}; use --otio or --fcpxml")
    for clip in events:
        ours = clip.metadata["v2v"]
        handles = ours.get("handles")
        said = [f"HANDLES: {handles['before']} BEFORE, {handles['after']} AFTER"] if handles else []
        clip.metadata["cmx_3600"] = {"reel": ours["footage"], "comments": said}
        at = clip.trimmed_range_in_parent().start_time - clip.source_range.start_time
        for marker in clip.markers:  # a locator counts on the record side, a marker on its clip's
            marker.name = " ".join(marker.name.split())
            marker.marked_range = otio.opentime.TimeRange(
                marker.marked_range.start_time + at, marker.marked_range.duration
            )
    text = otio.adapters.write_to_string(cuts, "cmx_3600", rate=float(rate), style="avid")
    title, _, body = text.partition("\n")
    mode = "DROP FRAME" if rate in DROP_FRAME_RATES else "NON-DROP FRAME"
    return f"{title}\nFCM: {mode}\n{body}", [*lost, "takes that are not shown, recipes and sound are not in an EDL"]
