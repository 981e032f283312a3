"""What reps really do: tasks completed on a day, accounts in pause, and how often their customers buy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sync.day_numbers import day_number
from sync.mirror.columns import TEXT
from sync.mirror.days import day_of
from sync.mirror.engine import kept_view
from sync.mirror.our_columns import Column
from sync.mirror.standing import tells_when_closed
from sync.mirror.store import Mirror
from sync.mirror.wanted import Rule, Wishes

_COMPLETED = "Completed"


class Rhythm(NamedTuple):
    """The accounts whose interval one playbook decides, by its purpose.

    ``spaced`` are those that bought on several days, ``gap`` is the median of their usual days in between.
    """

    purpose: str
    accounts: int
    spaced: int
    gap: float


def tasks_a_day(mirror: Mirror, today: date, days: int) -> dict[int, int]:
    """Tasks that a rep completed on one day → how often that was, in the days up to today.

    Days without any are left out. Empty where the local copy does not know when tasks were completed.
    """
    if not tells_when_closed(mirror) or mirror.columns("Tasks").get("Owner") != TEXT:
        return {}
    last, closed = day_number(today), day_of(mirror, '"Closed_Time"')
    rows = mirror.rows(
        f"""SELECT done, count(*) FROM (
            SELECT count(*) AS done FROM crm."Tasks"
            WHERE NOT _unseen AND "Status" = ? AND coalesce("Owner", '') <> ''
                AND {closed} BETWEEN {last - days + 1:d} AND {last:d}
            GROUP BY "Owner", {closed}) GROUP BY done ORDER BY done""",
        [_COMPLETED],
    )
    return {int(done): int(times) for done, times in rows}


def paused_shares(mirror: Mirror, least: int) -> list[float]:
    """Which share of each owner's accounts is in pause, rising, for owners of at least so many accounts."""
    if mirror.columns("Accounts").get("Owner") != TEXT:
        return []
    rows = mirror.rows(
        f"""SELECT avg(CASE WHEN v.follow_status = 'paused' THEN 1 ELSE 0 END) AS share
        FROM {kept_view("verdicts")} v JOIN crm."Accounts" a ON a.id = v.account_id
        WHERE coalesce(a."Owner", '') <> '' AND v.follow_status IS NOT NULL
        GROUP BY a."Owner" HAVING count(*) >= {least:d} ORDER BY share"""
    )
    return [float(row[0]) for row in rows]


def rhythms(mirror: Mirror, columns: Sequence[Column], rules: Sequence[Rule]) -> list[Rhythm]:
    """How often those buy whom each playbook sets the interval for.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields, the reps' overrides among them.
        rules: the playbooks that give an interval, in their order; each says its purpose.
    """
    purpose = Wishes(mirror, columns).first(rules)
    rows = mirror.rows(
        f"""SELECT {purpose} AS purpose, count(*), count(v.mean_gap), coalesce(median(v.mean_gap), 0)
        FROM crm."Accounts" a JOIN {kept_view("verdicts")} v ON v.account_id = a.id
        WHERE NOT a._unseen GROUP BY ALL HAVING purpose IS NOT NULL ORDER BY ALL"""
    )
    return [Rhythm(*row) for row in rows]
