"""When and with what something was made: kept in records, never part of a fingerprint."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version

import cv2
import numpy as np

from v2v_studio import __version__


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions(*also: str) -> dict[str, str]:
    """Of the studio and what it stands on, and of these packages too: for whoever makes it again."""
    return {
        "v2v_studio": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        **{name: version(name) for name in also},
    }
