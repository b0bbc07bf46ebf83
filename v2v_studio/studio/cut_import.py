"""Import: a cut made elsewhere, taken over shot by shot; what is rendered stays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from v2v_studio.errors import MediaError, ProjectError
from v2v_studio.project.naming import checked
from v2v_studio.project.records import Shot
from v2v_studio.studio.assemble import Assembling
from v2v_studio.studio.cut import film_order as shot_order
from v2v_studio.studio.cut import new_shot
from v2v_studio.timeline.cut import Span, film_order, fitted, joined
from v2v_studio.timeline.extent import footage_transitions
from v2v_studio.timeline.imported import MAX_BYTES, Clip, read_cut
from v2v_studio.timeline.otio import Tile, cropped, tiles_of


@dataclass(frozen=True)
class Layout:
    """The shots of a project as they would be, and what an edit shows of them, in order."""

    shots: Sequence[Shot]
    tiles: Sequence[Tile]


class Importing(Assembling):
    """The verb `import`."""

    def import_cut(self, path: Path, name: str = "cut01", dry_run: bool = False) -> dict[str, Any]:
        """Make the edit `name` play a cut that was made elsewhere.

        A clip is matched to footage by its media and to shots by its frames. A range inside a shot changes the edit and
        not the shot, so its takes stay as they are; frames beside a shot that the same clip plays make the shot longer;
        frames that no shot has become a new shot. No shot is ever deleted.

        Args:
            path: an .otio file.
            name: of the edit.
            dry_run: say what would be done, and do nothing.

        Returns:
            "rows": one for each piece of the cut in order, and one for each shot that it leaves out; "frames": how many
            the cut plays; "edit": where it is kept; "notes".

        Raises:
            MediaError: the file is no cut that this project can play.
        """
        checked("edit", name)
        footages = self.store.footages()
        if not footages:
            raise ProjectError(f"{self.store.folder.name} has no footage yet; take some in with: v2v ingest clip.mp4")
        cut = read_cut(_bytes(path), path.name, footages, {shot.id: shot.footage for shot in self.store.shots()})
        spans = joined(Span(clip.footage, clip.start, clip.end) for clip in cut.clips)
        with self.store.cutting():
            before, after = self._layout(name), self._taken_over(cut.clips, spans)
            rows = self._rows(before, after)
            if not dry_run:
                self._write(after.shots)
        whole = spans == film_order(footages)
        edit = None if dry_run else str(self.write_timeline(name, None if whole else spans))
        return {
            "rows": rows,
            "frames": sum(span.end - span.start for span in spans),
            "edit": edit,
            "notes": list(cut.notes),
        }

    def _layout(self, name: str) -> Layout:
        """The edit as it is."""
        shots = self.store.shots()
        return Layout(shots, self._tiles(shots, self.spans(name) or film_order(self.store.footages())))

    def _taken_over(self, clips: Sequence[Clip], spans: Sequence[Span]) -> Layout:
        """The shots as the cut needs them: grown, and new ones."""
        shots = self.store.shots()
        for footage in self.store.footages():
            played = [Span(c.footage, c.start, c.end) for c in clips if c.footage == footage.id and c.shot != ""]
            own = [shot for shot in shots if shot.footage == footage.id]
            grown, new = fitted(own, footage_transitions(footage), played)
            changed = {shot.id: shot for shot in grown}
            shots = [changed.get(shot.id, shot) for shot in shots]
            for span in new:
                shots = sorted([*shots, new_shot(shots, span, span.start)], key=shot_order)
        return Layout(shots, self._tiles(shots, spans))

    def _tiles(self, shots: Iterable[Shot], spans: Iterable[Span]) -> list[Tile]:
        active = [shot for shot in shots if shot.status != "omit"]
        tiles = {f.id: tiles_of(f, [s for s in active if s.footage == f.id]) for f in self.store.footages()}
        return [tile for span in spans for tile in cropped(tiles[span.footage], span)]

    def _write(self, shots: Iterable[Shot]) -> None:
        """Inside `cutting`."""
        before = {shot.id: shot for shot in self.store.shots()}
        for shot in shots:
            if shot.id not in before:
                self.store.add_shot(shot)
            elif not same_range(shot, before[shot.id]):
                self.store.change_shot(shot.id, partial(with_range, shot))

    def _rows(self, before: Layout, after: Layout) -> list[dict[str, Any]]:
        known = {shot.id: shot for shot in before.shots}
        ranges: dict[str, list[tuple[int, int]]] = {}
        for tile in before.tiles:
            ranges.setdefault(tile.shot or "", []).append((tile.start, tile.end))
        shots = {shot.id: shot for shot in after.shots}
        moved = out_of_order([tile.shot for tile in before.tiles if tile.shot], [tile.shot for tile in after.tiles])
        rows = []
        for at, tile in enumerate(after.tiles):
            if tile.shot is None:
                rows.append(row(None, tile.footage, tile.start, tile.end, "source"))
                continue
            shot = shots[tile.shot]
            if shot.id not in known:
                what = "new"
            elif not same_range(shot, known[shot.id]):
                what = "extended"
            else:
                same = (tile.start, tile.end) in ranges.get(shot.id, ())
                what = "kept" if same else "trimmed"
            if at in moved:
                what = "moved" if what == "kept" else f"{what}, moved"
            rows.append(row(shot.id, tile.footage, tile.start, tile.end, what, len(self._unrendered(shot, known))))
        played = {tile.shot for tile in after.tiles}
        rows += [
            row(shot.id, shot.footage, shot.start, shot.end, "missing")
            for shot in after.shots
            if shot.id not in played and shot.status != "omit"
        ]
        return rows

    def _unrendered(self, shot: Shot, known: Container[str]) -> set[int]:
        """Frames of the shot that the take to show has not."""
        frames, take = set(range(shot.start, shot.end)), self.shown(shot) if shot.id in known else None
        return frames - set(range(take.first, take.last)) if take and take.size == self.size(shot) else frames


def same_range(one: Shot, other: Shot) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def with_range(wanted: Shot, shot: Shot) -> Shot:
    """A shot with the range of another."""
    return shot.changed(start=wanted.start, end=wanted.end)


def row(shot: str | None, footage: str, start: int, end: int, what: str, render: int = 0) -> dict[str, Any]:
    """One line of what an import did; `render`: frames of the shot that are still to be rendered."""
    return {
        "shot": shot,
        "footage": footage,
        "from": start,
        "to": end,
        "frames": end - start,
        "what": what,
        "render": render,
    }


def out_of_order(before: Sequence[str], after: Sequence[str | None]) -> set[int]:
    """Places in `after` whose shot has another place among those that kept their order: the fewest that can be moved.

    What stays is a longest strictly rising run of the places that the shots had before; new shots are never moved.
    """
    had = {shot: place for place, shot in enumerate(before)}
    placed = [(at, had[shot]) for at, shot in enumerate(after) if shot in had]
    tails: list[int] = []  # the smallest last place of a rising run of each length
    lengths = []
    for _, place in placed:
        length = bisect_right(tails, place)  # a shot played in two pieces one after the other has not moved
        tails[length : length + 1] = [place]
        lengths.append(length)
    wanted, stays = len(tails) - 1, set()
    for (at, _), length in zip(reversed(placed), reversed(lengths), strict=True):
        if length == wanted:
            stays.add(at)
            wanted -= 1
    return {at for at, _ in placed} - stays


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise MediaError(f"{path} does not exist; give the .otio file of the cut")
    if path.stat().st_size > MAX_BYTES:
        raise MediaError(
            f"{path} has {path.stat().st_size >> 20} MB; at most {MAX_BYTES >> 20} MB of timeline are read"
        )
    return path.read_bytes()
