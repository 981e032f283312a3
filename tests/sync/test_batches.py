"""Whatever rows spoil a batch, every other row is sent through once, and the search stays cheap."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model import Fate, Outcome
from sync.sending.batches import Batches


def sent(number: int, bad: set[int]) -> tuple[Counter[int], int]:
    """How often each row got an answer of its own, and the calls, where bad rows spoil unnamed."""
    batches = Batches(cast("Any", range(number)))
    answered: Counter[int] = Counter()
    calls = 0
    while batches:
        rows: list[Any] = batches.take()
        calls += 1
        if bad & set(rows) and len(rows) > 1:
            outcomes = [Outcome(Fate.NOT_APPLIED)] * len(rows)
        else:
            answered.update(rows)
            outcomes = [Outcome(Fate.REFUSED if row in bad else Fate.DONE) for row in rows]
        batches.heard(rows, outcomes)
    assert not batches.closed
    return answered, calls


@given(st.integers(0, 230), st.sets(st.integers(0, 229)))
def test_every_row_is_answered_exactly_once(number: int, bad: set[int]) -> None:
    answered, calls = sent(number, bad)
    assert answered == Counter(range(number))
    assert calls <= 2 * number + 1


@pytest.mark.fault("H7")
def test_a_bad_row_in_a_hundred_costs_at_most_fourteen_calls_more() -> None:
    assert max(sent(100, {row})[1] for row in range(100)) <= 1 + 14


@pytest.mark.fault("H7")
@given(st.sets(st.integers(0, 99), min_size=10, max_size=10))
def test_ten_bad_rows_in_a_hundred_cost_at_most_a_hundred_calls(bad: set[int]) -> None:
    assert sent(100, bad)[1] <= 100
