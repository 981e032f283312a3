"""What was sold in each month, by whom and of what, and what the open deals of each class may still bring."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sync.mirror.columns import TEXT, quoted
from sync.mirror.engine import kept_view
from sync.mirror.matching import effective, overriding
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror

YEAR = 365
_DAY = "DATE '1970-01-01' + CAST(d.day AS INTEGER)"


class MonthlySales(NamedTuple):
    """What the customers of one owner bought in a month (``YYYY-MM``), in the home currency.

    Deals and customers are those of positive amounts; money given back lowers the sales.
    """

    owner: str
    month: str
    deals: int
    customers: int
    sales: float


class ValueSales(NamedTuple):
    """What the customers of one owner bought of deals with one value, counted as in :class:`MonthlySales`.

    ``value`` is what the CRM stores: of a lookup the id, of several choices a JSON list; empty if nothing.
    """

    owner: str
    value: str
    deals: int
    sales: float


class Offers(NamedTuple):
    """The open deals of the accounts of one class, and how its deals ended in the last 365 days.

    An overdue deal promises nothing, so ``deals`` and ``amount`` are those due today or later.
    """

    code: str
    deals: int
    amount: float
    won: int
    lost: int


def monthly_sales(mirror: Mirror, today: int, months: int = 12) -> list[MonthlySales]:
    """The sales of the last months up to a day, by the accounts' owners; the oldest month first.

    Args:
        mirror: open, with verdicts kept, so that the deals can be seen as they were classified.
        today: day number; of its month only what was won by then counts.
        months: how many calendar months, that of ``today`` among them.
    """
    rows = mirror.rows(
        f"""SELECT {_owner(mirror)} AS owner, strftime({_DAY}, '%Y-%m') AS month,
            count(*) FILTER (d.amount > 0),
            count(DISTINCT d.account_id) FILTER (d.amount > 0),
            round(sum(d.amount), 2)
        FROM seen_deals d JOIN crm."Accounts" a ON a.id = d.account_id
        WHERE {_sold_lately(today, months)}
        GROUP BY ALL ORDER BY month, owner"""
    )
    return [MonthlySales(*row) for row in rows]


def sales_by_value(
    mirror: Mirror, field: str, today: int, months: int = 12
) -> list[ValueSales] | None:
    """The same sales by the values of a field on deals; None where that field has not been read.

    A field is not read where the last run left it out, or could not finish reading the deals since it was
    named, and "nothing is given" would be wrong of all of them.

    Args:
        field: its API name; the others as of :func:`monthly_sales`.
    """
    held = mirror.columns("Deals")
    if field not in held or mirror.watermark("Deals") is None:
        return None
    rows = mirror.rows(
        f"""SELECT {_owner(mirror)} AS owner, {_as_text(f"v.{quoted(field)}", held[field])} AS value,
            count(*) FILTER (d.amount > 0), round(sum(d.amount), 2)
        FROM seen_deals d JOIN crm."Accounts" a ON a.id = d.account_id
        JOIN crm."Deals" v ON v.id = d.deal_id
        WHERE {_sold_lately(today, months)}
        GROUP BY ALL ORDER BY value, owner"""
    )
    return [ValueSales(*row) for row in rows]


def names_of(mirror: Mirror, ids: Collection[str]) -> dict[str, str]:
    """What people call the users and accounts with these ids; other records are not in the local copy."""
    users = {user.id: user.name or user.email for user in mirror.users() if user.id in ids}
    if mirror.columns("Accounts").get("Account_Name") != TEXT:
        return users
    rows = mirror.rows(
        """SELECT id, "Account_Name" FROM crm."Accounts"
        WHERE "Account_Name" <> '' AND id IN (SELECT unnest(CAST(? AS VARCHAR[])))""",
        [list(ids)],
    )
    return users | dict(rows)


def _owner(mirror: Mirror) -> str:
    """The SQL of an account's owner; empty for nobody's."""
    held = mirror.columns("Accounts")
    return "coalesce(a.\"Owner\", '')" if held.get("Owner") == TEXT else "''"


def _sold_lately(today: int, months: int) -> str:
    """The SQL that is true of what was won, or given back, in the last months up to a day."""
    first = f"date_trunc('month', DATE '1970-01-01' + {today:d}) - INTERVAL {months - 1:d} MONTH"
    return f"d.category = 'won' AND d.amount <> 0 AND d.day <= {today:d} AND {_DAY} >= {first}"


def _as_text(value: str, kind: str) -> str:
    """The SQL of a value as a text; empty where nothing is given, which a picklist may call -None-."""
    match kind:
        case "VARCHAR":
            return f"coalesce(nullif(trim({value}), '-None-'), '')"
        case "DOUBLE":
            return f"coalesce(format('{{:.15g}}', {value}), '')"
        case _:
            return f"coalesce(CAST({value} AS VARCHAR), '')"


def offers(mirror: Mirror, columns: Sequence[Column], dimension: str, today: int) -> list[Offers]:
    """The open deals by the class of their accounts, a rep's override before the verdict.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields, the reps' overrides among them.
        dimension: of whose classes an account has one at most.
        today: day number.
    """
    held = mirror.columns("Accounts")
    overrides = overriding([column for column in columns if held.get(column.name) == TEXT])
    open_now = f"d.category = 'open' AND d.day >= {today:d}"
    lately = f"d.day <= {today:d} AND d.day > {today - YEAR:d}"
    rows = mirror.rows(
        f"""SELECT coalesce({effective(dimension, overrides)}, '') AS code,
            count(*) FILTER ({open_now}),
            coalesce(round(sum(greatest(d.amount, 0)) FILTER ({open_now}), 2), 0),
            count(*) FILTER (d.category = 'won' AND d.amount > 0 AND {lately}),
            count(*) FILTER (d.category = 'lost' AND {lately})
        FROM seen_deals d JOIN {kept_view("verdicts")} v ON v.account_id = d.account_id
        JOIN crm."Accounts" a ON a.id = d.account_id
        GROUP BY ALL ORDER BY code"""
    )
    return [Offers(*row) for row in rows]
