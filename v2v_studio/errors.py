"""Everything a user can act on, as one family. The CLI and the UI show the message alone; a traceback means a bug.

StudioError                    1  failed
├── UsageError                 2  a name, an option or a parameter is wrong
├── ProjectError               3  the project folder or one of its records is invalid
├── MediaError                 1  footage or a picture cannot be read, or cannot be used as asked
├── MissingError               4  a model or a dependency is not there
├── ResourceError              5  out of memory or disk
├── RenderError                1  a shot cannot be rendered (frames that are not finite, say)
├── ShotsFailed                6  some shots failed, the others are done
└── Cancelled                130  stopped by the user
    └── Paused               130  ... for now

A message is one sentence, or two: what is wrong and where, what is possible, what to do next.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from difflib import get_close_matches


class StudioError(Exception):
    """Base of the family. `exit_code` is what the command line ends with."""

    exit_code = 1


class UsageError(StudioError):
    exit_code = 2


class ProjectError(StudioError):
    exit_code = 3


class MediaError(StudioError):
    pass


class MissingError(StudioError):
    exit_code = 4


class ResourceError(StudioError):
    exit_code = 5


class RenderError(StudioError):
    pass


class ShotsFailed(StudioError):
    exit_code = 6


class Cancelled(StudioError):
    exit_code = 130


class Paused(Cancelled):
    pass


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not there: what was meant, perhaps, and what there is."""
    known = list(known)
    close = get_close_matches(name, known, n=1)
    hint = f" Did you mean '{close[0]}'?" if close else ""
    return UsageError(f"unknown {kind} '{name}'.{hint} Available: {', '.join(known)}")


def full(error: OSError) -> bool:
    """Whether it is for want of room on the disk."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def sentence(error: OSError) -> str:
    """What the system refused, where, and what to do about it."""
    hint = "make room" if full(error) else "check that the folder is there and may be written to"
    where = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror}{where}; {hint}"
