"""Who buys more than before, who less, and who cannot be compared with itself yet."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pytest
from duck_desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.dimension import Thresholds, TierThresholds
from classifiers.growth import DIMENSION, growth_rate
from classifiers.settings import GrowthSettings, Settings

TODAY = 15_000
NOW, BEFORE = TODAY - 100, TODAY - 500
LONG_AGO = (TODAY - 800, 1.0, "won")
"""Since when the customer is old enough to compare."""


def growth(desk: Desk, deals: list[Any]) -> tuple[str | None, str]:
    row = desk.verdict({}, deals, today=TODAY, asked={"growth"})
    return row["growth"], row["growth_rule"]


@pytest.mark.parametrize(
    ("now", "before", "answer", "rule"),
    [
        (120.0, 100.0, "growing", "sales_rose"),
        (119.0, 100.0, "steady", "sales_about_the_same"),
        (100.0, 100.0, "steady", "sales_about_the_same"),
        (81.0, 100.0, "steady", "sales_about_the_same"),
        (80.0, 100.0, "shrinking", "sales_fell"),
        (0.0, 100.0, "shrinking", "sales_fell"),
        (0.12, 0.1, "growing", "sales_rose"),
    ],
)
def test_sales_are_compared_with_those_of_the_window_before(
    desk: Desk, now: float, before: float, answer: str, rule: str
) -> None:
    deals = [LONG_AGO, (NOW, now, "won"), (BEFORE, before, "won")]
    assert growth(desk, deals) == (answer, rule)


@pytest.mark.parametrize(
    ("deals", "rule"),
    [
        ([], "no_purchase_yet"),
        ([(NOW, 100.0, "won")], "too_new_to_compare"),
        ([(BEFORE, 100.0, "won"), (NOW, 900.0, "won")], "too_new_to_compare"),
        ([(TODAY - 729, 100.0, "won")], "too_new_to_compare"),
        ([(TODAY - 900, 100.0, "won")], "no_sales_to_compare"),
    ],
)
def test_without_anything_to_compare_there_is_no_answer(
    desk: Desk, deals: list[Any], rule: str
) -> None:
    assert growth(desk, deals) == (None, rule)


def test_a_customer_of_two_whole_windows_is_old_enough_to_compare(desk: Desk) -> None:
    deals = [(TODAY - 730, 1.0, "won"), (TODAY - 365, 100.0, "won")]
    assert growth(desk, deals) == ("shrinking", "sales_fell")


def test_an_old_customer_that_buys_again_is_growing(desk: Desk) -> None:
    told = growth(desk, [(TODAY - 900, 100.0, "won"), (NOW, 5.0, "won")])
    assert told == ("growing", "buys_again_after_a_pause")


def test_what_was_given_back_is_no_sale(desk: Desk) -> None:
    deals = [LONG_AGO, (NOW, 100.0, "won"), (NOW + 5, -50.0, "won"), (BEFORE, 100.0, "won")]
    assert growth(desk, deals) == ("shrinking", "sales_fell")


SALES = st.integers(0, 1_000_000)


@settings(max_examples=20, deadline=None)
@given(
    sales=st.lists(st.tuples(SALES, SALES), min_size=1, max_size=30),
    times=st.integers(2, 50),
    margin=st.sampled_from([0.05, 0.2, 0.5]),
)
def test_the_answer_does_not_depend_on_the_currency(
    desk: Desk, sales: list[tuple[int, int]], times: int, margin: float
) -> None:
    policy = Settings(growth=GrowthSettings(margin=margin))
    limits = Thresholds(policy, TierThresholds(0.0, 0.0, proposed=False), today=TODAY)
    answers = []
    for unit in (1, times):
        columns = [[float(unit * pair[place]) for pair in sales] for place in (0, 1)]
        table = desk.connection.sql(
            """select 5 as purchases, 0 as first_day, unnest(?::double[]) as spend_window,
            unnest(?::double[]) as spend_before""",
            params=columns,
        )
        rated = nw.from_native(table).with_columns(growth_rate=growth_rate(limits))
        found = rated.select("growth_rate", *DIMENSION.columns(limits))
        answers.append(found.to_native().fetchall())
    assert answers[0] == answers[1]
