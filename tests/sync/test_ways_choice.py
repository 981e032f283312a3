"""The cheapest way of reading a module is chosen, whatever its size and whatever is left to spend."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Module
from sync.ways.choice import WORTH, Chosen, Situation, Way, choose, possible
from sync.ways.cost import by_bulk_read, by_list, by_query

SITUATIONS = st.builds(
    Situation,
    module=st.sampled_from([*Module]),
    records=st.integers(0, 3_000_000),
    fields=st.integers(1, 260),
    credits_left=st.none() | st.integers(0, 20_000),
    closed=st.frozensets(st.sampled_from([Way.LIST, Way.BULK])),
    ordered=st.booleans(),
)


@settings(max_examples=100)
@given(here=SITUATIONS, worth=st.sampled_from([0, WORTH, 500]))
def test_no_way_that_can_be_gone_is_cheaper_by_more_than_it_has_to_save(
    here: Situation, worth: int
) -> None:
    chosen = choose(here, worth=worth)
    ways = possible(here)
    assert chosen.credits == ways[chosen.way]
    assert chosen.credits <= min(ways.values()) + worth
    assert chosen.way is Way.QUERY or chosen.credits + worth < ways[Way.QUERY]


@settings(max_examples=100)
@given(here=SITUATIONS)
def test_a_bulk_read_is_never_begun_that_cannot_be_paid_or_is_not_served(here: Situation) -> None:
    if choose(here, worth=0).way is Way.BULK:
        assert here.module is not Module.NOTES
        assert Way.BULK not in here.closed
        assert here.credits_left is None or possible(here)[Way.BULK] <= here.credits_left


@pytest.mark.parametrize(
    ("here", "way", "credits"),
    [
        (Situation("Accounts", 0, 20), Way.QUERY, 1),
        (Situation("Accounts", 150, 20), Way.QUERY, 1),
        (Situation("Accounts", 40_000, 20), Way.QUERY, 60),
        (Situation("Accounts", 100_000, 20), Way.BULK, 61),
        (Situation("Accounts", 50_000, 20), Way.QUERY, 75),  # 14 credits are not worth the minutes
        (Situation("Accounts", 40_000, 60), Way.BULK, 61),  # a query would need two passes
        (Situation("Deals", 500_000, 12), Way.BULK, 177),
        (Situation("Deals", 500_000, 12, credits_left=100), Way.QUERY, 750),
        (Situation("Deals", 500_000, 12, closed=frozenset({Way.BULK})), Way.QUERY, 750),
        (Situation("Deals", 40_000, 12, ordered=True), Way.BULK, 11),
        (Situation("Notes", 500_000, 3), Way.QUERY, 750),
    ],
)
def test_the_way_follows_from_counts_credits_and_what_the_crm_serves(
    here: Situation, way: Way, credits: int
) -> None:
    chosen = choose(here)
    assert (chosen.way, chosen.credits) == (way, credits)


def test_each_way_has_the_price_of_its_calls() -> None:
    assert [by_query(n) for n in (0, 1, 201, 1_999, 2_000, 2_001)] == [1, 1, 2, 3, 3, 4]
    assert by_query(2_001, fields=49) == 2 * 4
    assert [by_list(n) for n in (0, 200, 201)] == [2, 2, 5]
    assert by_list(200, fields=49) == 1 + 4 + 1
    assert [by_bulk_read(n) for n in (1, 200_000, 200_001)] == [61, 61, 120]


def test_what_will_be_done_is_said_in_a_sentence_with_its_price() -> None:
    assert (
        Chosen(Way.QUERY, 4_000, 9, 9).sentence("Tasks")
        == "Reading Tasks: about 4,000 by COQL, about 9 credits."
    )
    assert "by list, about 2 credits (COQL: 4)" in Chosen(Way.LIST, 150, 2, 4).sentence("Tasks")
