"""Which trade a customer is in, by the Industry field, and where that is empty by telling words.

The name and the description only hint at a trade. Where their words hint at two, nobody is put into either.
"""

from __future__ import annotations

import narwhals as nw

from classifiers.dimension import Case, Class, Decision, Dimension, Thresholds, first_match
from classifiers.wording import is_blank, no_numbers, stands_in, tells


def decide(thresholds: Thresholds) -> Decision:
    """The field goes before the words, since somebody chose it."""
    words = thresholds.settings.words
    given, text = nw.col("industry_given"), nw.col("words")
    hints = {code: tells(text, hinting) for code, hinting in words.industry_texts}
    by_field = [
        Case(stands_in(given, meaning), code, "industry_given")
        for code, meaning in words.industries
    ]
    by_words = [Case(hint, code, "told_by_words") for code, hint in hints.items()]
    return first_match(
        [
            *by_field,
            Case(~is_blank(given), None, "industry_not_in_table"),
            Case(_several(list(hints.values())), None, "words_disagree"),
            *by_words,
        ],
        otherwise=(None, "industry_unknown"),
    )


def _several(hints: list[nw.Expr]) -> nw.Expr:
    if not hints:
        return nw.lit(False)
    return nw.sum_horizontal(*(hint.cast(nw.Int64) for hint in hints)) > 1


DIMENSION = Dimension(
    name="industry",
    column="industry",
    labels={"en": "Industry class", "zh-Hans": "行业分类", "zh-Hant": "產業分類"},
    classes=(
        Class(
            "manufacturing",
            {"en": "Manufacturing", "zh-Hans": "制造业", "zh-Hant": "製造業"},
            "#3f6fb5",
        ),
        Class("service", {"en": "Services", "zh-Hans": "服务业", "zh-Hant": "服務業"}, "#168b34"),
        Class("trade", {"en": "Trade", "zh-Hans": "贸易业", "zh-Hant": "貿易業"}, "#b5762a"),
        Class("retail", {"en": "Retail", "zh-Hans": "零售业", "zh-Hant": "零售業"}, "#c25b8e"),
        Class("technology", {"en": "Technology", "zh-Hans": "科技", "zh-Hant": "科技"}, "#6a5acd"),
        Class("other", {"en": "Other", "zh-Hans": "其他", "zh-Hant": "其他"}, "#b0b0b0"),
    ),
    reads=("industry_given",),
    decide=decide,
    thresholds=no_numbers,
    needs=frozenset({"industry_given", "words"}),
    says={
        "industry_given": {
            "en": 'The industry on record is "{industry_given}".',
            "zh-Hans": "客户资料中的行业为“{industry_given}”。",
            "zh-Hant": "客戶資料中的產業為「{industry_given}」。",
        },
        "industry_not_in_table": {
            "en": 'The table of industries does not know "{industry_given}".',
            "zh-Hans": "行业对照表中没有“{industry_given}”。",
            "zh-Hant": "產業對照表中沒有「{industry_given}」。",
        },
        "told_by_words": {
            "en": "No industry is on record; the name or the description tells it.",
            "zh-Hans": "行业未填写，依据客户名称或说明判断。",
            "zh-Hant": "產業未填寫，依客戶名稱或說明判斷。",
        },
        "words_disagree": {
            "en": "No industry is on record, and the name and the description hint at several.",
            "zh-Hans": "行业未填写，客户名称和说明中的用词指向多个行业。",
            "zh-Hant": "產業未填寫，客戶名稱與說明中的用詞指向多個產業。",
        },
        "industry_unknown": {
            "en": "No industry is on record, and no word tells it.",
            "zh-Hans": "行业未填写，客户名称和说明中也看不出来。",
            "zh-Hant": "產業未填寫，從客戶名稱與說明也看不出來。",
        },
    },
    requirements=("R000-02", "R001-17", "R004-10", "R004-11", "R004-12", "R004-13"),
)
