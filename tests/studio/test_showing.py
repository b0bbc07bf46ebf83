import os
import shutil
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from PIL import Image

from v2v_studio.errors import StudioError, UsageError
from v2v_studio.media.frames import from_uint8, read_png, resize, to_uint8


@pytest.fixture
def assembled(rendered):
    rendered.assemble(formats=["edl", "otio"])
    return rendered


@pytest.mark.parametrize(
    "name",
    [
        "shots/sh010/takes/t001/preview.mp4",
        "shots/sh010/takes/t001/frames/sh010_t001.1001.png",
        "shots/sh010/takes/t001/metrics.png",
        "shots/sh010/firstframes/ff001/image.png",
        "exports/cut01.edl",
        "edits/cut01.otio",
    ],
)
def test_what_pages_show_is_served(assembled, name):
    assert assembled.servable(name) == assembled.store.folder / name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "../myfilm/exports/cut01.edl",
        "exports/../project.json",
        "exports/../exports/cut01.edl",
        "exports/./cut01.edl",
        "exports//cut01.edl",
        "exports/cut01.edl/",
        "exports/cut01.edl\0.mp4",
        "exports/cut01.edl\n",
        "exports",
        "exports/missing.mp4",
        r"exports\cut01.edl",
        "exports/%2e%2e/project.json",
        "project.json",
        "footage/a001.json",
        "footage/a001.mp4",
        "shots/sh010/shot.json",
        "shots/sh010/takes/t001/take.json",
        "shots/sh010/takes/t001/review.json",
        "shots/sh010/takes/t001/frames/../take.json",
        "shots/sh010/takes/.partial-0123456789abcdef/frames/1001.png",
        "shots/../shots/sh010/takes/t001/preview.mp4",
        "jobs/j001.json",
        "jobs/j001.log",
        ".locks/project.lock",
        "cache/flow/x",
    ],
)
def test_nothing_else_is_served(assembled, name):
    (assembled.store.folder / "jobs/j001.log").touch()
    with pytest.raises(StudioError, match="there is nothing of the name"):
        assembled.servable(name)


@pytest.mark.parametrize("inside", [True, False])
def test_no_link_is_served_wherever_it_leads(assembled, tmp_path, inside):
    secret = assembled.store.folder / "project.json" if inside else tmp_path / "secret.mp4"
    secret.exists() or secret.write_text("secret")
    folder = assembled.store.folder / "exports"
    (folder / "link.mp4").symlink_to(secret)
    (folder / "linked").symlink_to(secret.parent)
    for name in ("exports/link.mp4", f"exports/linked/{secret.name}"):
        with pytest.raises(UsageError):
            assembled.servable(name)
    os.link(assembled.store.folder / "exports/cut01.edl", folder / "same.edl")  # takes share frames like that
    assert assembled.servable("exports/same.edl")


def read(data):
    """(3, H, W) of the bytes of a picture's file."""
    return from_uint8(np.asarray(Image.open(BytesIO(data))).transpose(2, 0, 1))


def near(data, picture):
    """Whether a JPEG shows a picture, shrunk to its size: within what its quality and its halved colours lose."""
    shown = read(data)
    return np.abs(shown - resize(picture, shown.shape[:0:-1])).mean() < 0.05


def test_a_shot_is_shown_by_its_footage(rendered):
    assert near(rendered.thumbnail("sh020"), rendered.still(rendered.store.shot("sh020"), 12))
    assert near(rendered.thumbnail("sh020", 1009), rendered.still(rendered.store.shot("sh020"), 20))


def test_a_take_is_shown_by_its_middle_or_the_frame_named(rendered):
    take = rendered.store.take("sh020", "t001")
    assert near(rendered.thumbnail("sh020/t001"), read_png(rendered.store.take_frame(take, 17)))
    assert near(rendered.thumbnail("sh020/t001", 1001), read_png(rendered.store.take_frame(take, 12)))


def test_a_first_frame_is_shown_by_itself(rendered):
    first = rendered.store.first_frame("sh030", "ff001")
    assert near(rendered.thumbnail("sh030/ff001"), read_png(rendered.store.first_frame_image(first)))


def test_a_thumbnail_is_of_the_height_asked_for_and_never_larger_than_the_picture(rendered):
    sizes = [read(rendered.thumbnail("sh010", height=height)).shape[1:] for height in (32, 640)]
    assert sizes == [(32, 48), (64, 96)]


def test_a_thumbnail_is_made_once(rendered, monkeypatch):
    made = [rendered.thumbnail(name) for name in ("sh010", "sh010/ff001", "sh010/t001")]
    assert len(set(made)) == 3
    monkeypatch.setattr("v2v_studio.studio.showing.jpeg", lambda *_: pytest.fail("made again"))
    assert [rendered.thumbnail(name) for name in ("sh010", "sh010/ff001", "sh010/t001")] == made


def test_a_thumbnail_is_shown_where_the_project_may_not_be_written(rendered, monkeypatch):
    made = rendered.thumbnail("sh020")
    shutil.rmtree(rendered.store.folder / "cache" / "thumbnails")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("v2v_studio.studio.showing.write_bytes", refuse)
    assert rendered.thumbnail("sh020") == made


def test_the_frame_to_paint_on_is_the_footage_s_own_pixels_as_png(rendered):
    data = rendered.frame("sh020", 1004)
    assert data[:4] == b"\x89PNG"
    assert np.array_equal(read(data), from_uint8(to_uint8(rendered.still(rendered.store.shot("sh020"), 15))))
    with pytest.raises(UsageError, match="sh020 has no frame 1011"):
        rendered.frame("sh020", 1011)


def test_a_shot_trimmed_is_shown_anew(rendered):
    before = rendered.thumbnail("sh010")
    rendered.trim("sh010", 1004, 1010)
    assert rendered.thumbnail("sh010") != before


@pytest.mark.parametrize(("name", "number"), [("sh010", 1000), ("sh010", 1013), ("sh010/t001", 1013)])
def test_a_frame_that_is_not_there_has_no_picture(rendered, name, number):
    with pytest.raises(UsageError, match=f"{name} has no frame {number}"):
        rendered.thumbnail(name, number)


def video(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate, pixels = stream.average_rate, stream.codec_context.pix_fmt
        shown = list(container.decode(stream))
        return rate, pixels, [Fraction(frame.pts) * frame.time_base for frame in shown], shown


def test_a_proxy_lies_frame_on_frame_beside_its_take_s_preview(rendered):
    preview = rendered.store.take_folder("sh030", "t001") / "preview.mp4"
    for proxy in (rendered.proxy("sh030"), rendered.proxy("sh030", "t001")):
        (rate, pixels, times, shown), beside = video(proxy), video(preview)
        assert (rate, pixels, times) == beside[:3] == (Fraction(24000, 1001), "yuv420p", times)
        assert times == [i / rate for i in range(14)]
        assert [(frame.width, frame.height) for frame in shown] == [(f.width, f.height) for f in beside[3]]


def test_a_proxy_shows_the_footage(rendered):
    shown = video(rendered.proxy("sh020"))[3]
    for number in (0, 9):
        source = rendered.still(rendered.store.shot("sh020"), 12 + number)
        picture = from_uint8(shown[number].to_ndarray(format="rgb24").transpose(2, 0, 1))
        assert np.abs(picture - source).mean() < 0.03


def test_a_proxy_beside_a_take_keeps_to_the_take_when_the_shot_is_trimmed(rendered):
    rendered.trim("sh030", 1004, 1010)
    assert [len(video(rendered.proxy("sh030", take))[3]) for take in (None, "t001")] == [6, 14]


def test_a_proxy_is_made_once_and_may_be_served(rendered, monkeypatch):
    made = rendered.proxy("sh010")
    monkeypatch.setattr("v2v_studio.studio.showing.write_preview", lambda *_: pytest.fail("made again"))
    assert rendered.proxy("sh010") == made == rendered.proxy_file("sh010")
    assert rendered.servable(f"cache/proxies/{made.name}") == made


def test_a_proxy_that_fails_leaves_nothing(rendered):
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rendered.proxy("sh010", on_progress=stop)
    assert not list((rendered.store.folder / "cache/proxies").iterdir())


def test_what_is_shown_is_made_anew_when_the_cache_is_deleted(rendered):
    proxy, thumbnail = rendered.proxy("sh010"), rendered.thumbnail("sh010")
    shutil.rmtree(rendered.store.folder / "cache")
    assert type(rendered)(rendered.store.folder).proxy("sh010") == proxy
    assert rendered.thumbnail("sh010") == thumbnail and list((rendered.store.folder / "cache/thumbnails").iterdir())
