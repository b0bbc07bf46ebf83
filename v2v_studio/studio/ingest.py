"""Ingest: footage in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from v2v_studio.fingerprint import file_digest, fingerprint
from v2v_studio.media.probe import probe
from v2v_studio.project.records import Footage
from v2v_studio.studio.desk import Desk, Tell, silent

VIDEO_SUFFIXES = {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".gif", ".mpg", ".ts"}


class Ingesting(Desk):
    """The verb `ingest`."""

    def ingest(self, paths: Iterable[Path], copy: bool = False, on_progress: Tell = silent) -> list[Footage]:
        """Take in footage. A folder is a picture sequence if it holds pictures, else every video in it.

        The same file twice is taken once.
        """
        files = [file for path in paths for file in footage_paths(Path(path))]
        taken = []
        for done, file in enumerate(files):
            on_progress(done, len(files))
            taken.append(self._ingest(file, copy))
        on_progress(len(files), len(files))
        return taken

    def _ingest(self, file: Path, copy: bool) -> Footage:
        found, digest = probe(file), content_digest(file)
        known = next((footage for footage in self.store.footages() if footage.sha256 == digest), None)
        if known and self.store.media_path(known).exists():
            return known

        def make(name: str) -> Footage:
            path = self._copied(file, name) if copy else Path(os.path.relpath(file.resolve(), self.store.folder))
            return Footage(
                id=name,
                path=path.as_posix(),
                copied=copy,
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
        return self.store.add_footage(make)

    def _copied(self, file: Path, name: str) -> Path:
        inside = Path("footage") / f"{name}{file.suffix.lower()}"
        if file.is_dir():
            shutil.copytree(file, self.store.folder / inside)
        else:
            shutil.copyfile(file, self.store.folder / inside)
        return inside


def footage_paths(path: Path) -> list[Path]:
    """A path as footages: itself, or the videos in a folder that holds some.

    Raises:
        MediaError: it does not exist.
    """
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix.lower() in VIDEO_SUFFIXES) or [path]


def content_digest(path: Path) -> str:
    """sha256 of a file, or of the names and digests of a folder's files."""
    if not path.is_dir():
        return file_digest(path)
    return fingerprint([[file.name, file_digest(file)] for file in sorted(path.iterdir()) if file.is_file()])
