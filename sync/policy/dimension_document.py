"""The sections of the questions that need more than deals, in the form of the policy file again."""

from __future__ import annotations

from dataclasses import asdict

from classifiers.settings import Settings, WordTable
from sync.policy.model import Policy

Document = dict[str, object]


def dimension_sections(policy: Policy) -> Document:
    """Plain JSON values under the file's own sections and keys; added words stand in their lists."""
    settings, words = policy.settings, policy.settings.words
    return {
        **_numbers(settings),
        "industry": {**_table(words.industries), "words": _table(words.industry_texts)},
        "segment": _table(words.segments),
        "need": _table(words.needs),
        "region": {
            "home_country": policy.home.country,
            "domestic_regions": sorted(policy.home.domestic_regions),
        },
        "city_tier": _table(words.cities),
        "complaints": {
            "types": list(policy.complaints.types),
            "words": list(policy.complaints.words),
        },
        "contacts": {"decision_titles": list(policy.decision_titles)},
        "inputs": dict(policy.inputs),
    }


def _numbers(settings: Settings) -> Document:
    return {
        "frequency": asdict(settings.frequency),
        "behaviour": asdict(settings.behaviour),
        "follow_status": asdict(settings.follow_status),
        "fit": {
            "employees_from": settings.fit.employees_from,
            "revenue_from": settings.fit.revenue_from,
            "industries": list(settings.fit.industries),
            "channel_types": list(settings.fit.channel_types),
        },
        "growth": asdict(settings.growth),
        "potential": asdict(settings.potential),
        "satisfaction": asdict(settings.satisfaction),
    }


def _table(table: WordTable) -> Document:
    return {code: list(words) for code, words in table}
