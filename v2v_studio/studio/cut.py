"""Cut: shots found, and corrected by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from v2v_studio.errors import ProjectError, UsageError
from v2v_studio.media.frames import write_png
from v2v_studio.media.timecode import frame_to_timecode
from v2v_studio.params import parse_params
from v2v_studio.project.naming import shot_between, shot_key
from v2v_studio.project.records import CutRecord, Footage, Shot, TransitionRecord
from v2v_studio.sheets import Cell, sheet
from v2v_studio.shots.base import DETECTORS, Cut
from v2v_studio.shots.detect import detect
from v2v_studio.shots.picture import score_picture
from v2v_studio.studio.desk import Desk, Tell, silent, told
from v2v_studio.studio.footage import read_footage, size_of
from v2v_studio.timeline.cut import Span
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.types import Array

ASIDE = "(before a new cut)"  # in the note of a shot that a new cut put aside


class Cutting(Desk):
    """The verb `cut`, and split, merge, trim, disable."""

    def cut(
        self,
        footage: str | None = None,
        detector: str = "adaptive",
        options: Mapping[str, Any] | None = None,
        again: bool = False,
        on_progress: Tell = silent,
    ) -> list[Shot]:
        """Find the shots of one footage, or of all that are not cut yet.

        Cutting again keeps every shot whose range is found again, a disabled one disabled; a shot that is not, and holds
        work, is put aside with status `omit`, and comes back when its range does.
        """
        params = parse_params(DETECTORS.load(detector).Params, options or {}, f"detector '{detector}'")
        chosen = [self.store.footage(footage)] if footage else self.store.footages()
        if not chosen:
            raise ProjectError(f"{self.store.folder.name} has no footage yet; take some in with: v2v ingest clip.mp4")
        for one in chosen:
            if one.cut is None or again:
                self._cut(one, detector, params, on_progress)
        return [shot for shot in self.store.shots() if footage in (None, shot.footage)]

    def _cut(self, footage: Footage, detector: str, params: Any, on_progress: Tell) -> None:
        read = read_footage(self.store, footage, (footage.width, footage.height))
        frames = told(read(0, footage.frames), footage.frames, on_progress)
        found = detect(frames, Fraction(footage.rate), detector, params)
        with self.store.cutting():
            own = sorted((s for s in self.store.shots() if s.footage == footage.id), key=lambda s: s.status != "omit")
            before = {(shot.start, shot.end): shot for shot in own}
            for span, shot in before.items():
                if span not in found.shots and shot.status != "omit":
                    self._put_aside(shot, ASIDE)
            present = self.store.shots()
            for span, usable in zip(found.shots, found.usable, strict=True):
                if span not in before:
                    present.append(self.store.add_shot(new_shot(present, Span(footage.id, *span), usable)))
                elif before[span].note.endswith(ASIDE):
                    self._bring_back(before[span])
        record = CutRecord(
            detector=detector,
            params=params.model_dump(mode="json"),
            threshold=found.threshold,
            scores=self.store.write_scores(footage.id, [round(float(score), 4) for score in found.scores]),
            transitions=[TransitionRecord(**asdict(transition)) for transition in found.transitions],
        )
        self.store.change_footage(footage.id, lambda one: one.changed(cut=record.model_dump()))

    def _put_aside(self, shot: Shot, why: str) -> None:
        if shot.prompt or shot.note or self.store.first_frames(shot.id) or self.store.takes(shot.id):
            self.store.change_shot(shot.id, lambda one: one.changed(status="omit", note=f"{one.note} {why}".strip()))
        else:
            self.store.remove_shot(shot.id)

    def shots(self) -> list[Shot]:
        """In the order of the film."""
        return self.store.shots()

    def split(self, name: str, number: int) -> None:
        """Make the frame of that number (from 1001) the first of a new shot."""
        with self.store.cutting():
            shot = self.store.shot(name)
            at = shot.frame(number)
            if not shot.start < at < shot.end:
                raise UsageError(
                    f"{name} has frames {shot.number(shot.start)} to {shot.number(shot.end - 1)}; it can be split at "
                    f"{shot.number(shot.start) + 1} to {shot.number(shot.end - 1)}, not at {number}"
                )
            self.store.change_shot(name, lambda one: within(one, one.start, at))
            rest = new_shot(self.store.shots(), Span(shot.footage, at, shot.end), max(at, shot.usable or at))
            self.store.add_shot(rest.changed(prompt=shot.prompt))

    def merge(self, name: str, following: str) -> None:
        """Make one shot of two neighbours; the first one's look is kept, the second is put aside."""
        with self.store.cutting():
            shot, after = self.store.shot(name), self.store.shot(following)
            if shot.footage != after.footage or shot.end != after.start:
                raise UsageError(f"{following} does not follow {name} directly; merge takes two shots that touch")
            self._put_aside(after, f"(merged into {name})")
            self.store.change_shot(name, lambda one: within(one, one.start, after.end))

    def trim(self, name: str, start: int, end: int) -> None:
        """Keep the frames numbered [start, end); the source shows in the rest."""
        with self.store.cutting():
            shot = self.store.shot(name)
            first, last = shot.frame(start), shot.frame(end)
            low, high = self._free_range(shot)
            if not low <= first < last <= high:
                raise UsageError(
                    f"{name} can have frames {shot.number(low)} up to, not including, {shot.number(high)}; "
                    f"{start}:{end} is not in it"
                )
            self.store.change_shot(name, lambda one: within(one, first, last))

    def _free_range(self, shot: Shot) -> tuple[int, int]:
        """[low, high) that a shot can be trimmed to, up to its neighbours."""
        others = [s for s in self.store.shots() if s.footage == shot.footage and s.id != shot.id and s.status != "omit"]
        low = max((s.end for s in others if s.end <= shot.start), default=0)
        return low, min(
            (s.start for s in others if s.start >= shot.end), default=self.store.footage(shot.footage).frames
        )

    def disable(self, name: str) -> None:
        """Leave a shot as it is in the source."""
        self.store.change_shot(name, lambda shot: shot.changed(status="omit"))

    def enable(self, name: str) -> None:
        """Bring a disabled shot back. UsageError where another has its frames by now."""
        with self.store.cutting():
            shot = self.store.shot(name)
            for other in self.store.shots():
                if other.status != "omit" and other.id != name and overlap(shot, other):
                    raise UsageError(f"{other.id} has frames of {name} by now; trim it, or disable it, first")
            self._bring_back(shot)

    def _bring_back(self, shot: Shot) -> None:
        status = "wip" if self.store.takes(shot.id) else "todo"
        self.store.change_shot(
            shot.id, lambda one: one.changed(status=status, note=one.note.removesuffix(ASIDE).strip())
        )

    def shot_rows(self) -> list[dict[str, Any]]:
        """One row a shot, for listings."""
        footages = self.store.footages()
        rates = {footage.id: Fraction(footage.rate) for footage in footages}
        sizes = {footage.id: size_of(self.store, footage) for footage in footages}
        rows = []
        for shot in self.store.shots():
            at = frame_to_timecode(shot.start, rates[shot.footage])
            row = shot.model_dump(include={"id", "footage", "start", "end", "status", "usable", "first_frame", "note"})
            shown = self.shown(shot, size=sizes[shot.footage])
            rows.append({**row, "timecode": at, "frames": shot.end - shot.start, "take": shown.id if shown else None})
        return rows

    def score_sheets(self, folder: Path) -> None:
        """For every footage that is cut, the detector's curve as a picture, with cuts and transitions marked."""
        folder.mkdir(parents=True, exist_ok=True)
        for footage in self.store.footages():
            if footage.cut and footage.cut.scores:
                write_png(folder / f"{footage.id}_scores.png", self._score_picture(footage, footage.cut))

    def score_curve(self, footage: str) -> dict[str, Any]:
        """Why a footage was cut where it was: its detector's scores, one a frame, what they were held against, and the cuts.

        Returns:
            detector, threshold (None where it has none), scores, cuts (footage frames that begin a shot, but for the first
            one), and transitions as [first, last) frames with their kind.

        Raises:
            UsageError: it is not cut yet.
        """
        record = self.store.footage(footage).cut
        if record is None:
            raise UsageError(f"{footage} is not cut yet; find its shots with: v2v cut --footage {footage}")
        starts = sorted(s.start for s in self.store.shots() if s.footage == footage and s.status != "omit")
        return {
            "detector": record.detector,
            "threshold": record.threshold,
            "scores": self.store.scores(footage),
            "cuts": starts[1:],
            "transitions": [{"kind": t.kind, "start": t.start, "end": t.end} for t in record.transitions],
        }

    def _score_picture(self, footage: Footage, record: CutRecord) -> Array:
        scores = self.store.scores(footage.id)
        shots = [shot for shot in self.store.shots() if shot.footage == footage.id and shot.status != "omit"]
        cut = Cut(
            frames=footage.frames,
            shots=tuple((shot.start, shot.end) for shot in shots),
            transitions=tuple(footage_transitions(footage)),
            scores=np.array(scores, np.float32),
            usable=tuple(shot.usable or shot.start for shot in shots),
            threshold=record.threshold,
        )
        return score_picture(cut, Fraction(footage.rate))

    def contact_sheet(self, path: Path, across: int = 4) -> None:
        """One picture a shot with its name, frames and status."""
        cells = [
            Cell(self.still(shot, shot.usable or shot.start), f"{shot.id}  {shot.end - shot.start} frames", shot.status)
            for shot in self.store.shots()
        ]
        if not cells:
            raise ProjectError(f"{self.store.folder.name} has no shots yet; find them with: v2v cut")
        rows = [cells[i : i + across] for i in range(0, len(cells), across)]
        write_png(path, sheet(rows, height=180, title=self.store.project().name))


def overlap(one: Shot, other: Shot) -> bool:
    return one.footage == other.footage and one.start < other.end and other.start < one.end


def film_order(shot: Shot) -> tuple[str, int, tuple[int, str]]:
    return shot.footage, shot.start, shot_key(shot.id)


def new_shot(shots: Sequence[Shot], span: Span, usable: int) -> Shot:
    """A shot for frames that none of a project's has, named so that names sort as the film runs."""
    place = (span.footage, span.start)
    before = max((s for s in shots if (s.footage, s.start) <= place), key=film_order, default=None)
    later = sorted((s.id for s in shots if before is None or shot_key(s.id) > shot_key(before.id)), key=shot_key)
    name = shot_between(before.id if before else None, later[0] if later else None)
    return Shot(id=name, footage=span.footage, start=span.start, end=span.end, usable=usable)


def within(shot: Shot, start: int, end: int) -> Shot:
    """The shot with another range, its usable frame kept inside it."""
    usable = start if shot.usable is None else min(max(shot.usable, start), end - 1)
    return shot.changed(start=start, end=end, usable=usable)
