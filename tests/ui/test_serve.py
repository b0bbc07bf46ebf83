"""What the room's server gives, and what it does not, asked for as a browser would; no browser needed."""

import http.client
import json
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.ui.conftest import ROOT
from ui.routes import LIMITS, routes
from ui.serve import free_port
from v2v_studio.cli import cli
from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.studio import Studio

VIDEO = bytes(range(256)) * 400


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The host of a served project with one video, and a secret beside the project."""
    from tests.ui.conftest import free_port as any_port
    from tests.ui.conftest import serving

    outside = tmp_path_factory.mktemp("disk")
    studio = Studio.create(outside / "film")
    exports = studio.store.folder / "exports"
    exports.mkdir(exist_ok=True)
    (exports / "cut01.mp4").write_bytes(VIDEO)
    (exports / "note.html").write_text("<script>alert(1)</script>")
    (outside / "secret.mp4").write_bytes(b"secret")
    (exports / "link.mp4").symlink_to(outside / "secret.mp4")
    command = [sys.executable, "-m", "v2v_studio", "ui", str(outside / "film"), "--port", str(any_port())]
    with serving([*command, "--no-browser"], outside) as address:
        yield urlsplit(address).netloc


def ask(host, path, method="GET", **headers):
    """(status, headers, body); the path goes out exactly as it is written."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        connection.request(method, path, headers=names)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def test_a_video_comes_whole_and_is_what_it_says_it_is(served):
    status, headers, body = ask(served, "/project/exports/cut01.mp4")
    assert (status, body) == (200, VIDEO)
    assert headers["Content-Type"] == "video/mp4" and headers["Accept-Ranges"] == "bytes"
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["ETag"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-99", 0, 100), ("bytes=1000-", 1000, None), ("bytes=-10", len(VIDEO) - 10, None)],
)
def test_a_range_is_that_part_of_the_file(served, asked, start, stop):
    status, headers, body = ask(served, "/project/exports/cut01.mp4", Range=asked)
    part = VIDEO[start:stop]
    assert (status, body) == (206, part)
    assert headers["Content-Range"] == f"bytes {start}-{start + len(part) - 1}/{len(VIDEO)}"


def test_a_range_past_the_end_is_refused_with_the_size(served):
    status, headers, _ = ask(served, "/project/exports/cut01.mp4", Range=f"bytes={len(VIDEO)}-")
    assert (status, headers["Content-Range"]) == (416, f"bytes */{len(VIDEO)}")


def test_head_gives_the_size_alone(served):
    status, headers, body = ask(served, "/project/exports/cut01.mp4", "HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(VIDEO)), b"")


@pytest.mark.parametrize(
    "path",
    [
        "/project/../secret.mp4",
        "/project/..%2fsecret.mp4",
        "/project/%2e%2e/secret.mp4",
        "/project/exports/../../secret.mp4",
        "/project/exports/..%5c..%5csecret.mp4",
        "/project//etc/passwd",
        "/project/%2fetc%2fpasswd",
        "/project/exports/link.mp4",
        "/project/exports/",
        "/project/exports",
        "/project/",
        "/project/project.json",
        "/project/exports/cut01.mp4%00.png",
        "/project/exports/absent.mp4",
        "/components/../serve.py",
        "/components/..%2fserve.py",
        "/components/__init__.py",
        "/components/player/",
    ],
)
def test_nothing_else_can_be_asked_for(served, path):
    status, _, body = ask(served, path)
    assert status in (400, 404) and b"secret" not in body and b"import" not in body and b"script" not in body


@pytest.mark.parametrize("path", ["/project/exports/note.html", "/project/exports/cut01.mp4?download=film.mp4"])
def test_what_is_to_be_kept_is_never_shown(served, path):
    status, headers, _ = ask(served, path)
    assert status == 200 and headers["Content-Disposition"].startswith("attachment; filename=")
    assert headers["X-Content-Type-Options"] == "nosniff" and "html" not in headers["Content-Type"]


def test_a_name_of_its_own_does_not_lead_a_stranger_in(served):
    assert ask(served, "/project/exports/cut01.mp4", Host="evil.example")[0] == 400


def test_nothing_can_be_written_through_a_read(served):
    assert ask(served, "/project/exports/cut01.mp4", "DELETE")[0] == 405
    assert ask(served, "/project/exports/cut01.mp4", "POST")[0] == 405


def test_components_come_from_this_server(served):
    status, headers, body = ask(served, "/components/player/player.js")
    assert status == 200 and headers["Content-Type"].startswith("text/javascript") and b"mount" in body


def test_a_thumbnail_is_made_when_it_is_asked_for_and_only_of_what_there_is(rendered, monkeypatch):
    monkeypatch.setenv("V2V_PROJECT", str(rendered.store.folder))
    client = TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1")
    for name in ("sh020", "sh020/ff001", "sh020/t001"):
        answer = client.get(f"/thumbnail/{name}?v=1")
        assert answer.status_code == 200 and answer.content[:2] == b"\xff\xd8"
    assert client.get("/thumbnail/sh020?number=1003&height=32").content == rendered.thumbnail("sh020", 1003, 32)
    assert client.get("/thumbnail/sh020?number=x").status_code == 404
    for name in ("sh990", "sh020/t009", "../project.json", "..%2f..%2fsecret", "sh020/../../x", ""):
        assert client.get(f"/thumbnail/{name}").status_code == 404


def test_the_frame_to_paint_on_is_kept_as_a_png_under_its_shot_and_number(rendered, monkeypatch):
    monkeypatch.setenv("V2V_PROJECT", str(rendered.store.folder))
    client = TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1")
    answer = client.get("/frame/sh020/1004")
    assert answer.content == rendered.frame("sh020", 1004)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sh020.1004.png"'
    for path in ("sh020/1011", "sh990/1001", "..%2fsecret/1001", "sh020/x"):
        assert client.get(f"/frame/{path}").status_code == 404


def send(host, name, body, kind="footage", **headers):
    with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
        connection.request("POST", f"/upload/{kind}?name={quote(name)}", body, {"Origin": f"http://{host}", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_footage_is_sent_to_the_project_under_a_harmless_name(served, film):
    status, answer = send(served, "../../my clip.mp4", film.read_bytes())
    assert (status, answer) == (200, {"footage": "a001"})


def test_a_painted_frame_is_kept_for_its_translator(served):
    status, answer = send(served, "frame.png", b"PNG", kind="painted")
    assert status == 200 and Path(answer["path"]).read_bytes() == b"PNG"


def test_what_is_no_footage_is_refused_with_a_sentence(served):
    status, answer = send(served, "page.html", b"<script>")
    assert status == 400 and "is not the name of a video or a picture" in answer["error"]


def test_too_large_a_file_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    folder = Studio.create(tmp_path / "film").store.folder
    monkeypatch.setenv("V2V_PROJECT", str(folder))
    monkeypatch.setitem(LIMITS, "footage", 10)
    client = TestClient(Starlette(routes=routes()), base_url="http://127.0.0.1")
    answer = client.post("/upload/footage?name=a.mp4", content=b"x" * 11, headers={"Origin": "http://127.0.0.1"})
    assert answer.status_code == 413 and "is larger than" in answer.json()["error"]
    assert list((folder / "footage").iterdir()) == []


def test_another_site_may_not_send_files(served):
    assert send(served, "clip.mp4", b"x", Origin="http://evil.example")[0] == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_streamlit_s_own_uploads_are_refused_without_the_token_of_the_page(served, method):
    status, _, body = ask(served, "/_stcore/upload_file/session/file", method)
    assert (status, body) == (403, b"XSRF token missing or invalid")


def test_no_project_is_one_sentence(tmp_path):
    result = CliRunner().invoke(cli, ["ui", str(tmp_path), "--no-browser"])
    assert isinstance(result.exception, ProjectError) and "v2v init" in str(result.exception)


def test_a_taken_port_is_one_sentence_and_the_default_passes_it_over():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="is taken"):
            free_port("127.0.0.1", taken.getsockname()[1])
    assert free_port("127.0.0.1", None) >= 8501


def test_an_address_that_others_reach_is_warned_about(tmp_path):
    result = CliRunner().invoke(cli, ["ui", str(tmp_path), "--host", "0.0.0.0", "--no-browser"])
    assert "everyone who reaches this machine" in result.stderr


def test_the_room_is_found_from_any_folder(tmp_path):
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "__init__.py").write_text("raise SystemExit('another ui')")
    command = [sys.executable, "-m", "v2v_studio", "ui", "--no-browser"]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert "is not a v2v project" in run.stderr and "another ui" not in run.stderr
