import json

import numpy as np
import pytest

from v2v_studio.errors import UsageError
from v2v_studio.media.frames import write_png
from v2v_studio.media.probe import probe
from v2v_studio.studio.clips import About, clips_in, digest, opened, read_about
from v2v_studio.studio.vbench import file_stem, lay_out


def pictures(folder, count=2):
    folder.mkdir(parents=True)
    for t in range(count):
        write_png(folder / f"{t}.png", np.full((3, 8, 16), t / 4, np.float32))
    return folder


def test_clips_are_videos_and_folders_of_pictures_by_name(tmp_path, film):
    pictures(tmp_path / "walk")
    (tmp_path / "film.mp4").symlink_to(film)
    (tmp_path / "notes.txt").write_text("no clip")
    (tmp_path / "empty").mkdir()
    assert clips_in(tmp_path) == {"film": tmp_path / "film.mp4", "walk": tmp_path / "walk"}


def test_a_clip_alone_is_one(tmp_path, film):
    assert clips_in(pictures(tmp_path / "walk")) == {"walk": tmp_path / "walk"}
    assert clips_in(film) == {"film": film}


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_no_clip_is_said_so(tmp_path, make):
    make(tmp_path / "x")
    with pytest.raises(UsageError, match=r"folder of clips|holds no clip"):
        clips_in(tmp_path / "x")


def test_two_of_one_name_are_refused(tmp_path):
    pictures(tmp_path / "walk")
    (tmp_path / "walk.mp4").write_bytes(b"x")
    with pytest.raises(UsageError, match="have one name"):
        clips_in(tmp_path)


def test_what_was_asked_of_clips_is_read(tmp_path):
    asked = {"walk": {"prompt": "a dog", "boxes": [[0, 0, 1, 0.5]] * 2, "drags": [[[1, 2], [5, 2]]]}}
    (tmp_path / "about.json").write_text(json.dumps(asked))
    about = read_about(tmp_path / "about.json")["walk"]
    clip = opened(pictures(tmp_path / "walk")).clip(about)
    assert (clip.frames, clip.size, clip.prompt) == (2, (16, 8), "a dog")
    assert clip.boxes.tolist() == [[0, 0, 1, 0.5]] * 2
    assert clip.paths[0].tolist() == [[1, 2], [5, 2]]
    assert read_about(None) == {}


@pytest.mark.parametrize("text", ["[1]", "{", '{"walk": {"promt": "a dog"}}', '{"walk": {"boxes": [[1, 2]]}}'])
def test_what_is_no_such_file_is_one_sentence(tmp_path, text):
    (tmp_path / "about.json").write_text(text)
    with pytest.raises(UsageError, match=r"about\.json"):
        read_about(tmp_path / "about.json")
    with pytest.raises(UsageError, match="cannot be read"):
        read_about(tmp_path / "none.json")


def test_a_box_is_needed_for_every_frame(tmp_path):
    with pytest.raises(UsageError, match="2 frames and 1 boxes"):
        opened(pictures(tmp_path / "walk")).clip(About(boxes=((0, 0, 1, 1),)))


def test_a_clip_is_known_by_its_pixels_in_their_order(tmp_path):
    one, other = pictures(tmp_path / "a"), pictures(tmp_path / "b")
    assert digest(one) == digest(other)
    (other / "0.png").rename(other / "2.png")
    assert digest(one) != digest(other)


def test_vbench_finds_videos_by_prompt_and_number(tmp_path, film):
    clips = {"a": pictures(tmp_path / "in" / "a", 3), "b": film, "c": film}
    asked = {"a": About(prompt="a dog / a cat"), "b": About(prompt="a film"), "c": About(prompt="a film")}
    rows = lay_out(clips, asked, tmp_path / "out")
    assert [row["file"] for row in rows] == ["a dog   a cat-0.mp4", "a film-0.mp4", "a film-1.mp4"]
    assert probe(tmp_path / "out" / "a dog   a cat-0.mp4").frames == 3
    assert (tmp_path / "out" / "a film-1.mp4").read_bytes() == film.read_bytes()
    assert json.loads((tmp_path / "out" / "prompts.json").read_text())["a dog   a cat-0.mp4"] == "a dog / a cat"
    with pytest.raises(UsageError, match="is there already"):
        lay_out(clips, asked, tmp_path / "out")


def test_vbench_needs_a_prompt_of_every_clip_before_anything_is_written(tmp_path, film):
    with pytest.raises(UsageError, match="there is none for b"):
        lay_out({"a": film, "b": film}, {"a": About(prompt="x")}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("prompt", "stem"), [("../up", "up"), ("a\nb", "a b"), ("///", "clip"), ("é" * 300, "é" * 200)]
)
def test_a_prompt_never_leaves_its_folder(prompt, stem):
    assert file_stem(prompt) == stem
