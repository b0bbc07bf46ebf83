from fractions import Fraction
from xml.etree import ElementTree

import opentimelineio as otio
import pytest
from otio_fcpx_xml_adapter import fcpx_xml

from tests.timeline.lists import CUTS, EXPECTED, RATES, clips_of, cut_at
from v2v_studio.timeline.fcpxml import to_fcpxml


def seconds(text):
    return Fraction(text.removesuffix("s"))


@pytest.fixture
def exact_adapter(monkeypatch):
    """The adapter with its arithmetic put right: as released it takes 23.976 for 23 and cuts fractions of a frame off."""

    def frames(text, rate):
        return int(seconds(text or "0s") * rate)

    def rate(self, name):
        total, per_second = self._format_frame_duration(name)
        return Fraction(int(per_second), int(total))

    def time(text, rate):
        return otio.opentime.RationalTime(frames(text, rate), float(rate))

    monkeypatch.setattr(fcpx_xml, "to_rational_time", time)
    monkeypatch.setattr(fcpx_xml.FcpxXml, "_format_frame_rate", rate)
    monkeypatch.setattr(fcpx_xml.FcpxXml, "_number_of_frames", lambda self, text, name: frames(text, rate(self, name)))


@pytest.mark.parametrize("rate", RATES)
def test_cuts_read_back_through_the_adapter_are_the_same(rate, tmp_path, exact_adapter):
    text, _ = to_fcpxml(cut_at(rate), tmp_path)
    assert clips_of(fcpx_xml.read_from_string(text)) == EXPECTED


def test_cuts_read_back_through_the_adapter_as_released_are_the_same_at_24(tmp_path):
    text, _ = to_fcpxml(cut_at("24"), tmp_path)
    assert clips_of(fcpx_xml.read_from_string(text)) == EXPECTED


@pytest.mark.parametrize("rate", RATES)
def test_every_time_is_a_whole_number_of_frames(rate, tmp_path):
    root = ElementTree.fromstring(to_fcpxml(cut_at(rate, [("good", 40)]), tmp_path)[0])
    times = [seconds(e.get(key)) for e in root.iter() for key in ("start", "offset", "duration") if e.get(key)]
    assert len(times) > 3 * len(CUTS) and all((time * Fraction(rate)).denominator == 1 for time in times)
    (shape,) = root.iter("format")
    assert seconds(shape.get("frameDuration")) == 1 / Fraction(rate)


@pytest.mark.parametrize(("rate", "form"), [("30000/1001", "DF"), ("24000/1001", "NDF"), ("25", "NDF")])
def test_timecode_is_drop_frame_at_29_97_alone(rate, form, tmp_path):
    (sequence,) = ElementTree.fromstring(to_fcpxml(cut_at(rate), tmp_path)[0]).iter("sequence")
    assert sequence.get("tcFormat") == form


def test_clips_of_one_file_share_an_asset_whose_range_is_all_of_it(tmp_path):
    root = ElementTree.fromstring(to_fcpxml(cut_at("24"), tmp_path)[0])
    source, take = sorted(root.iter("asset"), key=lambda asset: asset.get("name"))
    if source.get("name").startswith("sh020"):
        source, take = take, source
    assert (seconds(source.get("start")), seconds(source.get("duration"))) == (0, Fraction(2700, 24))
    assert (seconds(take.get("start")), seconds(take.get("duration"))) == (1, Fraction(36, 24))
    assert take.get("src").endswith("/shots/sh020/takes/t001/frames/sh020_t001.[0996-1031].png")
    assert source.get("src").startswith("file:///") and source.get("src").endswith("/my%20clip.mp4")


def test_note_is_a_marker_on_its_frame(tmp_path, exact_adapter):
    text, _ = to_fcpxml(cut_at("24000/1001", [("<b> & the\nhand\x07", 40)]), tmp_path)
    (marker,) = list(fcpx_xml.read_from_string(text).tracks[0].find_clips())[1].markers
    assert (marker.name, marker.marked_range.start_time.to_frames()) == ("<b> & the hand", 40)


@pytest.mark.parametrize("scale", [1, 24, 1001, 2**24])
def test_adapter_as_released_reads_frame_29_at_25_as_28_however_its_time_is_written(scale):
    """It takes the quotient in floating point, which no common factor changes, and cuts off what is left of a frame."""
    assert fcpx_xml.to_rational_time(f"{29 * scale}/{25 * scale}s", 25).value == 28


@pytest.mark.parametrize(("rate", "taken_for"), [("24000/1001", 23), ("30000/1001", 29)])
def test_adapter_as_released_has_no_rate_between_whole_ones(rate, taken_for, tmp_path):
    text, _ = to_fcpxml(cut_at(rate), tmp_path)
    assert {c.source_range.duration.rate for c in fcpx_xml.read_from_string(text).find_clips()} == {taken_for}
