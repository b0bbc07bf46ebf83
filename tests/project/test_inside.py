"""A project file can never make us read or write outside its folder and its declared footage."""

import shutil

import pytest

from tests.project.conftest import FINGERPRINT, first_frame, footage, picture, rendered
from v2v_studio.errors import ProjectError
from v2v_studio.project.store import Store

LEADS_OUT = "is a link that leads out of the project; remove it"


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


def point(path, target):
    """Put a link where there was a file or folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    path.symlink_to(target)


@pytest.mark.parametrize("folder", ["footage", "shots", "edits", "exports", "jobs", "cache", ".locks"])
def test_a_project_with_a_folder_elsewhere_does_not_open(store, outside, folder):
    point(store.folder / folder, outside)
    with pytest.raises(ProjectError, match=LEADS_OUT):
        Store(store.folder)


@pytest.mark.parametrize(
    ("link", "act"),
    [
        ("shots/sh010/firstframes", lambda store: store.add_first_frame(first_frame(), picture)),
        ("shots/sh010/takes", rendered),
        (f"shots/sh010/takes/.partial-{FINGERPRINT[:16]}", rendered),
        ("shots/sh010", lambda store: store.change_shot("sh010", lambda shot: shot)),
        ("edits/cut01.otio", lambda store: store.write_edit("cut01", "{}")),
    ],
)
def test_nothing_is_written_through_a_link(store, outside, link, act):
    point(store.folder / link, outside)
    with pytest.raises(ProjectError, match=LEADS_OUT):
        act(store)
    assert list(outside.iterdir()) == []


def test_nothing_is_read_through_a_link(store, outside):
    take = rendered(store)
    secret = outside / "secret"
    secret.write_text('{"schema": "v2v.shot/1"}')
    point(store.take_frame(take, 2), secret)
    with pytest.raises(ProjectError, match=LEADS_OUT):
        store.take_frame(take, 2)
    point(store.folder / "shots/sh010/shot.json", secret)
    with pytest.raises(ProjectError, match=LEADS_OUT):
        store.shots()


def test_links_inside_the_project_are_fine(store):
    take = rendered(store)
    real = store.folder / "shots/sh010/more-takes"
    (store.folder / "shots/sh010/takes").rename(real)
    (store.folder / "shots/sh010/takes").symlink_to(real)
    assert store.take_frame(take, 2).read_text() == "1001"


@pytest.mark.parametrize("path", ["/etc/passwd", "http://host/clip.mp4", "file:///etc/passwd", "clip\0.mp4"])
def test_footage_is_a_path_from_the_project(store, path):
    with pytest.raises(ProjectError, match="must be relative to the project folder"):
        store.media_path(footage("a001").changed(path=path))


def test_footage_may_lie_beside_the_project(store, tmp_path):
    assert store.media_path(footage("a001")).resolve() == (tmp_path / "clip.mp4").resolve()


@pytest.mark.parametrize("path", ["../clip.mp4", "footage/link.mp4"])
def test_a_copy_lies_in_the_project(store, outside, path):
    (store.folder / "footage/link.mp4").symlink_to(outside / "clip.mp4")
    with pytest.raises(ProjectError, match="is said to be copied but"):
        store.media_path(footage("a001").changed(path=path, copied=True))


@pytest.mark.parametrize("name", ["../cut", "a/b", "", ".hidden", "cut01\n"])
def test_an_edit_s_name_is_a_plain_word(store, name):
    with pytest.raises(Exception, match="is not the name of an edit"):
        store.write_edit(name, "{}")
