"""A test counts as converted if the customer bought in time, and is judged only when that time is over."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sync.day_numbers import day_number
from sync.ledger import ClassChange
from sync.portfolio.trials import TrialMonth, trial_months

TODAY = date(2026, 9, 30)
WITHIN = 30


def began(account: str, day: date) -> ClassChange:
    return ClassChange(account, "follow_status", "testing", day, "newly_contacted")


def months(purchases: dict[str, date], **days: date) -> tuple[TrialMonth, ...]:
    changes = [began(account, day) for account, day in days.items()]
    bought = {account: day_number(day) for account, day in purchases.items()}
    return trial_months(changes, bought, within=WITHIN, today=TODAY)


def test_only_those_whose_time_is_over_are_judged() -> None:
    june, september = date(2026, 6, 10), date(2026, 9, 10)
    found = months(
        {"a": date(2026, 6, 20), "b": date(2026, 8, 30), "d": date(2026, 9, 12)},
        a=june,  # bought in time
        b=june,  # bought too late
        c=june,  # never bought
        d=september,  # bought, with time to spare
        e=september,
    )
    assert found == (
        TrialMonth("2026-06", began=3, judged=3, won=1),
        TrialMonth("2026-09", began=2, judged=0, won=0, won_early=1),
    )
    assert [month.conversion for month in found] == [0.3333, None]
    assert found[1].under_way == 2


def test_who_had_bought_before_the_test_was_not_won_by_it() -> None:
    [month] = months({"a": date(2026, 5, 1)}, a=date(2026, 6, 10))
    assert (month.judged, month.won) == (1, 0)


DAYS = st.dates(date(2026, 1, 1), TODAY)


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), DAYS), max_size=20),
    st.dictionaries(st.sampled_from("abcdef"), st.dates(date(2025, 6, 1), date(2027, 1, 1))),
)
def test_it_agrees_with_counting_by_hand(
    starts: list[tuple[str, date]], purchases: dict[str, date]
) -> None:
    bought = {account: day_number(day) for account, day in purchases.items()}
    changes = [began(account, day) for account, day in starts]
    found = trial_months(changes, bought, within=WITHIN, today=TODAY)
    assert sum(month.began for month in found) == len(starts)
    over = [(a, d) for a, d in starts if d <= TODAY - timedelta(days=WITHIN)]
    in_time = [
        a for a, d in over if a in purchases and d <= purchases[a] <= d + timedelta(days=WITHIN)
    ]
    assert sum(month.judged for month in found) == len(over)
    assert sum(month.won for month in found) == len(in_time)
    assert all(month.conversion is None or 0 <= month.conversion <= 1 for month in found)
