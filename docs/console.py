"""The commands of README and docs, run for real: what a page shows is what they print.

A block fenced as ```console holds commands after "$ " and their output. `python docs/console.py` runs every block, page by
page, in a copy of the finished demo project, and writes what was printed into the pages; a test does the same and compares.
Figures that depend on the machine (seconds, megabytes) are compared as figures only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("ingest", "cut", "stylize", "draw", "render", "jobs", "farm", "review", "assemble", "first-frames")
PAGES = ("README.md", *(f"docs/{name}.md" for name in NAMES))
BLOCK = re.compile(r"```console\n(.*?)```", re.S)
FIGURE = re.compile(r"\d+\.\d+|(?<=about )\d+|\d+(?= MB)")


def demo(folder: Path) -> Path:
    """A copy of the finished demo project in `folder`/projects/demo; renders it first where it is not there."""
    if not (ROOT / "projects/demo/exports/cut01.mp4").exists():
        subprocess.run([sys.executable, ROOT / "projects/demo/make.py"], check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(ROOT / "projects/demo", folder / "projects/demo")
    return folder


def rerun(page: str, folder: Path) -> str:
    """The text of a page with what its commands print now, one after the other, in `folder`."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
    }

    def block(match: re.Match[str]) -> str:
        commands = [line[2:] for line in match.group(1).splitlines() if line.startswith("$ ")]
        said = []
        for command in commands:
            done = subprocess.run(
                command,
                shell=True,
                cwd=folder,
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            said.append(f"$ {command}\n{done.stdout}")
        return f"```console\n{''.join(said)}```"

    return BLOCK.sub(block, (ROOT / page).read_text())


def comparable(text: str) -> str:
    """A page without the figures that depend on the machine, nor the widths they give a column."""
    blocks = BLOCK.sub(lambda match: re.sub(" +", " ", FIGURE.sub("#", match.group(0))), text)
    return re.sub(r" +$", "", blocks, flags=re.M)


def main() -> None:
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            (ROOT / page).write_text(rerun(page, demo(Path(folder))))
            print(page)


if __name__ == "__main__":
    main()
