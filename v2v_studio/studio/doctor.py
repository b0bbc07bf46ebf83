"""Doctor: everything in a project held against its records, and what is safe to put right put right."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from v2v_studio.errors import ProjectError, StudioError
from v2v_studio.media.frames import pixels_digest, read_png
from v2v_studio.project.check import Finding, Inspection
from v2v_studio.project.records import FirstFrame, Footage, Job, Take
from v2v_studio.studio.desk import Desk, Tell, silent
from v2v_studio.studio.environment import environment
from v2v_studio.studio.ingest import content_digest
from v2v_studio.studio.job_report import abandoned, closed, working
from v2v_studio.studio.mask import kept_mask


@dataclass(frozen=True)
class Diagnosis:
    """A finding, and whether it has been put right."""

    finding: Finding
    fixed: bool = False

    def row(self) -> dict[str, object]:
        found = self.finding
        return {
            "where": found.where,
            "what": found.what,
            "do": found.do,
            "fixable": found.fix is not None,
            "fixed": self.fixed,
        }


class Doctoring(Desk):
    """The verb `doctor`."""

    def doctor(self, fix: bool = False, on_progress: Tell = silent) -> list[Diagnosis]:
        """Look at this machine, and at every record, footage, picture and frame of the project. Empty where all is well.

        Args:
            fix: put right what can be without losing anything that was finished: what killed processes left, jobs whose
                process is gone, selections of what is not there, motion in the cache that cannot be read. No committed
                take, first frame or review is touched.
        """
        seen = Inspection(self.store)
        seen.findings += environment(seen)
        content = [
            *(partial(self._check_footage, seen, footage) for footage in seen.footages.values()),
            *(
                partial(self._check_picture, seen, first)
                for named in seen.first_frames.values()
                for first in named.values()
            ),
            *(partial(self._check_masks, seen, shot) for shot in seen.takes),
            *(partial(self._check_frames, seen, take) for named in seen.takes.values() for take in named.values()),
            *(partial(self._check_job, seen, job) for job in seen.jobs.values()),
        ]
        for done, check in enumerate(content, 1):
            check()
            on_progress(done, len(content))
        return [Diagnosis(found, fix and fixed(found)) for found in seen.findings]

    def _check_footage(self, seen: Inspection, footage: Footage) -> None:
        record = self.store.folder / "footage" / f"{footage.id}.json"
        try:
            path = self.store.media_path(footage)
        except StudioError as error:
            seen.add(record, str(error), "correct its path")
            return
        if not path.exists():
            seen.add(record, f"{footage.path} does not exist", "put it back, or ingest it again from where it is now")
        elif content_digest(path) != footage.sha256:
            what = f"{footage.path} is not the file that was ingested: its sha256 differs"
            seen.add(record, what, "put the old one back, or ingest this one and cut, stylize and render it")

    def _check_picture(self, seen: Inspection, first: FirstFrame) -> None:
        path = self.store.first_frame_image(first)
        try:
            same = pixels_digest(read_png(path)) == first.sha256
        except StudioError as error:
            seen.add(path, told(error, path), f"make it again with: v2v stylize {first.shot}")
            return
        if not same:
            what = "the picture is not the one that was made: its sha256 differs"
            seen.add(path, what, "restore it, or take it in as a new one with: v2v stylize --translator painted")

    def _check_masks(self, seen: Inspection, shot: str) -> None:
        """Every mask as it was taken in, and those there that a take or a first frame was made with."""
        made = [(one.recipe.get("mask"), one.id) for one in seen.takes[shot].values()]
        made += [(one.mask, one.id) for one in seen.first_frames[shot].values()]
        users = {mask["sha256"]: name for mask, name in made if mask}
        folder = self.store.folder / "shots" / shot / "masks"
        for name in sorted({path.stem for path in folder.glob("[!.]*.png")} | users.keys()):
            path = folder / f"{name}.png"
            try:
                kept_mask(self.store, shot, name)
            except ProjectError:
                what = "it is not the mask that was taken in: its sha256 differs" if path.exists() else "it is gone"
                what += f", and {users[name]} was made with it" if name in users else ""
                seen.add(path, what, "restore it, or remove what is there and give the mask again with --mask")

    def _check_frames(self, seen: Inspection, take: Take) -> None:
        """Every frame there and readable at the take's size, and none beside them."""
        folder = self.store.take_folder(take.shot, take.id) / "frames"
        wanted = {self.store.take_frame(take, frame).name: frame for frame in range(take.first, take.last)}
        there = {path.name for path in folder.glob("[!.]*")}
        do = f"reject it, and render the shot again with: v2v render {take.shot} --again"
        if lost := [take.number(frame) for name, frame in wanted.items() if name not in there]:
            seen.add(folder, f"{len(lost)} of {len(wanted)} frames missing, the first is {lost[0]}", do)
        if other := sorted(there - set(wanted)):
            seen.add(
                folder / other[0],
                f"not a frame of {take.shot}/{take.id}, {len(other)} such in all",
                "move what is yours away",
            )
        for name in sorted(there & set(wanted)):
            try:
                _, height, width = read_png(folder / name).shape
            except StudioError as error:
                seen.add(folder / name, told(error, folder / name), do)
                continue
            if (width, height) != take.size:
                seen.add(folder / name, f"it is {width}x{height}, the take is {take.size[0]}x{take.size[1]}", do)

    def _check_job(self, seen: Inspection, job: Job) -> None:
        if working(job) and abandoned(job):
            what = f"{job.shot or job.kind} is said to be {job.state}, but the process is gone"
            seen.add(self.store.folder / "jobs" / f"{job.id}.json", what, "end it", partial(self._end, job.id))

    def _end(self, name: str) -> None:
        self.store.change_job(name, lambda job: closed(job) if working(job) else job)


def fixed(finding: Finding) -> bool:
    """Put right what a finding says, if that is safe; whether it is right now."""
    if finding.fix is None:
        return False
    try:
        finding.fix()
    except (StudioError, OSError):
        return False
    return True


def told(error: StudioError, path: Path) -> str:
    """What an error says of a file, without its name and its advice."""
    return str(error).removeprefix(str(path)).partition(";")[0].strip()
