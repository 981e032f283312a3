"""Lists tasks that are still open, whoever opened them: what reps have before them, and what needs a look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sync.day_numbers import DAY_ZERO
from sync.mirror.columns import DATE, INSTANT, TEXT, literal
from sync.mirror.days import day_of
from sync.mirror.engine import kept_view
from sync.mirror.matching import When, matches, overriding
from sync.mirror.money import column
from sync.mirror.our_columns import Column
from sync.mirror.store import Mirror

_CLOSED = "Completed"
_OPEN = f"""NOT t._unseen AND coalesce(t."Status", '') <> '{_CLOSED}'"""


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
    return _found(mirror, "")


def needing_a_look(
    mirror: Mirror, columns: Sequence[Column], arrived: Mapping[str, Sequence[When]], today: date
) -> Iterator[OpenWork]:
    """Those of them that are late, or whose customer was in touch since or has come to certain classes.

    Args:
        mirror: open, with verdicts kept under the name ``verdicts``.
        columns: our fields; a rep's override counts before the verdict.
        arrived: purpose → conditions, of which one is enough, on the customer of a task with that purpose.
        today: what was due before is late.
    """
    if "Status" not in mirror.columns("Tasks"):
        return iter(())
    about, _, subject, due, opened = _parts(mirror)
    held = mirror.columns("Accounts")
    overrides = overriding([one for one in columns if one.name in held])
    tests = [f"{due} < DATE '{today.isoformat()}'"]
    known = mirror.names_in(kept_view("verdicts"))
    if "last_touch_day" in known:
        tests.append(f"v.last_touch_day > {opened}")
    for purpose, whens in arrived.items():
        told = [when for when in whens if set(when) <= set(known)]
        if classes := " OR ".join(matches(when, overrides) for when in told):
            tests.append(f"contains({subject}, {literal(f'#{purpose}-')}) AND ({classes})")
    joined = f"""LEFT JOIN crm."Accounts" a ON a.id = {about}
        LEFT JOIN {kept_view("verdicts")} v ON v.account_id = a.id"""
    return _found(mirror, joined, f"AND ({' OR '.join(f'({test})' for test in tests)})")


def tasks_by_day(mirror: Mirror) -> dict[tuple[str, date], int]:
    """(rep, day) → how many open tasks are due then; those without a day count nowhere."""
    if "Status" not in mirror.columns("Tasks"):
        return {}
    _, rep, _, due, _ = _parts(mirror)
    rows = mirror.rows(
        f"""SELECT {rep}, {due}, count(*) FROM crm."Tasks" t
        WHERE {_OPEN} AND {due} IS NOT NULL GROUP BY ALL"""
    )
    return {(str(rep), day): int(count) for rep, day, count in rows}


def _found(mirror: Mirror, joined: str, where: str = "") -> Iterator[OpenWork]:
    if "Status" not in mirror.columns("Tasks"):
        return
    rows = mirror.rows(
        f"""SELECT t.id, {", ".join(_parts(mirror))} FROM crm."Tasks" t {joined}
        WHERE {_OPEN} {where} ORDER BY t.id"""
    )
    for task_id, account_id, rep, subject, day, number in rows:
        since = DAY_ZERO + timedelta(days=number)
        yield OpenWork(task_id, account_id, rep, subject, day, since)


def _parts(mirror: Mirror) -> tuple[str, str, str, str, str]:
    """The SQL of the account, the rep, the subject, the due day, and the number of the day of opening."""
    held = mirror.columns("Tasks")
    about, rep, subject = (
        f"coalesce({column(held, 't', name, TEXT)}, '')" for name in ("What_Id", "Owner", "Subject")
    )
    due, made = (
        column(held, "t", name, kind)
        for name, kind in (("Due_Date", DATE), ("Created_Time", INSTANT))
    )
    return about, rep, subject, due, day_of(mirror, f"coalesce({made}, t._modified_at)")
