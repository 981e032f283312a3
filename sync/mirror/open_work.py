"""Lists every task that is still open, whoever opened it: what reps have before them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sync.mirror.columns import DATE, INSTANT, TEXT
from sync.mirror.days import day_of
from sync.mirror.money import column
from sync.mirror.store import Mirror

_CLOSED = "Completed"
_DAY_ZERO = date(1970, 1, 1)


class OpenWork(NamedTuple):
    """An open task; ids and the subject are empty where the CRM tells none."""

    task_id: str
    account_id: str
    rep: str
    subject: str
    due: date | None
    opened: date


def open_work(mirror: Mirror) -> Iterator[OpenWork]:
    """Every open task that we may see, in order of its id; those of no account are among them."""
    held = mirror.columns("Tasks")
    if "Status" not in held:
        return
    texts = [f"coalesce({column(held, 't', n, TEXT)}, '')" for n in ("What_Id", "Owner", "Subject")]
    due, made = (
        column(held, "t", name, kind)
        for name, kind in (("Due_Date", DATE), ("Created_Time", INSTANT))
    )
    opened = day_of(mirror, f"coalesce({made}, t._modified_at)")
    rows = mirror.rows(
        f"""SELECT t.id, {", ".join(texts)}, {due}, {opened} FROM crm."Tasks" t
        WHERE NOT t._unseen AND coalesce(t."Status", '') <> ? ORDER BY t.id""",
        [_CLOSED],
    )
    for task_id, account_id, rep, subject, day, number in rows:
        since = _DAY_ZERO + timedelta(days=number)
        yield OpenWork(task_id, account_id, rep, subject, day, since)
