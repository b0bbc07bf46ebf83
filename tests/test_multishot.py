"""Real films of several shots: their cuts and transitions, and one of them through the whole job."""

import json
from fractions import Fraction
from itertools import pairwise

import pytest

from v2v_studio.media.probe import probe
from v2v_studio.media.sound import audio_packets
from v2v_studio.studio import Studio

FILMS = ("bbb", "bikes", "reel")
TRANSITIONS = {  # as footage/*_multishot.json has them
    "bbb": [("fade-in", 0, 50)],
    "bikes": [],
    "reel": [("dissolve", 146, 158), ("fade-out", 196, 206), ("fade-in", 206, 216)],
}


@pytest.fixture(scope="module")
def cut(shared, tmp_path_factory):
    """film -> (its project, what is true of it), each made once."""
    made = {}

    def get(film):
        if film not in made:
            studio = Studio.create(tmp_path_factory.mktemp(film) / film, (160, 90))
            studio.ingest([shared / "footage" / f"{film}_multishot.mp4"])
            studio.cut()
            made[film] = studio, json.loads((shared / "footage" / f"{film}_multishot.json").read_text())
        return made[film]

    return get


@pytest.mark.slow
@pytest.mark.parametrize("film", FILMS)
def test_hard_cuts_are_found_within_a_frame_and_no_others(cut, film):
    studio, truth = cut(film)
    shots = studio.shots()
    found = [after.start for before, after in pairwise(shots) if before.end == after.start]
    hits = [frame for frame in found if any(abs(frame - true) <= 1 for true in truth["cuts"])]
    assert len(hits) == len(found) == len(truth["cuts"])  # F1 is 1


@pytest.mark.slow
@pytest.mark.parametrize("film", FILMS)
def test_transitions_are_found_within_two_frames_at_either_end(cut, film):
    studio, _ = cut(film)
    found = studio.store.footage("a001").cut.transitions
    assert [t.kind for t in found] == [kind for kind, _, _ in TRANSITIONS[film]]
    for transition, (_, start, end) in zip(found, TRANSITIONS[film], strict=True):
        assert abs(transition.start - start) <= 2 and abs(transition.end - end) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("film", FILMS)
def test_shots_and_transitions_tile_the_film(cut, film):
    studio, truth = cut(film)
    pieces = [*studio.shots(), *studio.store.footage("a001").cut.transitions]
    spans = sorted((piece.start, piece.end) for piece in pieces)
    assert [0, *(end for _, end in spans)] == [*(start for start, _ in spans), truth["frames"]]


@pytest.mark.slow
def test_whole_reel_is_styled_and_keeps_frames_rate_and_sound(shared, tmp_path):
    source = shared / "footage" / "reel_multishot.mp4"
    studio = Studio.create(tmp_path / "reel", (160, 90))
    made = studio.run(source, "filters", {"preset": "poster"}, render_options={"quality": "draft"}, workers=1)
    (export,) = made["exports"]
    found = probe(export["path"])
    assert (found.frames, export["styled"], Fraction(found.rate)) == (362, 362, Fraction(24))
    assert audio_packets(export["path"]) == audio_packets(source)
