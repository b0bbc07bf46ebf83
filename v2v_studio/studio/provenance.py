"""What a recipe names, found by digest in the project and sure to be as it was; else the stage that differs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from v2v_studio.errors import MissingError, ProjectError
from v2v_studio.fingerprint import content_digest, fingerprint
from v2v_studio.media.frames import fit, pixels_digest, read_png
from v2v_studio.media.recipes import read_recipe
from v2v_studio.project.recipe import FirstFrameRecipe, TakeRecipe, believed
from v2v_studio.project.records import FirstFrame, Footage, Take
from v2v_studio.project.store import Store
from v2v_studio.studio.differ import Difference, difference
from v2v_studio.studio.footage import read_footage
from v2v_studio.studio.look import NETWORKS, Look, Model
from v2v_studio.studio.mask import Mask, kept_mask, mask_file
from v2v_studio.studio.moves import Moves, check_kept
from v2v_studio.studio.origin import versions
from v2v_studio.studio.recipe import checked_options
from v2v_studio.studio.scratch import box_of
from v2v_studio.translators.base import TRANSLATORS, silent
from v2v_studio.types import Array


def footage_of(store: Store, digest: str, last: int) -> Footage:
    """The footage of a digest, its file unchanged, of which the frames up to `last` are asked for."""
    footages = store.footages()
    footage = max((one for one in footages if one.sha256 == digest), key=lambda one: one.frames, default=None)
    if footage is None:
        known = ", ".join(f"{one.id} ({one.sha256[:12]})" for one in footages) or "none"
        raise Difference("footage", f"it was made from {digest[:12]}, which is not here; here is {known}")
    file = store.media_path(footage)
    if not file.exists():
        raise Difference("footage", f"{footage.id} is gone: {footage.path} does not exist")
    if (now := content_digest(file)) != digest:
        raise Difference(
            "footage", f"{footage.id} ({footage.path}) has changed: its sha256 is {now[:12]}, it was {digest[:12]}"
        )
    if last > footage.frames:
        raise Difference("shot", f"it asks for frame {last - 1} of {footage.id}, which has {footage.frames}")
    return footage


def first_frames_of(store: Store, recipe: TakeRecipe, footage: Footage) -> list[FirstFrame]:
    """Those that the recipe names, all of one shot."""
    for shot in store.shots():
        known = {(first.frame, first.sha256): first for first in store.first_frames(shot.id)}
        found = [known.get((one.frame, one.sha256)) for one in recipe.first_frames]
        firsts = [first for first in found if first is not None]
        if shot.footage == footage.id and len(firsts) == len(found):
            for first in firsts:
                _check(store, first, footage, recipe.size)
            return firsts
    told = ", ".join(f"{one.sha256[:12]} of footage frame {one.frame}" for one in recipe.first_frames)
    raise Difference("first frame", f"it was made from {told}; no shot here has that")


def _check(store: Store, first: FirstFrame, footage: Footage, size: tuple[int, int]) -> None:
    """Difference where a first frame's picture, its record and what its translator makes do not agree."""
    name, image = f"{first.shot}/{first.id}", store.first_frame_image(first)
    picture = read_png(image)
    if pixels_digest(picture) != first.sha256:
        raise Difference("first frame", f"the image.png of {name} is no longer the picture that was used")
    if (own := (picture.shape[2], picture.shape[1])) != size:
        raise Difference("shot", f"it is said to be {size}, but {name}, which it was made from, is {own}")
    raw = read_recipe(image)
    if raw is None:
        return
    in_picture = {key: raw.get(key) for key in ("frame", "translator", "params", "seed")}
    in_record = {key: getattr(first, key) for key in in_picture}
    if by_file(raw.get("params")):  # by its digest in the picture, by its path in the record
        in_picture["params"] = in_record["params"]
    if found := difference(in_record, in_picture, f"the record of {name}", "its image.png"):
        raise Difference("first frame", found.reason)
    recipe = believed(raw, f"{name}/image.png")
    again = translated(store, recipe, footage) if isinstance(recipe, FirstFrameRecipe) else None
    if again is not None and pixels_digest(again) != first.sha256:
        raise Difference("first frame", f"{name} comes out otherwise now{since(raw)}")


def first_frame_again(
    store: Store, raw: Mapping[str, Any], recipe: FirstFrameRecipe, picture: Array, name: str
) -> bool:
    """Difference where a first frame, made again, is another picture than the one in the file of that name.

    One that was made from a file is not made again: the project's own first frame of this recipe stands for it, and False
    is returned.
    """
    footage = footage_of(store, recipe.footage, recipe.frame + 1)
    again, given = translated(store, recipe, footage), pixels_digest(picture)
    known = [first for shot in store.shots() for first in store.first_frames(shot.id)]
    if again is None:
        if not any(first.fingerprint == fingerprint(raw) and first.sha256 == given for first in known):
            told = "it was made from a file, and no first frame here has its recipe and its picture"
            raise Difference("first frame", told)
        return False
    if pixels_digest(again) == given:
        return True
    for first in known:
        origin = read_recipe(store.first_frame_image(first)) if first.sha256 == given else None
        if origin and (found := difference(raw, origin, name, f"{first.shot}/{first.id}, whose picture it is")):
            raise Difference("first frame", found.reason)
    raise Difference("first frame", f"it comes out otherwise now{since(raw)}")


def translated(store: Store, recipe: FirstFrameRecipe, footage: Footage) -> Array | None:
    """A first frame made again, (3, H, W); None for one that was made from a file.

    Options may name weights by a path. One that no first frame of this project has is not opened: that counts as a file.

    Raises:
        Difference: weights, mask, model or size are not those of the recipe.
    """
    if by_file(recipe.params) or (recipe.weights and not known_options(store, recipe)):
        return None
    own = footage.width, footage.height
    if recipe.size not in (own, fit(own, box_of(own, recipe.size) or own)):
        raise Difference("first frame", f"it is said to be {recipe.size}, which footage of {own} is not worked at")
    translator = TRANSLATORS.load(recipe.translator)()
    params = checked_options(translator.Params, recipe.params, f"translator '{recipe.translator}'")
    image = next(read_footage(store, footage, recipe.size)(recipe.frame, recipe.frame + 1))
    look = Look(recipe.translator, translator, params, recipe.seed)
    _check_weights(recipe.weights, look)
    if recipe.like:
        like = recipe.like
        look = replace(look, model=Model(_picture_of(store, like.sha256), like.sha256, like.tone, like.colour))
    if recipe.mask:
        painted = _mask_picture(store, recipe.mask.sha256)
        look = replace(look, mask=Mask(**recipe.mask.model_dump()), painted=painted)
    return look.of(image, silent)


def check_named(store: Store, recipe: TakeRecipe) -> None:
    """Difference where a recipe names weights by its options, and no take of the project has those options.

    Such a name may be a path, and a recipe is no reason to open one.
    """
    options = recipe.motion_params, recipe.params
    if not any("weights" in part for part in options):
        return
    takes = (take.recipe for shot in store.shots() for take in store.takes(shot.id))
    if not any((one.get("motion_params"), one.get("params")) == options for one in takes):
        raise Difference(
            "weights", "it names weights, and no take here was made with these options; they are not opened"
        )


def _check_weights(digests: Mapping[str, str], look: Look) -> None:
    """Difference where weights on this machine are not those of the recipe, or not there."""
    try:
        here = look.weights
    except MissingError as error:
        raise Difference("weights", str(error)) from None
    if found := difference({"weights": digests}, {"weights": here}, "the recipe", "this machine"):
        raise found


def known_options(store: Store, recipe: FirstFrameRecipe) -> bool:
    """Whether a first frame of the project was made by this translator with these options."""
    return any(
        (first.translator, first.params) == (recipe.translator, recipe.params)
        for shot in store.shots()
        for first in store.first_frames(shot.id)
    )


def _mask_picture(store: Store, digest: str) -> Array:
    """A mask that one of the shots keeps, (H, W)."""
    shot = next((shot.id for shot in store.shots() if mask_file(store, shot.id, digest).exists()), None)
    if shot is None:
        raise Difference("mask", f"it was made with the mask {digest[:12]}, which is not here")
    try:
        return kept_mask(store, shot, digest)
    except ProjectError as error:
        raise Difference("mask", str(error)) from None


def _picture_of(store: Store, digest: str) -> Array:
    """The picture of a first frame."""
    firsts = (first for shot in store.shots() for first in store.first_frames(shot.id) if first.sha256 == digest)
    first = next(firsts, None)
    if first is None:
        raise Difference("first frame", f"it was made like the first frame {digest[:12]}, which is not here")
    return read_png(store.first_frame_image(first))


def parent_of(store: Store, shot: str, recipe: TakeRecipe) -> Take | None:
    """The take that a range was remade of; None for a take of its own."""
    if recipe.parent is None:
        return None
    parent = store.find_take(shot, recipe.parent)
    if parent is None:
        raise Difference("parent", f"it is a range remade of the take {recipe.parent[:12]}, which {shot} has not")
    return parent


def mask_of(store: Store, shot: str, recipe: TakeRecipe) -> Mask | None:
    """The mask of a take, which its shot keeps under its digest; None for a take without."""
    if recipe.mask is None:
        return None
    try:
        height, width = kept_mask(store, shot, recipe.mask.sha256).shape
    except ProjectError as error:
        raise Difference("mask", str(error)) from None
    if (width, height) != recipe.size:
        raise Difference("mask", f"the mask is {(width, height)}, but the frames are said to be {recipe.size}")
    return Mask(**recipe.mask.model_dump())


def moves_of(store: Store, shot: str, recipe: TakeRecipe) -> Moves | None:
    """The motion that was given for a take, which its shot keeps under its digest; None for a take without."""
    if recipe.moves is None:
        return None
    moves = Moves(recipe.moves.sha256, tuple(recipe.moves.runs))
    try:
        check_kept(store, shot, moves, recipe.size)
    except ProjectError as error:
        raise Difference("motion", str(error)) from None
    return moves


def take_of(store: Store, shot: str, digest: str, raw: Mapping[str, Any], name: str) -> Take:
    """The take of a fingerprint, with the recipe that a video of that name says it has."""
    known = [one.id for one in store.shots()]
    take = store.find_take(shot, digest) if shot in known else None
    if take is None:
        takes = store.takes(shot) if shot in known else []
        found = difference(raw, takes[-1].recipe, name, f"{shot}/{takes[-1].id}") if takes else None
        raise found or Difference("edit", f"it shows the take {digest[:12]} of {shot}, which is not here")
    if found := difference(raw, take.recipe, name, f"{shot}/{take.id}"):
        raise found
    return take


def by_file(params: Any) -> bool:
    """Whether options name a file, by its digest."""
    values = params.values() if isinstance(params, Mapping) else ()
    return any(isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) for value in values)


def since(raw: Mapping[str, Any]) -> str:
    """What has changed of the programs since a recipe was written, as the end of a sentence."""
    if "versions" not in raw:
        return ""
    now = versions(*(name for name in NETWORKS if name in raw["versions"]))
    found = difference({"versions": raw["versions"]}, {"versions": now}, "the recipe", "this studio")
    return f": {found.reason}" if found else ", with the same versions of everything that is recorded"
