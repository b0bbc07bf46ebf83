"""A result on disk: what was measured, with what, on what kind of machine."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "opencv-python", "numba", "av", "scenedetect")


def save(name: str, measured: Any) -> Path:
    """Write results/<name>.json."""
    path = RESULTS / f"{name}.json"
    about = {"commit": commit(), "versions": versions(), "machine": machine()}
    path.write_text(
        json.dumps({"schema": "v2v.benchmark/1", "name": name, **about, "measured": measured}, indent=1) + "\n"
    )
    return path


def load(name: str) -> dict[str, Any] | None:
    """A result, or None where it was not measured yet."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def commit() -> str:
    """The commit that was measured; "-dirty" where more than results differs from it."""
    commit = _git("describe", "--always")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", f":(exclude){RESULTS}")
    return f"{commit}-dirty" if changed else commit or "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, cwd=RESULTS).stdout.strip()


def versions() -> dict[str, str]:
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}


def machine() -> dict[str, Any]:
    """The class of machine, not its name."""
    return {"system": platform.system(), "architecture": platform.machine(), "cores": os.cpu_count(), "gpu": None}
