"""Takes as numbers and words: what was measured of every frame, and the command that makes the take again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from v2v_studio.project.records import Take
from v2v_studio.studio.desk import Desk
from v2v_studio.studio.mask import mask_file

COLUMNS = {"visible": "visible", "temporal": "temporal_difference_error", "drift": "colour_drift"}


class Commanding(Desk):
    """What `takes` says of one take."""

    def frame_rows(self, name: str) -> list[dict[str, Any]]:
        """One row a frame of a take ("sh010/t001"), in order: its number, its measures, and which of them it is flagged for.

        A first frame is not measured: it has None.
        """
        take = self.take_named(name)
        metrics = self.metrics(take)
        measured = {row["frame"]: row for row in metrics["rows"]}
        flagged: dict[int, list[str]] = {}
        for flag in metrics["flags"]:
            flagged.setdefault(flag["frame"], []).append(flag["measure"])
        return [
            {
                "frame": take.number(frame),
                **{column: measured.get(frame, {}).get(key) for column, key in COLUMNS.items()},
                "flagged": flagged.get(frame, []),
            }
            for frame in range(take.first, take.last)
        ]

    def command(self, name: str) -> str:
        """The command line that makes a take ("sh010/t001"), to copy; run as things stand, it finds the take there.

        A take whose motion was given as files is replayed: the project keeps that motion, not the files.
        """
        take, folder = self.take_named(name), self.store.folder
        if take.recipe.get("moves"):
            return shlex.join(["v2v", "-C", str(folder), "replay", str(self.store.take_folder(take.shot, take.id))])
        return shlex.join(["v2v", "-C", str(folder), "render", take.shot, *self._asked(take)])

    def _asked(self, take: Take) -> Iterator[str]:
        recipe, shot = take.recipe, self.store.shot(take.shot)
        yield from ("--track", recipe["track"], "--seed", str(recipe["seed"]))
        for option, value in {**recipe["motion_params"], **recipe["params"]}.items():
            if value is not None and option != "seed":
                yield from ("-p", f"{option}={value if isinstance(value, str) else json.dumps(value)}")
        for first_frame in (take.first_frame, *take.further):
            yield from ("--first-frame", first_frame)
        if take.span and take.parent:
            yield from ("--from", take.parent, "--range", ":".join(str(shot.number(frame)) for frame in take.span))
        if mask := recipe.get("mask"):
            file = mask_file(self.store, take.shot, mask["sha256"])
            yield from ("--mask", f"{file}@{shot.number(mask['frame'])}", "--feather", str(mask["feather"]))
            yield from ["--protect"] if mask["protect"] else []
