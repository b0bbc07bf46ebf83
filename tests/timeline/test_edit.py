import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.project.records import Shot, Take
from v2v_studio.shots.base import Transition
from v2v_studio.timeline.edit import Segment, edit_of
from v2v_studio.timeline.extent import extent

FADE_OUT = Transition("fade-out", 5, 8, (0.7, 0.4, 0.1), 0.0)
FADE_IN = Transition("fade-in", 8, 10, (0.2, 0.6), 0.0)
DISSOLVE = Transition("dissolve", 5, 8, (0.2, 0.5, 0.8), 0.0)


def spans(segments):
    return [(piece.start, piece.end) for piece in segments]


def test_footage_without_takes_is_one_piece_of_source(shot):
    assert edit_of(10, [shot(0, 10)], [], {"sh010": None}) == [Segment(0, 10)]


def test_trimmed_frames_show_the_source(shot, take):
    made = take(0, 10)
    assert edit_of(10, [shot(2, 7)], [], {"sh010": made}) == [Segment(0, 2), Segment(2, 7, made), Segment(7, 10)]


def test_dissolve_between_two_takes_mixes_them(shot, take):
    shots = [shot(0, 5), shot(8, 12, "sh020")]
    one, two = take(0, 8), take(5, 12, shot="sh020")
    edit = edit_of(12, shots, [DISSOLVE], {"sh010": one, "sh020": two})
    assert edit == [Segment(0, 5, one), Segment(5, 8, one, two, DISSOLVE), Segment(8, 12, two)]


def test_dissolve_into_a_disabled_shot_mixes_with_the_source(shot, take):
    one = take(0, 8)
    edit = edit_of(12, [shot(0, 5)], [DISSOLVE], {"sh010": one})
    assert edit == [Segment(0, 5, one), Segment(5, 8, one, None, DISSOLVE), Segment(8, 12)]


def test_fade_through_black_is_remade_from_the_look_on_either_side(shot, take):
    shots = [shot(0, 5), shot(10, 12, "sh020")]
    one, two = take(0, 8), take(8, 12, shot="sh020")
    edit = edit_of(12, shots, [FADE_OUT, FADE_IN], {"sh010": one, "sh020": two})
    assert [(piece.outgoing, piece.transition) for piece in edit] == [
        (one, None),
        (one, FADE_OUT),
        (two, FADE_IN),
        (two, None),
    ]


def test_take_that_does_not_reach_over_the_transition_leaves_it_to_the_source(shot, take):
    edit = edit_of(12, [shot(0, 5)], [DISSOLVE], {"sh010": take(0, 5)})
    assert spans(edit) == [(0, 5), (5, 12)] and edit[1].outgoing is None


@pytest.mark.parametrize("start", [6, 7])
def test_shot_trimmed_into_a_transition_has_its_own_frames(shot, take, start):
    shots = [shot(0, 5), shot(start, 12, "sh020")]
    takes = {"sh010": take(0, 8), "sh020": take(start, 12, shot="sh020")}
    assert spans(edit_of(12, shots, [DISSOLVE], takes)) == [(0, 5), (5, start), (start, 12)]


@st.composite
def films(draw):
    """A film of shots and transitions as a detector finds them, then trimmed, disabled and rendered in part by a user."""
    shots, transitions, shown, at = [], [], {}, draw(st.integers(0, 4))
    for index in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from([None, "dissolve", "fade-out", "fade-in"]))
        if kind:
            length = draw(st.integers(1, 4))
            transitions.append(Transition(kind, at, at + length, (0.5,) * length, 0.0))
            at += length
        end = at + draw(st.integers(1, 8))
        shots.append(Shot(id=f"sh{10 * (index + 1):03d}", footage="a001", start=at, end=end))
        at = end
    found = [(shot, extent(shot, transitions)) for shot in shots]
    kept, free = [], 0
    for index, (shot, (first, last)) in enumerate(found):
        beyond = shots[index + 1].start if index + 1 < len(shots) else at + 3
        start = draw(st.integers(free, shot.end - 1))
        end = draw(st.integers(max(start, shot.start) + 1, beyond))  # a trim may reach into a transition
        free = end
        if draw(st.booleans()):
            continue  # disabled
        trimmed = shot.changed(start=start, end=end)
        kept.append(trimmed)
        whose = draw(st.sampled_from(["none", "before the trim", "after it"]))
        first, last = (first, last) if whose == "before the trim" else extent(trimmed, transitions)
        fits = first <= start and end <= last  # the studio shows no other
        shown[shot.id] = rendered(shot.id, first, last) if whose != "none" and fits else None
    return at + 3, kept, transitions, shown


def rendered(shot, first, last):
    return Take(
        id="t001",
        shot=shot,
        first_frame="ff001",
        size=(4, 3),
        start=first,
        first=first,
        last=last,
        anchor=first,
        fingerprint="0" * 64,
        created="2000-01-01T00:00:00+00:00",
    )


@given(films())
def test_segments_tile_the_footage_exactly(film):
    frames, *_ = film
    edit = edit_of(*film)
    assert [0, *(piece.end for piece in edit)] == [*(piece.start for piece in edit), frames]
    assert all(piece.start < piece.end for piece in edit)


@given(films())
def test_every_frame_of_a_shown_take_is_one_that_it_has(film):
    for piece in edit_of(*film):
        for take in (piece.outgoing, piece.incoming):
            assert take is None or take.first <= piece.start < piece.end <= take.last
