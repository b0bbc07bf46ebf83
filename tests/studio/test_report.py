"""The report of a project: one page that needs nothing else and says what was measured."""

import json
import re
from html import unescape
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from v2v_studio.cli import cli
from v2v_studio.errors import UsageError
from v2v_studio.studio.report import WORST, worst
from v2v_studio.studio.report_page import Picture, Section, Table, page

CALM = {"temporal_difference_error": 1.0, "flicker": 0.1, "colour_drift": 0.001, "sharpness": 1.0, "visible": 0.9}
TAKE = SimpleNamespace(number=lambda frame: 1001 + frame)


def read(made):
    with open(made["path"], encoding="utf-8") as file:
        return file.read()


def test_the_page_needs_nothing_but_itself(rendered):
    text = read(rendered.report())
    sources = re.findall(r'\b(?:src|href)="([^"]*)"', text)
    assert len(sources) > 10
    assert all(re.match(r"data:image/(png|jpeg);base64,|#sh\d+-t\d+$", source) for source in sources)
    assert not re.search(r"https?:|<script|<link|url\(|@import", text)


def test_the_project_shows_the_take_of_every_shot(rendered):
    made = rendered.report()
    assert [row["take"] for row in made["takes"]] == ["sh010/t001", "sh020/t001", "sh030/t001"]
    text = read(made)
    for row in made["takes"]:
        assert f"<h2>{row['take']} (restyle, pending)</h2>" in text
        assert f'<a href="#{row["take"].replace("/", "-")}">{row["take"]}</a>' in text
    assert made["path"].endswith("exports/report.html")


def test_a_take_alone_has_a_page_of_its_own(rendered):
    made = rendered.report("sh020/t001")
    assert [row["take"] for row in made["takes"]] == ["sh020/t001"]
    assert made["path"].endswith("exports/sh020-t001_report.html") and "sh010" not in read(made)


def test_what_people_wrote_is_shown_as_text_and_never_obeyed(rendered):
    words = '<script>alert("x")</script><img src=//example.org/a.png onerror=alert(1)> & "so"'
    rendered.review("sh010/t001", "note", words, number=1003)
    text = read(rendered.report())
    assert "<script" not in text and "<img src=//" not in text
    assert words in unescape(text)
    assert "<td>1003</td>" in text


def test_means_are_those_of_the_metrics(rendered):
    text = read(rendered.report("sh010"))
    mean = rendered.metrics(rendered.store.take("sh010", "t001"))["mean"]["temporal_difference_error"]
    assert f"<tr><td>temporal error, levels</td><td>{mean:.3g}</td>" in text


def test_without_takes_it_says_how_to_make_some(empty, film):
    empty.ingest([film])
    empty.cut()
    with pytest.raises(UsageError, match="v2v render"):
        empty.report()
    with pytest.raises(UsageError, match="sh010 has no take yet"):
        empty.report("sh010")


def test_the_footage_is_never_written_over(rendered):
    footage = rendered.store.media_path(rendered.store.footages()[0])
    with pytest.raises(UsageError, match="would be written over"):
        rendered.report(path=footage)


def test_the_command_says_where_the_page_is(rendered):
    folder = str(rendered.store.folder)
    done = CliRunner().invoke(cli, ["-q", "-C", folder, "report"])
    assert re.fullmatch(r".*exports/report\.html: 3 takes, \d+ frames flagged\n", done.output)
    done = CliRunner().invoke(cli, ["-q", "-C", folder, "report", "sh010", "--json"])
    assert json.loads(done.stdout)["takes"][0]["take"] == "sh010/t001"


def rows(count, **odd):
    return [{"frame": i, **CALM, **(odd if i == 3 else {})} for i in range(count)]


def test_the_worst_frame_of_each_measure_is_shown():
    measured = rows(9, flicker=2.0, sharpness=0.5)
    measured[6]["colour_drift"] = 0.05
    found = worst(measured, [{"frame": 3, "measure": "flicker"}], TAKE)
    assert {"measure": "flicker", "value": 2.0, "flagged": True} in found["1004"]
    assert {"measure": "sharpness", "value": 0.5, "flagged": False} in found["1004"]
    assert found["1007"] == [{"measure": "colour_drift", "value": 0.05, "flagged": False}]


def test_flagged_frames_come_before_others_where_there_are_many():
    flags = [{"frame": frame, "measure": "flicker"} for frame in range(10, 30)]
    found = worst(rows(40, sharpness=0.5), flags, TAKE)
    assert len(found) == WORST
    assert sum(any(one["flagged"] for one in why) for why in found.values()) == WORST


def test_a_take_without_measures_has_no_worst_frame():
    assert worst([], [], TAKE) == {}


def test_every_text_of_a_page_is_escaped():
    bad = '"><b>'
    text = page(bad, [Section("a", bad, [bad, Table([bad], [[bad]], ["a"]), Picture(b"\xff\xd8", bad, True)])])
    assert "<b>" not in text and text.count("&lt;b&gt;") == 8  # title twice, heading, text, two cells, alt, caption
