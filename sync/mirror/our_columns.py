"""One of our fields on Accounts as the local copy holds it: what stands in it, and whose it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connector.model import Json

Kind = Literal[
    "class",
    "classes",
    "marks",
    "number",
    "percent",
    "text",
    "strategy",
    "date",
    "status",
    "override",
    "input",
]
"""What stands in a field.

``class`` is one class of a dimension, ``classes`` are several; ``marks`` and ``strategy`` are what the
matching playbooks give; ``number`` and ``percent`` come from the verdict column of their key; ``text``
and ``date`` tell of the classes and age with the days; ``status`` is that of a review. ``override`` and
``input`` belong to people: the one is a class that goes before ours, the other tells us something, and we
write neither.
"""

SEPARATOR = ";"
"""Stands between the codes of a verdict that has several classes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One of our fields on Accounts, as it is called there.

    Args:
        key: our own key; for classes and numbers also the verdict column of that name.
        name: the API name.
        kind: what stands in it.
        stored: for picklists, code → the text that the CRM stores. A code that is missing here cannot
            be written, so it is never a difference.
        length: the most characters that a text may have.
    """

    key: str
    name: str
    kind: Kind
    stored: Mapping[str, str] = field(default_factory=dict)
    length: int = 255

    @property
    def is_theirs(self) -> bool:
        """Whether it belongs to the reps, so that we never write it."""
        return self.kind in ("override", "input")

    @property
    def has_classes(self) -> bool:
        """Whether our verdict on a dimension stands in it."""
        return self.kind in ("class", "classes")

    @property
    def is_list(self) -> bool:
        """Whether several of its values may be chosen at once."""
        return self.kind in ("classes", "marks")

    def storable(self, codes: Sequence[str]) -> list[Json] | None:
        """What the CRM stores for these codes; None where it does not offer all of them."""
        if any(code not in self.stored for code in codes):
            return None
        return [self.stored[code] for code in codes]

    def codes(self, value: Json) -> list[str]:
        """The codes that a value means, in the order of ``stored``; values that mean none are left out."""
        chosen = value if isinstance(value, list) else [value]
        return [code for code, stored in self.stored.items() if stored in chosen]


def split(verdict: object) -> list[str]:
    """The codes in a verdict that may have several.

    >>> split("price;service")
    ['price', 'service']
    >>> split(None)
    []
    """
    return [code for code in str(verdict or "").split(SEPARATOR) if code]


def listed(text: object) -> Json:
    """The chosen values of a field, of which the local copy keeps the list as a text."""
    if not isinstance(text, str) or not text.startswith("["):
        return [text] if isinstance(text, str) and text else None
    try:
        values: list[Json] = json.loads(text)
    except ValueError:
        return [text]
    return values
