"""The table expressions and the plain rules say the same of every account."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import plain_rules
import pytest
from duck_desk import Desk
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from classifiers.bgnbd import BgNbd
from classifiers.classify import classify
from classifiers.features import FEATURES
from classifiers.settings import Settings

TODAY = 15_000
IDS = [f"93{number:017}" for number in range(24)]
AMOUNTS = st.one_of(
    st.sampled_from([None, 0.0, 0.1, 0.2, -0.1, 100.0, -100.0, 4000.0]),
    st.integers(-500_000, 5_000_000).map(lambda cents: cents / 100),
)
EDGES = [TODAY + shift for shift in (0, 1, -30, -89, -90, -180, -182, -364, -365, -730)]
DAYS = st.one_of(
    st.sampled_from(EDGES), st.sampled_from(EDGES), st.integers(TODAY - 800, TODAY + 40), st.none()
)
KINDS = st.sampled_from(["won", "won", "won", "won", "lost", "open", "unknown"])
OWNERS = st.sampled_from([*IDS, *IDS, None, "nobody"])
DEALS = st.lists(st.tuples(OWNERS, DAYS, AMOUNTS, KINDS), min_size=80, max_size=160)
POLICIES = st.builds(
    Settings,
    horizon_days=st.sampled_from([30, 182]),
    tier_window_days=st.sampled_from([90, 365]),
    new_within_days=st.sampled_from([0, 45]),
    loyal_below=st.sampled_from([0.15, 0.45]),
    fairly_loyal_below=st.just(0.5),
    ordinary_below=st.just(0.6),
)
QUICK = settings(
    # An example plans a handful of statements, so shrinking a failure would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=6,
)


@QUICK
@given(deals=DEALS, policy=POLICIES)
def test_every_verdict_follows_the_plain_rules(
    desk: Desk, deals: list[Any], policy: Settings
) -> None:
    found = classify(
        desk.accounts(IDS), desk.deals(deals), today=TODAY, settings=policy, engine=desk
    )
    verdicts = desk.rows(found.verdicts)
    assert sorted(verdicts) == IDS
    for account, row in verdicts.items():
        own = [deal for deal in deals if deal[0] == account]
        expected = plain_rules.features(own, TODAY, policy.tier_window_days)
        assert {name: row[name] for name in FEATURES} == pytest.approx(expected)
        probability = plain_rules.probability(
            expected, found.model.parameters, TODAY, policy.horizon_days
        )
        assert row["churn_probability"] == pytest.approx(probability, abs=1e-6)
        assert (row["tier"], row["tier_rule"]) == plain_rules.tier(row, found.tiers)
        assert (row["loyalty"], row["loyalty_rule"]) == plain_rules.loyalty(row, policy)
        assert (row["churn_risk"], row["churn_rule"]) == plain_rules.churn(row, policy)
        assert row["expected_spend"] == pytest.approx(plain_rules.expected_spend(row), abs=1e-3)
        assert row["value_score"] == pytest.approx(plain_rules.value_score(row), abs=1e-3)
        assert (row["value"], row["value_rule"]) == plain_rules.value(row, found.values)


PARAMETERS = st.builds(
    BgNbd,
    r=st.floats(0.01, 50),
    alpha=st.floats(0.1, 5_000),
    a=st.floats(0.01, 50),
    b=st.floats(0.02, 500),
)
HISTORIES = st.tuples(st.integers(0, 100_000), st.integers(0, 20_000), st.integers(0, 20_000)).map(
    lambda h: (h[0], h[1] if h[0] else 0, (h[1] if h[0] else 0) + h[2])
)


@QUICK
@given(parameters=PARAMETERS, histories=st.lists(HISTORIES, min_size=1, max_size=30))
def test_the_probability_is_the_articles_formula_and_never_overflows(
    desk: Desk, parameters: BgNbd, histories: list[tuple[int, int, int]]
) -> None:
    columns = [list(column) for column in zip(*histories, strict=True)]
    relation = desk.connection.sql(
        "select unnest(?::bigint[]) x, unnest(?::bigint[]) t_x, unnest(?::bigint[]) age",
        params=columns,
    )
    x, t_x, age = nw.col("x"), nw.col("t_x"), nw.col("age")
    frame = nw.from_native(relation).with_columns(p=parameters.no_purchase(x, t_x, age, 182))
    for *history, found in frame.to_native().fetchall():
        assert found == pytest.approx(plain_rules.no_purchase(parameters, *history, 182), abs=1e-9)
        assert 0 <= found <= 1
