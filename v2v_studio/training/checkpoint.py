"""Checkpoints: all that a run needs to go on as if it had not stopped. A folder each; there whole, or not at all.

Tensors are safetensors and the rest is JSON; nothing in a checkpoint can run code. There is no state of chance in it:
what a step draws depends on the run's seed, the step and the process alone.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load_file, save_file

from v2v_studio.errors import StudioError
from v2v_studio.fingerprint import file_digest
from v2v_studio.parts import beside, settle
from v2v_studio.project.atomic import read_json, write_json

log = logging.getLogger(__name__)

SCHEMA = "v2v.checkpoint/1"
RECORD = "checkpoint.json"
KEPT = 2  # the newest ones; the others are deleted

Tensors = Mapping[str, Mapping[str, torch.Tensor]]  # of each kind (weights, optimizer, ...), by name


class Checkpoint(NamedTuple):
    """Where a run stood.

    Attributes:
        step: steps done.
        facts: what is no tensor, as JSON has it.
        tensors: of each kind.
    """

    step: int
    facts: dict[str, Any]
    tensors: Tensors


def write(folder: Path, checkpoint: Checkpoint) -> Path:
    """A new folder in `folder`, put in place by one rename; older ones but the last go."""
    place = folder / f"step-{checkpoint.step:08d}"
    part = beside(place)
    part.mkdir(parents=True)
    try:
        digests = {}
        for kind, tensors in checkpoint.tensors.items():
            path = part / f"{kind}.safetensors"
            save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, path)
            digests[kind] = file_digest(path)
        about = {"schema": SCHEMA, "step": checkpoint.step, **checkpoint.facts, "files": digests}
        write_json(part / RECORD, about)
        shutil.rmtree(place, ignore_errors=True)  # a damaged one that was passed over
        settle(part, place)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for old in _places(folder)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return place


def newest(folder: Path) -> Checkpoint | None:
    """The newest checkpoint that is whole; None where there is none. What a killed process left half written is no
    checkpoint, and one whose bytes have changed is passed over."""
    for place in _places(folder):
        try:
            return _read(place)
        except (OSError, KeyError, ValueError, StudioError) as error:
            log.warning("the checkpoint %s is damaged (%s); going on from the one before it", place, error)
    return None


def _places(folder: Path) -> list[Path]:
    """Newest first."""
    return sorted(folder.glob("step-*"), reverse=True)


def _read(place: Path) -> Checkpoint:
    about = read_json(place / RECORD)
    tensors = {}
    for kind, digest in about.pop("files").items():
        path = place / f"{kind}.safetensors"
        if file_digest(path) != digest:
            raise ValueError(f"{path.name} has other bytes than were written")
        tensors[kind] = load_file(path)
    return Checkpoint(about.pop("step"), about, tensors)
