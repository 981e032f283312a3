"""Reads the sections of the questions that need more than deals: numbers, tables of words, fields to ask."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from classifiers.catalogue import dimension
from classifiers.settings import (
    BehaviourSettings,
    FitSettings,
    FollowStatusSettings,
    FrequencySettings,
    GrowthSettings,
    PotentialSettings,
    SatisfactionSettings,
    Settings,
    WordSettings,
    WordTable,
)
from sync.policy.advice import not_among
from sync.policy.home import home_names
from sync.policy.model import INPUTS, Complaints, Home
from sync.policy.table import Table
from sync.policy.word_tables import ADD, read_word_table, read_words

_USUAL = Settings()
_TEN_YEARS = 3650
_MOST_PEOPLE = 10_000_000
_API_NAME = re.compile("[A-Za-z][A-Za-z0-9_]{0,99}")


def read_dimensions(root: Table, settings: Settings, home: Home) -> Settings:
    """The thresholds of every dimension that has a section of its own here, beside those given."""
    return replace(
        settings,
        frequency=_frequency(root),
        behaviour=_behaviour(root),
        follow_status=_follow_status(root),
        fit=_fit(root),
        growth=_growth(root),
        potential=_potential(root),
        satisfaction=_satisfaction(root),
        words=_words(root, home),
    )


def _frequency(root: Table) -> FrequencySettings:
    """``[frequency]``: purchase days of a year."""
    table, usual = root.section("frequency", ("high_from", "medium_from")), _USUAL.frequency
    frequency = FrequencySettings(
        high_from=table.whole("high_from", usual.high_from, 1, 366),
        medium_from=table.whole("medium_from", usual.medium_from, 1, 366),
    )
    table.rising("medium_from", "high_from")
    return frequency


def _behaviour(root: Table) -> BehaviourSettings:
    """``[behaviour]``: days of silence."""
    table, usual = root.section("behaviour", ("dormant_days",)), _USUAL.behaviour
    return BehaviourSettings(table.whole("dormant_days", usual.dormant_days, 1, _TEN_YEARS))


def _follow_status(root: Table) -> FollowStatusSettings:
    """``[follow_status]``: contacts, days of silence, and points of fit."""
    keys, usual = FollowStatusSettings.__slots__, _USUAL.follow_status
    table = root.section("follow_status", keys)
    return FollowStatusSettings(
        many_contacts_from=table.whole("many_contacts_from", usual.many_contacts_from, 1, 100_000),
        paused_after_days=table.whole("paused_after_days", usual.paused_after_days, 1, _TEN_YEARS),
        quality_fit_from=table.whole("quality_fit_from", usual.quality_fit_from, 1, 100),
    )


def _fit(root: Table) -> FitSettings:
    """``[fit]``: what a strong company is, and whom it sells to."""
    table, usual = root.section("fit", FitSettings.__slots__), _USUAL.fit
    known = _codes("industry")
    industries = table.texts("industries")
    for code in industries:
        if code not in known:
            table.notes.add(table.at("industries"), not_among(code, known))
    return FitSettings(
        employees_from=table.whole("employees_from", usual.employees_from, 1, _MOST_PEOPLE),
        revenue_from=table.number("revenue_from", usual.revenue_from, 0, math.inf),
        industries=tuple(code for code in known if code in industries),
        channel_types=read_words(table, "channel_types"),
    )


def _growth(root: Table) -> GrowthSettings:
    """``[growth]``: a share of the sales before."""
    table = root.section("growth", ("margin",))
    return GrowthSettings(table.share("margin", _USUAL.growth.margin))


def _potential(root: Table) -> PotentialSettings:
    """``[potential]``: points from 1 to 100."""
    table, usual = root.section("potential", ("high_from", "medium_from")), _USUAL.potential
    potential = PotentialSettings(
        high_from=table.whole("high_from", usual.high_from, 1, 100),
        medium_from=table.whole("medium_from", usual.medium_from, 1, 100),
    )
    table.rising("medium_from", "high_from")
    return potential


def _satisfaction(root: Table) -> SatisfactionSettings:
    """``[satisfaction]``: bands of the score, and days."""
    table = root.section("satisfaction", SatisfactionSettings.__slots__)
    usual = _USUAL.satisfaction
    satisfaction = SatisfactionSettings(
        satisfied_from=table.number("satisfied_from", usual.satisfied_from, 0, 100),
        neutral_from=table.number("neutral_from", usual.neutral_from, 0, 100),
        complaint_days=table.whole("complaint_days", usual.complaint_days, 1, _TEN_YEARS),
    )
    table.rising("neutral_from", "satisfied_from")
    return satisfaction


def _words(root: Table, home: Home) -> WordSettings:
    """``[industry]``, ``[segment]``, ``[need]`` and ``[city_tier]``: which words mean what."""
    trades = _codes("industry")
    industry = root.section("industry", (*trades, ADD, "words"))
    return WordSettings(
        industries=read_word_table(industry, trades),
        industry_texts=read_word_table(industry.section("words", (*trades, ADD)), trades),
        segments=_table(root, "segment"),
        needs=_table(root, "need"),
        home_countries=home_names(home),
        cities=_table(root, "city_tier"),
    )


def read_complaints(root: Table) -> Complaints:
    """``[complaints]``: which cases are complaints."""
    table = root.section("complaints", ("types", "words"))
    return Complaints(types=read_words(table, "types"), words=read_words(table, "words"))


def read_decision_titles(root: Table) -> tuple[str, ...]:
    """``[contacts]``: words in the title of somebody who decides."""
    return read_words(root.section("contacts", ("decision_titles",)), "decision_titles")


def read_inputs(root: Table) -> Mapping[str, str]:
    """``[inputs]``: what we read → the API name of the organisation's own field, "" for ours."""
    table = root.section("inputs", INPUTS)
    inputs = {key: table.text(key) for key in INPUTS}
    first_with: dict[str, str] = {}
    for key, name in inputs.items():
        if not name or not table.notes.is_clean(table.at(key)):
            continue
        first = first_with.setdefault(name, key)
        if not _API_NAME.fullmatch(name):
            table.notes.add(
                table.at(key),
                f"{name!r} is no API name. Look it up in Zoho under Setup, Developer Hub, APIs, "
                'such as "Pause_Reason", or write "".',
            )
        elif first != key:
            table.notes.add(
                table.at(key),
                f'{first!r} is read from {name!r} already. Name another field, or write "".',
            )
    return inputs


def _table(root: Table, name: str) -> WordTable:
    codes = _codes(name)
    return read_word_table(root.section(name, (*codes, ADD)), codes)


def _codes(name: str) -> tuple[str, ...]:
    return tuple(answer.code for answer in dimension(name).classes)
