"""A machine that a project cannot be worked on with, one thing wrong at a time."""

from collections import namedtuple
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from v2v_studio.project.check import Inspection
from v2v_studio.project.records import FirstFrame
from v2v_studio.studio import environment

Usage = namedtuple("Usage", "total used free")


def said(studio):
    return [found.sentence for found in environment.environment(Inspection(studio.store))]


@pytest.fixture(autouse=True)
def roomy(monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: Usage(10**12, 0, 10**12))


def test_a_machine_in_order_has_nothing_to_say(empty):
    assert said(empty) == []


def test_little_room_is_told_with_a_way_to_make_some(empty, monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: Usage(10**12, 0, 123 * 10**6))
    (sentence,) = said(empty)
    assert sentence.startswith("this machine: 123 MB are free on the project's disk; ") and "v2v gc" in sentence


def test_a_folder_without_locks_is_told(empty, monkeypatch):
    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(empty.store.__class__, "lock", refuse)
    assert "cannot be locked ([Errno 37] No locks available)" in said(empty)[0]


def test_missing_encoders_are_named(empty, monkeypatch):
    monkeypatch.setattr(environment, "missing_encoders", lambda: ["aac", "libx264"])
    assert "for want of aac and libx264" in said(empty)[0]


def test_a_clock_behind_the_project_is_told(empty):
    later = FirstFrame.model_construct(created=f"{datetime.now(UTC).year + 2}-01-01")
    seen = SimpleNamespace(store=empty.store, takes={}, first_frames={"sh010": {"ff001": later}})
    (found,) = environment.environment(seen)
    assert f"work of {datetime.now(UTC).year + 2}-01-01" in found.what


def test_the_doctor_tells_of_the_machine_too(empty, monkeypatch):
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda _: Usage(10**12, 0, 0))
    assert [one.finding.where for one in empty.doctor()] == ["this machine"]
