import pytest
from hypothesis import given
from hypothesis import strategies as st

from v2v_studio.errors import MediaError, ResourceError, UsageError
from v2v_studio.studio.upload import harmless_name


def pieces(path, size=1000):
    data = path.read_bytes()
    return (data[at : at + size] for at in range(0, len(data), size))


def left(studio):
    return sorted(path.name for path in (studio.store.folder / "footage").iterdir())


def test_an_upload_is_footage_of_the_project(empty, film):
    footage = empty.upload("My clip (1).MP4", pieces(film))
    assert (footage.id, footage.path, footage.copied, footage.frames) == ("a001", "footage/My-clip-1.mp4", True, 36)
    assert empty.store.media_path(footage).read_bytes() == film.read_bytes()
    assert left(empty) == ["My-clip-1.mp4", "a001.json"]


def test_the_same_upload_twice_is_kept_once(empty, film):
    first, second = (empty.upload("film.mp4", pieces(film)) for _ in range(2))
    assert first.id == second.id and left(empty) == ["a001.json", "film.mp4"]


def test_another_upload_of_the_same_name_overwrites_nothing(empty, film, tmp_path):
    other = tmp_path / "film.mp4"
    other.write_bytes(film.read_bytes() + b"\0")
    first, second = empty.upload("film.mp4", pieces(film)), empty.upload("film.mp4", pieces(other))
    assert (first.path, second.path) == ("footage/film.mp4", "footage/film-2.mp4")
    assert empty.store.media_path(first).read_bytes() == film.read_bytes()


def test_an_upload_over_the_limit_is_refused_at_once_and_leaves_nothing(empty, film):
    taken = []

    def counted():
        for piece in pieces(film):
            taken.append(len(piece))
            yield piece

    with pytest.raises(ResourceError, match=r"film\.mp4 is larger than the 0\.0025 MB that may be uploaded"):
        empty.upload("film.mp4", counted(), limit=2500)
    assert len(taken) == 3 and left(empty) == []


def test_an_upload_of_just_the_limit_is_taken(empty, film):
    assert empty.upload("film.mp4", pieces(film), limit=film.stat().st_size).id == "a001"


def test_an_upload_that_breaks_off_leaves_nothing(empty, film):
    def broken():
        yield film.read_bytes()[:1000]
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        empty.upload("film.mp4", broken())
    assert left(empty) == []


@pytest.mark.parametrize("data", [b"<script>alert(1)</script>", b"\0" * 5000])
def test_what_is_no_footage_is_refused_and_leaves_nothing(empty, data):
    with pytest.raises(MediaError):
        empty.upload("film.mp4", [data])
    assert left(empty) == []


def test_an_empty_upload_is_refused_and_leaves_nothing(empty):
    with pytest.raises(UsageError, match=r"film\.mp4 is empty"):
        empty.upload("film.mp4", [])
    assert left(empty) == []


def test_a_painted_frame_is_received_where_it_is_asked_for(empty):
    with empty.receiving("../ff.PNG", inside="cache/uploads") as incoming:
        incoming.write(b"a picture")
    assert incoming.path == empty.store.folder / "cache/uploads/ff.png" and incoming.path.read_bytes() == b"a picture"


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("clip.mp4", "clip.mp4"),
        ("../../etc/clip.mp4", "clip.mp4"),
        (r"C:\films\..\clip.mov", "clip.mov"),
        (".hidden.mp4", "hidden.mp4"),
        ("a b;rm -rf $(x)`.MOV", "a-b-rm-rf-x.mov"),
        ("фильм.mp4", "upload.mp4"),
        ("x" * 300 + ".mp4", "x" * 80 + ".mp4"),
    ],
)
def test_only_what_is_harmless_of_a_name_is_kept(name, harmless):
    assert harmless_name(name) == harmless


@given(st.text(max_size=40))
def test_no_name_leads_anywhere_else(name):
    try:
        made = harmless_name(f"{name}.mp4")
    except UsageError:
        return
    assert made.isascii() and made[0] not in ".-" and not set(made) & set("/\\ \0\"'<>&;$`")


@pytest.mark.parametrize("name", ["a001.json", "clip.exe", "clip", "", "shot.json.html", "mp4", "x.mp4/.."])
def test_what_is_no_video_or_picture_by_name_is_refused(empty, name):
    with pytest.raises(UsageError, match="is not the name of a video or a picture"):
        empty.upload(name, [b"x"])
    assert left(empty) == []
