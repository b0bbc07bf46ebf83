"""Assembled videos made again from their recipe."""

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.recipes import png_text, read_recipe, video_tags
from v2v_studio.media.writer import write_video
from v2v_studio.studio.assemble import Assembling
from v2v_studio.timeline.cut import Span

pytestmark = pytest.mark.slow


def cut_of(studio, name="cut01", **options) -> Path:
    return Path(studio.assemble(name, **options)["exports"][0]["path"])


def retagged(path: Path, recipe: dict, to: Path) -> Path:
    """The same packets under another recipe."""
    with av.open(str(path)) as source, av.open(str(to), "w", options={"movflags": "use_metadata_tags"}) as target:
        target.metadata.update(video_tags(recipe))
        streams = {stream: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream]
                target.mux(packet)
    return to


def test_video_agrees(rendered):
    found = rendered.replay(cut_of(rendered))
    assert (found.agrees, found.made) == (True, "36 frames and everything beside them")


def test_video_of_another_quality_or_form_agrees(rendered):
    assert rendered.replay(cut_of(rendered, crf=30)).agrees
    assert rendered.replay(cut_of(rendered, formats=["prores"])).agrees


def test_video_without_a_recipe_inside_agrees_by_the_one_beside_it(rendered):
    path = cut_of(rendered, embed=False)
    assert read_recipe(path) is None
    assert rendered.replay(path).agrees


def test_video_agrees_after_the_project_went_on(rendered):
    path = cut_of(rendered)
    rendered.stylize(["sh010"], options={"preset": "poster", "detail": "0.9"})
    rendered.render(rendered.plan(["sh010"], options={"quality": "draft"}), workers=1)
    rendered.review("sh010/t001", "reject")
    rendered.disable("sh020")
    assert rendered.replay(path).agrees


def test_cut_of_another_order_agrees(rendered):
    class Reordered(Assembling):
        def spans(self, name):
            return [Span("a001", 24, 36), Span("a001", 2, 14)]

    found = rendered.replay(cut_of(Reordered(rendered.store.folder)))
    assert (found.agrees, found.made) == (True, "24 frames and everything beside them")


def test_replay_of_a_video_leaves_the_project_as_it_was(rendered):
    path = cut_of(rendered)
    before = {p: p.read_bytes() for p in rendered.store.folder.rglob("*") if p.is_file() and ".locks" not in p.parts}
    rendered.replay(path)
    after = {p: p.read_bytes() for p in rendered.store.folder.rglob("*") if p.is_file() and ".locks" not in p.parts}
    assert after == before


def test_changed_param_of_a_take_is_named(rendered, tmp_path):
    path = cut_of(rendered)
    recipe = read_recipe(path)
    recipe["takes"][recipe["shots"]["sh020"]["take"]]["params"]["quality"] = "final"
    found = rendered.replay(retagged(path, recipe, tmp_path / "a.mp4"))
    assert (found.agrees, found.stage) == (False, "renderer")
    assert found.reason == "params.quality is 'final' in a.mp4, 'draft' in sh020/t001"


def test_take_that_was_made_otherwise_since_is_named_by_its_param(rendered):
    path = cut_of(rendered)
    shutil.rmtree(rendered.store.take_folder("sh020", "t001"))
    rendered.render(rendered.plan(["sh020"], options={"quality": "final"}), workers=1)
    found = rendered.replay(path)
    assert found.stage == "motion"  # which has a quality of its own, before the renderer's
    assert "motion_params.quality is 'draft' in cut01.mp4, 'final' in sh020/t001" in found.reason


def test_changed_byte_of_the_footage_is_named(rendered):
    path = cut_of(rendered)
    with open(rendered.store.media_path(rendered.store.footage("a001")), "r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    found = rendered.replay(path)
    assert (found.agrees, found.stage) == (False, "footage")


def test_frame_of_a_take_that_was_changed_is_named(rendered):
    path = cut_of(rendered)
    file = rendered.store.take_folder("sh020", "t001") / "frames" / "sh020_t001.1004.png"
    write_png(file, np.clip(read_png(file) + 0.2, 0, 1), png_text(read_recipe(file)))
    found = rendered.replay(path)
    assert (found.agrees, found.stage) == (False, "frames")
    assert "sh020/t001" in found.reason and "sh020_t001.1004.png or its recipe was changed" in found.reason


def test_other_encoding_is_named(rendered, tmp_path):
    path = cut_of(rendered)
    found = rendered.replay(retagged(path, read_recipe(path) | {"crf": 40}, tmp_path / "a.mp4"))
    assert (found.agrees, found.stage) == (False, "encoding")


def test_video_that_was_wrapped_anew_has_the_same_pictures(rendered, tmp_path):
    path = cut_of(rendered)
    found = rendered.replay(retagged(path, read_recipe(path), tmp_path / "a.mp4"))
    assert found.reason == "every picture agrees, but the sound, the tags or the container do not"


def test_video_of_pictures_alone_with_an_empty_cut_is_no_recipe(tmp_path, rendered):
    from v2v_studio.errors import StudioError

    write_video(tmp_path / "a.mp4", [np.zeros((3, 16, 16), np.float32)], Fraction(24), metadata=video_tags({"x": 1}))
    with pytest.raises(StudioError, match="no kind known here"):
        rendered.replay(tmp_path / "a.mp4")
