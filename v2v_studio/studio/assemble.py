"""Assemble: the edit, as video, as pictures and as timeline."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from opentimelineio.schema import Timeline

from v2v_studio.errors import MediaError, ProjectError, unknown
from v2v_studio.media.frames import read_png, write_png
from v2v_studio.media.recipes import video_tags
from v2v_studio.media.sound_cut import SoundPiece, write_sound
from v2v_studio.media.writer import Written, write_video
from v2v_studio.parts import beside, passing, remove, settle
from v2v_studio.project.atomic import write_bytes, write_json
from v2v_studio.project.naming import FIRST_NUMBER, checked
from v2v_studio.project.recipe import edit_recipe
from v2v_studio.project.records import Footage, Shot, Take
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk, Tell, fits, shifted, silent, told
from v2v_studio.studio.footage import probe_of, read_footage, size_of
from v2v_studio.studio.recipe import beside_video
from v2v_studio.timeline.assemble import assembled
from v2v_studio.timeline.cut import Span, film_order, joined, played
from v2v_studio.timeline.edit import Segment, edit_of
from v2v_studio.timeline.edl import to_edl
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.fcpxml import to_fcpxml
from v2v_studio.timeline.imported import read_cut
from v2v_studio.timeline.otio import ShotTakes, state_handles, timeline_of
from v2v_studio.types import Array

FORMATS = ("mp4", "otio", "edl", "fcpxml", "prores", "frames")
SUFFIXES = {"mp4": ".mp4", "prores": ".mov"}
LISTS = {"edl": to_edl, "fcpxml": to_fcpxml}


@dataclass(frozen=True)
class Film:
    """One video of an edit.

    Attributes:
        name: of its files.
        spans: what it plays; where that is one footage as it lies, the film has its sound and times too.
        size: (width, height).
    """

    name: str
    footage: Footage
    spans: Sequence[Span]
    size: tuple[int, int]

    @property
    def frames(self) -> int:
        return sum(span.end - span.start for span in self.spans)

    @property
    def whole(self) -> bool:
        return list(self.spans) == film_order([self.footage])


class Assembling(Desk):
    """The verb `assemble`."""

    def assemble(
        self,
        name: str = "cut01",
        strict: bool = False,
        crf: int = 16,
        on_progress: Tell = silent,
        formats: Collection[str] = ("mp4", "otio"),
        handles: int = 0,
        embed: bool = True,
    ) -> dict[str, Any]:
        """Write the edit: the timeline into edits/, everything else that is asked for into exports/.

        Every footage is a film of its own, with its sound. A cut that was imported under this name is one film.

        Args:
            name: of the edit.
            strict: approved takes only.
            crf: quality of the mp4.
            formats: of FORMATS; the timeline is the record of the edit and is written in any case.
            handles: frames that are wanted either side of each clip; every clip says how many its media has.
            embed: whether a video carries its recipe inside; it lies beside it in any case.

        Raises:
            ProjectError: nothing to assemble; with `strict`, a shot without an approved take.
            MediaError: an imported cut joins footages of different rates or sizes.
            UsageError: a format that is none.
        """
        for form in set(formats) - set(FORMATS):
            raise unknown("format", form, FORMATS)
        footages = self.store.footages()
        if not footages:
            raise ProjectError(f"{self.store.folder.name} has no footage yet; take some in with: v2v ingest clip.mp4")
        shots = [shot for shot in self.store.shots() if shot.status != "omit"]
        shown = {shot.id: self.shown(shot, strict) for shot in shots}
        missing = [shot.id for shot in shots if shown[shot.id] is None]
        if strict and missing:
            raise ProjectError(
                f"no approved take in {', '.join(missing)}; approve one with: v2v review {missing[0]}/t001 approve"
            )
        spans = self.spans(name)
        films = self._films(name, footages, spans)
        timeline = self._timeline(name, spans, shots, shown)
        short = state_handles(timeline, handles) if handles else []
        lists, notes = self._lists(name, timeline, formats)  # first: what they refuse, they refuse at once
        edit = self.store.write_edit(name, timeline.to_json_string(indent=2))
        forms = [form for form in ("mp4", "prores", "frames") if form in formats]
        total, exports, done = len(forms) * sum(film.frames for film in films), [], 0
        for film in films:
            for form in forms:
                exports.append(self._export(film, form, shots, shown, crf, embed, shifted(on_progress, done, total)))
                done += film.frames
        return {"exports": exports, "timeline": str(edit), "lists": lists, "notes": [*short, *notes]}

    def spans(self, name: str) -> list[Span] | None:
        """What the cut that was imported under this name plays; None where there is none."""
        path = self.store.folder / "edits" / f"{checked('edit', name)}.otio"
        if path.is_symlink() or not path.is_file() or b'"imported"' not in (data := path.read_bytes()):
            return None
        shots = {shot.id: shot.footage for shot in self.store.shots()}
        cut = read_cut(data, path.name, self.store.footages(), shots)
        return joined(Span(clip.footage, clip.start, clip.end) for clip in cut.clips) if cut.imported else None

    def _films(self, name: str, footages: Sequence[Footage], spans: Sequence[Span] | None) -> list[Film]:
        if spans is None:
            one = len(footages) == 1
            return [
                Film(name if one else f"{name}_{f.id}", f, film_order([f]), size_of(self.store, f)) for f in footages
            ]
        first, *others = [footage for footage in footages if any(span.footage == footage.id for span in spans)]
        size = size_of(self.store, first)
        for other in others:
            if (other.rate, size_of(self.store, other)) != (first.rate, size):
                raise MediaError(
                    f"the cut {name} joins {first.id} ({size[0]}x{size[1]} at {first.rate}) and {other.id} (another size or "
                    "rate); one film has one: make the cut of footage that agrees, or give the project a --size"
                )
        return [Film(name, first, spans, size)]

    def _export(
        self,
        film: Film,
        form: str,
        shots: Sequence[Shot],
        shown: Mapping[str, Take | None],
        crf: int,
        embed: bool,
        tell: Tell,
    ) -> dict[str, Any]:
        played_of = {span.footage for span in film.spans}
        own = [shot for shot in shots if shot.footage in played_of]
        usable = {s.id: t if (t := shown[s.id]) and fits(t, s, film.size) else None for s in own}
        segments = list(self._segments(film, own, usable))
        frames = told(self._frames(segments, film.size), film.frames, tell)
        if form == "frames":
            path, notes = self._write_frames(film, frames), []
        else:
            footages = [self.store.footage(name) for name in sorted(played_of)]
            order = [(span.footage, span.start, span.end) for span in film.spans]
            recipe = edit_recipe(footages, order, film.size, own, usable, form, crf)
            written = self._write_film(film, form, frames, crf, video_tags(recipe) if embed else {})
            write_json(beside_video(written.path), recipe)
            path, notes = written.path, list(written.notes)
        notes += [
            f"{s.id} has a take of another size or range; render it again"
            for s in own
            if shown[s.id] and not usable[s.id]
        ]
        return {
            "footage": film.footage.id,
            "path": str(path),
            "frames": film.frames,
            "rate": film.footage.rate,
            "styled": sum(piece.end - piece.start for _, piece in segments if piece.outgoing or piece.incoming),
            "notes": notes,
        }

    def _segments(
        self, film: Film, shots: Sequence[Shot], usable: Mapping[str, Take | None]
    ) -> Iterator[tuple[Footage, Segment]]:
        """Everything the film plays, in order."""
        for span in film.spans:
            footage = self.store.footage(span.footage)
            own = [shot for shot in shots if shot.footage == footage.id]
            segments = edit_of(footage.frames, own, footage_transitions(footage), usable)
            yield from ((footage, segment) for segment in played(segments, span))

    def _frames(self, segments: Sequence[tuple[Footage, Segment]], size: tuple[int, int]) -> Iterator[Array]:
        for name, run in groupby(segments, key=lambda pair: pair[0].id):
            yield from assembled(
                (segment for _, segment in run),
                read_footage(self.store, self.store.footage(name), size),
                lambda take, frame: read_png(self.store.take_frame(take, frame)),
            )

    def _write_film(self, film: Film, form: str, frames: Iterator[Array], crf: int, tags: Mapping[str, str]) -> Written:
        with self.sounding(film, "pcm_s16le" if form == "prores" else "aac") as sound:
            return write_video(
                self.store.folder / "exports" / f"{film.name}{SUFFIXES[form]}",
                frames,
                Fraction(film.footage.rate),
                metadata=tags,
                crf=crf,
                codec="prores" if form == "prores" else "h264",
                **sound,
            )

    @contextmanager
    def sounding(self, film: Film, codec: Literal["aac", "pcm_s16le"] = "aac") -> Iterator[dict[str, Any]]:
        """What `write_video` is told of a film's sound and times, while the block runs.

        The footage's own where it is played as it lies; else its frames are evenly spaced and its sound is cut, and encoded
        anew as `codec`.
        """
        found = probe_of(film.footage)
        if film.whole:
            audio = {"audio_from": self.store.media_path(film.footage) if found.audio else None}
            even = {"start": found.seconds(0)}
            yield audio | ({"times": found.times, "time_base": Fraction(found.time_base)} if found.variable else even)
            return
        pieces = [self._sound_of(span) for span in film.spans]
        if not any(piece.path for piece in pieces):
            yield {}
            return
        with passing("sound", self.store.folder / "exports") as folder:
            write_sound(Path(folder) / "sound.mov", pieces, codec)
            yield {"audio_from": Path(folder) / "sound.mov"}

    def _sound_of(self, span: Span) -> SoundPiece:
        footage = self.store.footage(span.footage)
        found, seconds = probe_of(footage), (span.end - span.start) / Fraction(footage.rate)
        path = self.store.media_path(footage) if found.audio else None
        return SoundPiece(path, found.seconds(span.start), seconds)

    def _write_frames(self, film: Film, frames: Iterator[Array]) -> Path:
        """A folder of numbered pictures, there whole or not at all."""
        folder = self.store.folder / "exports" / f"{film.name}_frames"
        part = beside(folder)
        part.mkdir(parents=True)
        try:
            for number, frame in enumerate(frames, FIRST_NUMBER):
                write_png(part / f"{film.name}.{number:04d}.png", frame)
            shutil.rmtree(folder, ignore_errors=True)
            settle(part, folder)
        except BaseException:
            remove(part)
            raise
        return folder

    def write_timeline(self, name: str, spans: Sequence[Span] | None) -> Path:
        """Keep what an edit plays as its record, edits/<name>.otio; None for the footage as it lies."""
        shots = [shot for shot in self.store.shots() if shot.status != "omit"]
        timeline = self._timeline(name, spans, shots, {shot.id: self.shown(shot) for shot in shots})
        return self.store.write_edit(name, timeline.to_json_string(indent=2))

    def _timeline(
        self,
        name: str,
        spans: Sequence[Span] | None,
        shots: Sequence[Shot],
        shown: Mapping[str, Take | None],
    ) -> Timeline:
        entries: dict[str, list[ShotTakes]] = {}
        for shot in shots:
            takes = self.store.takes(shot.id)
            reviews = {take.id: self.store.review(shot.id, take.id) for take in takes}
            entries.setdefault(shot.footage, []).append(ShotTakes(shot, takes, reviews, shown[shot.id]))
        return timeline_of(name, self.store.footages(), entries, cut=spans)

    def _lists(self, name: str, timeline: Timeline, formats: Collection[str]) -> tuple[list[str], list[str]]:
        """The edit in the formats of other programs: their paths, and what they do not hold."""
        paths, notes = [], []
        for form, write in LISTS.items():
            if form in formats:
                path = self.store.folder / "exports" / f"{name}.{form}"
                text, lost = write(timeline, path.parent)
                write_bytes(path, text.encode())
                paths.append(str(path))
                notes += [f"{path.name}: {one}" for one in lost]
        return paths, notes

    def strip(self) -> Array:
        """A picture strip: for every shot the footage, the first frame, and the take halfway from it to the farther end."""
        rows = []
        for shot in self.store.shots():
            take = self.shown(shot)
            if take is None:
                continue
            first = self.store.first_frame(shot.id, take.first_frame)
            far = shot.end - 1 if shot.end - first.frame > first.frame - shot.start else shot.start
            frame = (first.frame + far) // 2
            rows.append(
                [
                    Cell(self.still(shot, first.frame), f"{shot.id}  footage {shot.number(first.frame)}"),
                    Cell(read_png(self.store.first_frame_image(first)), "first frame"),
                    Cell(self.still(shot, frame), f"footage {shot.number(frame)}"),
                    Cell(read_png(self.store.take_frame(take, frame)), f"result {shot.number(frame)}"),
                ]
            )
        if not rows:
            raise ProjectError(f"{self.store.folder.name} has no takes yet; make some with: v2v render")
        return sheet(rows, height=180)
