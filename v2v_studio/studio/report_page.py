"""A report as one HTML page that needs nothing else: pictures inside it, no script, and every text escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # a browser fetches nothing for this page
STYLE = """
body { background: #222224; color: #dedede; font: 15px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
h1, h2 { font-weight: 600; line-height: 1.2 }
h2 { border-top: 1px solid #46464a; margin-top: 3rem; padding-top: 1.5rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 }
th, td { border-bottom: 1px solid #46464a; padding: .25rem 1.25rem .25rem 0; text-align: left; vertical-align: top }
th { color: #a0a0a6; font-weight: 500 }
a { color: #68b2e8 }
figure { margin: 1.25rem 0 }
img { display: block; margin: .5rem 0; max-width: 100% }
figcaption { color: #a0a0a6 }
.flagged { color: #e86848 }
"""


@dataclass(frozen=True)
class Picture:
    """A picture of the page.

    Attributes:
        data: of a JPEG or PNG file.
        caption: one line below it.
        flagged: shown as something to look at.
    """

    data: bytes
    caption: str = ""
    flagged: bool = False


@dataclass(frozen=True)
class Table:
    """A table; `links` has, for some rows, the name of the section that their first cell leads to."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    links: Sequence[str] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page: text, tables and pictures in their order, each under a heading of its own where it has one."""

    name: str
    title: str
    parts: Sequence[str | Table | Picture]


def page(title: str, sections: Iterable[Section]) -> str:
    """The whole page. Whatever a text holds, a reader sees it as it is."""
    body = "\n".join(_section(section) for section in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n{body}\n"
        "</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    heading = f"<h2>{escape(section.title)}</h2>\n" if section.title else ""
    return f'<section id="{escape(section.name)}">\n{heading}{"".join(map(_part, section.parts))}</section>'


def _part(part: str | Table | Picture) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>\n"
    return _table(part) if isinstance(part, Table) else _picture(part)


def _table(table: Table) -> str:
    rows = [[escape(cell) for cell in row] for row in table.rows]
    for row, link in zip(rows, table.links, strict=False):
        row[0] = f'<a href="#{escape(link)}">{row[0]}</a>' if link else row[0]
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{body}\n</table>\n"


def _picture(picture: Picture) -> str:
    kind = "png" if picture.data.startswith(b"\x89PNG") else "jpeg"
    shown = f'<img alt="{escape(picture.caption)}" src="data:image/{kind};base64,{b64encode(picture.data).decode()}">'
    marked = ' class="flagged"' if picture.flagged else ""
    return f"<figure>{shown}<figcaption{marked}>{escape(picture.caption)}</figcaption></figure>\n"
