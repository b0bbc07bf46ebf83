"""Footage: taken in, looked into, cut."""

from typing import Any

import streamlit as st

from ui import room
from ui.incoming import by_path, by_upload
from ui.words import bytes_of, counted, span
from ui.work import watch
from v2v_studio.studio import Studio


def main() -> None:
    studio = room.studio()
    st.title("Footage")
    by_upload()
    by_path(studio)
    watch("ingest")
    watch("cut")
    watch("proxy")
    rows = studio.footage_rows()
    if not rows:
        room.nothing_yet("No footage yet. Drop a clip above, or name a file or a folder of this machine.")
    uncut = [row["id"] for row in rows if not row["cut"]]
    if uncut and st.button(f"Find shots in {', '.join(uncut)}", type="primary"):
        with room.guard():
            for name in uncut:
                studio.submit("cut", footage=name)
            st.rerun()
    table(rows)
    names = [row["id"] for row in rows]
    chosen = st.selectbox("Look into", names, key="footage") if len(names) > 1 else names[0]
    look_into(studio, next(row for row in rows if row["id"] == chosen))


def table(rows: list[dict[str, Any]]) -> None:
    """All footage, a line each."""
    head = ("id", "file", "kind", "frames", "rate", "size", "seconds", "sound", "bytes")
    shown = [
        {**row, "size": f"{row['width']}x{row['height']}", "bytes": bytes_of(row["bytes"])}
        | {
            "seconds": span(row["seconds"]),
            "sound": counted(row["sound"], "track", "tracks") if row["sound"] else "none",
        }
        for row in rows
    ]
    st.dataframe([{key: row[key] for key in head} for row in shown], width="stretch", hide_index=True)


def look_into(studio: Studio, row: dict[str, Any]) -> None:
    """One footage: what was found in it, what to know about it, its small copies for the player."""
    name = row["id"]
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.image(studio.thumbnail(name, height=360), width="stretch")
        for note in row["notes"]:
            st.info(room.plain(note), icon=":material/info:")
    with right:
        shots = [shot.id for shot in studio.shots() if shot.footage == name and shot.status != "omit"]
        missing = [shot for shot in shots if not studio.proxy_file(shot).exists()]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{len(shots) - len(missing)} of {len(shots)} shots have a small copy for the player")
            if missing and st.button("Make the others", key=f"proxy-{name}"):
                with room.guard():
                    for shot in missing:
                        studio.submit("proxy", shot=shot)
                    st.rerun()
        known = {key: value for key, value in row["probe"].items() if value is not None and not isinstance(value, list)}
        found = [{"what": key.replace("_", " "), "found": said(value)} for key, value in known.items()]
        st.dataframe(found, hide_index=True, height="content")


def said(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


room.show(main)
