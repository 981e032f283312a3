"""The day on which each account is to be followed up next, as SQL over accounts and verdicts."""

from __future__ import annotations

from datetime import date

from sync.day_numbers import DAY_ZERO, day_number
from sync.mirror.columns import quoted

PAUSED = "paused"


def next_day(name: str, interval: str, today: date, longest: int) -> str:
    """The SQL of what ``sync.next_follow_up`` says for an account ``a`` with a verdict ``v``.

    Where nothing ever passed with an account, the day that stands there holds unless it is too far away.

    Args:
        name: API name of the field in which the day stands.
        interval: the SQL of the days between two follow-ups.
        longest: days; a pause that ends later than that is not waited for.
    """
    now = day_number(today)
    stands = f"(TRY_CAST(a.{quoted(name)} AS DATE) - DATE '{DAY_ZERO.isoformat()}')"
    last = "greatest(v.last_day, v.last_touch_day)"  # of which one may be null
    rounds = f"greatest(1, CAST(ceil(({now} - {last}) / days) AS BIGINT))"
    resumes = f"v.resume_day > {now} AND v.resume_day <= {now + longest}"
    number = (
        f"CASE WHEN v.follow_status = '{PAUSED}' AND {resumes} THEN v.resume_day"
        f" WHEN {last} IS NULL THEN least({stands}, {now} + days)"
        f" ELSE {last} + {rounds} * days END"
    )
    # The interval is the longest part by far, so it is said once.
    once = f"list_transform([{interval}], lambda days: {number})[1]"
    return f"(DATE '{DAY_ZERO.isoformat()}' + CAST({once} AS INTEGER))"
