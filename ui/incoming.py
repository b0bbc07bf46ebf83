"""Ways for footage to come in: sent from the browser, or named where it lies."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui import room
from ui.components import upload
from v2v_studio.studio import Studio

ACCEPTED = ".mp4,.mov,.m4v,.mkv,.webm,.avi,.mxf,.gif,.mpg,.ts,.png,.jpg,.jpeg,.tif,.tiff,.webp"


def by_upload() -> None:
    """Files sent from the browser, straight to the project's disk."""
    hint = "They are copied into the project as they come."
    for file in upload("Drop clips or pictures here", hint, ACCEPTED, key="clips"):
        if "error" in file:
            room.problem(f"{file['name']}: {file['error']}")
        else:
            st.success(room.plain(f"{file['name']} is here as {file['footage']}"), icon=":material/check:")


def by_path(studio: Studio) -> None:
    """Files of this machine, left where they are."""
    with st.expander("Add a file or a folder of this machine"), st.form("path", border=False, clear_on_submit=True):
        path, held, rate = st.columns([6, 2, 2])
        where = path.text_input("File, or folder of clips or numbered pictures", placeholder="/footage/clip.mp4")
        frames = held.number_input("Hold a still for, in frames", 1, 100_000, 1)
        speed = rate.text_input("Rate of pictures", placeholder="24")
        if st.form_submit_button("Add") and where.strip():
            with room.guard():
                paths = [str(Path(where.strip()).expanduser().absolute())]
                studio.submit("ingest", paths=paths, held=int(frames), rate=speed.strip() or None)
                st.rerun()
