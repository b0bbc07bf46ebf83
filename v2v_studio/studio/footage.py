"""Footage of a project, opened at the size the project works at."""

from __future__ import annotations

from functools import partial

from v2v_studio.errors import ProjectError
from v2v_studio.media.footage import Probe
from v2v_studio.media.frames import fit
from v2v_studio.media.reader import open_reader
from v2v_studio.project.records import Footage
from v2v_studio.project.store import Store
from v2v_studio.timeline.source import Read


def size_of(store: Store, footage: Footage) -> tuple[int, int]:
    """(width, height) that this project works at for a footage."""
    box = store.project().size
    own = footage.width, footage.height
    return fit(own, box) if box else own


def probe_of(footage: Footage) -> Probe:
    """What was found in a footage when it was ingested. ProjectError where its record does not say it any more."""
    try:
        return Probe.from_dict(footage.probe)
    except (ValueError, ArithmeticError) as error:
        raise ProjectError(
            f"footage/{footage.id}.json does not say what the footage is ({' '.join(str(error).split())[:120]}); "
            "restore it from a backup, or remove it and ingest the footage again"
        ) from None


def read_footage(store: Store, footage: Footage, size: tuple[int, int]) -> Read:
    """(start, stop) -> frames at the working size. ProjectError where the file has changed its length or is gone."""
    path = store.media_path(footage)
    if not path.exists():
        raise ProjectError(
            f"footage {footage.id} is gone: {footage.path} does not exist; put it back, or ingest it again"
        )
    return partial(open_reader(path, probe_of(footage)).frames, size=size)
