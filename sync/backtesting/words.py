"""The words on the picture and the table of a look back, in the three languages that the product speaks."""

from __future__ import annotations

from collections.abc import Mapping

from sync.words import Language


def _text(en: str, zh_hans: str, zh_hant: str) -> Mapping[Language, str]:
    return {Language.EN: en, Language.ZH_HANS: zh_hans, Language.ZH_HANT: zh_hant}


WORDS: Mapping[str, Mapping[Language, str]] = {
    "verdicts": _text("fenlei's verdicts", "fenlei 的判定", "fenlei 的判定"),
    "recency": _text("silence alone", "只看多久未成交", "只看多久未成交"),
    "rfm": _text("RFM points", "RFM评分", "RFM評分"),
    "hiatus_rule": _text("own-gap rule", "自身间隔法则", "自身間隔法則"),
    "chance": _text("chance", "随机", "隨機"),
    "means": _text("Judged by", "判断依据", "判斷依據"),
    "auc": _text("AUC", "AUC", "AUC"),
    "average_precision": _text("Avg. prec.", "平均精度", "平均精確度"),
    "brier": _text("Brier", "Brier", "Brier"),
    "calibration_error": _text("Cal. err.", "校准误差", "校準誤差"),
    "log_loss": _text("Log loss", "对数损失", "對數損失"),
    "lift": _text("Lift", "提升度", "提升度"),
    "class": _text("Loyalty class", "忠诚度分类", "忠誠度分類"),
    "risk_class": _text("Churn risk", "流失风险", "流失風險"),
    "customers": _text("Customers", "客户数", "客戶數"),
    "churned": _text("Bought nothing", "未成交", "未成交"),
    "left": _text("Left", "流失", "流失"),
    "share": _text("Share (95 %)", "比例（95%）", "比例（95%）"),
    "as_of": _text("As of", "截止日", "截止日"),
    "model": _text("Model", "模型", "模型"),
    "value": _text(
        "Value (rank correlation with what they then spent)",
        "价值（与随后成交金额的秩相关）",
        "價值（與隨後成交金額的等級相關）",
    ),
    "trailing_sales": _text("trailing sales alone", "只看近期销售额", "只看近期銷售額"),
    "title": _text(
        "How well the churn verdicts did on your own past",
        "流失判定在贵公司历史数据上的表现",
        "流失判定在貴公司歷史資料上的表現",
    ),
    "calibration": _text(
        "Did as many leave as was said?", "说会流失的，真的流失了吗？", "說會流失的，真的流失了嗎？"
    ),
    "said": _text("Said: likely to buy nothing", "判定的流失概率", "判定的流失機率"),
    "really": _text("Really bought nothing", "实际未成交比例", "實際未成交比例"),
    "bars": _text(
        "Bars and numbers: customers on an average cut-off",
        "柱形与数字：平均每个截止日的客户数",
        "長條與數字：平均每個截止日的客戶數",
    ),
    "perfect": _text("as said", "完全相符", "完全相符"),
    "gains": _text(
        "How many of the leavers are found?",
        "能找出多少流失客户？",
        "能找出多少流失客戶？",
    ),
    "called_share": _text(
        "Share of customers called, likeliest to leave first",
        "按流失概率从高到低联系的客户比例",
        "依流失機率由高到低聯絡的客戶比例",
    ),
    "found_share": _text(
        "Share of the leavers among them", "其中包含的流失客户比例", "其中包含的流失客戶比例"
    ),
    "lift_said": _text(
        "The first tenth holds {lift} times as many leavers as chance",
        "前10%的客户中，流失客户是随机的{lift}倍",
        "前10%的客戶中，流失客戶是隨機的{lift}倍",
    ),
    "counted": _text(
        "{cuts} cut-offs, {customers} customers each on average, {horizon} days ahead",
        "{cuts}个截止日，平均每次{customers}个客户，预测期{horizon}天",
        "{cuts}個截止日，平均每次{customers}個客戶，預測期{horizon}天",
    ),
    "counted_one": _text(
        "As of {day}, {customers} customers, {horizon} days ahead",
        "截止{day}，{customers}个客户，预测期{horizon}天",
        "截至{day}，{customers}個客戶，預測期{horizon}天",
    ),
    "not_over": _text(
        "The {horizon} days after {day} are not over: earlier days are judged, as on that day.",
        "{day}之后的{horizon}天尚未结束，因此以当日所知检验更早的日期。",
        "{day}之後的{horizon}天尚未結束，因此以當日所知檢驗更早的日期。",
    ),
    "written": _text("Written to", "已写入", "已寫入"),
    "none": _text("Nothing to draw yet", "尚无可绘制的数据", "尚無可繪製的資料"),
}
"""Each word in each language; what stands in braces is filled in."""


def word(key: str, language: Language) -> str:
    """One of :data:`WORDS`."""
    return WORDS[key][language]
