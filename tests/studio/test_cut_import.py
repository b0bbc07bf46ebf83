"""A cut that comes back from an editing program: what is rendered stays, only new frames are rendered."""

import json

import av
import numpy as np
import opentimelineio as otio
import pytest

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import read_png
from v2v_studio.studio.cut_import import out_of_order

DRAFT = {"quality": "draft"}
RATE = 24000 / 1001


def exported(studio):
    return otio.adapters.read_from_file(studio.assemble(formats=["otio"])["timeline"])


def span(start, end, rate=RATE):
    time = otio.opentime.RationalTime
    return otio.opentime.TimeRange(time(start, rate), time(end - start, rate))


@pytest.fixture
def bring(rendered, tmp_path):
    """bring(timeline, **options): import it into the rendered project."""

    def imported(timeline, **options):
        path = tmp_path / "from_editing.otio"
        otio.adapters.write_to_file(timeline, str(path))
        return rendered.import_cut(path, **options)

    return imported


def done(made):
    return [(row["shot"], row["from"], row["to"], row["what"], row["render"]) for row in made["rows"]]


def state(studio):
    """Every file of the project but what is derived, by path."""
    folder = studio.store.folder
    kept = [p for place in ("shots", "footage", "edits") for p in (folder / place).rglob("*") if p.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


def changed_cut(studio):
    """sh020 before sh010, sh010 without its first and last two frames, and of sh030's footage only four frames."""
    timeline = exported(studio)
    picture = timeline.tracks[0]
    first, second, third = (picture[i].deepcopy() for i in range(3))
    first.source_range = span(2, 10)
    del picture[:]
    picture.extend([second, first, third])
    return timeline


def test_timeline_out_and_in_again_leaves_every_file_as_it_was(rendered, bring):
    rendered.review("sh010/t001", "note", "the hand smears", 1003)
    timeline = exported(rendered)
    before = state(rendered)
    made = bring(timeline)
    assert state(rendered) == before
    assert done(made) == [
        ("sh010", 0, 12, "kept", 0),
        ("sh020", 12, 22, "kept", 0),
        ("sh030", 22, 36, "kept", 0),
    ]


def test_trimmed_and_disabled_shots_come_back_as_they_were(rendered, bring):
    rendered.trim("sh010", 1003, 1010)
    rendered.disable("sh020")
    timeline = exported(rendered)
    before = state(rendered)
    bring(timeline)
    assert state(rendered) == before


def test_trim_and_reorder_render_nothing(rendered, bring):
    made = bring(changed_cut(rendered))
    assert done(made) == [
        ("sh020", 12, 22, "moved", 0),
        ("sh010", 2, 10, "trimmed", 0),
        ("sh030", 22, 36, "kept", 0),
    ]
    plans = rendered.plan(options=DRAFT)
    assert [(plan.what, plan.frames) for plan in plans] == [("reuse", 0)] * 3


def test_new_range_of_the_footage_is_a_new_shot_and_all_that_is_rendered(rendered, bring):
    rendered.trim("sh030", 1001, 1009)  # frames 30 to 36 are nobody's
    rendered.render(rendered.plan(options=DRAFT), workers=1)
    timeline = changed_cut(rendered)
    extra = timeline.tracks[0][2].deepcopy()
    extra.name, extra.source_range = "insert", span(31, 36)
    extra.metadata.clear()
    timeline.tracks[0].insert(0, extra)
    made = bring(timeline)
    assert done(made)[0] == ("sh040", 31, 36, "new", 5)
    assert sum(row["render"] for row in made["rows"]) == 5
    rendered.stylize(["sh040"], "filters", {"preset": "poster"})
    assert {plan.shot: plan.frames for plan in rendered.plan(options=DRAFT)} == {
        "sh010": 0,
        "sh020": 0,
        "sh030": 0,
        "sh040": 5,
    }


def test_assemble_plays_the_imported_cut_frame_by_frame(rendered, bring):
    bring(changed_cut(rendered))
    (export,) = rendered.assemble(formats=["frames"])["exports"]
    order = [("sh020", i) for i in range(12, 22)] + [("sh010", i) for i in range(2, 10)]
    order += [("sh030", i) for i in range(22, 36)]
    pictures = sorted((rendered.store.folder / "exports" / "cut01_frames").iterdir())
    assert [path.name for path in pictures] == [f"cut01.{1001 + i}.png" for i in range(32)]
    assert (export["frames"], export["styled"]) == (32, 32)
    for (shot, frame), path in zip(order, pictures, strict=True):
        take = rendered.store.take(shot, "t001")
        assert (read_png(path) == read_png(rendered.store.take_frame(take, frame))).all()


def test_imported_cut_survives_being_assembled_and_imported_again(rendered, bring):
    bring(changed_cut(rendered))
    again = exported(rendered)
    clips = [(clip.name, clip.source_range.start_time.to_frames()) for clip in again.tracks[0].find_clips()]
    assert clips == [("sh020", 12), ("sh010", 2), ("sh030", 22)]
    before = state(rendered)
    assert {row["what"] for row in bring(again)["rows"]} == {"kept"}
    assert state(rendered) == before


@pytest.mark.parametrize(("form", "near"), [("mp4", 0.03), ("prores", 0.001)])  # AAC is lossy, twice; PCM once more
def test_film_of_a_reordered_cut_has_its_sound_cut_with_it(rendered, bring, film, form, near):
    bring(changed_cut(rendered))
    (export,) = rendered.assemble(formats=[form])["exports"]
    assert (export["frames"], export["rate"], export["notes"]) == (32, "24000/1001", [])
    source, cut = heard(film), heard(export["path"])
    expected = [source[sample(start) : sample(end)] for start, end in ((12, 22), (2, 10), (22, 36))]
    at = 0
    for piece in expected:
        edge = 1500  # AAC smears over a frame of 1024 samples at a cut; the source ends a few samples early
        inside = slice(at + edge, at + len(piece) - edge)
        assert np.abs(cut[inside] - piece[edge:-edge]).mean() < near
        at += len(piece)


def heard(path):
    with av.open(str(path)) as container:
        sound = np.zeros(80_000, np.float32)
        for frame in container.decode(audio=0):
            samples, at = frame.to_ndarray(), round(frame.pts * frame.time_base * 48000)
            left = samples[0] if frame.format.is_planar else samples[0, :: len(frame.layout.channels)] / 32768
            sound[max(0, at) : at + len(left)] = left[max(0, -at) :]
        return sound


def sample(frame):
    return round(frame * 48000 * 1001 / 24000)


def test_another_edit_still_plays_the_footage_as_it_lies(rendered, bring):
    bring(changed_cut(rendered), name="director")
    assert rendered.assemble("cut01", formats=["frames"])["exports"][0]["frames"] == 36
    assert rendered.assemble("director", formats=["frames"])["exports"][0]["frames"] == 32


def test_importing_the_footage_as_it_lies_undoes_an_imported_cut(rendered, bring):
    timeline = exported(rendered)
    before = state(rendered)
    bring(changed_cut(rendered))
    bring(timeline)
    assert state(rendered) == before


def test_clip_that_plays_on_makes_its_shot_longer(rendered, bring):
    rendered.trim("sh030", 1001, 1009)
    timeline = exported(rendered)
    clip = timeline.tracks[0][2]
    clip.source_range = span(22, 33)
    del timeline.tracks[0][3]
    made = bring(timeline)
    shot = rendered.store.shot("sh030")
    assert (shot.start, shot.end, shot.first_frame) == (22, 33, "ff001")
    assert done(made)[2] == ("sh030", 22, 33, "extended", 0)  # its take was made before the trim and has them


def test_clip_over_a_cut_of_the_footage_shows_both_shots(rendered, bring):
    timeline = exported(rendered)
    del timeline.tracks[0][1:]
    timeline.tracks[0][0].source_range = span(6, 16)
    assert done(bring(timeline)) == [
        ("sh010", 6, 12, "trimmed", 0),
        ("sh020", 12, 16, "trimmed", 0),
        ("sh030", 22, 36, "missing", 0),
    ]


def test_shot_that_is_left_out_stays_in_the_project(rendered, bring):
    timeline = exported(rendered)
    del timeline.tracks[0][1]
    assert done(bring(timeline))[-1] == ("sh020", 12, 22, "missing", 0)
    assert rendered.store.takes("sh020")


def test_dry_run_changes_nothing(rendered, bring):
    timeline = changed_cut(rendered)
    before = state(rendered)
    made = bring(timeline, dry_run=True)
    assert made["edit"] is None and state(rendered) == before


def test_clip_without_our_metadata_is_matched_by_the_name_of_its_media(rendered, bring):
    timeline = otio.schema.Timeline("elsewhere")
    track = otio.schema.Track("V1")
    timeline.tracks.append(track)
    media = otio.schema.ExternalReference("file:///Volumes/Edit/a001.mp4", span(100, 136))  # its clock starts at 100
    track.append(otio.schema.Clip("first", media, span(112, 122)))
    assert done(bring(timeline))[0] == ("sh020", 12, 22, "kept", 0)


def test_clip_of_unknown_media_is_refused_and_nothing_is_opened(rendered, bring, tmp_path):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(b"not to be read")
    secret.chmod(0)
    timeline = exported(rendered)
    clip = timeline.tracks[0][0]
    clip.metadata.clear()
    clip.set_media_references({"x": otio.schema.ExternalReference(f"file://{secret}", span(0, 36))}, "x")
    with pytest.raises(MediaError, match=r"clip 'sh010' is of secret\.mp4, which is not footage .*v2v ingest"):
        bring(timeline)


def test_cut_of_two_footages_is_one_film(rendered, bring, film, tmp_path):
    again = tmp_path / "second.mp4"
    again.write_bytes(film.read_bytes() + b"\0\0\0\x08free")  # the same pictures in another file
    rendered.ingest([again])
    timeline = otio.schema.Timeline("both")
    names = ("a001.mp4", "second.mp4", "a001.mp4")
    clips = [
        otio.schema.Clip(name, otio.schema.ExternalReference(name), span(3 * at, 3 * at + 5))
        for at, name in enumerate(names)
    ]
    timeline.tracks.append(otio.schema.Track("V1", clips))
    assert done(bring(timeline))[:3] == [
        ("sh010", 0, 5, "trimmed", 0),
        ("sh040", 3, 8, "new", 5),
        ("sh010", 6, 11, "trimmed", 0),
    ]
    (export,) = rendered.assemble(formats=["frames"])["exports"]
    assert (export["frames"], export["styled"]) == (15, 10)


def test_footages_of_different_sizes_make_no_one_film(rendered, bring, film, tmp_path):
    second = tmp_path / "second.mp4"
    second.write_bytes(film.read_bytes() + b"\0\0\0\x08free")
    (taken,) = rendered.ingest([second])
    rendered.store.change_footage(taken.id, lambda footage: footage.changed(width=48, height=32))
    timeline = exported(rendered)
    picture = timeline.tracks[0]
    picture.append(picture.pop(0))
    bring(timeline)
    with pytest.raises(MediaError, match=r"joins a001 \(96x64 at 24000/1001\) and a002 \(another size or rate\)"):
        rendered.assemble()


def test_refused_cut_leaves_the_project_as_it_was(rendered, bring):
    timeline = exported(rendered)
    timeline.tracks[0][0].source_range = span(0, 400)
    before = state(rendered)
    with pytest.raises(MediaError, match="plays frames 0 up to 400 of a001, which has 0 up to 36"):
        bring(timeline)
    assert state(rendered) == before


def test_edit_that_is_a_link_is_not_followed(rendered, tmp_path):
    elsewhere = tmp_path / "elsewhere.otio"
    elsewhere.write_text(json.dumps({"imported": True}))
    edits = rendered.store.folder / "edits"
    (edits / "other.otio").symlink_to(elsewhere)
    assert rendered.spans("other") is None


@pytest.mark.parametrize(
    ("after", "moved"),
    [
        ("abcd", []),
        ("acbd", [1]),
        ("dabc", [0]),
        ("bcda", [3]),
        ("aabb", []),
        ("xaby", []),
    ],
)
def test_fewest_shots_are_said_to_have_moved(after, moved):
    assert sorted(out_of_order("abcd", list(after))) == moved
