"""Ingest: footage in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import MediaError, UsageError
from v2v_studio.fingerprint import content_digest
from v2v_studio.media.frames import check_size, write_png
from v2v_studio.media.probe import PICTURE_RATE, probe
from v2v_studio.parts import beside, remove, settle
from v2v_studio.project.records import Footage
from v2v_studio.project.sweep import sweep
from v2v_studio.studio.desk import Desk, Tell, silent

RATES = Fraction(1, 100), Fraction(1000)  # the slowest and the fastest that video files can say
GREY = 0.5  # of a blank: neither black nor white, which would be taken for a fade
VIDEO_SUFFIXES = {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".gif", ".mpg", ".ts"}


class Ingesting(Desk):
    """The verb `ingest`."""

    def ingest(
        self,
        paths: Iterable[Path],
        copy: bool = False,
        rate: str | None = None,
        held: int = 1,
        on_progress: Tell = silent,
    ) -> list[Footage]:
        """Take in footage. A folder is a picture sequence if it holds pictures, else every video in it.

        The same file twice is taken once, a picture once for every length that it is held.

        Args:
            rate: frames a second of pictures, such as "24000/1001"; the project's, or 24, where not given.
            held: frames that a single picture stands.

        Raises:
            MediaError: what cannot be used as footage, or cannot be held.
            UsageError: a rate that is none.
        """
        speed = Fraction(checked_rate(rate) or self.store.project().rate or PICTURE_RATE)
        files = [file for path in paths for file in footage_paths(Path(path))]
        sweep(self.store)
        taken = []
        for done, file in enumerate(files):
            on_progress(done, len(files))
            taken.append(self._ingest(file, copy, speed, held))
        on_progress(len(files), len(files))
        return taken

    def ingest_blank(self, size: tuple[int, int], frames: int, rate: str | None = None) -> Footage:
        """Footage that shows nothing, for a shot that is made from words alone: a grey picture in the project, held."""
        blank = Path(f"blank-{size[0]}x{size[1]}.png")
        check_size(blank, *size)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / blank
            write_png(file, np.full((3, size[1], size[0]), GREY, np.float32))
            return self.ingest([file], copy=True, rate=rate, held=frames)[0]

    def footage_rows(self) -> list[dict[str, Any]]:
        """One row a footage, for listings: what it is, what was found in it."""
        return [self._footage_row(footage) for footage in self.store.footages()]

    def _footage_row(self, footage: Footage) -> dict[str, Any]:
        row = footage.model_dump(include={"id", "kind", "frames", "rate", "width", "height", "bytes", "notes", "probe"})
        found = {
            "seconds": float(footage.frames / Fraction(footage.rate)),
            "sound": len(audio) if isinstance(audio := footage.probe.get("audio"), list | tuple) else 0,
        }
        return {**row, **found, "file": Path(footage.path).name, "cut": footage.cut is not None}

    def _ingest(self, file: Path, copy: bool, rate: Fraction, held: int) -> Footage:
        found, digest = probe(file, rate, held), content_digest(file)
        if held > 1 and found.kind != "still":
            raise MediaError(
                f"{file} has {found.frames} frames of its own; hold a single picture, or leave out --frames"
            )
        alike = (footage for footage in self.store.footages() if footage.sha256 == digest)
        known = next((footage for footage in alike if footage.kind != "still" or footage.frames == held), None)
        if known and self.store.media_path(known).exists():
            return known

        def make(name: str) -> Footage:
            path = self._copied(file, name) if copy else Path(os.path.relpath(file.resolve(), self.store.folder))
            return Footage(
                id=name,
                path=path.as_posix(),
                copied=copy or file.resolve().is_relative_to(self.store.folder),
                sha256=digest,
                bytes=sum(part.stat().st_size for part in (file.iterdir() if file.is_dir() else [file])),
                kind=found.kind,
                frames=found.frames,
                rate=found.rate,
                width=found.width,
                height=found.height,
                probe=asdict(found),
                notes=list(found.notes),
            )

        if known:  # the same footage, in a new place
            return self.store.change_footage(known.id, lambda footage: make(known.id).changed(cut=footage.cut))
        return self.store.add_footage(make, file.suffix.lower() if copy else None)

    def _copied(self, file: Path, name: str) -> Path:
        inside = Path("footage") / f"{name}{file.suffix.lower()}"
        target = self.store.folder / inside
        part = beside(target)
        try:
            if file.is_dir():
                shutil.rmtree(target, ignore_errors=True)  # of a process that was killed before it changed the record
                shutil.copytree(file, part)
            else:
                shutil.copyfile(file, part)
            settle(part, target)
        except BaseException:
            remove(part)
            raise
        return inside


def footage_paths(path: Path) -> list[Path]:
    """A path as footages: itself, or the videos in a folder that holds some.

    Raises:
        MediaError: it does not exist.
    """
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix.lower() in VIDEO_SUFFIXES) or [path]


def checked_rate(text: str | None) -> str | None:
    """A rate as it stands in records, such as "24000/1001"; None for none. UsageError for what is no rate."""
    if text is None:
        return None
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not RATES[0] <= rate <= RATES[1]:
        raise UsageError(f"'{text}' is not a rate from {RATES[0]} to {RATES[1]}; write it as 25 or 24000/1001")
    return str(rate)
