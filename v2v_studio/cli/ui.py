"""`v2v ui`: the review room."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from v2v_studio.cli import Session

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command()
@click.argument("project", required=False, type=click.Path(path_type=Path), metavar="[PROJECT]")
@click.option("--port", type=click.IntRange(1, 65535), help="By default the first free one from 8501 on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve at.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.pass_obj
def ui(session: Session, project: Path | None, port: int | None, host: str, no_browser: bool) -> None:
    """Open the review room: the project in a browser.

    \b
    Example: v2v ui projects/demo
    """
    if host not in LOOPBACK:
        click.echo(
            f"warning: at {host}, everyone who reaches this machine can see and change the project; "
            "the room asks for no password",
            err=True,
        )
    sys.path.insert(
        0, str(Path(__file__).resolve().parents[2])
    )  # ui/ lies beside v2v_studio, in a checkout and a wheel
    from ui.serve import serve

    serve(project or session.project, host, port, browser=not no_browser)
