"""The ledger tells who moved between classes in a span of days, as one would read it from the history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ledger import ClassChange, Ledger
from sync.ledger.history import Move

FIRST = date(2026, 8, 31)
LAST = date(2026, 9, 30)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with Ledger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite") as opened:
        yield opened


def told(ledger: Ledger, *changes: ClassChange) -> None:
    with ledger.transaction():
        ledger._file.change("DELETE FROM class_history")
        ledger.history.note(changes, run_id="r")


def change(account: str, code: str, since: date, dimension: str = "loyalty") -> ClassChange:
    return ClassChange(account, dimension, code, since)


def test_a_move_is_from_the_class_of_the_first_day_to_that_of_the_last(ledger: Ledger) -> None:
    told(
        ledger,
        change("1", "loyal", date(2026, 5, 1)),
        change("1", "ordinary", date(2026, 9, 3)),
        change("1", "at_risk", date(2026, 9, 20)),
        change("1", "churned", date(2026, 10, 1)),
        change("2", "loyal", FIRST),
        change("3", "loyal", LAST),
        change("4", "loyal", date(2026, 10, 1)),
        change("5", "loyal", date(2026, 5, 1)),
    )
    assert ledger.history.moves(FIRST, LAST, ["1", "2", "3", "4"]) == [
        Move("loyalty", "", "loyal", 1),
        Move("loyalty", "loyal", "at_risk", 1),
        Move("loyalty", "loyal", "loyal", 1),
    ]
    assert ledger.history.first_day() == date(2026, 5, 1)


def test_without_a_history_nobody_moved(ledger: Ledger) -> None:
    told(ledger)
    assert ledger.history.first_day() is None
    assert ledger.history.moves(FIRST, LAST, ["1"]) == []


def test_who_came_into_a_class_is_found_with_the_day(ledger: Ledger) -> None:
    inside = [change("2", "testing", FIRST), change("1", "testing", LAST)]
    told(
        ledger,
        *inside,
        change("3", "testing", FIRST - timedelta(days=1)),
        change("4", "won", LAST),
        change("5", "testing", LAST, "lifecycle"),
    )
    assert ledger.history.entered("loyalty", "testing", FIRST, LAST) == inside


CHANGES = st.lists(
    st.builds(
        change,
        st.sampled_from("123"),
        st.sampled_from(["loyal", "ordinary", "churned"]),
        st.dates(date(2026, 8, 25), date(2026, 10, 5)),
        st.sampled_from(["tier", "loyalty"]),
    ),
    max_size=25,
    unique_by=lambda c: (c.record_id, c.dimension, c.since),
)


@given(changes=CHANGES, among=st.sets(st.sampled_from("123")))
def test_moves_agree_with_reading_the_history_by_hand(
    ledger: Ledger, changes: list[ClassChange], among: set[str]
) -> None:
    told(ledger, *changes)
    expected: Counter[tuple[str, str, str]] = Counter()
    for account in among:
        for dimension in ("tier", "loyalty"):
            mine = sorted(
                (c.since, c.code)
                for c in changes
                if (c.record_id, c.dimension) == (account, dimension) and c.since <= LAST
            )
            if mine:
                before = [code for since, code in mine if since <= FIRST]
                expected[dimension, before[-1] if before else "", mine[-1][1]] += 1
    found = ledger.history.moves(FIRST, LAST, sorted(among))
    assert {move[:3]: move.accounts for move in found} == dict(expected)
