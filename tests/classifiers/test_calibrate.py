"""Proposed tier thresholds: amounts a manager can say, whatever the organisation's size."""

from __future__ import annotations

import pytest
from duck_desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.calibrate import Calibration, calibrate
from classifiers.settings import Settings

TODAY = 15_000


def calibrated(desk: Desk, sales: list[float], **shares: float) -> Calibration:
    ids = [f"a{number}" for number in range(len(sales))]
    deals = [(account, TODAY, amount, "won") for account, amount in zip(ids, sales, strict=True)]
    return calibrate(
        desk.accounts([*ids, "without deals"]),
        desk.deals(deals),
        today=TODAY,
        settings=Settings(**shares),
        engine=desk,
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
    thresholds = calibrated(desk, sales).thresholds
    assert (thresholds.large_from, thresholds.medium_from) == (large, medium)
    assert thresholds.proposed


def test_the_table_shows_who_would_fall_where(desk: Desk) -> None:
    table = calibrated(desk, [600.0, 250.0, 100.0, 50.0]).classes
    assert [(row.code, row.accounts, row.sales) for row in table] == [
        ("large", 1, 600),
        ("medium", 2, 350),
        ("small", 2, 50),
    ]
    assert [row.share_of_sales for row in table] == pytest.approx([0.6, 0.35, 0.05])
    assert [row.share_of_accounts for row in table] == pytest.approx([0.2, 0.4, 0.4])


def test_without_accounts_the_table_is_empty_but_there(desk: Desk) -> None:
    table = calibrated(desk, []).classes
    assert [(row.code, row.accounts) for row in table] == [
        ("large", 0),
        ("medium", 0),
        ("small", 1),
    ]


@settings(max_examples=25)
@given(st.lists(st.integers(-10_000, 10_000_000).map(lambda cents: cents / 100), max_size=30))
def test_the_next_higher_two_digit_amount_would_miss_the_share(
    desk: Desk, sales: list[float]
) -> None:
    found = calibrated(desk, sales)
    positive = [amount for amount in sales if amount > 0]
    for share, limit in (
        (0.6, found.thresholds.large_from),
        (0.9, found.thresholds.medium_from),
    ):
        if not positive:
            assert limit == 0
            continue
        assert limit == float(f"{limit:.2g}")
        reached = sum(amount for amount in positive if amount >= limit)
        assert reached >= share * sum(positive) - 1e-6
        higher = float(f"{limit + 10 ** (len(str(int(limit))) - 2):.2g}") if limit >= 10 else None
        if higher is not None:
            assert sum(a for a in positive if a >= higher) < share * sum(positive) + 1e-6


def test_value_is_proposed_from_the_spend_that_can_be_expected(desk: Desk) -> None:
    sales = [6000.0, 2500.0, 1000.0, 500.0]
    found = calibrated(desk, sales)
    names = ("high", "middle", "low")
    assert [row.code for row in found.value_classes] == [*names]
    assert [row.accounts for row in found.value_classes] == [1, 2, 1]
    assert sum(row.accounts for row in found.value_classes) == 4, "the prospect has no value"
    expected = sum(row.sales for row in found.value_classes)
    assert 0 < expected < sum(sales)
    assert found.value_thresholds.high_from > found.value_thresholds.middle_from > 0
    fixed = calibrated(desk, sales, value_high_from=1.0, value_middle_from=0.5)
    assert fixed.value_thresholds == found.value_thresholds, "calibrating proposes afresh"
