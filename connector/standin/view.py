"""What the user whom the tokens act for may see: a sharing rule hides records, a profile whole modules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.standin.answers import refusal
from connector.standin.shelf import Shelf


@dataclass(slots=True)
class View:
    """Everything, less what was hidden. Hidden records are missing from lists, counts, queries,
    search and single reads, and cannot be changed; the deleted feed still tells of them.
    """

    forbidden: set[str] = field(default_factory=set)
    _hidden: dict[str, frozenset[str]] = field(default_factory=dict)
    _filtered: dict[str, tuple[int, Shelf]] = field(default_factory=dict)

    def hide(self, module: str, ids: Iterable[str]) -> None:
        """Hide some more records of a module."""
        self._hidden[module] = self._hidden.get(module, frozenset()) | frozenset(ids)
        self._filtered.clear()

    def show_all(self) -> None:
        """Hide nothing any more."""
        self._hidden.clear()
        self._filtered.clear()

    def demand(self, module: str) -> None:
        """Let a call through only where the profile allows the module.

        Raises:
            Refusal: 403 ``NO_PERMISSION``.
        """
        if module in self.forbidden:
            raise refusal(403, "NO_PERMISSION", "permission denied", {"permissions": [module]})

    def of(self, module: str, shelf: Shelf) -> Shelf:
        """The records of a module that may be seen; worked out once for each state of the shelf."""
        hidden = self._hidden.get(module)
        if not hidden:
            return shelf
        version, kept = self._filtered.get(module, (-1, shelf))
        if version != shelf.version:
            kept = shelf.without(hidden)
            self._filtered[module] = (shelf.version, kept)
        return kept
