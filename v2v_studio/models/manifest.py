"""Every model that a part of the studio can use: where it comes from, its size, its licence, what it is for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """One model, as `manifest.json` beside this file has it. Nothing in it is guessed: what is not known is absent.

    Attributes:
        name: what it is called here.
        title: what its makers call it.
        use: the parts of the studio that use it.
        repository: "owner/name" on the hub.
        torchvision: the weights' name in torchvision, such as "Raft_Small_Weights.C_T_V2", instead of a repository.
        address: of one file whose name ends in the first digits of its sha256, instead of a repository.
        revision: the commit that is fetched, 40 hex digits. Where absent, the newest at the time of the fetch.
        files: patterns of paths in the repository; "a|b" is a, or b where there is no a. Each must match something, and
            together they load the model.
        sha256: path -> digest, where it is known.
        size: bytes to fetch.
        size_is: "listed" by the repository, or "estimated".
        licence: its name; "none stated" where the release carries none.
        gated: the licence has to be accepted on the hub before a download.
        form: what `locate` gives: the folder, or the one file in it.
        unavailable: why it cannot be used at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    use: tuple[str, ...]
    repository: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    torchvision: str | None = None
    address: str | None = Field(default=None, pattern=r"^https://\S+-[0-9a-f]{8,}\.[a-z]+$")
    revision: str | None = Field(default=None, pattern="^[0-9a-f]{40}$")
    files: tuple[str, ...] = ()
    sha256: dict[str, str] = {}
    size: int = 0
    size_is: Literal["listed", "estimated"] = "estimated"
    licence: str = "none stated"
    gated: bool = False
    form: Literal["folder", "file"] = "folder"
    unavailable: str | None = None


@cache
def manifest() -> dict[str, Model]:
    """Name -> model, in the order of the file."""
    records = json.loads(files("v2v_studio.models").joinpath("manifest.json").read_text(encoding="utf-8"))
    return {name: Model(name=name, **record) for name, record in records.items()}


def matching(pattern: str, paths: Iterable[str]) -> list[str]:
    """The paths that a pattern of `Model.files` names; none where not even its last choice is there."""
    choices = ([path for path in paths if fnmatchcase(path, choice)] for choice in pattern.split("|"))
    return next(filter(None, choices), [])
