"""Names and what they stand for: `name -> "module:Class"`, plus entry points of other packages, loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from v2v_studio.errors import MissingError, unknown


class Registry:
    """One socket of the studio: every renderer, translator, detector or motion source that fits it.

    Args:
        kind: what an entry is called in messages, such as "renderer".
        table: name -> "module:Class". Nothing is imported until `load`.

    Other packages add theirs through the entry point group `v2v_studio.<kind>`.

    Example:
        >>> Registry("colour", {"red": "colours:Red"}).load("rod")
        Traceback (most recent call last):
        v2v_studio.errors.UsageError: unknown colour 'rod'. Did you mean 'red'? Available: red
    """

    def __init__(self, kind: str, table: Mapping[str, str]) -> None:
        self.kind = kind
        self._own = dict(table)

    @cached_property
    def _table(self) -> dict[str, str]:
        others = {point.name: point.value for point in entry_points(group=f"v2v_studio.{self.kind}")}
        return {**others, **self._own}

    def names(self) -> list[str]:
        return sorted(self._table)

    def load(self, name: str) -> Any:
        """The class behind a name. UsageError for an unknown one, MissingError where its dependencies are absent."""
        target = self._own.get(name) or self._table.get(name)  # entry points cost 50 ms: read only when needed
        if target is None:
            raise unknown(self.kind, name, self.names())
        module, _, attribute = target.partition(":")
        try:
            return getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            raise MissingError(
                f"{self.kind} '{name}' needs the package '{error.name}', which is not installed; "
                f"install it, or choose another {self.kind}: {', '.join(self.names())}"
            ) from error
