"""How large a city a customer at home is in: of the first, the second or the third tier."""

from __future__ import annotations

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match
from classifiers.wording import is_blank, no_numbers, plain_city, stands_in, town


def decide(thresholds: Thresholds) -> Decision:
    """Cities abroad are in no tier, whatever they are called."""
    region = nw.col("region")
    tiers = [
        Case(stands_in(town(), map(plain_city, cities)), code, "city_in_table")
        for code, cities in thresholds.settings.words.cities
    ]
    return first_match(
        [
            Case(region.is_null(), None, "region_unknown"),
            Case(region != "domestic", None, "not_domestic"),
            *tiers,
            Case(is_blank(nw.col("city")), None, "city_unknown"),
        ],
        otherwise=(None, "city_not_in_table"),
    )


DIMENSION = Dimension(
    name="city_tier",
    column="city_tier",
    labels={"en": "City tier", "zh-Hans": "城市级别", "zh-Hant": "城市級別"},
    classes=(
        Class(
            "first", {"en": "First tier", "zh-Hans": "一线城市", "zh-Hant": "一線城市"}, "#6a5acd"
        ),
        Class(
            "second", {"en": "Second tier", "zh-Hans": "二线城市", "zh-Hant": "二線城市"}, "#658ba8"
        ),
        Class(
            "third", {"en": "Third tier", "zh-Hans": "三线城市", "zh-Hant": "三線城市"}, "#b0b0b0"
        ),
    ),
    reads=("region", "city"),
    decide=decide,
    thresholds=no_numbers,
    needs=frozenset({"city"}),
    after=("region",),
    says={
        "city_in_table": {
            "en": 'The table of cities has "{city}" in this tier.',
            "zh-Hans": "城市对照表将“{city}”列入该级别。",
            "zh-Hant": "城市對照表將「{city}」列入此級別。",
        },
        "not_domestic": {
            "en": "Only cities of the home country have a tier.",
            "zh-Hans": "仅国内客户区分城市级别。",
            "zh-Hant": "僅國內客戶區分城市級別。",
        },
        "region_unknown": {
            "en": "It is not known whether the customer is in the home country.",
            "zh-Hans": "无法确定客户是否在国内。",
            "zh-Hant": "無法確定客戶是否在國內。",
        },
        "city_unknown": {
            "en": "No city is on record.",
            "zh-Hans": "城市未填写。",
            "zh-Hant": "城市未填寫。",
        },
        "city_not_in_table": {
            "en": 'The table of cities does not know "{city}".',
            "zh-Hans": "城市对照表中没有“{city}”。",
            "zh-Hant": "城市對照表中沒有「{city}」。",
        },
    },
    requirements=("R001-16",),
)
