"""What holds of every metric there is."""

import re
import subprocess
import sys
from inspect import getdoc
from pathlib import Path

import pytest

from v2v_studio.metrics.base import ABSENT, METRICS
from v2v_studio.models.manifest import manifest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text()


@pytest.mark.parametrize("name", METRICS.names())
def test_a_metric_says_what_it_is_and_where_it_is_from(name):
    metric = METRICS.load(name)
    assert getdoc(metric) and metric.source
    assert metric.better in ("higher", "lower", "neither")
    assert set(metric.needs) <= {"reference", "prompt", "boxes", "drags"}
    assert all(model in manifest() for model in metric.models)


@pytest.mark.parametrize("name", METRICS.names())
def test_the_page_has_every_metric_with_its_direction_and_its_models(name):
    metric = METRICS.load(name)
    (row,) = re.findall(rf"^\| [^|]*`{name}`[^|]*\|.*$", PAGE.split("\n### How good", 1)[0], re.M)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == metric.better
    assert all(f"`{model}`" in row for model in metric.models)


def test_the_page_has_every_axis_that_cannot_be_measured():
    assert all(f"`{name}`" in PAGE for name in ABSENT) and not set(ABSENT) & set(METRICS.names())


def test_metrics_are_listed_without_torch():
    code = (
        "import sys; from v2v_studio.studio.evaluate import metric_rows; metric_rows(); "
        "print([name for name in ('torch', 'torchmetrics', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
