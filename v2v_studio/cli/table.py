"""Listings on stdout, aligned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head, each column as wide as its longest cell."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def show(rows: Sequence[Mapping[str, Any]], head: Sequence[str], as_json: bool) -> None:
    """Rows as a table of the columns named, or as JSON, whole."""
    if as_json:
        click.echo(json.dumps(rows))
    else:
        table(head, [tuple("" if row[key] is None else str(row[key]) for key in head) for row in rows])


def place(path: str | Path) -> str:
    """A path as seen from the working folder where it lies in it, else whole; JSON always has it whole."""
    here = Path.cwd()
    return str(Path(path).relative_to(here) if Path(path).is_relative_to(here) else path)
