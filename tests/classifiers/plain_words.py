"""The dimensions that words decide once more in plain Python: no pattern, one character at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from classifiers.settings import SatisfactionSettings, WordSettings, WordTable

Verdict = tuple[str | None, str]
"""The class and the rule."""

CHOICES = (
    ("function", ("function", "functions", "功能")),
    ("performance", ("performance", "性能", "效能")),
    ("price", ("price", "价格", "價格")),
    ("service", ("service", "服务", "服務")),
)
"""The needs, and what a picklist may hold for each."""

NEEDS = tuple(code for code, _ in CHOICES)


def is_blank(text: str | None) -> bool:
    return text is None or text in {"", "-none-"}


def is_letter(character: str) -> bool:
    """A digit, or a small letter of Latin, Greek or Cyrillic."""
    return (
        character in "0123456789abcdefghijklmnopqrstuvwxyz"
        or "à" <= character <= "ɏ"
        or "Ͱ" <= character <= "ԯ"
    )


def occurs(word: str, text: str) -> bool:
    for start in range(len(text) - len(word) + 1):
        end = start + len(word)
        runs_on_before = start > 0 and is_letter(word[0]) and is_letter(text[start - 1])
        runs_on_after = end < len(text) and is_letter(word[-1]) and is_letter(text[end])
        if text[start:end] == word and not runs_on_before and not runs_on_after:
            return True
    return False


def hints(text: str | None, table: WordTable) -> list[str]:
    """The classes of which a word occurs in the text."""
    if text is None:
        return []
    return [code for code, words in table if any(occurs(word, text) for word in words)]


def meant(text: str | None, table: WordTable) -> str | None:
    return next((code for code, words in table if text in words), None)


def industry(row: Mapping[str, Any], words: WordSettings) -> Verdict:
    given = row["industry_given"]
    by_field = meant(given, words.industries)
    if by_field:
        return by_field, "industry_given"
    if not is_blank(given):
        return None, "industry_not_in_table"
    told = hints(row["words"], words.industry_texts)
    if len(told) > 1:
        return None, "words_disagree"
    return (told[0], "told_by_words") if told else (None, "industry_unknown")


def segment(row: Mapping[str, Any], words: WordSettings) -> Verdict:
    found = meant(row["account_type"], words.segments)
    if found:
        return found, "type_in_table"
    return None, "type_unknown" if is_blank(row["account_type"]) else "type_not_in_table"


def town(city: str) -> str:
    for ending in (" 市", "市", " city", " shi"):
        if city.endswith(ending):
            return city[: -len(ending)]
    return city


def tier_of_city(city: str | None, words: WordSettings) -> str | None:
    if city is None:
        return None
    known = ((code, {town(name) for name in cities}) for code, cities in words.cities)
    return next((code for code, cities in known if town(city) in cities), None)


def region(row: Mapping[str, Any], words: WordSettings) -> Verdict:
    country = row["country"]
    if not words.home_countries:
        return None, "home_unknown"
    if country in words.home_countries:
        return "domestic", "country_is_home"
    if not is_blank(country):
        return "international", "country_is_abroad"
    if "china" in words.home_countries and tier_of_city(row["city"], words):
        return "domestic", "city_is_domestic"
    return None, "country_unknown"


def city_tier(row: Mapping[str, Any], words: WordSettings) -> Verdict:
    where, _ = region(row, words)
    if where is None:
        return None, "region_unknown"
    if where == "international":
        return None, "not_domestic"
    found = tier_of_city(row["city"], words)
    if found:
        return found, "city_in_table"
    return None, "city_unknown" if is_blank(row["city"]) else "city_not_in_table"


def need(row: Mapping[str, Any], words: WordSettings) -> Verdict:
    table = dict(words.needs)
    if not is_blank(row["need_given"]):
        known = tuple((need, (*choices, *table.get(need, ()))) for need, choices in CHOICES)
        chosen = hints(row["need_given"], known)
        return _joined(chosen), "need_given" if chosen else "need_not_in_table"
    told = hints(row["description"], tuple((n, table.get(n, ())) for n in NEEDS))
    return _joined(told), "told_by_words" if told else "need_unknown"


def _joined(codes: Iterable[str]) -> str | None:
    return ";".join(codes) or None


def satisfaction(
    score: float | None,
    complaints: Iterable[tuple[int | None, bool]],
    today: int,
    bands: SatisfactionSettings,
) -> Verdict:
    """``complaints``: the day of each and whether it is still open."""
    complaints = list(complaints)
    if any(is_open for _, is_open in complaints):
        return "dissatisfied", "complaint_is_open"
    if score is not None:
        if score >= bands.satisfied_from:
            return "satisfied", "score_is_high"
        if score >= bands.neutral_from:
            return "neutral", "score_is_middling"
        return "dissatisfied", "score_is_low"
    days = [day for day, _ in complaints if day is not None and day <= today]
    if any(today - day < bands.complaint_days for day in days):
        return "neutral", "complaint_was_settled"
    return None, "nothing_said"
