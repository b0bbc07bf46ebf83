"""Every promise of docs/architecture.md names tests that are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)(?:::(\w+))?`")


def promises():
    page = (ROOT / "docs" / "architecture.md").read_text()
    rows = page.partition("## Promises")[2].splitlines()
    return [row for row in rows if row.startswith("| ") and "tests/" in row]


def test_there_are_eight_and_each_names_a_test():
    assert [row.split("|")[1].strip() for row in promises() if row.split("|")[1].strip()] == list("12345678")
    assert all(NAMED.search(row) for row in promises())


def test_every_test_that_is_named_is_there():
    for row in promises():
        for file, name in NAMED.findall(row):
            tests = {
                node.name for node in ast.parse((ROOT / file).read_text()).body if isinstance(node, ast.FunctionDef)
            }
            assert not name or name in tests, f"{file} has no {name}"
