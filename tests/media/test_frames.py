import io
import subprocess
import sys
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from v2v_studio.errors import MediaError
from v2v_studio.media.frames import (
    fit,
    frame_files,
    from_uint8,
    is_whole_png,
    picture_size,
    read_picture,
    read_png,
    resize,
    to_uint8,
    upright,
    write_png,
)


def colours(height=4, width=6, seed=0):
    return from_uint8(np.random.default_rng(seed).integers(0, 256, (3, height, width), dtype=np.uint8))


def test_every_8_bit_value_survives_the_way_to_float_and_back():
    values = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert np.array_equal(to_uint8(from_uint8(values)), values)


def test_8_bit_values_are_rounded_to_the_nearest_and_clipped():
    assert to_uint8(np.float32([-1, 0.4 / 255, 0.6 / 255, 254.4 / 255, 2])).tolist() == [0, 0, 1, 254, 255]


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (64, 48)])
def test_a_written_png_reads_back_exactly(tmp_path, size):
    frame = colours(*size)
    write_png(tmp_path / "a.png", frame)
    assert np.array_equal(read_png(tmp_path / "a.png"), frame)
    with Image.open(tmp_path / "a.png") as image:  # another reader agrees
        assert np.array_equal(np.asarray(image).transpose(2, 0, 1), to_uint8(frame))


def test_a_png_carries_text_latin_or_not(tmp_path):
    text = {"seed": "7", "prompt": "Öl auf Leinwand", "title": "水彩"}
    write_png(tmp_path / "a.png", colours(), text)
    with Image.open(tmp_path / "a.png") as image:
        assert image.text == text


def test_the_same_frame_and_text_give_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, colours(), {"seed": "7"})
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    write_png(tmp_path / "a.png", colours())
    before = (tmp_path / "a.png").read_bytes()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(zlib, "compress", full)
    with pytest.raises(OSError, match="no space"):
        write_png(tmp_path / "a.png", colours(seed=1))
    assert (tmp_path / "a.png").read_bytes() == before


def test_half_written_frames_are_not_listed(tmp_path):
    write_png(tmp_path / "a.png", colours())
    (tmp_path / ".b.png.part").write_bytes(b"half")
    (tmp_path / ".c.png").write_bytes(b"hidden")
    assert frame_files(tmp_path) == [tmp_path / "a.png"]


@pytest.mark.parametrize("harm", ["none", "emptied", "cut off", "a byte changed", "more behind it", "no PNG"])
def test_a_png_is_whole_when_every_checksum_is_right(tmp_path, harm):
    write_png(tmp_path / "a.png", colours())
    data = bytearray((tmp_path / "a.png").read_bytes())
    if harm == "a byte changed":
        data[len(data) // 2] ^= 1
    harmed = {"emptied": b"", "cut off": data[:-1], "more behind it": data + b"x", "no PNG": b"BM" + data}
    (tmp_path / "a.png").write_bytes(harmed.get(harm, data))
    assert is_whole_png(tmp_path / "a.png") == (harm == "none")


def test_what_is_named_as_a_picture_and_is_no_file_is_passed_over(tmp_path):
    write_png(tmp_path / "a.png", colours())
    (tmp_path / "b.png").mkdir()
    assert frame_files(tmp_path) == [tmp_path / "a.png"]


def test_files_are_in_natural_order(tmp_path):
    for name in ("f10.png", "f9.png", "f1.jpg", "a2b10.tif", "a2b9.tif", "note.txt"):
        (tmp_path / name).touch()
    assert [p.name for p in frame_files(tmp_path)] == ["a2b9.tif", "a2b10.tif", "f1.jpg", "f9.png", "f10.png"]


def test_16_bit_png_keeps_its_depth(tmp_path):
    samples = np.uint16([[[1, 2, 3], [65535, 256, 255]]])  # one row of two RGB pixels
    cv2.imwrite(str(tmp_path / "deep.png"), samples[..., ::-1])
    expected = samples.transpose(2, 0, 1).astype(np.float32) / np.float32(65535)
    assert np.array_equal(read_png(tmp_path / "deep.png"), expected)
    picture = read_picture(tmp_path / "deep.png")
    assert picture.depth == 16
    assert np.array_equal(picture.rgb, expected)


def test_16_bit_tiff_keeps_its_depth(tmp_path):
    samples = np.uint16([[[1000, 2, 3], [65535, 256, 255]]])
    cv2.imwrite(str(tmp_path / "deep.tif"), samples[..., ::-1])
    picture = read_picture(tmp_path / "deep.tif")
    assert picture.depth == 16
    assert np.array_equal(picture.rgb[:, 0, 0], samples[0, 0].astype(np.float32) / np.float32(65535))


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGB"])
@pytest.mark.parametrize("read", [read_png, lambda path: read_picture(path).rgb], ids=["png", "picture"])
def test_grey_palette_and_colour_read_as_rgb(tmp_path, mode, read):
    image = Image.fromarray(np.uint8([[0, 255], [255, 0]])).convert(mode)
    image.save(tmp_path / "a.png")
    assert read(tmp_path / "a.png")[:, 0].tolist() == [[0, 1]] * 3


def test_alpha_is_reported_and_laid_over_black_for_frames(tmp_path):
    Image.fromarray(np.uint8([[[255, 0, 51, 51]]])).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert picture.rgb.ravel() == pytest.approx([1, 0, 0.2])
    assert picture.alpha.ravel() == pytest.approx([0.2])
    assert read_png(tmp_path / "a.png").ravel() == pytest.approx([0.2, 0, 0.04])
    assert picture.over_black.ravel() == pytest.approx([0.2, 0, 0.04])


def test_a_palette_with_a_transparent_entry_has_alpha(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpixel((1, 0), 1)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.save(tmp_path / "a.png", transparency=0)
    assert read_picture(tmp_path / "a.png").alpha.ravel().tolist() == [0, 1]


def swapped_profile():
    """sRGB with its red and green primaries exchanged: a profile anyone can see the effect of."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data).replace("sRGB".encode("utf-16-be"), "sGRB".encode("utf-16-be"))


def test_an_embedded_profile_is_converted_to_srgb(tmp_path):
    Image.new("RGB", (2, 2), (255, 0, 0)).save(tmp_path / "a.png", icc_profile=swapped_profile())
    picture = read_picture(tmp_path / "a.png")
    assert "sGRB" in picture.profile
    assert picture.rgb[:, 0, 0] == pytest.approx([0, 1, 0], abs=2 / 255)  # littleCMS rounds at 8 bits


def test_srgb_needs_no_conversion(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (2, 2), (255, 1, 2)).save(tmp_path / "a.png", icc_profile=profile)
    picture = read_picture(tmp_path / "a.png")
    assert picture.profile is None
    assert to_uint8(picture.rgb)[:, 0, 0].tolist() == [255, 1, 2]


def test_a_broken_profile_is_passed_over(tmp_path):
    Image.new("RGB", (2, 2), (255, 1, 2)).save(tmp_path / "a.png", icc_profile=b"no profile")
    assert read_picture(tmp_path / "a.png").profile is None


def test_a_cmyk_jpeg_reads_as_rgb(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").rgb[:, 4, 4] == pytest.approx([1, 0, 0], abs=4 / 255)  # JPEG


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_is_applied(tmp_path, orientation, suffix):
    image = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(2, 4, 3))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / f"a.{suffix}", exif=exif)
    with Image.open(tmp_path / f"a.{suffix}") as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored)).transpose(2, 0, 1)
    assert np.array_equal(to_uint8(read_picture(tmp_path / f"a.{suffix}").rgb), expected)
    assert picture_size(tmp_path / f"a.{suffix}") == (expected.shape[2], expected.shape[1])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_of_a_deep_tiff_is_applied(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.arange(0, 65536, 8192, dtype=np.uint16).reshape(2, 4)
    Image.fromarray(stored).save(tmp_path / "a.tif", exif=exif)
    expected = upright(stored[None].astype(np.float32) / np.float32(65535), orientation)
    assert np.array_equal(read_picture(tmp_path / "a.tif").rgb[:1], expected)
    assert picture_size(tmp_path / "a.tif") == (expected.shape[2], expected.shape[1])


def test_turning_upright_keeps_every_pixel():
    frame = colours()
    for orientation in range(1, 9):
        assert sorted(upright(frame, orientation).ravel()) == sorted(frame.ravel())


def bomb(width, height):
    """A PNG whose header promises a huge picture."""
    data = bytearray(io_png())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


def io_png():
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("read", [read_png, read_picture])
@pytest.mark.parametrize("size", [(10_000, 10_000), (100_000, 100_000)])
def test_absurd_sizes_are_refused_before_decoding(tmp_path, read, size):
    (tmp_path / "bomb.png").write_bytes(bomb(*size))
    with pytest.raises(MediaError, match=r"bomb\.png"):
        read(tmp_path / "bomb.png")


@pytest.mark.parametrize("read", [read_png, read_picture])
@pytest.mark.parametrize("data", [b"", b"hello", io_png()[:40]], ids=["empty", "text", "cut off"])
def test_what_is_no_picture_is_refused_with_its_name(tmp_path, read, data):
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(MediaError, match=r"a\.png"):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("read", [read_png, read_picture])
def test_a_missing_picture_is_refused(tmp_path, read):
    with pytest.raises(MediaError, match="does not exist"):
        read(tmp_path / "none.png")


def test_resizing_a_flat_frame_keeps_its_colour():
    flat = np.full((3, 9, 12), 0.5, np.float32)
    for size in ((6, 4), (24, 18), (5, 30)):
        assert resize(flat, size).shape == (3, size[1], size[0])
        assert resize(flat, size) == pytest.approx(0.5, abs=1e-6)  # float32 weights sum to one within this


def test_halving_averages_four_pixels():
    frame = colours(4, 6)
    expected = frame.reshape(3, 2, 2, 3, 2).mean(axis=(2, 4))
    assert resize(frame, (3, 2)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("size", "within", "expected"),
    [
        ((1920, 1080), (854, 854), (854, 480)),
        ((1080, 1920), (854, 480), (270, 480)),
        ((427, 239), (1000, 1000), (426, 238)),
        ((16, 16), (854, 480), (16, 16)),
    ],
)
def test_a_working_size_keeps_the_shape(size, within, expected):
    assert fit(size, within) == expected


sides = st.integers(2, 8000)


@given(st.tuples(sides, sides), st.tuples(sides, sides))
def test_a_working_size_is_even_and_fits(size, within):
    for side, bound, full in zip(fit(size, within), within, size, strict=True):
        assert side % 2 == 0
        assert 2 <= side <= min(bound, full)


def test_frames_alone_load_no_video_library():
    code = "import sys, v2v_studio.media.frames; sys.exit('av' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
