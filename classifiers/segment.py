"""Whom a customer buys for: consumers in a shop, other traders, or itself as an enterprise."""

from __future__ import annotations

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match
from classifiers.wording import is_blank, no_numbers, stands_in


def decide(thresholds: Thresholds) -> Decision:
    """The account type decides by the policy's table; a type such as "customer" tells no segment."""
    account_type = nw.col("account_type")
    known = [
        Case(stands_in(account_type, meaning), code, "type_in_table")
        for code, meaning in thresholds.settings.words.segments
    ]
    return first_match(
        [*known, Case(~is_blank(account_type), None, "type_not_in_table")],
        otherwise=(None, "type_unknown"),
    )


DIMENSION = Dimension(
    name="segment",
    column="segment",
    labels={"en": "Segment", "zh-Hans": "客户细分", "zh-Hant": "客戶區隔"},
    classes=(
        Class("retail", {"en": "Retail", "zh-Hans": "零售", "zh-Hant": "零售"}, "#c25b8e"),
        Class("wholesale", {"en": "Wholesale", "zh-Hans": "批发", "zh-Hant": "批發"}, "#b5762a"),
        Class("enterprise", {"en": "Enterprise", "zh-Hans": "企业", "zh-Hant": "企業"}, "#3f6fb5"),
    ),
    reads=("account_type",),
    decide=decide,
    thresholds=no_numbers,
    needs=frozenset({"account_type"}),
    says={
        "type_in_table": {
            "en": 'The account type is "{account_type}".',
            "zh-Hans": "客户类型为“{account_type}”。",
            "zh-Hant": "客戶類型為「{account_type}」。",
        },
        "type_not_in_table": {
            "en": 'The table of segments does not know the account type "{account_type}".',
            "zh-Hans": "细分对照表中没有客户类型“{account_type}”。",
            "zh-Hant": "區隔對照表中沒有客戶類型「{account_type}」。",
        },
        "type_unknown": {
            "en": "No account type is on record.",
            "zh-Hans": "客户类型未填写。",
            "zh-Hant": "客戶類型未填寫。",
        },
    },
    requirements=("R003-20",),
)
