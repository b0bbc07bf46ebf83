"""A recipe as it is found in or beside a file, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from v2v_studio.errors import UsageError, unknown
from v2v_studio.media.recipes import MAX_BYTES, parse_recipe, read_recipe
from v2v_studio.motion.base import MOTION
from v2v_studio.params import parse_params
from v2v_studio.project.recipe import Mixed, TakeRecipe
from v2v_studio.project.records import TransitionRecord
from v2v_studio.renderers.base import RENDERERS
from v2v_studio.tracks.table import TRACKS, Setup

_NUMBER = re.compile(r"(-?[0-9]{1,9})\.png")


def recipe_of(path: Path) -> dict[str, Any]:
    """The recipe inside a PNG or a video, or beside it; that of a take's folder or its take.json.

    Raises:
        UsageError: there is none.
        MediaError: it is damaged, too long, or no JSON object.
    """
    path = Path(path)
    file = path / "take.json" if path.is_dir() else path
    if file.suffix.lower() == ".json":
        return _recipe_in(file)
    recipe = read_recipe(file)
    beside = file.parent.parent / "take.json" if file.parent.name == "frames" else beside_video(file)
    if recipe is None and beside.is_file():
        return _recipe_in(beside)
    if recipe is None:
        raise UsageError(
            f"{path} carries no recipe, and none lies beside it; give a PNG, an mp4 or a take of the studio"
        )
    return recipe


def beside_video(file: Path) -> Path:
    """Where the recipe of an assembled video lies beside it."""
    return file.with_name(f"{file.name}.json")


def _recipe_in(file: Path) -> dict[str, Any]:
    """A sidecar's recipe: a take's record has it under `recipe`."""
    if not file.is_file():
        raise UsageError(f"{file} does not exist; give a PNG, an mp4, a take.json or a take's folder")
    with open(file, "rb") as opened:
        found = parse_recipe(opened.read(MAX_BYTES + 1).decode("utf-8", "replace"), file)
    recipe = found.get("recipe", found)
    if not isinstance(recipe, dict):
        raise UsageError(f"{file} has a recipe that is not an object; restore it from a backup")
    return recipe


def frame_files(path: Path, numbers: range) -> dict[int, Path]:
    """Number -> file of the frames that a path stands for: one picture, or all of a take by its folder or take.json.

    Raises:
        UsageError: a picture whose name does not say which frame it is, or a number that the recipe does not have.
    """
    if path.suffix.lower() != ".png":
        frames = (path if path.is_dir() else path.parent) / "frames"
        return {number: file for file in sorted(frames.glob("*.png")) if (number := number_of(file)) is not None}
    number = number_of(path)
    if number is None or number not in numbers:
        raise UsageError(
            f"{path.name} does not say which frame it is; its name must end in a number from {numbers.start} to "
            f"{numbers.stop - 1}, as in sh010_t001.{numbers.start:04d}.png"
        )
    return {number: path}


def number_of(file: Path) -> int | None:
    """The number at the end of a picture's name; None where there is none."""
    match = _NUMBER.search(file.name)
    return int(match.group(1)) if match else None


def setup_of(recipe: TakeRecipe) -> Setup:
    """The track of a recipe with its options.

    Raises:
        UsageError: an unknown track or option, or a value out of range.
    """
    if recipe.track not in TRACKS:
        raise unknown("track", recipe.track, TRACKS)
    track = TRACKS[recipe.track]
    motion = checked_options(MOTION.load(track.motion).Params, recipe.motion_params, f"motion '{track.motion}'")
    look = checked_options(RENDERERS.load(track.renderer).Params, recipe.params, f"renderer '{track.renderer}'")
    return Setup(track, motion, look, recipe.seed)


def checked_options(model: type[BaseModel], given: Mapping[str, Any], whose: str) -> BaseModel:
    """Options of a recipe. UsageError also for one that names a file: a recipe is no reason to open any."""
    params = parse_params(model, given, whose)
    if named := [name for name, value in params if isinstance(value, Path)]:
        raise UsageError(f"the recipe names a file in option '{named[0]}' of {whose}; files of recipes are not opened")
    return params


def transitions_of(mixed: Iterable[Mixed]) -> list[TransitionRecord]:
    """Dissolves and fades of a recipe.

    Raises:
        UsageError: one whose curve is not as long as itself.
    """
    try:
        return [
            TransitionRecord(kind=kind, start=start, end=end, curve=curve, ground=ground)
            for kind, start, end, curve, ground in mixed
        ]
    except ValidationError as error:
        raise UsageError(f"the recipe has a transition that cannot be: {error.errors()[0]['msg']}") from None
