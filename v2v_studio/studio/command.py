"""Takes as numbers and words: what was measured of every frame, and the command that makes the take again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from v2v_studio.studio.desk import Desk
from v2v_studio.studio.mask import Mask, mask_file
from v2v_studio.studio.request import Ask

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

    def asked(self, name: str) -> dict[str, Any]:
        """What makes a take ("sh010/t001") anew, as told to `plan`, and may be changed: track, options, seed, ask."""
        take = self.take_named(name)
        recipe = take.recipe
        options = {**recipe["motion_params"], **recipe["params"]}
        parent = take.parent if take.span else None
        mask = Mask(**recipe["mask"]) if recipe.get("mask") else None
        return {
            "track": recipe["track"],
            "options": {key: value for key, value in options.items() if value is not None and key != "seed"},
            "seed": recipe["seed"],
            "ask": Ask((take.first_frame, *take.further), parent, take.span, mask),
        }

    def command(self, name: str) -> str:
        """The command line that makes a take ("sh010/t001"), to copy; run as things stand, it finds the take there.

        A take whose motion was given as files is replayed: the project keeps that motion, not the files.
        """
        take, folder = self.take_named(name), self.store.folder
        if take.recipe.get("moves"):
            return shlex.join(["v2v", "-C", str(folder), "replay", str(self.store.take_folder(take.shot, take.id))])
        return shlex.join(["v2v", "-C", str(folder), "render", take.shot, *self._words(take.shot, **self.asked(name))])

    def _words(self, name: str, track: str, options: Mapping[str, Any], seed: int, ask: Ask) -> Iterator[str]:
        shot = self.store.shot(name)
        yield from ("--track", track, "--seed", str(seed))
        for option, value in options.items():
            yield from ("-p", f"{option}={value if isinstance(value, str) else json.dumps(value)}")
        for first_frame in ask.first_frames:
            yield from ("--first-frame", first_frame)
        if ask.parent and ask.span:
            yield from ("--from", ask.parent, "--range", ":".join(str(shot.number(frame)) for frame in ask.span))
        if mask := ask.mask:
            file = mask_file(self.store, name, mask.sha256)
            yield from ("--mask", f"{file}@{shot.number(mask.frame)}", "--feather", str(mask.feather))
            yield from ["--protect"] if mask.protect else []
