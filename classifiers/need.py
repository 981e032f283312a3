"""What a customer cares about most: functions, performance, price or service, as people chose or wrote."""

from __future__ import annotations

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match
from classifiers.wording import any_of, is_blank, no_numbers, tells


def decide(thresholds: Thresholds) -> Decision:
    """What somebody chose goes before the words of a description; each need that is told counts.

    A company's name tells what it does, not what it needs of us, so it is not looked at.
    """
    given, text = nw.col("need_given"), nw.col("description")
    chosen = ~is_blank(given)
    words = dict(thresholds.settings.words.needs)
    codes = [answer.code for answer in DIMENSION.classes]
    in_choice = [
        tells(given, (*_choices(answer), *words.get(answer.code, ())))
        for answer in DIMENSION.classes
    ]
    in_text = [tells(text, words.get(code, ())) for code in codes]
    rule = first_match(
        [
            Case(chosen & any_of(in_choice), None, "need_given"),
            Case(chosen, None, "need_not_in_table"),
            Case(any_of(in_text), None, "told_by_words"),
        ],
        otherwise=(None, "need_unknown"),
    ).rule
    answer = nw.when(chosen).then(_joined(codes, in_choice)).otherwise(_joined(codes, in_text))
    return Decision(nw.when(answer != "").then(answer), rule)


def _choices(answer: Class) -> tuple[str, ...]:
    """What a picklist may hold for a need: its code, or its label in a language."""
    return answer.code, *(label.lower() for label in answer.labels.values())


def _joined(codes: list[str], told: list[nw.Expr]) -> nw.Expr:
    parts = [nw.when(is_told).then(nw.lit(code)) for code, is_told in zip(codes, told, strict=True)]
    return nw.concat_str(*parts, separator=";", ignore_nulls=True)


DIMENSION = Dimension(
    name="need",
    column="need",
    labels={"en": "Needs", "zh-Hans": "需求类型", "zh-Hant": "需求類型"},
    classes=(
        Class("function", {"en": "Functions", "zh-Hans": "功能", "zh-Hant": "功能"}, "#3f6fb5"),
        Class(
            "performance", {"en": "Performance", "zh-Hans": "性能", "zh-Hant": "效能"}, "#6a5acd"
        ),
        Class("price", {"en": "Price", "zh-Hans": "价格", "zh-Hant": "價格"}, "#b5762a"),
        Class("service", {"en": "Service", "zh-Hans": "服务", "zh-Hant": "服務"}, "#168b34"),
    ),
    reads=("need_given",),
    decide=decide,
    thresholds=no_numbers,
    needs=frozenset({"description", "need_given"}),
    says={
        "need_given": {
            "en": 'The needs on record are "{need_given}".',
            "zh-Hans": "已填写的需求为“{need_given}”。",
            "zh-Hant": "已填寫的需求為「{need_given}」。",
        },
        "need_not_in_table": {
            "en": 'The table of needs does not know "{need_given}".',
            "zh-Hans": "需求对照表中没有“{need_given}”。",
            "zh-Hant": "需求對照表中沒有「{need_given}」。",
        },
        "told_by_words": {
            "en": "No needs are on record; words of the description tell them.",
            "zh-Hans": "需求未填写，依据客户说明中的用词判断。",
            "zh-Hant": "需求未填寫，依客戶說明中的用詞判斷。",
        },
        "need_unknown": {
            "en": "No needs are on record, and no word of the description tells them.",
            "zh-Hans": "需求未填写，客户说明中也没有提及。",
            "zh-Hant": "需求未填寫，客戶說明中也未提及。",
        },
    },
    requirements=("R001-02", "R002-30"),
    several=True,
)
