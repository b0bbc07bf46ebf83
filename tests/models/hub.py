"""A hub on 127.0.0.1: what the real one answers for one repository, with the accidents that happen on the way."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" + "0" * 34
LARGE = 1000  # bytes from which a file has a sha256, as those in LFS do


class Hub(ThreadingHTTPServer):
    """Serves `files` (path -> bytes) as the repository "owner/model".

    Attributes:
        asked: every request for a file: (path, the first byte asked for).
        sent: bytes of files that went out.
        cut: connections are cut before this byte of a file, and ...
        down: ... from then on nothing answers.
        stall: a file stops coming after so many bytes: `stalled` is set, and it goes on once `go_on` is.
        moved: the address of another hub that files are fetched from, as the real one has its storage elsewhere.
        ranges: whether a part of a file can be asked for.
        logins: what came as Authorization with each request for a file.
        wrong: path -> bytes that are sent instead of those that were announced.
        busy: that many next requests for a file are answered 503.
        licence, gated: as the repository's card has them.
    """

    daemon_threads = True

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.asked: list[tuple[str, int]] = []
        self.sent = 0
        self.cut: int | None = None
        self.down = False
        self.stall: int | None = None
        self.stalled, self.go_on = threading.Event(), threading.Event()
        self.moved: str | None = None
        self.ranges = True
        self.logins: list[str | None] = []
        self.wrong: dict[str, bytes] = {}
        self.busy = 0
        self.licence = "mit"
        self.gated = False
        self.names: dict[str, str] = {}  # path -> the name that is told instead of it

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def info(self) -> dict:
        siblings = []
        for path, content in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            one = {"rfilename": self.names.get(path, path), "size": len(content), "blobId": blob}
            if len(content) >= LARGE:
                one["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
            siblings.append(one)
        card = {"license": self.licence}
        return {"id": "owner/model", "sha": COMMIT, "siblings": siblings, "cardData": card, "gated": self.gated}

    def handle_error(self, request, client_address):
        """A connection that the test cut is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_):
        pass

    def do_GET(self):
        hub = self.server
        path = self.path.partition("?")[0]
        if hub.down:
            self.close_connection = True
            self.connection.close()
        elif path in ("/api/models/owner/model", f"/api/models/owner/model/revision/{COMMIT}"):
            self.answer(200, json.dumps(hub.info()).encode())
        elif path.startswith("/api/models/owner/model/revision/"):
            self.answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif path == "/api/models/owner/garbled":
            self.answer(200, b"<html>come back later</html>")
        elif path.startswith("/api/"):
            self.answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        else:
            self.file(path.removeprefix(f"/owner/model/resolve/{COMMIT}").removeprefix("/"))

    def do_HEAD(self):
        content = self.server.files[self.path.removeprefix("/")]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()

    def file(self, path: str) -> None:
        hub = self.server
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        hub.asked.append((path, start))
        hub.logins.append(self.headers.get("Authorization"))
        start = start if hub.ranges else 0
        if hub.moved:
            self.answer(302, b"", {"Location": f"{hub.moved}/owner/model/resolve/{COMMIT}/{path}"})
        elif hub.busy:
            hub.busy -= 1
            self.answer(503, b"")
        elif hub.gated:
            self.answer(403, b"", {"X-Error-Code": "GatedRepo"})
        elif path not in hub.files:
            self.answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        else:
            content = hub.wrong.get(path, hub.files[path])
            extra = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
            end = len(content) if hub.cut is None else min(hub.cut, len(content))
            hub.down = end < len(content)
            self.answer(206 if start else 200, content[start:end], extra, len(content) - start)
            hub.sent += max(end - start, 0)

    def answer(self, status: int, body: bytes, headers: dict | None = None, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.server.stall is not None and len(body) > self.server.stall:
            self.wfile.write(body[: self.server.stall])
            self.server.stalled.set()
            self.server.go_on.wait(30)
            body = b""
        self.wfile.write(body)
        self.close_connection = length is not None and length > len(body)


@contextmanager
def serving(files: dict[str, bytes]):
    """Yields the hub."""
    with Hub(files) as hub:
        thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()
