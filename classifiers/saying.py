"""Says in one sentence why an account has the class that it has in one dimension.

The sentences stand beside each dimension's rules; here the facts and the limits are filled in.
"""

from __future__ import annotations

from collections.abc import Mapping

from classifiers.dimension import NO_SOURCE, NOT_ASKED, Dimension, Labels
from classifiers.phrases import amount, percent
from classifiers.stability import WITHIN_MARGIN

FOR_ALL: Mapping[str, Labels] = {
    NO_SOURCE: {
        "en": "Nothing in the CRM to answer this from.",
        "zh-Hans": "CRM 中没有可供判断的数据。",
        "zh-Hant": "CRM 中沒有可供判斷的資料。",
    },
    NOT_ASKED: {
        "en": "The policy does not ask this.",
        "zh-Hans": "策略未启用此项分类。",
        "zh-Hant": "政策未啟用此項分類。",
    },
    WITHIN_MARGIN: {
        "en": "Close to a limit, so it stays in its class until it is clearly beyond.",
        "zh-Hans": "处于分界线附近，明显越过之前保持原分类。",
        "zh-Hant": "處於分界線附近，明顯越過之前維持原分類。",
    },
}
"""Sentences of the rules that every dimension has."""

_SHARES = ("probability", "share", "margin", "rate", "_below")
"""What the names of numbers end in, or have in them, that are shares of 1."""


def said(
    dimension: Dimension,
    rule: str,
    numbers: Mapping[str, object],
    language: str,
) -> str:
    """The sentence of a rule, with its facts and limits in it.

    Args:
        dimension: whose rule it is.
        rule: the code of the rule.
        numbers: facts and thresholds by name.
        language: ``en``, ``zh-Hans`` or ``zh-Hant``.

    Raises:
        KeyError: the dimension has no such rule, or its sentence names a number that is not given.
    """
    sentence = {**FOR_ALL, **dimension.says}[rule][language]
    return sentence.format_map({name: _shown(name, value) for name, value in numbers.items()})


def _shown(name: str, value: object) -> str:
    match value:
        case None:
            return "–"
        case bool() | str():
            return str(value)
        case int():
            return f"{value:,}"
        case float() if any(part in name for part in _SHARES):
            return percent(value)
        case float():
            return f"{value:,.0f}" if value.is_integer() else amount(value, "")
        case _:
            return str(value)
