"""The service: one method a verb, the only place where stages meet the disk. The command line and the UI are views of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from v2v_studio.errors import ShotsFailed
from v2v_studio.project.records import Defaults, Footage, Shot
from v2v_studio.project.store import Store
from v2v_studio.studio.command import Commanding
from v2v_studio.studio.compare import Comparing
from v2v_studio.studio.cut import Cutting
from v2v_studio.studio.cut_import import Importing
from v2v_studio.studio.desk import Tell, silent
from v2v_studio.studio.doctor import Doctoring
from v2v_studio.studio.draw import Drawing
from v2v_studio.studio.farm import Farming
from v2v_studio.studio.gc import Collecting
from v2v_studio.studio.pick import Picking
from v2v_studio.studio.queue import Queueing
from v2v_studio.studio.reel import Reeling
from v2v_studio.studio.replay import Replaying
from v2v_studio.studio.report import Reporting
from v2v_studio.studio.review import Reviewing
from v2v_studio.studio.showing import Showing
from v2v_studio.studio.sources import Tracing
from v2v_studio.studio.suggest import Suggesting
from v2v_studio.studio.upload import Uploading


class Studio(
    Uploading,
    Cutting,
    Picking,
    Suggesting,
    Queueing,
    Farming,
    Tracing,
    Reviewing,
    Drawing,
    Showing,
    Commanding,
    Reporting,
    Importing,
    Reeling,
    Comparing,
    Doctoring,
    Collecting,
    Replaying,
):
    """A project and everything that can be done with it. See each base for its verbs."""

    @classmethod
    def create(cls, folder: Path, size: tuple[int, int] | None = None) -> Studio:
        """A new project; `size` is a box (width, height) that all work fits into."""
        Store.create(Path(folder), size)
        return cls(folder)

    @classmethod
    def open_or_create(cls, folder: Path, size: tuple[int, int] | None = None) -> Studio:
        """The project, made if it is not there. A size that is given replaces the project's."""
        if not (Path(folder) / "project.json").exists():
            return cls.create(folder, size)
        studio = cls(folder)
        if size and studio.store.project().size != size:
            studio.store.change_project(lambda project: project.changed(size=size))
        return studio

    def run(
        self,
        path: Path,
        translator: str | None = None,
        options: Mapping[str, Any] | None = None,
        seed: int | None = None,
        render_options: Mapping[str, Any] | None = None,
        workers: int | None = None,
        on_progress: Tell = silent,
    ) -> dict[str, Any]:
        """Ingest, cut, stylize, render, assemble; what is done already and did not change is not done again.

        A look that is given becomes the project's; where it differs from the project's so far, every shot of the footage
        gets it.
        """
        footages = self.ingest([path])
        self.cut()
        own = [s for s in self.store.shots() if s.footage in {f.id for f in footages} and s.status != "omit"]
        before, look = self.store.project().defaults, self._look(translator, options, seed)
        wanted = [shot.id for shot in own if look != before or shot.first_frame is None]
        made = self.stylize(wanted, look.translator, look.translator_params, look.seed) if wanted else []
        made += self.refit(shot.id for shot in own)
        self.store.change_project(lambda project: project.changed(defaults=look))  # once every shot has it
        plans = self.plan([shot.id for shot in own], options=render_options, seed=seed) if own else []
        results = self.render(plans, workers=workers, on_progress=on_progress)
        failed = [row for row in results if row["what"] == "failed"]
        if failed:
            told = "; ".join(f"{row['shot']}: {row['reason']}" for row in failed)
            raise ShotsFailed(f"{len(failed)} of {len(results)} shots failed ({told}); the others are done")
        counts = Counter(row["what"] for row in results)
        assembled_as = self.assemble()
        return {
            "stages": {
                "ingest": ", ".join(f"{f.id} {f.frames} frames at {f.rate}" for f in footages),
                "cut": f"{len(own)} shots",
                "stylize": f"{len(made)} first frames" if made else "nothing to do",
                "render": ", ".join(f"{count} {what}" for what, count in counts.items()),
                "assemble": ", ".join(
                    f"{row['styled']} of {row['frames']} frames styled" for row in assembled_as["exports"]
                ),
            },
            **assembled_as,
        }

    def _look(self, translator: str | None, options: Mapping[str, Any] | None, seed: int | None) -> Defaults:
        """The project's defaults with the look that is given in place of theirs."""
        look: dict[str, Any] = {} if seed is None else {"seed": seed}
        if translator or options:
            look["translator"] = translator or self.store.project().defaults.translator
            look["translator_params"] = dict(options or {})
        return self.store.project().defaults.model_copy(update=look)

    def status(self) -> dict[str, Any]:
        """The project at a glance, and what comes next."""
        footages, shots = self.store.footages(), self.store.shots()
        return {
            "name": self.store.project().name,
            "footage": len(footages),
            "frames": sum(footage.frames for footage in footages),
            "shots": len(shots),
            "statuses": dict(Counter(shot.status for shot in shots)),
            "next": self._next(footages, shots),
        }

    def _next(self, footages: list[Footage], shots: list[Shot]) -> str:
        active = [shot for shot in shots if shot.status != "omit"]
        if not footages:
            return "v2v ingest clip.mp4"
        if any(footage.cut is None for footage in footages):
            return "v2v cut"
        if any(shot.first_frame is None for shot in active):
            return "v2v stylize"
        if any(self.shown(shot) is None for shot in active):
            return "v2v render"
        unseen = next((s for s in active if s.status != "approved"), None)
        if unseen and (take := self.shown(unseen)):
            return f"v2v review {unseen.id}/{take.id} approve (or reject, retake, note)"
        return "v2v assemble"
