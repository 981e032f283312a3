"""Writes the figures to a file for spreadsheets: one row a figure, and nothing that would be computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import narwhals as nw

from connector.model import Json
from sync.mirror import DuckEngine, Mirror, write_table
from sync.portfolio.cells import label
from sync.portfolio.figures import FOLLOW_STATUS, DimensionFigures, Group, share
from sync.portfolio.record import Portfolio
from sync.portfolio.sales import PIPELINE_BY, expected, won_share
from sync.portfolio.won_by import WonGroup, WonValue
from sync.portfolio.words import reason_word

_NAME = "portfolio"


class Figure(NamedTuple):
    """One row: ``value`` is a count, a share from 0 to 1, days, or an amount in the home currency.

    ``place`` is the group's name, the month, the day or the class of before, by section; ``code`` and
    ``label`` name the class, the reason or the value. What does not apply is empty.
    """

    section: str
    dimension: str
    place: str
    code: str
    label: str
    figure: str
    value: float | None


def write_figures(found: Portfolio, out: Path) -> int:
    """Write all figures to a CSV or Parquet file, by its ending; it appears whole or not at all.

    Returns:
        How many rows were written.

    Raises:
        FileProblem: another ending, or the file cannot be written there.
    """
    rows = list(figures(found))
    columns = [
        [cell if cell != "" else None for cell in column] for column in zip(*rows, strict=True)
    ]
    kinds = ["VARCHAR"] * (len(Figure._fields) - 1) + ["DOUBLE"]
    lists = ", ".join(
        f"unnest(CAST(? AS {kind}[])) AS {name}"
        for name, kind in zip(Figure._fields, kinds, strict=True)
    )
    with Mirror(None) as mirror:
        numbers = "unnest(CAST(? AS BIGINT[])) AS row"
        mirror.run(
            f"CREATE TEMP TABLE figures AS SELECT {numbers}, {lists}",
            [list(range(1, len(rows) + 1)), *columns],
        )
        frame = nw.from_native(mirror.relation("FROM figures")).lazy()
        DuckEngine(mirror).keep(frame, _NAME)
        return write_table(mirror, _NAME, out)


def figures(found: Portfolio) -> Iterator[Figure]:
    """Every figure of the portfolio as a row."""
    for group in (*found.groups, found.total):
        yield from _group(found, group)
    for figures_of in found.dimensions:
        yield from _dimension(found, figures_of)
    for purpose, kept in found.playbooks.items():
        for name, value in kept.as_json().items():
            yield Figure("playbooks", "", purpose, "", "", name, _value(value))
    yield from _plans(found)
    yield from _sales(found)
    yield from _pauses(found)
    yield from _past(found)


def _plans(found: Portfolio) -> Iterator[Figure]:
    for group in (*found.plans.groups, found.plans.total):
        for name, value in group.as_json().items():
            if name not in ("id", "name"):
                yield Figure("next_steps", "", group.name, "", "", name, _value(value))
    for one in found.complaints:
        for name, count in (("came", one.came), ("still_open", one.still_open)):
            yield Figure("complaints", "", "", one.name, one.name, name, count)


def _sales(found: Portfolio) -> Iterator[Figure]:
    for seller in (*found.sales.sellers, found.sales.total):
        for month, sold in seller.months.items():
            for name, value in sold.as_json().items():
                yield Figure("sales", "", month, seller.id, seller.name, name, _value(value))
    for won in found.won_by:
        for group in (*won.groups, won.total):
            for of_value in group.values:
                yield from _won_by(won.field, group, of_value)
    for one in found.sales.pipeline:
        figures_of: dict[str, float | None] = {
            "open_deals": one.deals,
            "open_amount": one.amount,
            "won_share": won_share(one),
            "expected": expected(one),
        }
        for name, number in figures_of.items():
            yield _of_class(found, "pipeline", PIPELINE_BY, "now", one.code, name, number)


def _won_by(field: str, group: WonGroup, one: WonValue) -> Iterator[Figure]:
    figures_of = {"deals": one.deals, "sales": one.sales, "share": share(one.deals, group.deals)}
    for name, number in figures_of.items():
        yield Figure("won_by", field, group.name, one.value, one.name, name, number)


def _pauses(found: Portfolio) -> Iterator[Figure]:
    for reason in (*found.pauses.reasons, found.pauses.without_reason):
        shown = reason_word(reason.reason, found.policy.language)
        for name, value in reason.counted.items():
            place, code = reason.side, reason.reason
            yield Figure("pauses", FOLLOW_STATUS, place, code, shown, name, _value(value))


def _past(found: Portfolio) -> Iterator[Figure]:
    """What the ledger remembers."""
    for day in found.total.trend:
        for code, count in day.statuses.items():
            place = day.day.isoformat()
            yield _of_class(found, "trend", FOLLOW_STATUS, place, code, "accounts", count)
    for month in found.trials:
        for name, value in month.as_json().items():
            if name != "month":
                yield Figure("trials", "", month.month, "", "", name, _value(value))
    for move in found.migration.moves if found.migration else ():
        place, count = move.before, move.accounts
        yield _of_class(found, "migration", move.dimension, place, move.after, "accounts", count)


def _group(found: Portfolio, group: Group) -> Iterator[Figure]:
    section = "total" if group is found.total else str(found.by)
    for code, count in group.statuses.items():
        yield _of_class(found, section, FOLLOW_STATUS, group.name, code, "accounts", count)
    told = group.as_json(found.limits)
    on_time = {f"follow_up_{name}": value for name, value in group.on_time.as_json().items()}
    for name, value in {**told, **on_time}.items():
        if name not in ("id", "name", "statuses", "paused_alarm", "follow_up", "trend"):
            yield Figure(section, "", group.name, "", "", name, _value(value))


def _dimension(found: Portfolio, one: DimensionFigures) -> Iterator[Figure]:
    for when, classes in (("now", one.now), ("before", one.before)):
        for of_class in classes:
            code = of_class.code
            for name, value in of_class.as_json().items():
                yield _of_class(found, "classes", one.dimension, when, code, name, _value(value))


def _of_class(
    found: Portfolio,
    section: str,
    dimension: str,
    place: str,
    code: str,
    figure: str,
    value: float | None,
) -> Figure:
    named = label(dimension, code, found.policy)
    return Figure(section, dimension, place, code, named, figure, value)


def _value(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None
