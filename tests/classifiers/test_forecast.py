"""What the churn probability rests on: the model, the return curve, or openly a guess."""

from __future__ import annotations

import itertools
import json

import narwhals as nw
import numpy as np
import plain_rules
import pytest
from duck_desk import SHOWN, Classify, Deal, Desk

from classifiers.classify import classify
from classifiers.features import Span, account_features
from classifiers.forecast import FEWEST_REPEATERS, fetch_purchases, forecast
from classifiers.forecast.purchases import Purchases
from classifiers.history import MOST_HISTORIES, Histories, purchase_histories, thinned
from classifiers.returns import ReturnCurve
from classifiers.settings import Settings

TODAY = 15_000


def regulars(count: int, seed: int = 5) -> list[Deal]:
    """Accounts that buy again and again, some of them until they stop."""
    chance = np.random.default_rng(seed)
    deals: list[Deal] = []
    for number in range(count):
        day, gap = TODAY - int(chance.integers(30, 700)), int(chance.choice([10, 25, 60]))
        while day <= TODAY:
            deals.append((f"regular{number}", day, 100.0, "won"))
            day += 1 + int(chance.exponential(gap))
            if chance.random() < 0.08:
                break
    return deals


def passers_by(count: int, back_after: int) -> list[Deal]:
    """One account a day; every second one buys a second time after so many days, then never."""
    firsts = ((f"passer{number}", TODAY - 1 - number % 500) for number in range(count))
    deals: list[Deal] = [(account, day, 20.0, "won") for account, day in firsts]
    return deals + [
        (account, day + back_after, 20.0, "won")
        for number, (account, day, _, _) in enumerate(deals)
        if number % 2 and day is not None
    ]


def ids(deals: list[Deal]) -> list[str]:
    return sorted({account for account, *_ in deals if account})


def test_with_too_few_repeat_customers_it_says_that_it_guesses(classified: Classify) -> None:
    deals = [("one", TODAY - 300, 10.0, "won"), ("two", TODAY - 5, 10.0, "won")]
    deals += [("two", TODAY - 45, 10.0, "won")]
    found, verdicts = classified(["one", "two", "none"], deals, TODAY)
    assert found.model.kind == "prior"
    assert found.model.parameters.alpha == 40
    assert found.model.log_likelihood is None
    assert verdicts["one"]["churn_probability"] > verdicts["two"]["churn_probability"]
    assert verdicts["none"]["churn_probability"] is None


NO_PURCHASES: dict[str, list[tuple[int | None, float | None, str]]] = {
    "nothing": [],
    "a deal without a day": [(None, 10.0, "won")],
    "no amount, a refund, and a day to come": [
        (TODAY, None, "won"),
        (TODAY, -5.0, "won"),
        (TODAY + 1, 5.0, "won"),
    ],
    "an open and a lost deal": [(TODAY, 1.0, "open"), (TODAY - 1, 1.0, "lost")],
}


def test_who_never_bought_is_a_prospect_and_never_churned(classified: Classify) -> None:
    deals: list[Deal] = [(who, *deal) for who, own in NO_PURCHASES.items() for deal in own]
    found, verdicts = classified(NO_PURCHASES, [*deals, (None, TODAY, 10.0, "won")], TODAY)
    assert (found.model.kind, found.tiers.proposed) == ("prior", True)
    for who, row in verdicts.items():
        told = (row["loyalty"], row["churn_risk"], row["churn_probability"], row["tier"])
        assert told == ("prospect", None, None, "small"), who


def test_no_accounts_at_all_give_no_verdicts(classified: Classify) -> None:
    assert classified([], [("gone", TODAY, 1.0, "won")], TODAY)[1] == {}


def test_customers_who_all_bought_today_break_nothing(classified: Classify) -> None:
    accounts = [f"a{number}" for number in range(FEWEST_REPEATERS + 5)]
    deals = [(account, TODAY, 10.0, "won") for account in accounts]
    found, verdicts = classified(accounts, deals, TODAY)
    assert found.model.kind == "prior"
    assert all(0 < row["churn_probability"] < 1 for row in verdicts.values())


def test_customers_as_regular_as_a_clock_break_nothing(classified: Classify) -> None:
    accounts = [f"a{number}" for number in range(FEWEST_REPEATERS + 5)]
    deals = [(account, TODAY - 7 * week, 10.0, "won") for account in accounts for week in range(60)]
    _, verdicts = classified(accounts, deals, TODAY)
    assert {row["loyalty"] for row in verdicts.values()} == {"loyal"}


def test_the_return_curve_speaks_where_it_did_better_before(desk: Desk) -> None:
    deals = regulars(300) + passers_by(2_000, back_after=3)
    span = Span(TODAY, 365, 90)
    table = account_features(desk.accounts(ids(deals)), desk.deals(deals), span)
    features = desk.keep(table, "features")
    model = forecast(purchase_histories(features, span, desk))
    assert (model.kind, model.why, model.certain) == ("bgnbd", "past_too_short", False)
    assert model.record is not None
    assert model.record.won
    assert model.record.loss_of_curve < model.record.loss_of_model
    waiting = desk.rows(model.scored(features, TODAY))["passer200"]
    by_formula = plain_rules.probability(waiting, model.parameters, TODAY, 90)
    assert by_formula is not None
    assert waiting["churn_probability"] > max(by_formula, 0.9)
    assert model.as_dict()["single_deal_accounts"] == "return_curve"
    assert json.loads(json.dumps(model.as_dict())) == model.as_dict()


def test_so_little_history_is_not_even_looked_at_closely(desk: Desk) -> None:
    deals = regulars(20)
    span = Span(TODAY, 365, 90)
    features = account_features(desk.accounts(ids(deals)), desk.deals(deals), span)
    histories = purchase_histories(desk.keep(features, "features"), span, desk)
    asked: list[bool] = []

    def purchases() -> Purchases:
        asked.append(True)
        return fetch_purchases(features, desk.deals(deals), TODAY, desk)

    assert forecast(histories, purchases).kind == "prior"
    assert asked == []


def test_the_return_curve_is_silent_where_the_past_is_too_short(desk: Desk) -> None:
    deals = regulars(300) + passers_by(150, back_after=3)
    span = Span(TODAY, 365, 90)
    table = account_features(desk.accounts(ids(deals)), desk.deals(deals), span)
    model = forecast(purchase_histories(desk.keep(table, "features"), span, desk))
    assert (model.kind, model.curve, model.record) == ("bgnbd", None, None)


def test_the_curve_as_expression_and_as_values_agree(desk: Desk) -> None:
    curve = ReturnCurve(until=(10, 50, 90), stayed_away=(0.2, 0.5, 0.9), weight=(0.5, 0.7, 0.9))
    ages = [0, 10, 11, 50, 51, 90, 91, 400]
    relation = desk.connection.sql("select unnest(?::bigint[]) age", params=[ages])
    frame = nw.from_native(relation)
    told = frame.select(p=curve.no_purchase(nw.col("age"), nw.lit(0.6))).to_native().fetchall()
    expected = curve.values(np.array(ages, dtype=float), np.full(len(ages), 0.6))
    assert [p for (p,) in told] == pytest.approx(list(expected))


def test_the_order_of_the_rows_decides_nothing(desk: Desk) -> None:
    deals = regulars(120) + passers_by(100, back_after=40)
    deals = [(a, d, (m or 0) + number % 97 / 100, k) for number, (a, d, m, k) in enumerate(deals)]
    shuffled = [deals[place] for place in np.random.default_rng(3).permutation(len(deals))]
    told = []
    for given in (deals, shuffled):
        found = classify(
            desk.accounts(ids(given)[:: 1 if given is deals else -1]),
            desk.deals(given),
            today=TODAY,
            settings=Settings(),
            engine=desk,
            asked=SHOWN,
        )
        told.append((found.model, found.tiers, desk.rows(found.verdicts)))
    assert told[0] == told[1]


def test_very_many_histories_are_thinned_evenly_and_give_the_same_model() -> None:
    chance = np.random.default_rng(11)
    size = MOST_HISTORIES * 2 + 10
    first = TODAY - chance.integers(1, 1500, size)
    purchases = 1 + chance.poisson(3 * chance.gamma(0.8, 1, size))
    last = np.where(
        purchases > 1, first + ((TODAY - first) * chance.random(size)).astype(int), first
    )
    order = np.lexsort([purchases, first, last])
    flags = np.zeros(size, dtype=bool)
    histories = Histories(
        *(column[order] for column in (purchases, first, last)),
        *itertools.repeat(flags, 3),
        count=np.ones(size, dtype=np.int64),
        span=Span(TODAY, 365, 182),
    )
    assert len(thinned(histories)) <= MOST_HISTORIES
    assert forecast(histories).kind == "bgnbd"
