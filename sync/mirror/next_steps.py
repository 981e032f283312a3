"""Whether each customer's next contact is planned, and planned by the day that the policy asks for."""

from __future__ import annotations

from typing import NamedTuple

from sync.mirror.columns import DATE, INSTANT, TEXT, quoted
from sync.mirror.days import day_of
from sync.mirror.store import Mirror

_COMPLETED = "Completed"


class NextSteps(NamedTuple):
    """The accounts of one owner that have a follow-up day, by when their next step is planned.

    ``in_time`` are those with an open task or a meeting between today and that day, ``later`` those whose
    first one comes after it, ``missing`` those without any. A day that has passed is taken for today.
    """

    owner: str
    in_time: int
    later: int
    missing: int


def next_steps(mirror: Mirror, follow_up: str, today: int) -> list[NextSteps]:
    """Compare what is planned with the follow-up day on the account, by owner; whoever planned it.

    Args:
        mirror: open.
        follow_up: API name of our field for the next follow-up; empty where there is none.
        today: day number; what was planned for earlier days and is still open is late, not planned.
    """
    held = mirror.columns("Accounts")
    if held.get(follow_up) != DATE:
        return []
    owner = "coalesce(a.\"Owner\", '')" if held.get("Owner") == TEXT else "''"
    asked = f"greatest(CAST(a.{quoted(follow_up)} - DATE '1970-01-01' AS BIGINT), {today:d})"
    rows = mirror.rows(
        f"""WITH planned AS (
            SELECT account_id, min(day) AS day FROM ({_planned(mirror)})
            WHERE day >= {today:d} GROUP BY account_id)
        SELECT {owner} AS owner, count(*) FILTER (p.day <= {asked}),
            count(*) FILTER (p.day > {asked}), count(*) FILTER (p.day IS NULL)
        FROM crm."Accounts" a LEFT JOIN planned p ON p.account_id = a.id
        WHERE NOT a._unseen AND a.{quoted(follow_up)} IS NOT NULL
        GROUP BY ALL ORDER BY owner"""
    )
    return [NextSteps(*row) for row in rows]


def _planned(mirror: Mirror) -> str:
    """The day of every open task with a due date, and of every meeting, where these are read."""
    parts = ["SELECT '' AS account_id, CAST(NULL AS BIGINT) AS day WHERE FALSE"]
    tasks, meetings = mirror.columns("Tasks"), mirror.columns("Events")
    if tasks.get("Due_Date") == DATE and {"Status", "What_Id"} <= tasks.keys():
        parts.append(
            f"""SELECT "What_Id", CAST("Due_Date" - DATE '1970-01-01' AS BIGINT) FROM crm."Tasks"
            WHERE NOT _unseen AND coalesce("Status", '') <> '{_COMPLETED}'"""
        )
    if meetings.get("Start_DateTime") == INSTANT and "What_Id" in meetings:
        start = day_of(mirror, '"Start_DateTime"')
        parts.append(f'SELECT "What_Id", {start} FROM crm."Events" WHERE NOT _unseen')
    return " UNION ALL ".join(parts)
