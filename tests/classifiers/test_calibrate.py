"""Proposed limits: amounts, counts and days that a manager can say, whatever the organisation's size."""

from __future__ import annotations

import pytest
from duck_desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.calibrate import Calibration, calibrate
from classifiers.classify import classify
from classifiers.limits import ENOUGH, told_apart
from classifiers.proposals import propose
from classifiers.settings import Settings
from classifiers.spread import Spread

TODAY = 15_000


def limits_of(desk: Desk, sales: list[float]) -> tuple[float, float]:
    """From which sales a customer should be large, and medium."""
    table = desk._query("SELECT unnest(?::double[]) AS sales", [sales])
    return propose(table, "sales", (0.6, 0.9), desk)


def calibrated(desk: Desk, sales: list[float], **shares: float) -> Calibration:
    ids = [f"a{number}" for number in range(len(sales))]
    deals = [(account, TODAY, amount, "won") for account, amount in zip(ids, sales, strict=True)]
    accounts = desk.accounts([*ids, "without deals"])
    return calibrate(
        classify(
            accounts, desk.deals(deals), today=TODAY, settings=Settings(**shares), engine=desk
        ),
        desk,
    )


@pytest.mark.parametrize(
    ("sales", "large", "medium"),
    [
        ([], 0, 0),
        ([-50.0, 0.0], 0, 0),
        ([5234.0], 5200, 5200),
        ([1000.0], 1000, 1000),
        ([0.3], 0.3, 0.3),
        ([0.07, 0.029], 0.07, 0.029),
        ([600.0, 300.0, 100.0], 600, 300),
        ([10.0] * 10, 10, 10),
        ([1234567.0, 250.0, 3.0], 1200000, 1200000),
        ([5999.0, 2999.0, 1002.0], 2900, 1000),
    ],
)
def test_the_amounts_have_two_digits_and_reach_the_shares(
    desk: Desk, sales: list[float], large: float, medium: float
) -> None:
    found = limits_of(desk, sales)
    assert found == (large, medium)
    assert told_apart({"large_from": large, "medium_from": medium}) == (large > medium > 0)


@settings(max_examples=25)
@given(st.lists(st.integers(-10_000, 10_000_000).map(lambda cents: cents / 100), max_size=30))
def test_the_next_higher_two_digit_amount_would_miss_the_share(
    desk: Desk, sales: list[float]
) -> None:
    positive = [amount for amount in sales if amount > 0]
    for share, limit in zip((0.6, 0.9), limits_of(desk, sales), strict=True):
        if not positive:
            assert limit == 0
            continue
        assert limit == float(f"{limit:.2g}")
        reached = sum(amount for amount in positive if amount >= limit)
        assert reached >= share * sum(positive) - 1e-6
        higher = float(f"{limit + 10 ** (len(str(int(limit))) - 2):.2g}") if limit >= 10 else None
        if higher is not None:
            assert sum(a for a in positive if a >= higher) < share * sum(positive) + 1e-6


def test_the_tables_show_who_would_fall_where_and_with_how_much(desk: Desk) -> None:
    sales = [600.0, 250.0, 100.0, 50.0]
    found = calibrated(desk, sales, value_high_from=1.0, value_middle_from=0.5)
    assert [(row.code, row.accounts, row.sales) for row in found.classes] == [
        ("large", 1, 600),
        ("medium", 2, 350),
        ("small", 2, 50),
    ]
    assert [row.share_of_sales for row in found.classes] == pytest.approx([0.6, 0.35, 0.05])
    assert [row.share_of_accounts for row in found.classes] == pytest.approx([0.2, 0.4, 0.4])
    assert [row.accounts for row in found.value_classes] == [1, 2, 1], "the prospect has no value"
    assert 0 < sum(row.sales for row in found.value_classes) < sum(sales)
    assert found.value_thresholds.high_from > found.value_thresholds.middle_from > 1, "afresh"
    assert found.now["value"][0].accounts == 4, "all of them, by the policy's own limits"
    assert {key.partition(".")[0] for key in proposed(found)} == {"tier", "value"}
    told = {one.section: one.speaking for one in found.limits}
    assert told["frequency"] == 4 < ENOUGH, "too few to propose more than amounts from"


def proposed(found: Calibration) -> dict[str, float]:
    return {
        f"{one.section}.{key}": value for one in found.limits for key, value in one.proposed.items()
    }


def customers(desk: Desk, count: int, gap: int = 40) -> Calibration:
    """Customers of whom number n bought on n % 10 + 1 days, so many days apart."""
    deals = [
        (f"a{n}", TODAY - gap * place, 100.0, "won")
        for n in range(count)
        for place in range(n % 10 + 1)
    ]
    accounts = desk.accounts([f"a{n}" for n in range(count)])
    found = classify(accounts, desk.deals(deals), today=TODAY, settings=Settings(), engine=desk)
    return calibrate(found, desk)


def test_counts_and_days_come_from_what_most_customers_do(desk: Desk) -> None:
    found = customers(desk, 100)
    limits = proposed(found)
    # Ten customers for each number of days from 1 to 10; all of them have the same gap of 40.
    assert (limits["frequency.medium_from"], limits["frequency.high_from"]) == (5, 8)
    assert limits["churn.horizon_days"] == 42
    assert limits["behaviour.dormant_days"] == 60
    assert limits["follow_status.paused_after_days"] == 90
    now = {share.code: share.accounts for share in found.now["frequency"]}
    then = {share.code: share.accounts for share in found.then["frequency"]}
    assert now == {"high": 50, "medium": 40, "low": 10}, "from 6, and from 2 days"
    assert then == {"high": 30, "medium": 30, "low": 40}, "from 8, and from 5 days"


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=60),
    st.sampled_from([0.25, 1 / 3, 0.5, 0.75, 0.9]),
)
def test_a_share_is_reached_by_the_value_and_by_none_below_it(
    values: list[int], share: float
) -> None:
    counts = {value: values.count(value) for value in sorted(set(values))}
    spread = Spread(tuple(map(float, counts)), tuple(counts.values()))
    limit = spread.reached_by(share)
    assert spread.accounts == len(values)
    assert sum(value <= limit for value in values) >= share * len(values) - 1e-6
    assert sum(value < limit for value in values) < share * len(values)
