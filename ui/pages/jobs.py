"""Jobs: the queue, how far each job is, and what it said."""

import streamlit as st

from ui import room
from ui.work import LOOK_EVERY, OPEN, job

LATEST = 30  # of those that are over


def main() -> None:
    st.title("Jobs")
    st.caption("Each runs in a process of its own, and goes on when this window is closed.")
    queue()


@st.fragment(run_every=LOOK_EVERY)
def queue() -> None:
    """What is open, what runs before what waits; and what is over, the latest first."""
    with room.guard():
        rows = room.studio().job_rows()
        if not rows:
            room.nothing_yet(
                "Nothing is queued, and nothing was. Jobs come from the other pages: a render, for example."
            )
        waiting = [row for row in rows if row["state"] in OPEN]
        over = [row for row in reversed(rows) if row["state"] not in OPEN]
        st.subheader(f"{len(waiting)} to do" if waiting else "Nothing to do")
        for row in sorted(waiting, key=lambda row: (OPEN.index(row["state"]), -row["priority"])):
            job(row)
        if over:
            st.subheader(f"{len(over)} over")
        for row in over[:LATEST]:
            job(row)
        if len(over) > LATEST:
            st.caption(f"{len(over) - LATEST} more before them; all are listed by: v2v jobs")


room.show(main)
