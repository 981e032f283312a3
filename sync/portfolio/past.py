"""What the ledger remembers of earlier days: how statuses developed, who moved, who began to test."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sync.ledger import ClassChange, Ledger
from sync.ledger.snapshots import Count
from sync.mirror import Mirror
from sync.mirror.our_columns import Column
from sync.mirror.standing import tallies
from sync.portfolio.figures import FOLLOW_STATUS, TESTING
from sync.portfolio.migration import Migration, in_order
from sync.portfolio.period import Period
from sync.verdicts import CLASSES

YEAR = timedelta(days=365)


def note_standing(ledger: Ledger, mirror: Mirror, columns: Sequence[Column], today: date) -> None:
    """Keep today's counts for the trends of later months; the verdicts were made for today."""
    counted = tallies(mirror, columns, tuple(CLASSES))
    told = {one.dimension for one in counted if one.code}
    ledger.snapshots.note(
        today,
        [
            Count(one.dimension, one.code, one.owner, one.accounts)
            for one in counted
            if one.dimension in told
        ],
    )


def trend(ledger: Ledger, today: date) -> dict[date, list[Count]]:
    """The follow statuses at the end of each of the last twelve months, as far as they were noted."""
    days = ledger.snapshots.month_ends(today - YEAR, today)
    noted = {day: ledger.snapshots.of(day, FOLLOW_STATUS) for day in days}
    return {day: counts for day, counts in noted.items() if counts}


def before(ledger: Ledger, period: Period) -> list[Count] | None:
    """The follow statuses by owner on the last noted day before a period, if it is of the month before."""
    day = ledger.snapshots.newest(period.day_before)
    if day is None or day < period.day_before.replace(day=1):
        return None
    return ledger.snapshots.of(day, FOLLOW_STATUS) or None


def migration(
    ledger: Ledger,
    period: Period,
    today: date,
    accounts: Sequence[str],
    noted_at_once: Collection[str],
) -> Migration | None:
    """How these accounts moved between classes in the period up to today; None where nothing was noted."""
    begins = ledger.history.first_day()
    if begins is None or begins > today:
        return None
    first = max(period.day_before, begins)
    return Migration(
        first=first,
        last=today,
        moves=in_order(ledger.history.moves(first, today, accounts), CLASSES),
        noted_at_once=frozenset(noted_at_once),
        complete=first == period.day_before,
    )


def began_to_test(ledger: Ledger, today: date) -> list[ClassChange]:
    """The accounts that came into testing within the last twelve months.

    Those that were testing already on the first day of the history are left out, because nobody knows
    for how long.
    """
    begins = ledger.history.first_day()
    if begins is None:
        return []
    first = max(begins + timedelta(days=1), (today - YEAR).replace(day=1))
    return ledger.history.entered(FOLLOW_STATUS, TESTING, first, today)
