"""Whether a customer is at home or abroad, by the country of its address.

The country decides. Where it is empty, a Chinese city still shows that a customer of a Chinese company is at
home; nothing else is concluded from a city, since names of cities are not unique in the world.
"""

from __future__ import annotations

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match
from classifiers.settings import WordSettings
from classifiers.wording import any_of, is_blank, no_numbers, plain_city, stands_in, town

CHINA = "china"
"""The table of cities is one of Chinese cities, so it tells something only where this is a home country."""


def decide(thresholds: Thresholds) -> Decision:
    """Without a home country nothing is abroad."""
    words = thresholds.settings.words
    if not words.home_countries:
        return first_match([], otherwise=(None, "home_unknown"))
    country = nw.col("country")
    return first_match(
        [
            Case(stands_in(country, words.home_countries), "domestic", "country_is_home"),
            Case(~is_blank(country), "international", "country_is_abroad"),
            Case(_in_a_home_city(words), "domestic", "city_is_domestic"),
        ],
        otherwise=(None, "country_unknown"),
    )


def _in_a_home_city(words: WordSettings) -> nw.Expr:
    if CHINA not in words.home_countries:
        return nw.lit(False)
    return any_of([stands_in(town(), map(plain_city, cities)) for _, cities in words.cities])


DIMENSION = Dimension(
    name="region",
    column="region",
    labels={"en": "Region", "zh-Hans": "地域", "zh-Hant": "地區"},
    classes=(
        Class("domestic", {"en": "Domestic", "zh-Hans": "国内", "zh-Hant": "國內"}, "#168b34"),
        Class(
            "international",
            {"en": "International", "zh-Hans": "国际", "zh-Hant": "國際"},
            "#3f6fb5",
        ),
    ),
    reads=("country", "city"),
    decide=decide,
    thresholds=no_numbers,
    needs=frozenset({"country", "city"}),
    says={
        "country_is_home": {
            "en": 'The country on record, "{country}", is the home country.',
            "zh-Hans": "客户资料中的国家为“{country}”，属于国内。",
            "zh-Hant": "客戶資料中的國家為「{country}」，屬於國內。",
        },
        "country_is_abroad": {
            "en": 'The country on record, "{country}", is not the home country.',
            "zh-Hans": "客户资料中的国家或地区为“{country}”，不在国内范围。",
            "zh-Hant": "客戶資料中的國家或地區為「{country}」，不在國內範圍。",
        },
        "city_is_domestic": {
            "en": 'No country is on record, but the city "{city}" lies in the home country.',
            "zh-Hans": "国家未填写，但城市“{city}”在国内。",
            "zh-Hant": "國家未填寫，但城市「{city}」在國內。",
        },
        "country_unknown": {
            "en": "No country is on record, and the city does not tell it.",
            "zh-Hans": "国家未填写，从城市也无法判断。",
            "zh-Hant": "國家未填寫，從城市也無法判斷。",
        },
        "home_unknown": {
            "en": "Neither the policy nor the CRM tells which country is the home country.",
            "zh-Hans": "策略和 CRM 都没有说明本国是哪个国家。",
            "zh-Hant": "政策與 CRM 都沒有說明本國是哪個國家。",
        },
    },
    requirements=("R001-15",),
)
