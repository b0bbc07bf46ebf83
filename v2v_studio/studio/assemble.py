"""Assemble: the edit, as video and as timeline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from v2v_studio.errors import ProjectError
from v2v_studio.media.footage import Probe
from v2v_studio.media.frames import read_png
from v2v_studio.media.writer import write_video
from v2v_studio.project.records import Footage, Shot, Take
from v2v_studio.sheets import Cell, sheet
from v2v_studio.studio.desk import Desk, Tell, fits, shifted, silent, told
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.timeline.assemble import assembled
from v2v_studio.timeline.edit import edit_of
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.otio import ShotTakes, timeline_of
from v2v_studio.types import Array


class Assembling(Desk):
    """The verb `assemble`."""

    def assemble(
        self, name: str = "cut01", strict: bool = False, crf: int = 16, on_progress: Tell = silent
    ) -> dict[str, Any]:
        """Write the edit: one mp4 a footage with its sound into exports/, and the timeline into edits/.

        Raises:
            ProjectError: nothing to assemble; with `strict`, a shot without an approved take.
        """
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
        total = sum(footage.frames for footage in footages)
        exports, done = [], 0
        for footage in footages:
            file = f"{name}.mp4" if len(footages) == 1 else f"{name}_{footage.id}.mp4"
            told_more = shifted(on_progress, done, total)
            exports.append(self._assemble(footage, shots, shown, self.store.folder / "exports" / file, crf, told_more))
            done += footage.frames
        return {"exports": exports, "timeline": str(self._write_timeline(name, footages, shots, shown))}

    def _assemble(
        self,
        footage: Footage,
        shots: Sequence[Shot],
        shown: Mapping[str, Take | None],
        path: Path,
        crf: int,
        tell: Tell,
    ) -> dict[str, Any]:
        size = size_of(self.store, footage)
        own = [shot for shot in shots if shot.footage == footage.id]
        usable = {s.id: t if (t := shown[s.id]) and fits(t, s, size) else None for s in own}
        segments = edit_of(footage.frames, own, footage_transitions(footage), usable)
        frames = assembled(
            segments,
            read_footage(self.store, footage, size),
            lambda take, frame: read_png(self.store.take_frame(take, frame)),
        )
        found, media = Probe.from_dict(footage.probe), self.store.media_path(footage)
        timing: dict[str, Any] = (
            {"times": found.times, "time_base": Fraction(found.time_base)}
            if found.variable
            else {"start": found.seconds(0)}
        )
        recipes = {take.shot: take.recipe for take in usable.values() if take}
        written = write_video(
            path,
            told(frames, footage.frames, tell),
            Fraction(footage.rate),
            audio_from=media if found.audio else None,
            metadata={"comment": json.dumps({"v2v": recipes}, sort_keys=True)},
            crf=crf,
            **timing,
        )
        stale = [
            f"{s.id} has a take of another size or range; render it again"
            for s in own
            if shown[s.id] and not usable[s.id]
        ]
        return {
            "footage": footage.id,
            "path": str(written.path),
            "frames": written.frames,
            "rate": footage.rate,
            "styled": sum(piece.end - piece.start for piece in segments if piece.outgoing or piece.incoming),
            "notes": [*written.notes, *stale],
        }

    def _write_timeline(
        self, name: str, footages: Sequence[Footage], shots: Sequence[Shot], shown: Mapping[str, Take | None]
    ) -> Path:
        entries: dict[str, list[ShotTakes]] = {}
        for shot in shots:
            takes = self.store.takes(shot.id)
            reviews = {take.id: self.store.review(shot.id, take.id) for take in takes}
            entries.setdefault(shot.footage, []).append(ShotTakes(shot, takes, reviews, shown[shot.id]))
        return self.store.write_edit(name, timeline_of(name, footages, entries).to_json_string(indent=2))

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
