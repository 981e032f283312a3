"""Reasons: short, with their numbers, in three languages."""

from __future__ import annotations

from typing import Any

import pytest

from classifiers.bgnbd import BgNbd
from classifiers.catalogue import CATALOGUE, dimension
from classifiers.classify import Classification
from classifiers.dimension import TierThresholds
from classifiers.features import FEATURES
from classifiers.forecast import Forecast
from classifiers.phrases import PHRASES, amount, percent
from classifiers.reasons import LONGEST, because, evidence
from classifiers.settings import Settings


def found(kind: Any = "bgnbd", **settings: Any) -> Classification:
    model = Forecast(kind, BgNbd(1, 90, 1, 3), 182, 100, 50)
    tiers = TierThresholds(4000, 800, proposed=True)
    return Classification(None, model, tiers, Settings(**settings), 15_000)  # type: ignore[arg-type]


def row(**facts: Any) -> dict[str, Any]:
    """A customer of long standing, with what the test wants different."""
    regular = dict.fromkeys(FEATURES, 0) | {
        "purchases": 12,
        "mean_gap": 21.3,
        "silence": 94,
        "spend_window": 5200.0,
        "tier": "large",
        "loyalty": "churned",
        "churn_risk": "churned",
        "tier_rule": "sales_reach_large",
        "loyalty_rule": "unlikely_to_buy",
        "churn_rule": "probability_very_high",
        "churn_probability": 0.8237,
    }
    return regular | facts


PROSPECT = {
    "purchases": 0,
    "silence": None,
    "mean_gap": None,
    "spend_window": 0.0,
    "churn_probability": None,
    "churn_risk": None,
    "tier": "small",
    "loyalty": "prospect",
}


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (
            {},
            (
                "Silent 94 days; usually buys every 21. 12-month sales 5,200 (large from 4,000). "
                "82% likely to buy nothing in the next 182 days."
            ),
        ),
        (
            {"silence": 1, "mean_gap": 1.2, "open_deals": 1, "churn_probability": 0.001},
            (
                "Silent 1 day; usually buys daily. 1 open deal. 12-month sales 5,200 (large from "
                "4,000). <1% likely to buy nothing in the next 182 days."
            ),
        ),
        (
            {"silence": 0, "spend_window": 900.0, "tier": "medium", "lost_deals": 2},
            (
                "Bought today; usually buys every 21 days. 12-month sales 900 (medium from 800). 82% "
                "likely to buy nothing in the next 182 days. 2 deals lost in the last 12 months."
            ),
        ),
        (
            {
                "purchases": 1,
                "mean_gap": None,
                "silence": 30,
                "spend_window": 29.5,
                "tier": "small",
            },
            (
                "Silent 30 days since its only purchase. 12-month sales 29.50 (medium from 800). 82% "
                "likely to buy nothing in the next 182 days."
            ),
        ),
        (PROSPECT, "No won deal yet."),
        (
            PROSPECT | {"open_deals": 2, "future_won": 1},
            "No won deal yet. 2 open deals. 1 won deal dated in the future: check the closing date.",
        ),
    ],
)
def test_the_english_text_tells_the_numbers(facts: dict[str, Any], text: str) -> None:
    assert because(row(**facts), found()).text == text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "zh-Hans",
            (
                "已94天未成交，平时约21天成交一次。近12个月销售额CNY 5,200（满4,000为大型客户）。"
                "未来182天内不再成交的概率为82%。"
            ),
        ),
        (
            "zh-Hant",
            (
                "已94天未成交，平時約21天成交一次。近12個月銷售額CNY 5,200（滿4,000為大型客戶）。"
                "未來182天內不再成交的機率為82%。"
            ),
        ),
    ],
)
def test_the_chinese_texts_tell_the_same(language: str, text: str) -> None:
    assert because(row(), found(), language, "CNY").text == text


def test_a_guess_is_called_one() -> None:
    assert "Little history: roughly 82% likely" in because(row(), found("prior")).text


@pytest.mark.parametrize("language", list(PHRASES))
def test_no_text_is_longer_than_its_field(language: str) -> None:
    much = {
        "silence": 12_345,
        "mean_gap": 6_000.0,
        "spend_window": -12_345_678_901.0,
        "open_deals": 1_234,
        "lost_deals": 99,
        "refunds": 98_765_432_109.0,
        "future_won": 77,
    }
    for kind in ("bgnbd", "prior"):
        text = because(row(**much), found(kind, tier_window_days=360), language, "CNY").text
        assert 20 < len(text) <= LONGEST
        assert text.endswith((".", "。"))


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        because(row(), found(), "fr")


def test_each_verdict_carries_its_facts_thresholds_and_rule() -> None:
    told = evidence(row(), found())
    assert set(told) == {"tier", "loyalty", "churn"}
    assert told["tier"].as_dict() == {
        "class": "large",
        "rule": "sales_reach_large",
        "facts": {"spend_window": 5200.0, "spend_before": 0, "refunds": 0},
        "thresholds": {"large_from": 4000, "medium_from": 800, "window_days": 365},
    }
    assert told["churn"].facts["churn_probability"] == 0.8237


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (5200.4, "CNY", "CNY 5,200"),
        (29.5, "", "29.50"),
        (-300.0, "", "-300"),
        (0.0, "EUR", "EUR 0"),
        (99.999, "", "100.00"),
    ],
)
def test_money_reads_as_people_write_it(value: float, currency: str, text: str) -> None:
    assert amount(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.824, "82%"), (0.9999, ">99%"), (0.0001, "<1%"), (0.01, "1%")]
)
def test_a_percentage_never_claims_certainty(value: float, text: str) -> None:
    assert percent(value) == text


def test_every_class_has_a_label_in_every_language() -> None:
    assert [d.name for d in CATALOGUE] == ["tier", "loyalty", "churn"]
    for d in CATALOGUE:
        assert set(d.labels) == set(PHRASES)
        for answer in d.classes:
            assert set(answer.labels) == set(PHRASES)
            assert all(d.label(answer.code, language) for language in PHRASES)
    assert dimension("loyalty").label("at_risk", "zh-Hans") == "潜在流失"
