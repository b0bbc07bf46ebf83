"""A cut of one minute and more in four shots, with notes: what EDL and FCPXML are given."""

from v2v_studio.project.records import Footage, Note, Review, Shot, Take
from v2v_studio.timeline.otio import ShotTakes, timeline_of

RATES = ["24", "25", "24000/1001", "30000/1001"]
CUTS = [(0, 29), (29, 57), (57, 1799), (1799, 1801), (1801, 2700)]  # around the minute, where drop-frame skips numbers
DIGEST = "0" * 64


def cut_at(rate, notes=()):
    """The timeline of one footage with a shot for each of CUTS, the second of them with a take."""
    footage = Footage(
        id="a001",
        path="../my clip.mp4",
        sha256=DIGEST,
        bytes=1,
        kind="video",
        frames=CUTS[-1][1],
        rate=rate,
        width=4,
        height=3,
        probe={"audio": [{}]},
    )
    shots = [Shot(id=f"sh{10 * i + 10:03d}", footage="a001", start=a, end=b) for i, (a, b) in enumerate(CUTS)]
    take = Take(
        id="t001",
        shot="sh020",
        first_frame="ff001",
        size=(4, 3),
        start=29,
        first=24,
        last=60,
        anchor=29,
        fingerprint=DIGEST,
        created="2000-01-01T00:00:00+00:00",
    )
    entries = [ShotTakes(shot) for shot in shots]
    review = Review(notes=[Note(text=text, frame=frame, created="x").model_dump() for text, frame in notes])
    entries[1] = ShotTakes(shots[1], [take], {"t001": review}, take)
    return timeline_of("cut01", [footage], {"a001": entries})


def clips_of(timeline):
    """(name, first frame, one past the last, first frame on the record side) of each clip, in order."""
    clips = []
    for clip in timeline.video_tracks()[0].find_clips():
        span, at = clip.source_range, clip.trimmed_range_in_parent().start_time
        ends = span.start_time.value, span.end_time_exclusive().value, at.value
        assert all(abs(end - round(end)) < 1e-6 for end in ends)
        clips.append((clip.name, *(round(end) for end in ends)))
    return clips


EXPECTED = [(f"sh{10 * i + 10:03d}", start, end, start) for i, (start, end) in enumerate(CUTS)]
