"""Who buys more than before, who less, and who cannot be compared with itself yet."""

from __future__ import annotations

from typing import Any

import narwhals as nw
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


COMPARED = [
    (120.0, 100.0, "growing", "sales_rose"),
    (119.0, 100.0, "steady", "sales_about_the_same"),
    (100.0, 100.0, "steady", "sales_about_the_same"),
    (81.0, 100.0, "steady", "sales_about_the_same"),
    (80.0, 100.0, "shrinking", "sales_fell"),
    (0.0, 100.0, "shrinking", "sales_fell"),
    (0.12, 0.1, "growing", "sales_rose"),
]
HISTORIES: dict[str, tuple[list[Any], tuple[str | None, str]]] = {
    **{
        f"sales of {now} are compared with {before} of the window before": (
            [LONG_AGO, (NOW, now, "won"), (BEFORE, before, "won")],
            (answer, rule),
        )
        for now, before, answer, rule in COMPARED
    },
    "who never bought cannot be compared": ([], (None, "no_purchase_yet")),
    "nor who began in this window": ([(NOW, 100.0, "won")], (None, "too_new_to_compare")),
    "nor who began in the one before": (
        [(BEFORE, 100.0, "won"), (NOW, 900.0, "won")],
        (None, "too_new_to_compare"),
    ),
    "nor who lacks a day of two windows": (
        [(TODAY - 729, 100.0, "won")],
        (None, "too_new_to_compare"),
    ),
    "nor who bought in neither": ([(TODAY - 900, 100.0, "won")], (None, "no_sales_to_compare")),
    "a customer of two whole windows is old enough to compare": (
        [(TODAY - 730, 1.0, "won"), (TODAY - 365, 100.0, "won")],
        ("shrinking", "sales_fell"),
    ),
    "an old customer that buys again is growing": (
        [(TODAY - 900, 100.0, "won"), (NOW, 5.0, "won")],
        ("growing", "buys_again_after_a_pause"),
    ),
    "what was given back is no sale": (
        [LONG_AGO, (NOW, 100.0, "won"), (NOW + 5, -50.0, "won"), (BEFORE, 100.0, "won")],
        ("shrinking", "sales_fell"),
    ),
}


def test_each_customer_is_compared_with_itself_as_far_as_it_can_be(desk: Desk) -> None:
    known = [({}, deals, []) for deals, _ in HISTORIES.values()]
    rows = desk.verdicts(known, today=TODAY, asked={"growth"})
    for row, (fact, (_, told)) in zip(rows, HISTORIES.items(), strict=True):
        assert (row["growth"], row["growth_rule"]) == told, fact


SALES = st.integers(0, 1_000_000)


@settings(max_examples=8, deadline=None)
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
