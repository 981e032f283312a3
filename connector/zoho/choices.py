"""A choice of a picklist has two names: the one that is stored, and the one that people see.

Zoho's documents do not agree on which of them stands in records. The fields API calls them ``actual_value``
and ``display_value``; a post of Zoho's own (Kaizen 205, on picklists) says that records are written with the
``display_value``. So both are understood: whatever is read becomes the stored name, and a row that is
refused for a choice is sent once more with the other name. The rest of the product knows stored names only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.errors import CrmError
from connector.model import Fate, Field, Json, Outcome, Record

Names = Mapping[str, str]
Row = Mapping[str, Json]


@dataclass(slots=True)
class Choices:
    """What is known of an organisation's picklists, and which names its records speak.

    Args:
        shows: records speak the names that people see, as far as we know.
    """

    shows: bool = False
    _futile: bool = False
    _shown: dict[str, dict[str, Names]] = field(default_factory=dict)
    _stored: dict[str, dict[str, Names]] = field(default_factory=dict)

    def learn(self, module: str, fields: Iterable[Field]) -> None:
        """Know the choices of a module's fields; only those whose two names differ matter."""
        shown: dict[str, Names] = {}
        stored: dict[str, Names] = {}
        for each in fields:
            names = {one.stored: one.shown for one in each.options if one.shown != one.stored}
            if names:
                shown[each.name] = names
                stored[each.name] = _backwards(each)
        self._shown[module], self._stored[module] = shown, stored

    def pages(self, module: str, pages: Iterator[list[Record]]) -> Iterator[list[Record]]:
        """The same pages with the stored names of choices."""
        try:
            for page in pages:
                yield self.records(module, page)
        finally:
            if isinstance(pages, Generator):
                pages.close()

    def records(self, module: str, found: list[Record]) -> list[Record]:
        """The same records with the stored names of choices.

        Which names they speak is believed from here on, by what most of these values are.
        """
        signs = Counter[bool]()
        changed: dict[int, dict[str, Json]] = {}
        for name, names in self._stored.get(module, {}).items():
            column = [one.values.get(name) for one in found]
            tally = Counter(_texts(column))
            signs[True] += sum(number for text, number in tally.items() if text in names)
            stored = self._shown[module][name].keys() - names.keys()
            signs[False] += sum(number for text, number in tally.items() if text in stored)
            if not tally.keys().isdisjoint(names):
                for at, value in enumerate(column):
                    if (meant := _renamed(value, names)) != value:
                        changed.setdefault(at, {})[name] = meant
        if signs[True] != signs[False]:
            self.shows = signs[True] > signs[False]
        return [
            replace(one, values={**one.values, **changed[at]}) if at in changed else one
            for at, one in enumerate(found)
        ]

    def in_a_job(
        self, module: str, rows: Sequence[Row], send: Callable[[Sequence[Row]], list[Outcome]]
    ) -> list[Outcome]:
        """Send rows by a job, which is too dear for a second try: of a refused choice nothing was applied."""
        found = send([self._other(module, row) for row in rows] if self.shows else rows)
        if self._futile or len(found) != len(rows):
            return found
        return [
            replace(one, fate=Fate.NOT_APPLIED) if self._about_a_choice(module, one, row) else one
            for one, row in zip(found, rows, strict=True)
        ]

    def sent(
        self, module: str, rows: Sequence[Row], send: Callable[[Sequence[Row]], list[Outcome]]
    ) -> list[Outcome]:
        """Send rows; those whose choice is refused go once more under the other name.

        A refusal of a row's own value proves that nothing of the row was applied. Where the other name
        helps nobody either, the choices themselves are wrong, and no further batch is sent twice.
        """
        shows = self.shows  # as other calls on their way may change it meanwhile
        spoken = {at: self._other(module, row) for at, row in enumerate(rows)}
        plain, other = (spoken, dict(enumerate(rows))) if shows else (dict(enumerate(rows)), spoken)
        found = send([plain[at] for at in range(len(rows))])
        again = [
            at
            for at, one in enumerate(found)
            if not self._futile and self._about_a_choice(module, one, rows[at])
        ]
        if not again:
            return found
        try:
            second = send([other[at] for at in again])
        except CrmError:
            return found  # the second call did nothing, but the first one perhaps a lot
        taken = {
            at: one for at, one in zip(again, second, strict=True) if one.fate is not Fate.REFUSED
        }
        self._futile = not taken
        if any(one.fate is Fate.DONE for one in taken.values()):
            self.shows = not shows
        return [taken.get(at, one) for at, one in enumerate(found)]

    def _about_a_choice(self, module: str, outcome: Outcome, row: Row) -> bool:
        """Whether a row was refused for the value of a picklist whose names differ."""
        if outcome.fate is not Fate.REFUSED or outcome.code != "INVALID_DATA":
            return False
        value = row.get(outcome.field_name)
        return _renamed(value, self._shown.get(module, {}).get(outcome.field_name, {})) != value

    def _other(self, module: str, row: Row) -> Row:
        known = self._shown.get(module, {})
        return {name: _renamed(value, known.get(name, {})) for name, value in row.items()}


def _backwards(field_: Field) -> Names:
    """What people see → what is stored, where only one choice can be meant."""
    stored = {one.stored for one in field_.options}
    seen = [one.shown for one in field_.options]
    return {
        one.shown: one.stored
        for one in field_.options
        if one.shown and one.shown not in stored and seen.count(one.shown) == 1
    }


def _texts(column: Iterable[Json]) -> Iterator[str]:
    for value in column:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _texts(value)


def _renamed(value: Json, names: Names) -> Json:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_renamed(one, names) for one in value]
    return value
