"""Finds the accounts whose fields in the CRM no longer say what the classifiers say, and only those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.model import Json
from sync.mirror.columns import DATE, INSTANT, TEXT, literal, quoted
from sync.mirror.comparison import needs_a_look
from sync.mirror.engine import kept_view
from sync.mirror.our_columns import Column, listed
from sync.mirror.store import Mirror, instant

_PAGE = 500

__all__ = [
    "Candidate",
    "Column",
    "account_name_matches",
    "candidates",
    "class_counts",
    "selected",
    "verdict_rows",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One account with its verdict and what the CRM holds in our fields.

    ``current`` is keyed like ``Column.key`` and shaped like ``Record.values`` (dates are text);
    fields that the mirror does not have are missing from it.
    """

    account_id: str
    owner: str
    name: str
    modified_at: datetime
    verdict: Mapping[str, Any]
    current: Mapping[str, Json]


def candidates(
    mirror: Mirror,
    columns: Sequence[Column],
    *,
    probability_step: int,
    today: date | None = None,
    only: Sequence[str] | None = None,
    wanted: Mapping[str, str] | None = None,
) -> Iterator[Candidate]:
    """The accounts for which something may have to be written, in order of their ids.

    An account is one where a class differs (empty and null are equal), where the probability
    differs by at least ``probability_step`` percent points or has to be set or cleared, where a
    text or date is empty, whose next follow-up lies before ``today``, or where the playbooks want
    something else.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields.
        probability_step: whole percent points.
        today: leave out to ignore follow-ups that have passed.
        only: look at these account ids alone.
        wanted: key of a field that playbooks fill → the SQL of what they want there, see
            :mod:`sync.mirror.wanted`.
    """
    held = mirror.columns("Accounts")
    present = [column for column in columns if column.name in held]
    tests = [needs_a_look(column, probability_step, today, wanted or {}) for column in present]
    where = " OR ".join(f"({test})" for test in tests if test) or "FALSE"
    if only is not None:
        where = f"({where}) AND {_among(only)}"
    return selected(mirror, present, where)


def verdict_rows(
    mirror: Mirror, ids: Sequence[str], columns: Sequence[Column] = ()
) -> list[Candidate]:
    """Chosen accounts whether or not anything differs; ids that we do not hold are left out."""
    held = mirror.columns("Accounts")
    present = [column for column in columns if column.name in held]
    return list(selected(mirror, present, _among(ids)))


def class_counts(
    mirror: Mirror, dimensions: Sequence[str] = ("tier", "loyalty", "churn_risk", "value")
) -> dict[str, dict[str, int]]:
    """Dimension → class → number of accounts; accounts without a class in it are not counted."""
    names = ", ".join(quoted(dimension) for dimension in dimensions)
    counted: dict[str, Counter[str]] = {dimension: Counter() for dimension in dimensions}
    for *codes, accounts in mirror.rows(
        f"SELECT {names}, count(*) FROM {kept_view('verdicts')} GROUP BY {names}"
    ):
        for dimension, code in zip(dimensions, codes, strict=True):
            if code is not None:
                counted[dimension][code] += accounts
    return {
        dimension: dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
        for dimension, found in counted.items()
    }


def account_name_matches(mirror: Mirror, text: str, *, limit: int = 20) -> list[tuple[str, str]]:
    """Ids and names of the accounts that a person may mean: by id, by name, or by part of a name.

    Where an id or a name is exactly this, only those come; several can have the same name.
    """
    if "Account_Name" not in mirror.columns("Accounts"):
        return []
    rows = mirror.rows(
        """SELECT id, name FROM (
            SELECT id, coalesce("Account_Name", '') AS name,
                CASE WHEN id = $text THEN 0 WHEN lower(name) = lower($text) THEN 1 ELSE 2 END AS rank
            FROM crm."Accounts"
            WHERE NOT _unseen AND (id = $text OR contains(lower(name), lower($text))))
        QUALIFY rank = min(rank) OVER () ORDER BY rank, name, id LIMIT $limit""",
        {"text": text, "limit": limit},
    )
    return [(str(key), str(name)) for key, name in rows]


def _among(ids: Sequence[str]) -> str:
    return f"a.id IN ({', '.join(literal(key) for key in ids)})" if ids else "FALSE"


def selected(
    mirror: Mirror,
    columns: Sequence[Column],
    where: str,
    answers: Collection[str] | None = None,
) -> Iterator[Candidate]:
    """The accounts for which a condition over ``a`` (account) and ``v`` (verdict) holds.

    They come a page at a time and in order of their ids; other queries may run in between.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields.
        where: the condition, as SQL.
        answers: the verdict columns to bring along; None brings all of them.
    """
    held = mirror.columns("Accounts")
    known = mirror.names_in(kept_view("verdicts"))
    verdicts = [name for name in known if answers is None or name in answers]
    parts = [
        "a.id",
        _text_or_nothing(held, "Owner"),
        _text_or_nothing(held, "Account_Name"),
        "epoch_us(a._modified_at)",
        *(_plain(quoted(column.name), held[column.name]) for column in columns),
        *(f"v.{quoted(name)}" for name in verdicts),
    ]
    chosen = ", ".join(f"{part} AS c{place}" for place, part in enumerate(parts))
    source = f"""FROM crm."Accounts" a JOIN {kept_view("verdicts")} v ON v.account_id = a.id
        WHERE NOT a._unseen AND ({where})"""
    present = tuple(columns)
    # Most runs find few or none, for which a table of their own would cost more than they do.
    few = mirror.rows(f"SELECT 0, {chosen} {source} ORDER BY a.id LIMIT {_PAGE + 1}")
    if len(few) <= _PAGE:
        return (_candidate(row, present, verdicts) for row in few)
    table = mirror.scratch_table("candidates")
    mirror.run(
        f"""CREATE TEMP TABLE {table} AS
        SELECT row_number() OVER (ORDER BY a.id) AS place, {chosen} {source}"""
    )
    return _pages(mirror, table, present, verdicts)


def _pages(
    mirror: Mirror, table: str, columns: Sequence[Column], verdicts: Sequence[str]
) -> Iterator[Candidate]:
    first = 1
    while rows := mirror.rows(
        f"FROM {table} WHERE place BETWEEN ? AND ? ORDER BY place", [first, first + _PAGE - 1]
    ):
        yield from (_candidate(row, columns, verdicts) for row in rows)
        if len(rows) < _PAGE:
            break
        first += _PAGE
    mirror.run(f"DROP TABLE {table}")


def _candidate(row: Sequence[Any], columns: Sequence[Column], verdicts: Sequence[str]) -> Candidate:
    _, account_id, owner, name, modified, *rest = row
    return Candidate(
        account_id=account_id,
        owner=owner,
        name=name,
        modified_at=instant(modified),
        current={
            column.key: listed(value) if column.is_list else value
            for column, value in zip(columns, rest, strict=False)
        },
        verdict=dict(zip(verdicts, rest[len(columns) :], strict=True)),
    )


def _text_or_nothing(held: Mapping[str, str], name: str) -> str:
    return f"coalesce(a.{quoted(name)}, '')" if held.get(name) == TEXT else "''"


def _plain(name: str, sql_type: str) -> str:
    """A column in the shape that records have: numbers and truth as they are, dates as text."""
    if sql_type == DATE:
        return f"CAST(a.{name} AS VARCHAR)"
    if sql_type == INSTANT:
        return f"strftime(a.{name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S+00:00')"
    return f"a.{name}"
