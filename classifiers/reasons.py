"""Why an account got its classes, in one short text that a rep can repeat to the customer's face.

Only accounts that are written or explained get here, one row at a time; the phrases themselves are
in :mod:`classifiers.phrases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from classifiers.catalogue import CATALOGUE
from classifiers.classify import Classification
from classifiers.phrases import PHRASES, Phrases, amount, percent

LONGEST = 200
"""Characters of a reason, so that it fits a text field and a glance."""

Row = Mapping[str, object]
"""One row of the verdicts, by column name."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What decided one dimension: the class, the rule's code, the facts read and the thresholds."""

    answer: str | None
    rule: str
    facts: Mapping[str, object]
    thresholds: Mapping[str, float]

    def as_dict(self) -> dict[str, object]:
        """Plain values, for storing and for ``--json``."""
        return {
            "class": self.answer,
            "rule": self.rule,
            "facts": dict(self.facts),
            "thresholds": dict(self.thresholds),
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """The text in one language (at most 200 characters) and the evidence of each dimension."""

    text: str
    facts: Mapping[str, Evidence]


def because(
    row: Row, classification: Classification, language: str = "en", currency: str = ""
) -> Reason:
    """Say why, with the numbers that decided.

    Args:
        row: one row of ``classification.verdicts``.
        classification: where the row comes from; gives thresholds, model and horizon.
        language: ``en``, ``zh-Hans`` or ``zh-Hant``.
        currency: code of the home currency to put before amounts; empty leaves it out.

    Raises:
        KeyError: for a language that we do not speak.
    """
    says = PHRASES[language]
    parts = [
        *_rhythm(row, says),
        *_deals(row, says),
        *_sales(row, classification, says, currency),
        *_outlook(row, classification, says),
        *_findings(row, classification, says, currency),
    ]
    return Reason(_joined(parts, says), evidence(row, classification))


def evidence(row: Row, classification: Classification) -> dict[str, Evidence]:
    """Facts, thresholds and rule of every dimension, by its name."""
    thresholds = classification.thresholds
    return {
        d.name: Evidence(
            answer=None if row[d.column] is None else str(row[d.column]),
            rule=str(row[f"{d.name}_rule"]),
            facts={name: row[name] for name in d.reads},
            thresholds=d.thresholds(thresholds),
        )
        for d in CATALOGUE
    }


def _rhythm(row: Row, says: Phrases) -> list[str]:
    purchases, silence = _number(row, "purchases"), int(_number(row, "silence"))
    if purchases < 1:
        return [says.never_bought]
    if purchases < 2:
        return [says.bought_once(silence)]
    return [says.silent(silence, max(1, round(_number(row, "mean_gap"))))]


def _deals(row: Row, says: Phrases) -> list[str]:
    still_open = int(_number(row, "open_deals"))
    return [says.open_deals(still_open)] if still_open else []


def _sales(row: Row, found: Classification, says: Phrases, currency: str) -> list[str]:
    sales = _number(row, "spend_window")
    if _number(row, "purchases") < 1 and not sales:
        return []
    next_tier = "large" if row["tier"] == "large" else "medium"
    limit = found.tiers.large_from if next_tier == "large" else found.tiers.medium_from
    window = found.settings.tier_window_days
    told = amount(sales, currency)
    if not limit:
        return [says.sales(window, told)]
    return [says.sales_against(window, told, next_tier, amount(limit, ""))]


def _outlook(row: Row, found: Classification, says: Phrases) -> list[str]:
    if row["churn_probability"] is None:
        return []
    share, days = percent(_number(row, "churn_probability")), found.settings.horizon_days
    guess = found.model.kind == "prior"
    return [says.rough_outlook(share, days) if guess else says.outlook(share, days)]


def _findings(row: Row, found: Classification, says: Phrases, currency: str) -> list[str]:
    """What else a rep would want to know, the most useful first."""
    future, lost = int(_number(row, "future_won")), int(_number(row, "lost_deals"))
    refunds, window = _number(row, "refunds"), found.settings.tier_window_days
    told = [
        (future, says.future_won(future)),
        (lost, says.lost_deals(lost, window)),
        (refunds, says.refunds(amount(refunds, currency), window)),
    ]
    return [text for number, text in told if number > 0]


def _joined(parts: list[str], says: Phrases) -> str:
    """As many sentences as fit, from the first on."""
    text = ""
    for part in parts:
        longer = f"{text}{says.space}{part}" if text else part
        if len(longer) <= LONGEST:
            text = longer
    return text


def _number(row: Row, name: str) -> float:
    value = row[name]
    return float(value) if isinstance(value, int | float) else 0.0
