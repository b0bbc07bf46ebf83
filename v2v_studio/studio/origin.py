"""When and with what something was made: kept in records, never part of a fingerprint."""

from __future__ import annotations

import platform
from datetime import UTC, datetime

import cv2
import numpy as np

from v2v_studio import __version__


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """For whoever makes it again."""
    return {
        "v2v_studio": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
    }
