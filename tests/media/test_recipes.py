import json
import struct
import zlib
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from v2v_studio.errors import MediaError, StudioError
from v2v_studio.media.frames import write_png
from v2v_studio.media.recipes import MAX_BYTES, png_text, read_recipe, video_tags
from v2v_studio.media.writer import write_video

GREY = np.full((3, 16, 16), 0.5, np.float32)
RECIPE = {"track": "restyle", "params": {"quality": "draft"}, "seed": 7, "curve": [0.25, 0.75]}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with(path: Path, *chunks: bytes) -> Path:
    """A picture with chunks put in right after its header."""
    write_png(path, GREY)
    data = path.read_bytes()
    path.write_bytes(data[:33] + b"".join(chunks) + data[33:])
    return path


def test_picture_gives_back_its_recipe(tmp_path):
    write_png(tmp_path / "a.png", GREY, png_text(RECIPE))
    assert read_recipe(tmp_path / "a.png") == RECIPE


def test_recipe_beyond_latin_1_comes_back_from_a_picture(tmp_path):
    write_png(tmp_path / "a.png", GREY, {"v2v": json.dumps({"note": "雪"}, ensure_ascii=False)})
    assert read_recipe(tmp_path / "a.png") == {"note": "雪"}


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_video_gives_back_its_recipe(tmp_path, suffix):
    write_video(tmp_path / f"a.{suffix}", [GREY], Fraction(24), metadata=video_tags(RECIPE))
    assert read_recipe(tmp_path / f"a.{suffix}") == RECIPE


def test_long_recipe_comes_back_whole_from_a_video(tmp_path):
    recipe = {"curve": [i / 7 for i in range(40_000)]}
    assert 700_000 < len(json.dumps(recipe)) < MAX_BYTES
    write_video(tmp_path / "a.mp4", [GREY], Fraction(24), metadata=video_tags(recipe))
    assert read_recipe(tmp_path / "a.mp4") == recipe


def test_recipe_that_could_not_be_read_back_is_left_out_of_a_video():
    assert video_tags({"text": "a" * MAX_BYTES}) == {}


def test_files_without_a_recipe_have_none(tmp_path):
    write_png(tmp_path / "a.png", GREY, {"Author": "nobody"})
    write_video(tmp_path / "a.mp4", [GREY], Fraction(24), metadata={"comment": "for the second edit"})
    assert read_recipe(tmp_path / "a.png") is None
    assert read_recipe(tmp_path / "a.mp4") is None


def test_compressed_text_is_never_unpacked(tmp_path):
    bomb = zlib.compress(b" " * 50_000_000)
    text = b"v2v\0\x01\0\0\0" + bomb
    assert read_recipe(png_with(tmp_path / "a.png", chunk(b"iTXt", text), chunk(b"zTXt", b"v2v\0\0" + bomb))) is None


@pytest.mark.parametrize("text", ["[1]", "7", "", "{", '{"a": NaN}', '{"a": Infinity}', "[" * 200_000, "9" * 5000])
def test_text_that_is_no_object_of_finite_numbers_is_refused(tmp_path, text):
    with pytest.raises(MediaError, match="not a JSON object"):
        read_recipe(png_with(tmp_path / "a.png", chunk(b"tEXt", b"v2v\0" + text.encode())))


def test_text_over_a_megabyte_is_refused(tmp_path):
    with pytest.raises(MediaError, match="longer than 1 MB"):
        read_recipe(png_with(tmp_path / "a.png", chunk(b"tEXt", b'v2v\0{"a": "' + b"a" * MAX_BYTES + b'"}')))


def test_text_with_a_wrong_checksum_is_refused(tmp_path):
    with pytest.raises(MediaError, match="checksum"):
        read_recipe(png_with(tmp_path / "a.png", chunk(b"tEXt", b"v2v\0{}")[:-4] + b"\0\0\0\0"))


def test_missing_file_is_told(tmp_path):
    with pytest.raises(MediaError, match="does not exist"):
        read_recipe(tmp_path / "a.png")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"tEXt", b"iTXt", b"zTXt", b"IDAT"]), st.booleans())
def test_no_text_whatever_raises_anything_but_our_own_errors(text, kind, named):
    with TemporaryDirectory() as folder:
        try:
            found = read_recipe(png_with(Path(folder) / "a.png", chunk(kind, b"v2v\0" * named + text)))
        except StudioError:
            return
        assert found is None or isinstance(found, dict)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_torn_picture_raises_anything_but_our_own_errors(rest):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + rest)
        with suppress(StudioError):
            read_recipe(path)
