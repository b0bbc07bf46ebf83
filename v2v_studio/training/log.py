"""How a run goes, step by step: a line of JSON each in log.jsonl, and curves for TensorBoard where it is installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from v2v_studio.project.atomic import write_bytes

LINES = "log.jsonl"
CURVES = "tensorboard"


class Log:
    """The log of a run in its folder; one that goes on loses what was written after the step it goes on from.

    Args:
        folder: of the run.
        step: steps done before.
    """

    def __init__(self, folder: Path, step: int) -> None:
        path = folder / LINES
        if path.exists():
            kept = [line for line in entries(folder) if line["step"] <= step]
            write_bytes(path, "".join(json.dumps(line) + "\n" for line in kept).encode())
        self._lines = open(path, "a", encoding="utf-8")  # noqa: SIM115  # closed by close()
        self._curves: Any = None
        if find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self._curves = SummaryWriter(str(folder / CURVES), purge_step=step + 1)

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers of one step, counted from 1."""
        self._lines.write(json.dumps({"step": step, **values}) + "\n")
        self._lines.flush()
        if self._curves:
            for name, value in values.items():
                self._curves.add_scalar(name, value, step)

    def close(self) -> None:
        self._lines.close()
        if self._curves:
            self._curves.close()


def entries(folder: Path) -> list[dict[str, Any]]:
    """What the log of a run says; a last line that was cut off is left out."""
    found = []
    for line in (folder / LINES).read_text(encoding="utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found
