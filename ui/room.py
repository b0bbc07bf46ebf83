"""What every page stands on: the open project, the shot that is worked on, and how text and errors are shown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import streamlit as st

from v2v_studio.errors import StudioError, UsageError, sentence
from v2v_studio.studio import Studio

PROJECT = "V2V_PROJECT"  # the environment's name for the project that is shown
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def opened() -> Studio:
    """The project of this server. UsageError where none is named."""
    if not os.environ.get(PROJECT):
        raise UsageError("no project is open; open one with: v2v ui projects/demo")
    return Studio(Path(os.environ[PROJECT]))


def studio() -> Studio:
    """The project, opened once a session."""
    if "studio" not in st.session_state:
        st.session_state.studio = opened()
    return st.session_state.studio


def shot() -> str:
    """The shot that is worked on, with the list to choose it from. Where there is none yet, the page says so and ends."""
    names = [one.id for one in studio().shots() if one.status != "omit"]
    if not names:
        nothing_yet("No shots yet. Take footage in on the page Footage, then find its shots on the page Shots.")
    st.session_state["shot picker"] = chosen(names)
    st.selectbox("Shot", names, key="shot picker", on_change=_picked, width=180)
    return st.session_state["shot picker"]


def _picked() -> None:
    choose(st.session_state["shot picker"])


def chosen(names: Iterable[str]) -> str:
    """The shot of `?shot=`, else the one that was chosen last, else the first."""
    names = list(names)
    asked = st.query_params.get("shot", st.session_state.get("shot"))
    choose(asked if asked in names else names[0])
    return st.session_state["shot"]


def choose(shot: str) -> None:
    """Work on a shot from now on, on every page."""
    st.session_state["shot"] = st.query_params["shot"] = shot


def go(page: str, shot: str) -> None:
    """Show a page ("takes") with a shot chosen."""
    st.switch_page(f"pages/{page}.py", query_params={"shot": shot})


def nothing_yet(sentence: str) -> None:
    """Say why a page is empty and what to do about it, and end the page."""
    st.info(plain(sentence), icon=":material/info:")
    st.stop()


def plain(text: str) -> str:
    """Text that a label or a message shows letter by letter: nothing in it is taken for Markdown, a colour or HTML."""
    return PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def show(page: Callable[[], None]) -> None:
    """Run a page."""
    with guard():
        page()


@contextmanager
def guard() -> Iterator[None]:
    """Show what a user can act on as its sentence; the rest of the page goes on."""
    try:
        yield
    except StudioError as error:
        problem(str(error))
    except OSError as error:
        problem(sentence(error))


def problem(text: str) -> None:
    """A sentence about what went wrong, as it stands."""
    st.error(plain(text), icon=":material/error:")


def thumbnail(name: str, version: object = "", **asked: int) -> str:
    """Where the browser finds a picture of a shot, a first frame or a take; it is made when it is first asked for.

    Args:
        version: what it changes with.
        asked: its frame's `number`, and its `height`; else it is a small one.
    """
    return f"/thumbnail/{quote(name)}?{urlencode({'v': version, **asked})}"


def url(path: Path, keep_as: str = "") -> str:
    """Where the browser finds a file of the project that may be shown, or kept by a name. It changes when the file does."""
    inside = path.resolve().relative_to(studio().store.folder)
    kept = {"download": keep_as} if keep_as else {}
    return f"/project/{quote(inside.as_posix())}?{urlencode({'v': path.stat().st_mtime_ns, **kept})}"
