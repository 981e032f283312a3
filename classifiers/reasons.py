"""Why an account got its classes, in one short text that a rep can repeat to the customer's face.

Only accounts that are written or explained get here, one row at a time; the phrases themselves are
in :mod:`classifiers.phrases`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from classifiers.catalogue import CATALOGUE
from classifiers.classify import Classification
from classifiers.dimension import NO_SIGNAL
from classifiers.loyalty import FEWEST_PURCHASES
from classifiers.phrases import PHRASES, Phrases, amount, percent

LONGEST = 200
"""Characters of a reason, so that it fits a text field and a glance."""

MOST_REASONS = 3
MOST_SIGNS = 2
"""Of the three reasons, at most so many are signs in the history, so that the sales are told as well."""

LATELY = 30
"""Days for which a change of class is news."""

DAY_ZERO = date(1970, 1, 1)

Row = Mapping[str, object]
"""One row of the verdicts, by column name."""


@dataclass(frozen=True, slots=True)
class Before:
    """The loyalty class that an account was in before its present one, and the day on which that ended."""

    code: str
    until: date


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
    row: Row,
    classification: Classification,
    language: str = "en",
    currency: str = "",
    before: Before | None = None,
) -> Reason:
    """Say why, in up to three reasons with their numbers, and what has changed lately.

    What a rep can act on comes first. Where the forecast rests on little, that is always among the
    reasons.

    Args:
        row: one row of ``classification.verdicts``.
        classification: where the row comes from; gives thresholds, model and horizon.
        language: ``en``, ``zh-Hans`` or ``zh-Hant``.
        currency: code of the home currency to put before amounts; empty leaves it out.
        before: the loyalty class that the account was in before this one.

    Raises:
        KeyError: for a language that we do not speak.
    """
    says = PHRASES[language]
    doubt = _doubt(row, classification, says)
    signs = _signs(row, classification.today, says)
    told = [
        *signs[:MOST_SIGNS],
        *_sales(row, classification, says, currency),
        *_outlook(row, classification, says),
        *signs[MOST_SIGNS:],
        *_findings(row, classification, says, currency),
    ]
    reasons = [*told[: MOST_REASONS - len(doubt)], *doubt]
    change = _change(row, classification, says, before)
    return Reason(_fitted(reasons, change, says), evidence(row, classification))


def evidence(row: Row, classification: Classification) -> dict[str, Evidence]:
    """Facts, thresholds and rule of every dimension that the row has, by the dimension's name."""
    thresholds = classification.thresholds
    return {
        d.name: Evidence(
            answer=None if row[d.column] is None else str(row[d.column]),
            rule=str(row[f"{d.name}_rule"]),
            facts={name: row[name] for name in d.reads},
            thresholds=d.thresholds(thresholds),
        )
        for d in CATALOGUE
        if d.column in row
    }


def _signs(row: Row, today: int, says: Phrases) -> list[str]:
    """What can be seen in the history, what a rep can act on first; the rhythm is first or second."""
    lost, refunded = (_since(row, name, today) for name in ("last_lost_day", "last_refund_day"))
    now, before = int(_number(row, "purchases_6m")), int(_number(row, "purchases_6m_before"))
    still_open, future = int(_number(row, "open_deals")), int(_number(row, "future_won"))
    urgent = []
    if lost is not None and _number(row, "lost_deals") > 0:
        urgent.append(says.lost_since(lost))
    if refunded is not None:
        urgent.append(says.refund_since(refunded))
    rest = []
    if still_open:
        rest.append(says.open_deals(still_open))
    if before >= FEWEST_PURCHASES and 2 * now <= before:
        rest.append(says.slower(now, before))
    if future:
        rest.append(says.future_won(future))
    return [*urgent[:1], _rhythm(row, says), *urgent[1:], *rest]


def _since(row: Row, name: str, today: int) -> int | None:
    """How many days ago something happened, if it did after the last purchase."""
    day, last = row[name], row["last_day"]
    if not isinstance(day, int) or not isinstance(last, int) or day <= last:
        return None
    return today - day


def _rhythm(row: Row, says: Phrases) -> str:
    purchases, silence = _number(row, "purchases"), int(_number(row, "silence"))
    if purchases < 1:
        return says.never_bought
    if purchases < 2:
        return says.bought_once(silence)
    return says.silent(silence, max(1, round(_number(row, "mean_gap"))))


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


def _doubt(row: Row, found: Classification, says: Phrases) -> list[str]:
    """The outlook where it rests on little or nothing, which the reader has to know."""
    if row["churn_probability"] is None or found.model.certain:
        return []
    share, days = percent(_number(row, "churn_probability")), found.settings.horizon_days
    says_so = says.no_signal if found.model.kind == NO_SIGNAL else says.rough_outlook
    return [says_so(share, days)]


def _outlook(row: Row, found: Classification, says: Phrases) -> list[str]:
    if row["churn_probability"] is None or not found.model.certain:
        return []
    share, days = percent(_number(row, "churn_probability")), found.settings.horizon_days
    return [says.outlook(share, days)]


def _findings(row: Row, found: Classification, says: Phrases, currency: str) -> list[str]:
    """What else a rep would want to know, the most useful first."""
    lost, refunds = int(_number(row, "lost_deals")), _number(row, "refunds")
    window = found.settings.tier_window_days
    told = [
        (lost, says.lost_deals(lost, window)),
        (refunds, says.refunds(amount(refunds, currency), window)),
    ]
    return [text for number, text in told if number > 0]


def _change(row: Row, found: Classification, says: Phrases, before: Before | None) -> str:
    """That the class of loyalty changed, for as long as this is news; else empty."""
    if before is None or before.code == row["loyalty"]:
        return ""
    if not 0 <= found.today - (before.until - DAY_ZERO).days < LATELY:
        return ""
    return says.was(before.code, before.until.isoformat())


def _fitted(reasons: list[str], change: str, says: Phrases) -> str:
    """One text, the change last; where it is too long, the second reason goes, then the third."""
    parts = [part for part in (*reasons, change) if part]
    while len(says.space.join(parts)) > LONGEST and len(parts) > 1:
        del parts[1]
    return says.space.join(parts)


def _number(row: Row, name: str) -> float:
    value = row[name]
    return float(value) if isinstance(value, int | float) else 0.0
