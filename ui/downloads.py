"""What an edit came to, to keep or to look at."""

from __future__ import annotations

from urllib.parse import urljoin

import streamlit as st

from ui import room
from ui.words import bytes_of
from v2v_studio.studio import Studio


def downloads(studio: Studio) -> None:
    """What lies ready, the newest first; the newest film can be looked at here."""
    files = studio.exported()
    if not files:
        return
    st.subheader("Ready")
    for file in files:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.link_button(f"Download {file.name}", room.url(file, file.name), icon=":material/download:")
            st.text(bytes_of(file.stat().st_size))
    film = next((file for file in files if file.suffix == ".mp4"), None)
    if film and st.toggle(f"Watch {film.name}"):
        st.video(urljoin(st.context.url, room.url(film)))
