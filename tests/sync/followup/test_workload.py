"""However much there is to do, nobody gets more in a day than they can do, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.followup.calendar import WorkingDays
from sync.followup.workload import Wish, Workload

TODAY = date(2026, 3, 2)
MONDAY, TUESDAY, WEDNESDAY = (TODAY + timedelta(days=n) for n in range(3))

wishes = st.lists(
    st.builds(
        Wish,
        key=st.uuids().map(str),
        rep=st.sampled_from(["Li", "Wang"]),
        not_before=st.integers(-40, 40).map(lambda n: TODAY + timedelta(days=n)),
        urgency=st.integers(0, 2),
        value=st.floats(0, 1e6),
    ),
    max_size=60,
)
calendars = st.builds(
    WorkingDays,
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(st.integers(0, 60).map(lambda n: TODAY + timedelta(days=n)), max_size=9),
)
loads = st.dictionaries(
    st.tuples(
        st.sampled_from(["Li", "Wang"]), st.integers(0, 30).map(lambda n: TODAY + timedelta(days=n))
    ),
    st.integers(0, 6),
)


def wish(key: str, *, days: int = 0, urgency: int = 1, value: float = 0.0, rep: str = "Li") -> Wish:
    return Wish(key, rep, TODAY + timedelta(days=days), urgency, value)


@given(wishes, calendars, loads, st.integers(1, 4))
def test_nobody_gets_more_than_a_day_holds_and_everybody_gets_a_working_day(
    wanted: list[Wish], calendar: WorkingDays, taken: dict[tuple[str, date], int], per_day: int
) -> None:
    placed = Workload(per_day, calendar, dict(taken)).place(wanted, TODAY)
    assert placed.keys() == {w.key for w in wanted}
    given_out = Counter((w.rep, placed[w.key]) for w in wanted)
    for (rep, day), count in given_out.items():
        assert count + taken.get((rep, day), 0) <= per_day
        assert day in calendar
    assert all(placed[w.key] >= max(w.not_before, TODAY) for w in wanted)


@given(wishes, calendars, st.integers(1, 4))
def test_no_day_stays_empty_that_somebody_waits_for(
    wanted: list[Wish], calendar: WorkingDays, per_day: int
) -> None:
    placed = Workload(per_day, calendar).place(wanted, TODAY)
    filled = Counter((w.rep, placed[w.key]) for w in wanted)
    for w in wanted:
        for day in calendar.starting(max(w.not_before, TODAY)):
            if day >= placed[w.key]:
                break
            assert filled[w.rep, day] == per_day


@given(wishes, st.randoms(use_true_random=False), st.integers(1, 4))
def test_the_order_in_which_they_come_does_not_matter(
    wanted: list[Wish], chance: object, per_day: int
) -> None:
    shuffled = list(wanted)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert Workload(per_day).place(wanted, TODAY) == Workload(per_day).place(shuffled, TODAY)


def test_the_urgent_come_first_then_the_valuable() -> None:
    placed = Workload(1).place(
        [wish("worth little", value=1), wish("worth much", value=9), wish("urgent", urgency=0)],
        TODAY,
    )
    assert placed == {"urgent": MONDAY, "worth much": TUESDAY, "worth little": WEDNESDAY}


def test_what_stands_in_the_calendar_stays_there() -> None:
    load = Workload(1, taken={("Li", MONDAY): 1, ("Li", TUESDAY): 3})
    assert load.place([wish("urgent", urgency=0)], TODAY) == {"urgent": WEDNESDAY}


def test_what_is_overdue_is_for_today_where_there_is_room() -> None:
    assert Workload(5).place([wish("late", days=-30)], TODAY) == {"late": TODAY}


def test_without_a_limit_everything_is_when_it_should_be() -> None:
    wanted = [wish(str(n), days=1) for n in range(50)]
    assert set(Workload(None).place(wanted, TODAY).values()) == {TUESDAY}


def test_a_weekend_and_a_holiday_are_passed_over() -> None:
    calendar = WorkingDays(holidays=frozenset({date(2026, 3, 9)}))
    assert Workload(3, calendar).place([wish("one", days=5)], TODAY) == {"one": date(2026, 3, 10)}


def test_nothing_is_put_off_for_ever() -> None:
    load = Workload(1, WorkingDays(frozenset(range(7))))
    placed = load.place([wish(f"{n:04d}") for n in range(800)], TODAY)
    assert max(placed.values()) == TODAY + timedelta(days=730)


def test_a_week_without_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="somebody has to work"):
        WorkingDays(frozenset())
