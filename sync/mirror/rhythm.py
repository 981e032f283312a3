"""How many accounts each rep is to call at which interval, by the playbooks and in one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sync.mirror.columns import TEXT
from sync.mirror.engine import kept_view
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror
from sync.mirror.wanted import Rule, Wishes


class Interval(NamedTuple):
    """Accounts of one owner (empty: of nobody) that are followed up every so many days."""

    owner: str
    days: int
    accounts: int


def intervals(
    mirror: Mirror, columns: Sequence[Column], rules: Sequence[Rule], otherwise_days: int
) -> list[Interval]:
    """Count the accounts by owner and interval.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields, the reps' overrides among them.
        rules: the playbooks that give an interval; each says its days.
        otherwise_days: where none of them holds.
    """
    days = Wishes(mirror, columns).first(rules)
    held = mirror.columns("Accounts")
    owner = "coalesce(a.\"Owner\", '')" if held.get("Owner") == TEXT else "''"
    rows = mirror.rows(
        f"""SELECT {owner}, coalesce(CAST({days} AS BIGINT), {otherwise_days:d}), count(*)
        FROM crm."Accounts" a JOIN {kept_view("verdicts")} v ON v.account_id = a.id
        WHERE NOT a._unseen GROUP BY ALL ORDER BY ALL"""
    )
    return [Interval(*row) for row in rows]
