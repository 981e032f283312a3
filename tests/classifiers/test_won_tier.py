"""Which won customers are key, ordinary or minor."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pytest
from duck_desk import Desk

from classifiers.dimension import Thresholds, TierThresholds
from classifiers.settings import Settings
from classifiers.won_tier import DIMENSION

THRESHOLDS = Thresholds(Settings(), TierThresholds(0.0, 0.0, proposed=False))
ORDER = ("minor", "ordinary", "key")
ANSWERS = ("low", "medium", "high")


def answered(desk: Desk, purchases: int, value: str | None, potential: str | None) -> Any:
    table = desk.connection.sql(
        "select ?::bigint as purchases, ?::varchar as value, ?::varchar as potential",
        params=[purchases, value, potential],
    )
    found = nw.from_native(table).select(*DIMENSION.columns(THRESHOLDS))
    return found.to_native().fetchall()[0]


@pytest.mark.parametrize(
    ("value", "potential", "tier", "rule"),
    [
        ("high", "low", "key", "value_is_high"),
        ("middle", "high", "key", "potential_lifts_to_key"),
        ("middle", "medium", "ordinary", "value_is_middle"),
        ("middle", "low", "ordinary", "value_is_middle"),
        ("low", "high", "ordinary", "potential_lifts_to_ordinary"),
        ("low", "medium", "ordinary", "potential_lifts_to_ordinary"),
        ("low", "low", "minor", "value_and_potential_low"),
    ],
)
def test_value_decides_and_potential_lifts_by_one_tier(
    desk: Desk, value: str, potential: str, tier: str, rule: str
) -> None:
    assert answered(desk, 1, value, potential) == (tier, rule)


def test_who_never_bought_has_no_tier_whatever_its_potential(desk: Desk) -> None:
    assert answered(desk, 0, None, "high") == (None, "no_purchase_yet")


@pytest.mark.parametrize("value", ["low", "middle", "high"])
def test_more_potential_never_lowers_a_tier(desk: Desk, value: str) -> None:
    tiers = [ORDER.index(answered(desk, 3, value, potential)[0]) for potential in ANSWERS]
    assert tiers == sorted(tiers)
