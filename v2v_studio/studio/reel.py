"""Reel: the source and what was made of it, as one video to review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from v2v_studio.errors import ProjectError
from v2v_studio.media.writer import write_video
from v2v_studio.project.records import Footage, Shot
from v2v_studio.studio.assemble import Assembling, Film
from v2v_studio.studio.desk import Tell, fits, shifted, silent, told
from v2v_studio.studio.footage import read_footage
from v2v_studio.timeline.edit import Segment
from v2v_studio.types import Array


class Reeling(Assembling):
    """The verb `reel`."""

    def reel(
        self, name: str = "cut01", layout: str = "side", path: Path | None = None, on_progress: Tell = silent
    ) -> list[dict[str, Any]]:
        """Write the source and the edit in one video, as many videos as `assemble` would write, with the same sound.

        Args:
            name: of the edit; the reel of a film is exports/FILM_reel.mp4.
            layout: "side" or "wipe".
            path: where to write it instead; of several, each with the name of its footage added.

        Raises:
            ProjectError: nothing to show.
            UsageError: `path` is the footage itself.
        """
        footages = self.store.footages()
        if not footages:
            raise ProjectError(f"{self.store.folder.name} has no footage yet; take some in with: v2v ingest clip.mp4")
        shots = [shot for shot in self.store.shots() if shot.status != "omit"]
        films = self._films(name, footages, self.spans(name))
        total, done, made = sum(film.frames for film in films), 0, []
        for film in films:
            file = path or self.store.folder / "exports" / f"{film.name}_reel.mp4"
            if path and len(films) > 1:
                file = path.with_stem(f"{path.stem}_{film.footage.id}")
            made.append(self._reel(film, shots, layout, file, shifted(on_progress, done, total)))
            done += film.frames
        return made

    def _reel(self, film: Film, shots: Sequence[Shot], layout: str, path: Path, tell: Tell) -> dict[str, Any]:
        from v2v_studio.timeline.layouts import composited  # here: moviepy is slow to import
        from v2v_studio.timeline.reel import captions_of

        self.spare_footage(path)
        played, rate = {span.footage for span in film.spans}, Fraction(film.footage.rate)
        own = [shot for shot in shots if shot.footage in played]
        shown = {s.id: take if (take := self.shown(s)) and fits(take, s, film.size) else None for s in own}
        segments = list(self._segments(film, own, shown))
        pairs = zip(self._sources(segments, film.size), self._frames(segments, film.size), strict=True)
        frames = composited(pairs, film.frames, rate, layout, captions_of(segments, own, rate))
        with self.sounding(film) as sound:
            written = write_video(path, told(frames, film.frames, tell), rate, preset="veryfast", **sound)
        return {
            "footage": film.footage.id,
            "path": str(written.path),
            "frames": written.frames,
            "rate": film.footage.rate,
            "styled": sum(piece.end - piece.start for _, piece in segments if piece.outgoing or piece.incoming),
            "notes": [*written.notes],
        }

    def _sources(self, segments: Sequence[tuple[Footage, Segment]], size: tuple[int, int]) -> Iterator[Array]:
        for footage, segment in segments:
            yield from read_footage(self.store, footage, size)(segment.start, segment.end)
