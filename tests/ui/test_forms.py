"""Forms from Params: every field has its widget, and what differs from its default comes back."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field
from streamlit.testing.v1 import AppTest

from v2v_studio.choices import choices


class Look(BaseModel):
    preset: Literal["oil", "ink"] = Field("oil", description="Which look.")
    strength: float = Field(0.5, gt=0, le=1, description="How much of it.")
    steps: int = Field(30, ge=1, description="How many.")
    guidance: float | None = Field(None, ge=0, le=100, description="How strictly.")
    tiled: bool = Field(False, description="In tiles.")
    prompt: str = Field("", description="What is seen.")
    like: str | None = Field(None, description="Another.")


def form(given):
    import streamlit as st

    from tests.ui.test_forms import Look
    from ui.forms import params_form

    st.session_state.made = params_form([Look], "look", given)


@pytest.fixture
def look():
    def opened(**given):
        app = AppTest.from_function(form, args=(given,)).run()
        assert not app.exception, app.exception[0].message
        return app

    return opened


def made(app):
    return app.session_state.made


def test_an_untouched_form_gives_nothing(look):
    assert made(look()) == {}


def test_each_kind_of_field_gives_what_was_set(look):
    app = look()
    app.selectbox(key="look-preset").set_value("ink")
    app.slider(key="look-strength").set_value(0.75)
    app.number_input(key="look-steps").set_value(12)
    app.number_input(key="look-guidance").set_value(7.5)
    app.toggle(key="look-tiled").set_value(True)
    app.text_area(key="look-prompt").set_value("a fox")
    app.text_input(key="look-like").set_value("sh010")
    app.run()
    expected = {"preset": "ink", "strength": 0.75, "steps": 12, "guidance": 7.5, "tiled": True, "prompt": "a fox"}
    assert made(app) == {**expected, "like": "sh010"}


def test_values_that_are_given_stand_in_the_form_and_come_back(look):
    app = look(preset="ink", steps=4, unknown=1)
    assert app.number_input(key="look-steps").value == 4
    assert made(app) == {"preset": "ink", "steps": 4}


def test_bounds_and_help_are_the_fields_own(look):
    app = look()
    assert app.slider(key="look-strength").min == 0.01 and app.slider(key="look-strength").max == 1
    assert app.number_input(key="look-steps").min == 1
    assert app.selectbox(key="look-preset").help == "Which look."


def every(kind, name):
    import streamlit as st

    from ui.forms import params_form
    from v2v_studio.choices import models

    st.session_state.made = params_form(models(kind, name), name)


@pytest.mark.parametrize(("kind", "name"), [(row["kind"], row["name"]) for row in choices()])
def test_whatever_can_be_chosen_has_a_form_that_starts_at_its_defaults(kind, name):
    app = AppTest.from_function(every, args=(kind, name), default_timeout=60).run()
    assert not app.exception, app.exception[0].message
    assert made(app) == {}
