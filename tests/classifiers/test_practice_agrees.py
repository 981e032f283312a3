"""The dimensions from sales and contact say the same as plain Python, on every engine."""

from __future__ import annotations

from typing import Any

import plain_practice
import pytest
from duck_desk import Deal, Desk, Signal
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from plain_practice import Account
from polars_desk import PolarsDesk

from classifiers.catalogue import dimension
from classifiers.classify import classify
from classifiers.dealings import SOURCES
from classifiers.settings import (
    BehaviourSettings,
    FitSettings,
    FollowStatusSettings,
    GrowthSettings,
    PotentialSettings,
    Settings,
)

TODAY = 15_000
IDS = [f"93{number:017}" for number in range(30)]
EDGES = [TODAY + shift for shift in (0, 1, -1, -30, -31, -90, -91, -180, -364, -365, -730)]
DAYS = st.one_of(st.sampled_from(EDGES), st.integers(TODAY - 800, TODAY + 40), st.none())
AMOUNTS = st.sampled_from([None, 0.0, 100.0, 120.0, 80.0, 119.99, -100.0, 4000.0, 1250.5])
ANY_DEAL = st.tuples(DAYS, AMOUNTS, st.sampled_from(["won", "lost", "open", "open", "unknown"]))
SALE = st.tuples(
    st.integers(TODAY - 720, TODAY), st.sampled_from([80.0, 100.0, 120.0, 500.0]), st.just("won")
)
HISTORIES = st.one_of(
    st.lists(ANY_DEAL, max_size=3),
    st.tuples(st.lists(SALE, min_size=4, max_size=9), st.lists(ANY_DEAL, max_size=2)).map(
        lambda both: [*both[0], *both[1]]
    ),
)
KINDS = st.sampled_from(
    [
        *("call", "call", "meeting", "task", "note", "complaint", "case", "contact", "trial"),
        "online_visit",
    ]
)
SIGNALS = st.lists(
    st.tuples(st.sampled_from([*IDS, None]), KINDS, DAYS, st.booleans()), min_size=40, max_size=120
)
PROFILES = st.fixed_dictionaries(
    {},
    optional={
        "employees": st.sampled_from([None, 0, 10, 99, 100, 5000]),
        "annual_revenue": st.sampled_from([None, 0.0, 1e6, 1e7, 5e8]),
        "account_type": st.sampled_from([None, "", " Reseller", "Customer", "经销商"]),
        "industry_given": st.sampled_from([None, "Manufacturing", "Farm", "零售"]),
        "created_day": DAYS,
        "pause_reason": st.sampled_from([None, None, " ", "No budget"]),
        "resume_day": DAYS,
    },
)
POLICIES = st.builds(
    Settings,
    tier_window_days=st.sampled_from([90, 365]),
    behaviour=st.builds(BehaviourSettings, dormant_days=st.sampled_from([30, 90])),
    follow_status=st.builds(
        FollowStatusSettings,
        many_contacts_from=st.sampled_from([1, 2, 3]),
        paused_after_days=st.sampled_from([90, 180]),
        quality_fit_from=st.sampled_from([40, 60]),
    ),
    fit=st.builds(
        FitSettings,
        industries=st.sampled_from([(), ("manufacturing",), ("retail", "other")]),
    ),
    growth=st.builds(GrowthSettings, margin=st.sampled_from([0.1, 0.2])),
    potential=st.builds(
        PotentialSettings,
        high_from=st.sampled_from([50, 60]),
        medium_from=st.sampled_from([20, 30]),
    ),
)
QUICK = settings(
    # An example plans a handful of statements, so shrinking a failure would take minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=4,
)


@QUICK
@given(
    profiles=st.lists(PROFILES, min_size=len(IDS), max_size=len(IDS)),
    histories=st.lists(HISTORIES, min_size=len(IDS), max_size=len(IDS)),
    signals=SIGNALS,
    sources=st.sampled_from([{"calls"}, {*SOURCES}, {"notes", "contacts"}, {"cases"}]),
    policy=POLICIES,
)
def test_sales_and_contact_decide_the_same_in_plain_python_and_on_every_engine(
    desk: Desk,
    profiles: list[dict[str, Any]],
    histories: list[list[Any]],
    signals: list[Signal],
    sources: set[str],
    policy: Settings,
) -> None:
    accounts = desk.profiled(dict(zip(IDS, profiles, strict=True)))
    deals: list[Deal] = [
        (account, *deal) for account, own in zip(IDS, histories, strict=True) for deal in own
    ]
    tables = (accounts, desk.deals(deals), desk.signals(signals))
    polars = PolarsDesk()
    found = classify(
        *tables[:2],
        today=TODAY,
        settings=policy,
        engine=desk,
        signals=tables[2],
        sources=sources,
    )
    copies = [polars.copy(table) for table in tables]
    there = classify(
        *copies[:2],
        today=TODAY,
        settings=policy,
        engine=polars,
        signals=copies[2],
        sources=sources,
    )
    told = polars.rows(there.verdicts)
    for account, row in desk.rows(found.verdicts).items():
        known = Account(
            profile=profiles[IDS.index(account)],
            deals=[deal for deal in deals if deal[0] == account],
            signals=[signal for signal in signals if signal[0] == account],
            answers=row,
            limits=found.thresholds,
        )
        expected = plain_practice.told_of(known)
        assert {column: (row[column], row[f"{column}_rule"]) for column in expected} == expected
        assert all(rule in dimension(name).says for name, (_, rule) in expected.items())
        rate = pytest.approx(plain_practice.growth_rate(known), abs=1.01e-4)
        # Polars rounds the half of the last place to even, DuckDB away from zero.
        assert row.pop("growth_rate") == rate == told[account].pop("growth_rate")
        assert row["fit_score"] == plain_practice.fit_score(known)
        assert row["potential_score"] == plain_practice.potential_score(known)
        assert told[account] == pytest.approx(row)
