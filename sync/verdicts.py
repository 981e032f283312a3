"""Runs the classifiers inside the local copy and keeps their answers at hand with their words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from classifiers.catalogue import CATALOGUE
from classifiers.classify import Classification, classify
from classifiers.dimension import TierThresholds, ValueThresholds
from classifiers.phrases import PHRASES
from classifiers.reasons import Before, because
from classifiers.settings import Settings
from connector.model import Json
from sync.day_numbers import day_number
from sync.ledger import ClassChange, Ledger
from sync.mirror import (
    Candidate,
    Column,
    DuckEngine,
    Meanings,
    Mirror,
    classifier_tables,
    kept_count,
    numbered,
)
from sync.policy import Policy, Stages
from sync.policy.home import settings_at_home
from sync.review.rules import MARKS
from sync.same_as_before import keep as keep_in
from sync.same_as_before import key_of, taken
from sync.words import Language

_MODEL = "churn_model"
_TIERS = "tiers"
_VALUES = "values"

CLASSES: Mapping[str, tuple[str, ...]] = {
    d.column: tuple(c.code for c in d.classes) for d in CATALOGUE
}
"""Dimension → the codes of its classes, in the order that people should see."""

CLASS_LABELS = {d.column: tuple((c.code, c.labels) for c in d.classes) for d in CATALOGUE}
"""Dimension → (code, labels by language)."""


def stage_names(stages: Stages) -> dict[str, str]:
    """The policy's stage names → won, lost or open."""
    return {
        name: category
        for category, names in (("won", stages.won), ("lost", stages.lost), ("open", stages.open))
        for name in names
    }


def meanings(policy: Policy) -> Meanings:
    """What the policy says that stages, cases and titles mean."""
    return Meanings(
        trials=policy.stages.trial,
        complaint_types=policy.complaints.types,
        complaint_words=policy.complaints.words,
        decision_titles=policy.decision_titles,
    )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A classification of every account, kept in the mirror under the name ``verdicts``.

    Args:
        count: accounts that were classified.
        currency: the code that amounts are shown with.
        told: account → what is to be said before the reason, of a class that waits for a review.
    """

    classification: Classification
    count: int
    currency: str
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The columns that hold class codes."""
        return tuple(CLASSES)

    @property
    def churn_model(self) -> dict[str, Json]:
        """Which churn model spoke, with its parameters and record, as plain values."""
        plain: dict[str, Json] = json.loads(json.dumps(self.classification.model.as_dict()))
        return plain

    def reason(
        self,
        verdict: Mapping[str, Any],
        language: Language,
        entered: Mapping[str, ClassChange] | None = None,
    ) -> str:
        """Why an account is in its classes, in one short text; first what waits for a review, if anything.

        Args:
            verdict: the account's row.
            language: of the text.
            entered: dimension → the change by which the account came into its present class.
        """
        reason = self.because(verdict, language, entered)
        told = self.told.get(str(verdict["account_id"]), "") if self.told else ""
        return PHRASES[language].space.join((told, reason)) if told else reason

    def because(
        self,
        verdict: Mapping[str, Any],
        language: Language,
        entered: Mapping[str, ClassChange] | None = None,
    ) -> str:
        """The same without a word about reviews."""
        before = _before(verdict, (entered or {}).get("loyalty"))
        found, currency = self.classification, self.currency
        return because(verdict, found, language, currency=currency, before=before).text

    @property
    def thresholds(self) -> dict[str, float]:
        """The amounts that tier and value compared with, for a run's report."""
        tiers, values = self.classification.tiers, self.classification.values
        return {
            "tier_large_from": tiers.large_from,
            "tier_medium_from": tiers.medium_from,
            "value_high_from": values.high_from,
            "value_middle_from": values.middle_from,
        }


def _before(verdict: Mapping[str, Any], change: ClassChange | None) -> Before | None:
    """The class that a verdict came after; none where a rep's override is what changed."""
    if change is None or not change.before or change.code != verdict["loyalty"]:
        return None
    return Before(change.before, change.since)


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
    """What people read for a class, or for a mark, in the policy's language."""
    if dimension == MARKS:
        return policy.marks[code][policy.language] if code in policy.marks else code
    own = policy.labels.get((dimension, code), {})
    if policy.language in own:
        return own[policy.language]
    return next(labels[policy.language] for c, labels in CLASS_LABELS[dimension] if c == code)


def classify_all(
    mirror: Mirror,
    policy: Policy,
    *,
    today: date,
    currency: str,
    ledger: Ledger | None = None,
    ours: Sequence[Column] = (),
    keep: bool = False,
) -> Verdicts:
    """Classify every account in the mirror as of a day and keep the verdicts there.

    Where a run that kept its verdicts found all that they rest on as it is now, they are taken from it.

    Thresholds of tier and value that the policy leaves to the organisation's own sales are proposed
    once and then kept in the ledger, so that a customer's class does not change because others
    bought more.

    Args:
        ours: our fields; an account that hovers at a limit keeps the class that it has there, and what
            reps enter in theirs counts.
        keep: keep the verdicts in the mirror's file for the runs to come.
    """
    settings = _frozen(settings_at_home(policy, mirror.fact("country")), ledger)
    if settings.probability_margin == settings.amount_margin == 0:
        # Whatever class an account had, it makes no difference.
        ours = [column for column in ours if column.kind == "input"]
    tables = classifier_tables(
        mirror,
        stages=stage_names(policy.stages),
        ours=ours,
        meanings=meanings(policy),
        inputs=policy.inputs,
        left_out=policy.accounts_left_out,
    )
    incumbent = _spoke_last(ledger, settings.horizon_days) if ledger else None
    asked = frozenset(CLASSES) - policy.left_out if policy.left_out else None
    day, key = day_number(today), ""
    if mirror.path is not None:
        key = key_of(mirror, tables, today=day, settings=settings, incumbent=incumbent, asked=asked)
        known = taken(mirror, key, settings=settings, today=day)
        if known is not None:
            return Verdicts(known, kept_count(mirror, "verdicts"), currency)
    engine, tables = DuckEngine(mirror), numbered(mirror, tables)
    found = classify(
        tables.accounts,
        tables.deals,
        today=day,
        settings=settings,
        engine=engine,
        incumbent=incumbent,
        signals=tables.signals,
        sources=tables.sources,
        asked=asked,
    )
    found = replace(found, verdicts=engine.keep(found.verdicts, "verdicts"))
    if keep and key:
        keep_in(mirror, key, found)
    return Verdicts(found, kept_count(mirror, "verdicts"), currency)


def freeze_choices(ledger: Ledger, verdicts: Verdicts, today: date) -> None:
    """Keep for the runs to come what would otherwise be chosen afresh, and might flip, in each.

    These are the proposed thresholds, unless there are no sales to propose from, and the churn
    model that spoke.
    """
    model = verdicts.classification.model
    spoke = json.dumps({"kind": model.kind, "horizon_days": model.horizon})
    if ledger.fact(_MODEL) != spoke:
        ledger.remember(_MODEL, spoke)
    tiers, values = verdicts.classification.tiers, verdicts.classification.values
    if tiers.proposed:
        keep_tiers(ledger, tiers, today)
    if values.proposed:
        keep_values(ledger, values, today)


def keep_tiers(ledger: Ledger, tiers: TierThresholds, today: date) -> None:
    """Keep thresholds of tier for the runs to come; without sales there is nothing to keep."""
    if tiers.large_from > 0:
        amounts = {"large_from": tiers.large_from, "medium_from": tiers.medium_from}
        ledger.remember(_TIERS, json.dumps({**amounts, "on": today.isoformat()}))


def keep_values(ledger: Ledger, values: ValueThresholds, today: date) -> None:
    """The same for thresholds of value."""
    if values.high_from > 0:
        amounts = {"high_from": values.high_from, "middle_from": values.middle_from}
        ledger.remember(_VALUES, json.dumps({**amounts, "on": today.isoformat()}))


def _spoke_last(ledger: Ledger, horizon_days: int) -> str | None:
    """The churn model of the run before, if it looked as far ahead as this one does."""
    text = ledger.fact(_MODEL)
    kept = json.loads(text) if text else {}
    return kept["kind"] if kept.get("horizon_days") == horizon_days else None


def _frozen(settings: Settings, ledger: Ledger | None) -> Settings:
    if ledger is None:
        return settings
    if settings.tier_large_from is None and (text := ledger.fact(_TIERS)):
        kept = json.loads(text)
        settings = replace(
            settings, tier_large_from=kept["large_from"], tier_medium_from=kept["medium_from"]
        )
    if settings.value_high_from is None and (text := ledger.fact(_VALUES)):
        kept = json.loads(text)
        settings = replace(
            settings, value_high_from=kept["high_from"], value_middle_from=kept["middle_from"]
        )
    return settings
