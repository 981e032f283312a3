"""One section of the policy file while it is being read: gives typed values and notes what is wrong.

Reading never stops at a mistake. Each method notes the problem and gives back the ``otherwise`` value,
so that one pass over the file finds everything.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import TypeGuard

from sync.policy.advice import nearest, not_among, shown
from sync.policy.problems import KeyPath, Notes

_LARGEST = 1e18
"""Beyond this a number is a slip of the keyboard; infinity and NaN are beyond it too."""

TOP_LEVEL = (
    "version",
    "effective_from",
    "language",
    "home_currency",
    "accounts",
    "stages",
    "tier",
    "loyalty",
    "churn",
    "value",
    "stability",
    "questions",
    "frequency",
    "behaviour",
    "follow_status",
    "fit",
    "growth",
    "potential",
    "satisfaction",
    "region",
    "complaints",
    "contacts",
    "inputs",
    "read",
    "fields",
    "labels",
    "follow_up",
    "marks",
    "playbook",
    "intervals",
    "portfolio",
    "review",
    "limits",
    "writes",
    "retention",
    "industry",
    "segment",
    "need",
    "city_tier",
)
"""The keys and sections that the file may have outside any section."""


class Table:
    """A section with its place in the file.

    Args:
        content: what the file holds at ``path``; anything but a table is noted.
        known: the keys that may appear; every other key is noted with the nearest known one.
    """

    def __init__(
        self, content: object, path: KeyPath, notes: Notes, known: Collection[str]
    ) -> None:
        self.path = path
        self.notes = notes
        if not isinstance(content, dict):
            notes.add(path, f"This is a section, not {shown(content)}. {_how_to_open(path)}")
            content = {}
        self._meant: set[str] = set()
        self._content = {key: value for key, value in content.items() if key in known}
        for key in content:
            if key not in known:
                self._note_unknown(key, known)

    def at(self, key: str) -> KeyPath:
        """The path of one of this section's keys."""
        return (*self.path, key)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._content

    def stands_for(self, key: str) -> bool:
        """Whether the key is there, be it misspelt."""
        return self.has(key) or key in self._meant

    def names(self) -> Iterable[str]:
        """The known keys that are there, in the order of the file."""
        return self._content.keys()

    def value(self, key: str) -> object:
        """What is there as it stands, None where nothing is."""
        return self._content.get(key)

    def require(self, key: str, example: str) -> None:
        """Note a missing key, unless a misspelt one was meant for it or this is no table at all."""
        if not self.stands_for(key) and self.notes.is_clean(self.path):
            self.notes.add(self.at(key), f"This is missing. Add it, for example: {example}")

    def section(self, key: str, known: Collection[str]) -> Table:
        """A section within this one; empty where it is missing."""
        return Table(self._content.get(key, {}), self.at(key), self.notes, known)

    def sections(self, key: str, known: Collection[str]) -> list[Table]:
        """The entries of a list of tables such as ``[[playbook]]``."""
        entries = self._content.get(key, [])
        if not isinstance(entries, list):
            self.notes.add(self.at(key), f"Begin each entry with [[{key}]], in double brackets.")
            return []
        return [
            Table(entry, (*self.at(key), place), self.notes, known)
            for place, entry in enumerate(entries)
        ]

    def whole(self, key: str, otherwise: int, low: int, high: int) -> int:
        """A whole number within ``low`` to ``high``."""
        value = self._content.get(key, otherwise)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.refuse(key, f"a whole number from {low} to {high}", str(otherwise))
        return otherwise

    def number(self, key: str, otherwise: float, low: float, high: float) -> float:
        """A number above ``low`` and up to ``high``."""
        value = self._content.get(key, otherwise)
        if _is_number(value) and low < value <= high:
            return float(value)
        upper = "" if math.isinf(high) else f" and at most {high:.15g}"
        self.refuse(key, f"a number above {low:.15g}{upper}", f"{otherwise:.15g}")
        return otherwise

    def share(self, key: str, otherwise: float) -> float:
        """A share or probability strictly between 0 and 1."""
        value = self._content.get(key, otherwise)
        if _is_number(value) and 0 < value < 1:
            return float(value)
        is_percent = _is_number(value) and 1 < value < 100
        self.refuse(
            key, "a number between 0 and 1", f"{value / 100 if is_percent else otherwise:.15g}"
        )
        return otherwise

    def margin(self, key: str, otherwise: float, most: float) -> float:
        """A number from 0, which switches something off, to ``most``."""
        value = self._content.get(key, otherwise)
        if _is_number(value) and 0 <= value <= most:
            return float(value)
        self.refuse(key, f"a number from 0 to {most:.15g}", f"{otherwise:.15g}")
        return otherwise

    def flag(self, key: str, otherwise: bool) -> bool:
        """``true`` or ``false``."""
        value = self._content.get(key, otherwise)
        if isinstance(value, bool):
            return value
        self.refuse(key, "true or false", str(otherwise).lower())
        return otherwise

    def text(self, key: str, otherwise: str = "") -> str:
        """One text, without blanks around it."""
        value = self._content.get(key, otherwise)
        if isinstance(value, str):
            return value.strip()
        self.refuse(key, "a text in quotes", json.dumps(otherwise))
        return otherwise

    def choice(self, key: str, otherwise: str, choices: Collection[str]) -> str:
        """One of a few words."""
        value = self.text(key, otherwise)
        if value in choices or not self.notes.is_clean(self.at(key)):
            return value
        self.notes.add(self.at(key), not_among(value, choices))
        return otherwise

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts that are not empty; a single text counts as a list of one."""
        value = self._content.get(key, [])
        entries = [value] if isinstance(value, str) else value
        if isinstance(entries, list) and all(isinstance(entry, str) for entry in entries):
            stripped = tuple(entry.strip() for entry in entries)
            if all(stripped):
                return stripped
        self.refuse(key, "a list of texts in quotes, none of them empty", '["first", "second"]')
        return ()

    def rising(self, *keys: str) -> None:
        """Note neighbours among these numbers that do not rise from left to right."""
        sound = [
            (self.at(key), self._content[key])
            for key in keys
            if self.notes.is_clean(self.at(key)) and _is_number(self._content.get(key))
        ]
        for (lower, low), (higher, high) in pairwise(sound):
            if low >= high:
                blamed = higher if self.notes.was_written(higher) else lower
                self.notes.add(
                    blamed,
                    f"{higher[-1]} ({high:.15g}) must be larger than {lower[-1]} ({low:.15g}). "
                    "Raise the one or lower the other.",
                )

    def refuse(self, key: str, wanted: str, example: str) -> None:
        """Note a value of the wrong kind, with an example of the right one."""
        found = shown(self._content.get(key))
        self.notes.add(
            self.at(key),
            f"This must be {wanted}, not {found}. Write for example: {key} = {example}",
        )

    def _note_unknown(self, key: str, known: Collection[str]) -> None:
        meant = nearest(key, known)
        if meant:
            self._meant.add(meant)
            advice = f"Did you mean {meant!r}? Correct the name, or delete the line."
        elif self.path and key in TOP_LEVEL:
            advice = "It belongs at the top of the file: move it above the first [section]."
        else:
            advice = f"Use one of {', '.join(known)}, or delete the line."
        self.notes.add(self.at(key), f"Nothing here is called {key!r}. {advice}")


def _is_number(value: object) -> TypeGuard[int | float]:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -_LARGEST <= value <= _LARGEST
    )


def _how_to_open(path: KeyPath) -> str:
    header = ".".join(part for part in path if isinstance(part, str))
    header = f"[[{header}]]" if isinstance(path[-1], int) else f"[{header}]"
    return f"Open it with a line of its own: {header}"
