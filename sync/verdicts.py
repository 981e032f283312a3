"""Runs the classifiers inside the local copy and keeps their answers at hand with their words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from classifiers.catalogue import CATALOGUE
from classifiers.classify import Classification, classify
from classifiers.dimension import TierThresholds
from classifiers.reasons import because
from classifiers.settings import Settings
from connector.model import Json
from sync.ledger import Ledger
from sync.mirror import Candidate, Column, DuckEngine, Mirror, classifier_tables, kept_count
from sync.policy import Policy, Stages
from sync.words import Language

_DAY_ZERO = date(1970, 1, 1)
_TIERS = "tiers"

CLASSES: Mapping[str, tuple[str, ...]] = {
    d.column: tuple(c.code for c in d.classes) for d in CATALOGUE
}
"""Dimension → the codes of its classes, in the order that people should see."""

CLASS_LABELS = {d.column: tuple((c.code, c.labels) for c in d.classes) for d in CATALOGUE}
"""Dimension → (code, labels by language)."""


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the classifiers count."""
    return (day - _DAY_ZERO).days


def stage_names(stages: Stages) -> dict[str, str]:
    """The policy's stage names → won, lost or open."""
    return {
        name: category
        for category, names in (("won", stages.won), ("lost", stages.lost), ("open", stages.open))
        for name in names
    }


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A classification of every account, kept in the mirror under the name ``verdicts``.

    Args:
        count: accounts that were classified.
        currency: the code that amounts are shown with.
    """

    classification: Classification
    count: int
    currency: str

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The columns that hold class codes."""
        return tuple(CLASSES)

    @property
    def churn_model(self) -> dict[str, Json]:
        """Which churn model spoke, with its parameters and record, as plain values."""
        plain: dict[str, Json] = json.loads(json.dumps(self.classification.model.as_dict()))
        return plain

    def reason(self, verdict: Mapping[str, Any], language: Language) -> str:
        """Why an account is in its classes, in one short text."""
        return because(verdict, self.classification, language, currency=self.currency).text

    def labels(self, classes: Mapping[str, str | None], policy: Policy) -> dict[str, str]:
        """Dimension → what people read for the class, a policy's own word before the catalogue's."""
        return {
            dimension: class_label(dimension, code, policy)
            for dimension, code in classes.items()
            if code is not None
        }


def effective_classes(candidate: Candidate, columns: Sequence[Column]) -> dict[str, str | None]:
    """The classes that count for an account: the verdict's, a rep's override before them."""
    classes: dict[str, str | None] = {}
    for dimension in CLASSES:
        code = candidate.verdict.get(dimension)
        classes[dimension] = str(code) if code else None
    for column in columns:
        if column.kind == "override":
            chosen = candidate.current.get(column.key)
            codes = {stored: code for code, stored in column.stored.items()}
            if chosen in codes:
                classes[column.key.removesuffix("_override")] = codes[str(chosen)]
    return classes


def class_label(dimension: str, code: str, policy: Policy) -> str:
    """What people read for a class in the policy's language."""
    own = policy.labels.get((dimension, code), {})
    if policy.language in own:
        return own[policy.language]
    return next(labels[policy.language] for c, labels in CLASS_LABELS[dimension] if c == code)


def classify_all(
    mirror: Mirror, policy: Policy, *, today: date, currency: str, ledger: Ledger | None = None
) -> Verdicts:
    """Classify every account in the mirror as of a day and keep the verdicts there.

    Thresholds of tier that the policy leaves to the organisation's own sales are proposed once and
    then kept in the ledger, so that a customer's tier does not change because others bought more.
    """
    accounts, deals = classifier_tables(mirror, stages=stage_names(policy.stages))
    settings = _frozen(policy, ledger)
    engine = DuckEngine(mirror)
    found = classify(accounts, deals, today=day_number(today), settings=settings, engine=engine)
    kept = engine.keep(found.verdicts, "verdicts")
    return Verdicts(replace(found, verdicts=kept), kept_count(mirror, "verdicts"), currency)


def freeze_tiers(ledger: Ledger, verdicts: Verdicts, today: date) -> None:
    """Keep proposed thresholds of tier for the runs to come; without sales there is nothing to keep."""
    if verdicts.classification.tiers.proposed:
        keep_tiers(ledger, verdicts.classification.tiers, today)


def keep_tiers(ledger: Ledger, tiers: TierThresholds, today: date) -> None:
    """Keep thresholds of tier for the runs to come; without sales there is nothing to keep."""
    if tiers.large_from > 0:
        value = {
            "large_from": tiers.large_from,
            "medium_from": tiers.medium_from,
            "on": today.isoformat(),
        }
        ledger.remember(_TIERS, json.dumps(value))


def _frozen(policy: Policy, ledger: Ledger | None) -> Settings:
    settings = policy.settings
    if settings.tier_large_from is not None or ledger is None or not ledger.fact(_TIERS):
        return settings
    kept = json.loads(ledger.fact(_TIERS))
    return replace(
        settings, tier_large_from=kept["large_from"], tier_medium_from=kept["medium_from"]
    )
