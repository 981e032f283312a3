"""The learner corrects the rhythm model where the organisation's own past shows that it should."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from duck_desk import Deal, Desk
from polars_desk import PolarsDesk
from scipy.special import expit

from classifiers.classify import classify
from classifiers.engine import Frame
from classifiers.features import Span, account_features
from classifiers.forecast import Forecast, sampling
from classifiers.forecast.choice import choose
from classifiers.forecast.learning import landmarks, learn
from classifiers.forecast.purchases import Purchases
from classifiers.forecast.regression import fit_cloglog
from classifiers.forecast.sampling import fetch_purchases
from classifiers.forecast.scores import area_under_curve, brier
from classifiers.forecast.season import in_season
from classifiers.forecast.trials import rhythm_of, walk_forward
from classifiers.settings import Settings

TODAY = 15_000
HORIZON = 182


def contracts(count: int, seed: int = 3, days: int = 1_400) -> list[Deal]:
    """Customers who renew every month, quarter or year to the week, one in eight giving up each time."""
    chance = np.random.default_rng(seed)
    deals: list[Deal] = []
    for number in range(count):
        day, gap = TODAY - int(chance.integers(0, days)), int(chance.choice([30, 91, 365]))
        while day <= TODAY + HORIZON:
            deals.append((f"c{number:05}", day, float(chance.integers(50, 900)), "won"))
            day += gap + int(chance.integers(-3, 4))
            if chance.random() < 0.12:
                break
    return deals


def seasonal(count: int, seed: int = 4) -> list[Deal]:
    """Customers of three years who buy ten times as often in the first half of the year."""
    chance = np.random.default_rng(seed)
    deals: list[Deal] = []
    for number in range(count):
        day, gap = TODAY - float(chance.integers(0, 1_095)), chance.gamma(1.5, 25)
        while day <= TODAY + HORIZON:
            if np.sin(2 * np.pi * (day - TODAY) / 365.25) > 0 or chance.random() < 0.1:
                deals.append((f"s{number:05}", int(day), 100.0, "won"))
            day += chance.exponential(gap)
    return deals


def sprinkled(accounts: int, deals: int, seed: int = 8) -> list[Deal]:
    """Made-up sales without any pattern: any account on any day, one as likely as another."""
    chance = np.random.default_rng(seed)
    who, day = (
        chance.integers(0, accounts, deals),
        TODAY + HORIZON - chance.integers(0, 1_300, deals),
    )
    return [(f"n{a:05}", int(d), 100.0, "won") for a, d in zip(who, day, strict=True)]


def past_of(deals: list[Deal], until: int = TODAY) -> Purchases:
    ids = {
        account: place for place, account in enumerate(sorted({deal[0] or "" for deal in deals}))
    }
    rows = [(ids[a or ""], d, m) for a, d, m, _ in deals if d is not None and d <= until]
    account, day, sales = (np.array(column) for column in zip(*rows, strict=True))
    return Purchases.of(account, day, sales.astype(float), sales > 0)


def ids(deals: list[Deal]) -> list[str]:
    return sorted({account for account, *_ in deals if account})


def known(deals: list[Deal]) -> list[Deal]:
    return [deal for deal in deals if deal[1] is not None and deal[1] <= TODAY]


Told = tuple[Forecast, dict[str, float | None]]
"""The model and everybody's probability."""


def outcomes(told: Mapping[str, float | None], deals: list[Deal]) -> tuple[Any, Any]:
    back = {account for account, day, *_ in deals if day is not None and day > TODAY}
    rows = [(p, account not in back) for account, p in told.items() if p is not None]
    return np.array([p for p, _ in rows]), np.array([away for _, away in rows])


def probabilities(engine: Desk | PolarsDesk, accounts: Frame, deals: Frame) -> Told:
    found = classify(accounts, deals, today=TODAY, settings=Settings(), engine=engine, asked=())
    rows = engine.rows(found.verdicts.select("account_id", "churn_probability"))
    return found.model, {account: row["churn_probability"] for account, row in rows.items()}


RENEWALS = contracts(600)


@pytest.fixture(scope="module")
def renewals(desk: Desk) -> Told:
    """What is told where contracts renew."""
    return probabilities(desk, desk.accounts(ids(RENEWALS)), desk.deals(known(RENEWALS)))


def test_contracts_that_renew_are_told_from_those_that_lapsed(renewals: Told) -> None:
    model, told = renewals
    probability, away = outcomes(told, RENEWALS)
    assert (model.kind, model.why) == ("learner", "learner_better_in_both")
    assert model.certain
    assert area_under_curve(probability, away) > 0.9
    assert brier(probability, away) < 0.12
    assert json.loads(json.dumps(model.as_dict())) == model.as_dict()


def test_a_season_that_comes_back_sets_the_level() -> None:
    deals = seasonal(1_500)
    past, later = past_of(deals), past_of(deals, TODAY + 90)
    seen = past.seen(TODAY)
    learner = learn(past, rhythm_of(seen).model, TODAY, 90)
    assert learner is not None
    known_season = in_season(learner, past, TODAY)
    assert known_season is not None
    away = later.stayed_away(seen, TODAY + 90)
    assert choose(walk_forward(past, TODAY, 90, 30)).kind == "seasonal"
    assert abs(known_season.values(seen).mean() - away.mean()) < 0.05
    assert brier(known_season.values(seen), away) < brier(learner.values(seen), away)
    assert in_season(learner, past.until(TODAY), TODAY) == known_season


def test_sales_without_any_pattern_end_in_no_signal(desk: Desk) -> None:
    deals = sprinkled(800, 4_000)
    model, told = probabilities(desk, desk.accounts(ids(deals)), desk.deals(known(deals)))
    probability, away = outcomes(told, deals)
    assert (model.kind, model.certain) == ("no_signal", False)
    assert len(set(probability)) == 1
    assert probability[0] == pytest.approx(away.mean(), abs=0.05)


def test_neither_what_happens_later_nor_the_order_of_rows_changes_a_probability(
    desk: Desk, renewals: Told
) -> None:
    later = [*RENEWALS[::-1], ("c00001", TODAY + 1, 1e6, "won")]
    assert probabilities(desk, desk.accounts(ids(RENEWALS)), desk.deals(later)) == renewals


def test_trials_and_landmarks_use_no_outcome_after_today_or_their_own_day() -> None:
    everything, past = past_of(RENEWALS, TODAY + HORIZON), past_of(RENEWALS)
    trials = walk_forward(past, TODAY, HORIZON, 30)
    assert len(trials) == 4
    assert all(trial.day + trial.horizon <= TODAY for trial in trials)
    assert walk_forward(everything, TODAY, HORIZON, 30) == trials
    rhythm = rhythm_of(past.seen(TODAY)).model
    assert learn(everything.until(TODAY), rhythm, TODAY, HORIZON) == learn(
        past, rhythm, TODAY, HORIZON
    )
    assert max(landmarks(past, TODAY, HORIZON, 10_000)) < TODAY
    end = trials[-1].day + trials[-1].horizon
    alone = walk_forward(past.until(end), end, HORIZON, 30)[0]
    assert alone == trials[-1], "a trial knows nothing after its own day"


def test_tables_and_arrays_give_the_same_probability(desk: Desk) -> None:
    deals = [*contracts(400), ("c00007", TODAY - 3, -40.0, "won"), ("prospect", TODAY, 5.0, "open")]
    features = desk.keep(
        account_features(desk.accounts(ids(deals)), desk.deals(deals), Span(TODAY, 365, HORIZON)),
        "features",
    )
    past = fetch_purchases(features, desk.deals(deals), TODAY, desk)
    learner = learn(past, rhythm_of(past.seen(TODAY)).model, TODAY, HORIZON)
    assert learner is not None
    told = desk.rows(learner.scored(features, TODAY, 0.5, "p"))
    assert told.pop("prospect")["p"] is None
    expected = learner.values(past.seen(TODAY), 0.5)
    bought = [row["p"] for _, row in sorted(told.items()) if row["purchases"]]
    assert bought == pytest.approx(list(expected), abs=1e-10)


def test_a_sample_is_as_large_as_asked_and_the_same_in_any_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MOST_ACCOUNTS", 200)
    deals = known(contracts(2_000))
    samples = []
    for given in (deals, deals[::-1]):
        tables = desk.accounts(ids(given)), desk.deals(given)
        features = desk.keep(account_features(*tables, Span(TODAY, 365, HORIZON)), "features")
        samples.append(fetch_purchases(features, tables[1], TODAY, desk))
    assert 100 < len(samples[0].firsts) <= 200
    for column in ("bought", "paid", "sales"):
        assert (getattr(samples[0], column) == getattr(samples[1], column)).all()


def test_ids_that_all_end_alike_are_still_sampled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "MOST_ACCOUNTS", 200)
    deals = [(f"{account}-DE", *rest) for account, *rest in known(contracts(2_000))]
    tables = desk.accounts(ids(deals)), desk.deals(deals)
    features = desk.keep(account_features(*tables, Span(TODAY, 365, HORIZON)), "features")
    assert 0 < len(fetch_purchases(features, tables[1], TODAY, desk).firsts) <= 400


def test_polars_and_duckdb_come_to_the_same_probabilities(desk: Desk, renewals: Told) -> None:
    polars, (model, told) = PolarsDesk(), renewals
    tables = (desk.accounts(ids(RENEWALS)), desk.deals(RENEWALS))
    other, elsewhere = probabilities(polars, *(polars.copy(table) for table in tables))
    assert model.kind == other.kind == "learner"
    assert elsewhere == pytest.approx(told, abs=2e-6)


def test_the_regression_finds_what_made_the_data() -> None:
    chance = np.random.default_rng(2)
    columns, offset = chance.normal(size=(30_001, 3)), chance.normal(size=30_001) - 1
    true = np.array([0.5, -0.3, 0.0])
    none = np.exp(-np.exp(offset + columns @ true))
    stayed = (chance.random(len(none)) < none).astype(float)
    found = fit_cloglog(offset, columns, stayed, np.full(3, 1e-6))
    assert found == pytest.approx(true, abs=0.03)


def test_without_evidence_nothing_is_corrected() -> None:
    chance = np.random.default_rng(2)
    columns, offset = chance.normal(size=(40, 3)), np.zeros(40)
    stayed = (chance.random(40) < expit(columns[:, 0])).astype(float)
    timid = fit_cloglog(offset, columns, stayed, np.full(3, 1e6))
    bold = fit_cloglog(offset, columns, stayed, np.full(3, 1e-3))
    assert np.abs(timid).max() < 1e-3 < np.abs(bold).max()
