"""`v2v` on a failing disk: `V2V_FAULT=kill@17 python -m tests.faults.v2v -C myfilm render`; or forked, far faster."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.disk import VARIABLE, Disk, Fault

NO_FAULT = Fault()


@dataclass(frozen=True)
class Ended:
    """How a verb ended.

    Attributes:
        code: exit code; below 0 for the signal that killed it.
        said: stderr.
        out: stdout.
        moments: at which a fault could have struck; 0 where it was killed.
    """

    code: int
    said: str
    out: str
    moments: int

    @property
    def killed(self) -> bool:
        return self.code < 0

    @property
    def told(self) -> bool:
        """Whether all that a user saw of a failure is sentences, and no traceback."""
        return "Traceback" not in self.said and self.said.startswith("error: ") and self.said.count("error: ") == 1


def run(
    folder: Path, verb: Sequence[str], fault: Fault = NO_FAULT, prepare: Callable[[], object] | None = None
) -> Ended:
    """Carry out a verb in a fork of this process, on a disk that fails so.

    Args:
        prepare: called in the fork first.
    """
    import v2v_studio.studio  # noqa: F401  once, here, not in every fork

    with TemporaryDirectory() as kept:
        out, said, count = (Path(kept) / name for name in ("out", "said", "count"))
        child = os.fork()
        if child == 0:
            _child(folder, verb, fault, prepare, out, said, count)
        _, status = os.waitpid(child, 0)
        moments = int(count.read_text()) if count.exists() else 0
        return Ended(os.waitstatus_to_exitcode(status), said.read_text(), out.read_text(), moments)


def _child(
    folder: Path,
    verb: Sequence[str],
    fault: Fault,
    prepare: Callable[[], object] | None,
    out: Path,
    said: Path,
    count: Path,
) -> None:
    code = 1
    try:
        for number, file in ((1, out), (2, said)):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        if prepare:
            prepare()
        code = v2v(folder, verb, fault, count)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)


def v2v(folder: Path, verb: Sequence[str], fault: Fault, count: Path | None = None) -> int:
    """Exit code of the command line; how many moments there were is written to `count`."""
    from v2v_studio.cli import main

    disk = Disk(folder, fault)
    disk.arm()
    sys.argv = ["v2v", "-q", "-C", str(folder), *map(str, verb)]
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    if count:
        count.write_text(str(disk.moments))
    return code


if __name__ == "__main__":
    arguments = sys.argv[1:]
    where = Path(arguments[arguments.index("-C") + 1])
    rest = [a for i, a in enumerate(arguments) if a != "-C" and arguments[i - 1] != "-C"]
    sys.exit(v2v(where, rest, Fault.named(os.environ.get(VARIABLE, "count"))))
