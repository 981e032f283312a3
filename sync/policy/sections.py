"""Reads the sections that hold thresholds, stages, fields, labels and limits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from classifiers.catalogue import CATALOGUE
from classifiers.settings import Settings
from sync.policy.advice import not_among
from sync.policy.model import LONGEST_DAYS, MACHINE_FIELDS, PROFILES, FieldPlan, Limits, Stages
from sync.policy.table import Table
from sync.portfolio.limits import PortfolioLimits
from sync.words import Language

Catalogue = Mapping[str, tuple[str, ...]]
"""Dimension → the codes of its classes."""

Labels = dict[tuple[str, str], dict[Language, str]]

_USUAL = Settings()
_BRAKES = Limits()
_PORTFOLIO = PortfolioLimits()
_TEN_YEARS = 3650
_LONGEST_LABEL = 120

_TIER = ("large_from", "medium_from", "window_days", "large_share", "medium_share")
_BELOW = ("loyal_below", "fairly_loyal_below", "ordinary_below", "at_risk_below")
_LOYALTY = (*_BELOW, "loyal_from_purchases", "new_within_days")
_RISK_BELOW = ("low_below", "medium_below", "high_below")
_CHURN = ("horizon_days", *_RISK_BELOW)
_VALUE = ("high_from", "middle_from", "high_share", "middle_share")
_STABILITY = ("probability_margin", "amount_margin")
_WIDEST_MARGIN = 0.25
_PORTFOLIO_KEYS = (
    "paused_share_limit",
    "paused_share_from_accounts",
    "conversion_days",
    "count_won_by",
)
_API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LIMITS = (
    "max_changed_percent",
    "max_tasks",
    "max_shrink_percent",
    "max_credits_percent",
    "ask_above_credits",
    "quarantine_minutes",
    "first_filling_in_bulk",
)


def read_settings(root: Table) -> Settings:
    """``[tier]``, ``[loyalty]``, ``[churn]``, ``[value]``, ``[stability]``: the classifiers' thresholds."""
    tier = root.section("tier", _TIER)
    loyalty = root.section("loyalty", _LOYALTY)
    churn = root.section("churn", _CHURN)
    value = root.section("value", _VALUE)
    stability = root.section("stability", _STABILITY)
    purchases = loyalty.whole("loyal_from_purchases", _USUAL.loyal_from_purchases, 1, 1000)
    settings = Settings(
        horizon_days=churn.whole("horizon_days", _USUAL.horizon_days, 7, _TEN_YEARS),
        tier_window_days=tier.whole("window_days", _USUAL.tier_window_days, 1, _TEN_YEARS),
        tier_large_from=_amount_or_auto(tier, "large_from"),
        tier_medium_from=_amount_or_auto(tier, "medium_from"),
        tier_large_share=tier.share("large_share", _USUAL.tier_large_share),
        tier_medium_share=tier.share("medium_share", _USUAL.tier_medium_share),
        loyal_below=loyalty.share("loyal_below", _USUAL.loyal_below),
        fairly_loyal_below=loyalty.share("fairly_loyal_below", _USUAL.fairly_loyal_below),
        ordinary_below=loyalty.share("ordinary_below", _USUAL.ordinary_below),
        at_risk_below=loyalty.share("at_risk_below", _USUAL.at_risk_below),
        loyal_from_purchases=purchases,
        new_within_days=loyalty.whole("new_within_days", _USUAL.new_within_days, 0, LONGEST_DAYS),
        risk_low_below=churn.share("low_below", _USUAL.risk_low_below),
        risk_medium_below=churn.share("medium_below", _USUAL.risk_medium_below),
        risk_high_below=churn.share("high_below", _USUAL.risk_high_below),
        value_high_from=_amount_or_auto(value, "high_from"),
        value_middle_from=_amount_or_auto(value, "middle_from"),
        value_high_share=value.share("high_share", _USUAL.value_high_share),
        value_middle_share=value.share("middle_share", _USUAL.value_middle_share),
        probability_margin=_margin(stability, "probability_margin", _USUAL.probability_margin),
        amount_margin=_margin(stability, "amount_margin", _USUAL.amount_margin),
    )
    _check_amounts(tier, "medium_from", "large_from")
    _check_amounts(value, "middle_from", "high_from")
    tier.rising("large_share", "medium_share")
    value.rising("high_share", "middle_share")
    loyalty.rising(*_BELOW)
    churn.rising(*_RISK_BELOW)
    return settings


def read_home_currency(root: Table) -> str:
    """An ISO 4217 code, or "" for the organisation's own."""
    currency = root.text("home_currency")
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        root.notes.add(
            root.at("home_currency"),
            f"{currency!r} is not a currency code. Write its three capital letters, for example "
            '"EUR" or "CNY", or "" for the organisation\'s own.',
        )
    return currency


def read_language(root: Table) -> Language:
    """The language of the text that reps see."""
    written = root.text("language", Language.EN)
    try:
        return Language.parse(written)
    except ValueError:
        root.notes.add(root.at("language"), not_among(written, list(Language)))
        return Language.EN


def read_stages(root: Table) -> Stages:
    """``[stages]``: a stage may stand in one category only, and be tested in only while it is open."""
    table = root.section("stages", ("won", "lost", "open", "trial"))
    stages = Stages(*(table.texts(key) for key in ("won", "lost", "open", "trial")))
    category_of: dict[str, str] = {}
    for category in ("won", "lost", "open"):
        for stage in getattr(stages, category):
            first = category_of.setdefault(stage.casefold(), category)
            if first != category:
                table.notes.add(
                    table.at(category),
                    f"The stage {stage!r} is already in {first!r}. Keep it in one of the two.",
                )
    for stage in stages.trial:
        category = category_of.get(stage.casefold(), "open")
        if category != "open":
            table.notes.add(
                table.at("trial"),
                f"Nothing is tested any more in {stage!r}, which is in {category!r}. "
                "Keep it in one of the two.",
            )
    return stages


def read_fields(root: Table) -> FieldPlan:
    """``[fields]``: a profile, or the names of the fields that are written, which go before it."""
    table = root.section("fields", ("profile", "write"))
    profile = table.choice("profile", "minimal", tuple(PROFILES))
    if not table.has("write"):
        return FieldPlan(PROFILES[profile])
    names = table.texts("write")
    for name in sorted(set(names) - set(MACHINE_FIELDS)):
        table.notes.add(table.at("write"), not_among(name, MACHINE_FIELDS))
    return FieldPlan(write=frozenset(names))


def read_labels(root: Table, catalogue: Catalogue) -> Labels:
    """``[labels.<dimension>.<class>]``: text that replaces the catalogue's."""
    labels: Labels = {}
    table = root.section("labels", tuple(catalogue))
    for dimension in table.names():
        classes = table.section(dimension, catalogue[dimension])
        for code in classes.names():
            labels[dimension, code] = _label(classes.section(code, list(Language)))
        _check_distinct(classes, dimension, labels)
    return labels


def read_portfolio(root: Table) -> PortfolioLimits:
    """``[portfolio]``: when the manager is warned, how long a test may take, and what is counted."""
    table = root.section("portfolio", _PORTFOLIO_KEYS)
    return PortfolioLimits(
        paused_share_limit=table.share("paused_share_limit", _PORTFOLIO.paused_share_limit),
        paused_share_from_accounts=table.whole(
            "paused_share_from_accounts", _PORTFOLIO.paused_share_from_accounts, 1, 100_000
        ),
        conversion_days=table.whole("conversion_days", _PORTFOLIO.conversion_days, 1, LONGEST_DAYS),
        count_won_by=_fields_of_deals(table, "count_won_by"),
    )


def _fields_of_deals(table: Table, key: str) -> tuple[str, ...]:
    """API names, each once; whether Deals have them, only the CRM can tell."""
    names = table.texts(key)
    for name in names:
        if not _API_NAME.fullmatch(name):
            advice = (
                f"{name!r} is no API name. Zoho lists them under Setup, Developer Hub, APIs and SDKs, "
                f'API Names; write for example: {key} = ["Product_Line"]'
            )
            table.notes.add(table.at(key), advice)
    return tuple(dict.fromkeys(names))


def read_limits(root: Table, *, run_workflows: bool) -> Limits:
    """``[limits]``: brakes, budget, and whether bulk jobs are allowed, which may or may not run workflows."""
    table = root.section("limits", _LIMITS)
    if run_workflows and table.value("first_filling_in_bulk") is True:
        table.notes.add(
            table.at("first_filling_in_bulk"),
            "Nobody knows whether Zoho runs workflows for what is written in bulk, and run_workflows asks "
            "for them. Set one of the two to false.",
        )
    return Limits(
        max_changed_percent=_percent(table, "max_changed_percent", _BRAKES.max_changed_percent),
        max_tasks=table.whole("max_tasks", _BRAKES.max_tasks, 0, 100_000),
        max_shrink_percent=_percent(table, "max_shrink_percent", _BRAKES.max_shrink_percent),
        max_credits_percent=_percent(table, "max_credits_percent", _BRAKES.max_credits_percent),
        ask_above_credits=table.whole("ask_above_credits", _BRAKES.ask_above_credits, 0, 10**9),
        quarantine_minutes=table.whole("quarantine_minutes", _BRAKES.quarantine_minutes, 1, 1440),
        first_filling_in_bulk=table.flag("first_filling_in_bulk", _BRAKES.first_filling_in_bulk),
    )


def _percent(table: Table, key: str, otherwise: float) -> float:
    return table.number(key, otherwise, 0, 100)


def _margin(stability: Table, key: str, otherwise: float) -> float:
    return stability.margin(key, otherwise, _WIDEST_MARGIN)


def _amount_or_auto(table: Table, key: str) -> float | None:
    if table.value(key) in (None, "auto"):
        return None
    if isinstance(table.value(key), str):
        table.refuse(key, 'a number or "auto"', "250000")
        return None
    return table.number(key, 1.0, 0, math.inf)


def _check_amounts(table: Table, lower: str, upper: str) -> None:
    amounts = (upper, lower)
    if not all(table.notes.is_clean(table.at(key)) for key in amounts):
        return
    auto = [key for key in amounts if table.value(key) in (None, "auto")]
    if len(auto) == 1:
        given = next(key for key in amounts if key not in auto)
        table.notes.add(
            table.at(given),
            f'{auto[0]} is "auto", which leaves half of the rule open. '
            'Give both an amount, or write "auto" for both.',
        )
    table.rising(lower, upper)


def _label(table: Table) -> dict[Language, str]:
    label = {}
    for language in table.names():
        text = table.text(language)
        if not 0 < len(text) <= _LONGEST_LABEL and table.notes.is_clean(table.at(language)):
            table.notes.add(
                table.at(language),
                f"A label has 1 to {_LONGEST_LABEL} characters, this has {len(text)}. "
                "Shorten it, or delete the line to keep the usual label.",
            )
        label[Language(language)] = text
    return label


def _usual_labels(dimension: str) -> Iterator[tuple[str, Language, str]]:
    for question in CATALOGUE:
        if question.column == dimension:
            for one in question.classes:
                for language, text in one.labels.items():
                    yield one.code, Language(language), text


def _check_distinct(classes: Table, dimension: str, labels: Labels) -> None:
    """Two classes under one label could not be told apart in the picklist, be it one that is shipped."""
    owner = {
        (language, usual.casefold()): code
        for code, language, usual in _usual_labels(dimension)
        if language not in labels.get((dimension, code), {})
    }
    for code in classes.names():
        for language, text in labels[dimension, code].items():
            first = owner.setdefault((language, text.casefold()), code)
            if text and first != code:
                classes.notes.add(
                    (*classes.at(code), language),
                    f"The class {first!r} has the label {text!r} already. Choose another.",
                )
