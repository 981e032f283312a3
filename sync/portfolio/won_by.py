"""Won deals by price list, product line, or whatever other field of deals the manager names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from connector.model import Field, Json
from sync.mirror import Mirror
from sync.mirror.our_columns import listed
from sync.mirror.sales import ValueSales, names_of, sales_by_value
from sync.portfolio.deal_fields import COUNTABLE
from sync.portfolio.figures import share
from sync.portfolio.people import By, People
from sync.portfolio.words import word
from sync.words import Language


@dataclass(frozen=True, slots=True)
class WonValue:
    """The won deals with one value; ``value`` is what the CRM stores, empty where nothing is given."""

    value: str
    name: str
    deals: int
    sales: float


@dataclass(frozen=True, slots=True)
class WonGroup:
    """What the customers of one owner or team bought, or all of them, in the home currency.

    Args:
        id: the CRM's id of the owner or manager; empty for nobody and for all.
        values: the most sales first, last the deals without a value. A deal with several values counts in
            each of them, so that the shares may add up to more than 1.
    """

    id: str
    name: str
    deals: int
    sales: float
    values: tuple[WonValue, ...]

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output; ``share`` is of the won deals."""
        values: list[Json] = [
            {
                "value": one.value,
                "name": one.name,
                "deals": one.deals,
                "sales": one.sales,
                "share": share(one.deals, self.deals),
            }
            for one in self.values
        ]
        return {
            "id": self.id,
            "name": self.name,
            "deals": self.deals,
            "sales": self.sales,
            "values": values,
        }


@dataclass(frozen=True, slots=True)
class WonBy:
    """The won deals by the values of one field; no groups where nothing is grouped."""

    field: str
    label: str
    total: WonGroup
    groups: tuple[WonGroup, ...] = ()

    def as_json(self) -> dict[str, Json]:
        """For machine-readable output."""
        return {
            "label": self.label,
            "total": self.total.as_json(),
            "groups": [group.as_json() for group in self.groups],
        }


def won_by(
    mirror: Mirror,
    named: Iterable[str],
    people: People,
    *,
    fields: Sequence[Field],
    today: int,
    language: Language,
) -> tuple[WonBy, ...]:
    """Count the won deals of the last twelve calendar months by each field that was read.

    Args:
        mirror: open, with verdicts kept.
        named: API names of fields on Deals; one that was not read since it was named, or that cannot be
            counted by, is left out.
        fields: those of Deals as the CRM listed them last; of another nothing but its name is known.
        today: day number.
    """
    known = {field.name: field for field in fields}
    found = []
    for name in named:
        field = known.get(name) or Field("", name, name, "text")
        rows = sales_by_value(mirror, name, today) if field.type in COUNTABLE else None
        if rows is None:
            continue
        names = _names(mirror, field, rows, language)
        found.append(added_up(rows, people, field=field, names=names, language=language))
    return tuple(found)


def added_up(
    rows: Sequence[ValueSales],
    people: People,
    *,
    field: Field,
    names: Callable[[str], str],
    language: Language,
) -> WonBy:
    """Add what was counted by owner up to owners or teams and the company; ``names`` a value for people."""
    members: dict[str, list[ValueSales]] = {}
    for row in rows:
        members.setdefault(people.group(row.owner), []).append(row)
    groups = [_group(key, people.name(key), mine, names) for key, mine in members.items()]
    groups.sort(key=lambda one: (-one.sales, one.name, one.id))
    return WonBy(
        field.name,
        field.label,
        _group("", word("total", language), rows, names),
        () if people.by is By.NONE else tuple(groups),
    )


def _group(
    key: str, name: str, rows: Iterable[ValueSales], names: Callable[[str], str]
) -> WonGroup:
    deals, sales = 0, 0.0
    values: dict[str, tuple[int, float]] = {}
    for row in rows:
        deals, sales = deals + row.deals, sales + row.sales
        for value in _values(row.value):
            before = values.get(value, (0, 0.0))
            values[value] = before[0] + row.deals, before[1] + row.sales
    counted = [WonValue(one, names(one), n, round(money, 2)) for one, (n, money) in values.items()]
    counted.sort(key=lambda one: (not one.value, -one.sales, -one.deals, one.name, one.value))
    return WonGroup(key, name, deals, round(sales, 2), tuple(counted))


def _values(text: str) -> list[str]:
    """The values in a field that may have several; one empty value where there is none."""
    values = listed(text)
    return [str(one) for one in values] if isinstance(values, list) and values else [""]


def _names(
    mirror: Mirror, field: Field, rows: Iterable[ValueSales], language: Language
) -> Callable[[str], str]:
    """What people call a value: of a lookup the record's name where it is known here, else its id."""
    known = {"": word("without_value", language)}
    if field.type == "boolean":
        known |= {"true": word("yes", language), "false": word("no", language)}
    elif field.type.endswith("lookup"):
        known |= names_of(mirror, {row.value for row in rows if row.value})
    return lambda value: known.get(value, value)
