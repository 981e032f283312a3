"""Reasons: short, with their numbers, in three languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from classifiers.bgnbd import BgNbd
from classifiers.catalogue import CATALOGUE, dimension
from classifiers.classify import Classification
from classifiers.dimension import TierThresholds
from classifiers.features import FEATURES
from classifiers.forecast import Forecast
from classifiers.phrases import PHRASES, amount, percent
from classifiers.reasons import DAY_ZERO, LATELY, LONGEST, Before, because, evidence
from classifiers.recognition import is_reason
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
        "value": "middle",
        "value_rule": "expected_spend_reaches_middle",
        "expected_spend": 917.0,
        "last_day": 14_906,
    }
    return regular | facts


PROSPECT = {
    "purchases": 0,
    "last_day": None,
    "value": None,
    "expected_spend": None,
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
                "4,000)."
            ),
        ),
        (
            {"silence": 0, "spend_window": 900.0, "tier": "medium", "lost_deals": 2},
            (
                "Bought today; usually buys every 21 days. 12-month sales 900 (medium from 800). 82% "
                "likely to buy nothing in the next 182 days."
            ),
        ),
        (
            {"lost_deals": 2, "last_lost_day": 14_988, "last_refund_day": 14_950},
            (
                "A deal was lost 12 days ago, with no purchase since. Silent 94 days; usually buys "
                "every 21. 12-month sales 5,200 (large from 4,000)."
            ),
        ),
        (
            {"last_refund_day": 15_000, "purchases_6m": 3, "purchases_6m_before": 7},
            (
                "Last refund today, with no purchase since. Silent 94 days; usually buys every 21. "
                "12-month sales 5,200 (large from 4,000)."
            ),
        ),
        (
            {"purchases_6m": 3, "purchases_6m_before": 7, "last_lost_day": 14_800, "lost_deals": 1},
            (
                "Silent 94 days; usually buys every 21. 3 purchases in the last half-year, 7 in the "
                "one before. 12-month sales 5,200 (large from 4,000)."
            ),
        ),
        (
            {"purchases_6m": 0, "purchases_6m_before": 4, "spend_window": 0.0},
            (
                "Silent 94 days; usually buys every 21. No purchase in the last half-year, 4 in the "
                "one before. 12-month sales 0 (large from 4,000)."
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
            PROSPECT | {"lost_deals": 1, "last_lost_day": 14_990},
            "No won deal yet. 1 deal lost in the last 12 months.",
        ),
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


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "zh-Hans",
            (
                "12天前丢单，此后未再成交。已94天未成交，平时约21天成交一次。"
                "近12个月销售额5,200（满4,000为大型客户）。截至2011-01-05为“一般”。"
            ),
        ),
        (
            "zh-Hant",
            (
                "12天前丟單，此後未再成交。已94天未成交，平時約21天成交一次。"
                "近12個月銷售額5,200（滿4,000為大型客戶）。截至2011-01-05為「一般」。"
            ),
        ),
        (
            "en",
            (
                "A deal was lost 12 days ago, with no purchase since. Silent 94 days; usually buys every "
                "21. 12-month sales 5,200 (large from 4,000). Was ordinary until 2011-01-05."
            ),
        ),
    ],
)
def test_what_has_changed_lately_comes_last(language: str, text: str) -> None:
    facts = row(lost_deals=1, last_lost_day=14_988)
    before = Before("ordinary", date(2011, 1, 5))
    assert because(facts, found(), language, before=before).text == text


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (Before("at_risk", DAY_ZERO + timedelta(days=15_000)), True),
        (Before("at_risk", DAY_ZERO + timedelta(days=15_001 - LATELY)), True),
        (Before("at_risk", DAY_ZERO + timedelta(days=15_000 - LATELY)), False),
        (Before("at_risk", DAY_ZERO + timedelta(days=15_001)), False),
        (Before("churned", DAY_ZERO + timedelta(days=15_000)), False),
    ],
    ids=["today", "just lately", "long ago", "later than the day asked for", "the same class"],
)
def test_a_change_is_told_while_it_is_news(before: Before, told: bool) -> None:
    assert ("Was at risk until" in because(row(), found(), before=before).text) is told


def test_a_guess_is_called_one_whatever_else_there_is_to_tell() -> None:
    much = row(lost_deals=1, last_lost_day=14_988, open_deals=2)
    before = Before("ordinary", date(2011, 1, 5))
    for facts in (row(), much):
        text = because(facts, found("prior"), before=before).text
        assert "Little history: roughly 82% likely" in text
        assert text.endswith("Was ordinary until 2011-01-05.")
        assert text.count(". ") <= 3


@pytest.mark.parametrize("language", list(PHRASES))
def test_where_nothing_tells_who_buys_again_that_is_said(language: str) -> None:
    model = SimpleNamespace(kind="no_signal", certain=False)
    nothing = replace(found(), model=model)  # type: ignore[arg-type]
    text = because(row(), nothing, language, before=Before("new", date(2011, 1, 5))).text
    assert PHRASES[language].no_signal("82%", 182) in text
    assert is_reason(text)


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
    much |= {"last_lost_day": 14_999, "last_refund_day": 14_999, "purchases_6m_before": 1_000}
    before = Before("fairly_loyal", date(2011, 1, 5))
    for kind in ("bgnbd", "prior"):
        policy = found(kind, tier_window_days=360)
        text = because(row(**much), policy, language, "CNY", before).text
        assert is_reason(text)
        assert 20 < len(text) <= LONGEST
        assert text.endswith((".", "。"))


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        because(row(), found(), "fr")


def test_each_verdict_carries_its_facts_thresholds_and_rule() -> None:
    told = evidence(row(), found())
    assert set(told) == {"tier", "loyalty", "churn", "value"}
    assert told["tier"].as_dict() == {
        "class": "large",
        "rule": "sales_reach_large",
        "facts": {"spend_window": 5200.0, "spend_before": 0, "refunds": 0},
        "thresholds": {
            "large_from": 4000,
            "medium_from": 800,
            "window_days": 365,
            "amount_margin": 0.05,
        },
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
    assert [d.name for d in CATALOGUE][:4] == ["tier", "loyalty", "churn", "value"]
    for d in CATALOGUE:
        assert set(d.labels) == set(PHRASES)
        for answer in d.classes:
            assert set(answer.labels) == set(PHRASES)
            assert all(d.label(answer.code, language) for language in PHRASES)
    assert dimension("loyalty").label("at_risk", "zh-Hans") == "潜在流失"
