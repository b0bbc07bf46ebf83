"""The edit as FCPXML 1.8 (Final Cut Pro X, Resolve): its cuts exactly, its notes as markers.

Times are fractions of a second, whole numbers of frames, exact at every rate. Written here, for the adapter of
OpenTimelineIO rounds 24000/1001 and 30000/1001 frames a second and takes no picture sequences.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import opentimelineio as otio

from v2v_studio.media.timecode import DROP_FRAME_RATES
from v2v_studio.timeline.cuts_only import cuts_only, rate_of


def to_fcpxml(timeline: otio.schema.Timeline, folder: Path) -> tuple[str, list[str]]:
    """The document, and what of the timeline it does not hold.

    Args:
        timeline: as `timeline_of` makes it.
        folder: where the document is saved; media are given by their full addresses, as the format asks.

    Raises:
        MediaError: more than one rate.
    """
    rate = rate_of(timeline)
    cuts, lost = cuts_only(timeline)
    root = ElementTree.Element("fcpxml", version="1.8")
    resources = ElementTree.SubElement(root, "resources")
    ElementTree.SubElement(resources, "format", id="r1", frameDuration=_time(1, rate))
    project = ElementTree.SubElement(root, "project", name=timeline.name)
    mode = "DF" if rate in DROP_FRAME_RATES else "NDF"
    length = cuts.duration().to_frames()
    sequence = ElementTree.SubElement(
        project, "sequence", format="r1", duration=_time(length, rate), tcStart="0s", tcFormat=mode
    )
    spine = ElementTree.SubElement(sequence, "spine")
    assets: dict[str, str] = {}
    for clip in cuts.find_clips():
        url = _url(clip.media_reference, folder)
        if url not in assets:
            assets[url] = f"r{len(assets) + 2}"
            _add_asset(resources, assets[url], clip, url, rate)
        _add_clip(spine, assets[url], clip, rate)
    ElementTree.indent(root, "  ")
    body = ElementTree.tostring(root, encoding="unicode")
    lost.append("takes that are not shown, recipes and sound are not in the FCPXML")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n', lost


def _add_asset(resources: ElementTree.Element, name: str, clip: otio.schema.Clip, url: str, rate: Fraction) -> None:
    media = clip.media_reference.available_range
    ElementTree.SubElement(
        resources,
        "asset",
        id=name,
        name=unquote(url.rpartition("/")[2]),
        src=url,
        format="r1",
        hasVideo="1",
        start=_time(media.start_time.to_frames(), rate),
        duration=_time(media.duration.to_frames(), rate),
    )


def _add_clip(spine: ElementTree.Element, asset: str, clip: otio.schema.Clip, rate: Fraction) -> None:
    element = ElementTree.SubElement(
        spine,
        "asset-clip",
        ref=asset,
        name=clip.name,
        offset=_time(clip.trimmed_range_in_parent().start_time.to_frames(), rate),
        start=_time(clip.source_range.start_time.to_frames(), rate),
        duration=_time(clip.source_range.duration.to_frames(), rate),
    )
    for marker in clip.markers:
        start = _time(marker.marked_range.start_time.to_frames(), rate)
        ElementTree.SubElement(element, "marker", start=start, duration=_time(1, rate), value=_printable(marker.name))


def _url(reference: otio.schema.ExternalReference, folder: Path) -> str:
    """Full address of a clip's media."""
    return "file://" + quote((folder / unquote(reference.target_url)).resolve().as_posix(), safe="/[]")


def _time(frames: int, rate: Fraction) -> str:
    """So many frames as a fraction of a second, in units of the frame's own: 1001/24000s."""
    return f"{frames * rate.denominator}/{rate.numerator}s" if frames else "0s"


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())
