"""The review room: its pages, and what stands around each. `v2v ui PROJECT` shows it.

How a page is written (pages/shots.py is the smallest whole example):

- A page is a view. It asks `room.studio()` for what the project holds, shows it, and calls one of its methods when a
  button is pressed; then `st.rerun()`. It keeps no state, knows no path and counts no pixel; about 80 lines.
- It imports `streamlit`, `ui`, and of v2v_studio only studio, errors, params, choices and the registries' names.
- It ends with `room.show(main)`, which turns an error anywhere in it into its sentence.
- An action stands in `with room.guard():`; an error shows its sentence there, and the page goes on.
- What a project's file says goes through `st.text`, a table, a component, or `room.plain`: never as Markdown or HTML.
- Its test is tests/ui/test_<page>.py, with `open_page` of the conftest there.
"""

from pathlib import Path

import streamlit as st

from ui import theme

PAGES = {
    "footage": ("Footage", ":material/movie:"),
    "shots": ("Shots", ":material/grid_view:"),
    "first_frames": ("First frames", ":material/brush:"),
    "motion": ("Motion and control", ":material/gesture:"),
    "takes": ("Takes", ":material/compare:"),
    "edit": ("Edit", ":material/view_timeline:"),
    "jobs": ("Jobs", ":material/pending_actions:"),
}


def main() -> None:
    st.set_page_config(page_title="v2v studio", page_icon=str(theme.ICON), layout="wide")
    st.html(theme.STYLE)
    here = Path(__file__).with_name("pages")
    pages = [
        st.Page(here / f"{name}.py", title=title, icon=icon, url_path=name) for name, (title, icon) in PAGES.items()
    ]
    front = st.Page(enter, title="v2v studio", default=True, visibility="hidden")
    st.navigation([front, *pages], position="top").run()


def enter() -> None:
    """The room's own address leads to the shots: Streamlit gives its default page no other address."""
    st.switch_page("pages/shots.py", query_params=st.query_params.to_dict())


main()
