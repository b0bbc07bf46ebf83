"""The server behind `v2v ui`: Streamlit's own, with our media, uploads and component files on the same origin."""

from __future__ import annotations

import os
import socket
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from ui.room import PROJECT
from ui.routes import routes
from ui.theme import THEME
from v2v_studio.errors import UsageError
from v2v_studio.studio import Studio

APP = Path(__file__).with_name("app.py")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORT = 8501
UPLOAD_MB = 200  # of what passes through Streamlit's memory: painted frames; footage goes straight to disk
CONFIG: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "logger.hideWelcomeMessage": True,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": UPLOAD_MB,
    **THEME,
}


def serve(folder: Path, host: str, port: int | None, browser: bool, app: Path = APP) -> None:
    """Serve a project's room until it is stopped.

    Args:
        host: the address to bind to. Names that a request may call this machine by are limited where it is loopback, so
            that a page elsewhere cannot reach the room by a name of its own (DNS rebinding).
        port: None for the first that is free from 8501 on.
        browser: whether to open one, once the server answers.
        app: the script that is shown.

    Raises:
        ProjectError: no project there.
        UsageError: the port is taken, or the address is not one of this machine.
    """
    os.environ[PROJECT] = str(Studio(folder).store.folder)
    PagesManager.uses_pages_directory = (
        False  # as st.navigation says at the first run; a link to a page may come before it
    )
    port = free_port(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"

    @asynccontextmanager
    async def announced(_: App) -> AsyncIterator[dict[str, Any]]:
        print(address, flush=True)
        if browser:
            webbrowser.open(address)
        yield {}

    names = ["127.0.0.1", "localhost", "[::1]"] if host in LOOPBACK else ["*"]
    room = App(
        app,
        routes=routes(),
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=names)],
        lifespan=announced,
    )
    room.run(config={**CONFIG, "server.address": host, "server.port": port})


def free_port(host: str, port: int | None) -> int:
    """The port itself, or the first one from 8501 on that nobody has."""
    for candidate in [port] if port is not None else range(PORT, PORT + 50):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except socket.gaierror:
                raise UsageError(f"'{host}' is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all") from None
            except OSError:
                continue
            return int(probe.getsockname()[1])
    asked = f"port {port}" if port is not None else f"every port from {PORT} to {PORT + 49}"
    raise UsageError(f"{asked} at {host} is taken or may not be used; choose another with: --port 8600")
