"""A period is a month or a quarter, and nothing is said about days that nobody has seen yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.portfolio.period import OutsidePeriod, Period

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-q4", date(2026, 10, 1), date(2026, 12, 31)),
        (" 2026-Q3 ", date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_a_period_has_its_first_and_its_last_day(text: str, first: date, last: date) -> None:
    period = Period.parse(text)
    assert (period.first, period.last) == (first, last)
    assert period.day_before == first - timedelta(days=1)
    assert period.name == text.strip().upper()


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-Q5", "0000-01", "Q3", "26-9"]
)
def test_what_is_no_month_and_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"2026-09|calendar"):
        Period.parse(text)


@given(DAYS)
def test_every_day_is_in_its_month_and_in_no_other(day: date) -> None:
    month = Period.containing(day)
    assert month.first <= day <= month.last
    assert Period.containing(month.day_before).last == month.day_before
    assert Period.containing(month.last + timedelta(days=1)).first == month.last + timedelta(days=1)


@given(DAYS, DAYS)
def test_nobody_looks_at_a_day_after_the_last_run(day: date, last_run: date) -> None:
    period = Period.containing(day)
    try:
        chosen = period.day_to_look_at(last_run, None)
    except OutsidePeriod:
        assert period.first > last_run
    else:
        assert period.first <= chosen <= min(period.last, last_run)


def test_a_day_of_another_period_is_refused_with_what_to_do() -> None:
    with pytest.raises(OutsidePeriod, match="Leave out --as-of"):
        Period.parse("2026-09").day_to_look_at(date(2026, 12, 1), date(2026, 10, 1))


def test_a_day_that_is_asked_for_is_looked_at() -> None:
    period = Period.parse("2026-09")
    assert period.day_to_look_at(date(2026, 12, 1), date(2026, 9, 7)) == date(2026, 9, 7)
