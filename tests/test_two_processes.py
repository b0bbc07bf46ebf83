"""Two processes work on one project at once; nobody's edit is lost."""

import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

NOTES = """
import sys
from pathlib import Path
from v2v_studio.studio import Studio
studio = Studio(Path(sys.argv[1]))
for i in range(25):
    studio.review("sh010/t001", "note", f"{sys.argv[2]} {i}")
    studio.store.change_shot("sh010", lambda shot: shot.changed(note=shot.note + sys.argv[2]))
"""


@pytest.fixture(scope="module")
def project(film, tmp_path_factory):
    from v2v_studio.studio import Studio

    folder = tmp_path_factory.mktemp("two") / "myfilm"
    Studio.create(folder).run(film, "filters", {"preset": "poster"}, render_options={"quality": "draft"}, workers=1)
    return folder


def together(*commands):
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for command in commands]
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors.decode()


def test_every_note_of_both_is_kept(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "p")
    together(*([sys.executable, "-c", NOTES, str(folder), who] for who in "ab"))
    from v2v_studio.studio import Studio

    store = Studio(folder).store
    texts = [note.text for note in store.review("sh010", "t001").notes]
    assert sorted(texts) == sorted(f"{who} {i}" for who in "ab" for i in range(25))
    assert sorted(store.shot("sh010").note) == sorted("ab" * 25)


@pytest.mark.slow
def test_rendering_and_approving_at_once_loses_neither(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "p")
    v2v = [sys.executable, "-m", "v2v_studio", "-C", str(folder)]
    together(
        [*v2v, "render", "--draft", "--again", "sh010", "sh020", "sh030"],
        [sys.executable, "-c", NOTES, str(folder), "a"],
        [*v2v, "review", "sh020/t001", "approve"],
        [*v2v, "render", "--draft", "-p", "quality=final", "sh010", "sh020", "sh030"],
    )
    from v2v_studio.studio import Studio

    store = Studio(folder).store
    assert [len(store.takes(shot)) for shot in ("sh010", "sh020", "sh030")] == [3, 3, 3]
    assert store.shot("sh020").take == "t001" and store.shot("sh020").status == "approved"
    assert len(store.review("sh010", "t001").notes) == 25
