"""The three languages we speak to people in, and the small words that appear on their fields and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """A language of the text that people see; the value is its BCP 47 tag."""

    EN = "en"
    ZH_HANS = "zh-Hans"
    ZH_HANT = "zh-Hant"

    @classmethod
    def parse(cls, text: str) -> Language:
        """The language that a tag or locale such as ``zh-CN``, ``zh_TW.UTF-8`` or ``en-GB`` means.

        Raises:
            ValueError: for anything else.
        """
        tag = text.strip().partition(".")[0].replace("_", "-").lower()
        primary, *rest = tag.split("-")
        if primary == "en" and all(len(part) == _REGION for part in rest):
            return cls.EN
        if primary == "zh" and set(rest) <= _SIMPLIFIED:
            return cls.ZH_HANS
        if primary == "zh" and rest and set(rest) <= _TRADITIONAL:
            return cls.ZH_HANT
        raise ValueError(f"{text!r} is not a language we speak; choose en, zh-Hans or zh-Hant.")


_REGION = 2
_SIMPLIFIED = {"hans", "cn", "sg", "my"}
_TRADITIONAL = {"hant", "tw", "hk", "mo"}

Text = Mapping[Language, str]


def _text(en: str, zh_hans: str, zh_hant: str) -> Text:
    return {Language.EN: en, Language.ZH_HANS: zh_hans, Language.ZH_HANT: zh_hant}


FIELD_LABELS: Mapping[str, Text] = {
    "tier": _text("Customer Tier", "客户规模", "客戶規模"),
    "loyalty": _text("Loyalty Class", "忠诚度分类", "忠誠度分類"),
    "churn_risk": _text("Churn Risk", "流失风险", "流失風險"),
    "churn_probability": _text("Churn Probability", "流失概率", "流失機率"),
    "value": _text("Customer Value", "客户价值", "客戶價值"),
    "reason": _text("Class Reason", "分类理由", "分類理由"),
    "classified_at": _text("Classified At", "分类日期", "分類日期"),
    "next_follow_up": _text("Next Follow Up", "下次跟进日期", "下次跟進日期"),
    "tier_override": _text("Tier Override", "客户规模（人工指定）", "客戶規模（人工指定）"),
    "loyalty_override": _text("Loyalty Override", "忠诚度（人工指定）", "忠誠度（人工指定）"),
}
"""Labels of the fields we create on accounts, at most 25 characters each (Zoho v8 docs, create-fields).

The English label also decides the field's API name, so it stays plain letters and spaces.
"""

FIELD_TOOLTIPS: Mapping[str, Text] = {
    "tier": _text(
        "Size of the customer by won sales. Set by fenlei; to decide yourself, use Tier Override.",
        "按成交金额划分的客户大小。由 fenlei 填写；如需自行决定，请填“客户规模（人工指定）”。",
        "依成交金額劃分的客戶大小。由 fenlei 填寫；如需自行決定，請填「客戶規模（人工指定）」。",
    ),
    "loyalty": _text(
        "How firmly the customer keeps buying. Set by fenlei; to decide yourself, use Loyalty Override.",
        "客户持续购买的稳定程度。由 fenlei 填写；如需自行决定，请填“忠诚度（人工指定）”。",
        "客戶持續購買的穩定程度。由 fenlei 填寫；如需自行決定，請填「忠誠度（人工指定）」。",
    ),
    "churn_risk": _text(
        "How likely the customer is to stop buying. Set by fenlei.",
        "客户停止购买的可能性高低。由 fenlei 填写。",
        "客戶停止購買的可能性高低。由 fenlei 填寫。",
    ),
    "churn_probability": _text(
        "Probability, in percent, of no won deal within the policy's horizon. Set by fenlei.",
        "在策略设定的期限内没有成交的概率（百分比）。由 fenlei 填写。",
        "在政策設定的期限內沒有成交的機率（百分比）。由 fenlei 填寫。",
    ),
    "value": _text(
        "What can be expected of the customer: last year's sales times the chance of more. Set by fenlei.",
        "客户的预期价值：近一年销售额乘以再次成交的概率。由 fenlei 填写。",
        "客戶的預期價值：近一年銷售額乘以再次成交的機率。由 fenlei 填寫。",
    ),
    "reason": _text(
        "Why the customer is in these classes. Set by fenlei.",
        "客户被归入这些分类的原因。由 fenlei 填写。",
        "客戶被歸入這些分類的原因。由 fenlei 填寫。",
    ),
    "classified_at": _text(
        "When these classes were last written. Set by fenlei.",
        "最近一次写入分类的日期。由 fenlei 填写。",
        "最近一次寫入分類的日期。由 fenlei 填寫。",
    ),
    "next_follow_up": _text(
        "The day by which the policy wants somebody to be in touch. Set by fenlei.",
        "按策略应当在此日期前联系客户。由 fenlei 填写。",
        "依政策應於此日期前聯絡客戶。由 fenlei 填寫。",
    ),
    "tier_override": _text(
        "Your own decision on the tier; it goes before the computed one. fenlei never writes here.",
        "由您决定的客户规模，优先于自动分类。fenlei 不会写入此字段。",
        "由您決定的客戶規模，優先於自動分類。fenlei 不會寫入此欄位。",
    ),
    "loyalty_override": _text(
        "Your own decision on loyalty; it goes before the computed one. fenlei never writes here.",
        "由您决定的忠诚度，优先于自动分类。fenlei 不会写入此字段。",
        "由您決定的忠誠度，優先於自動分類。fenlei 不會寫入此欄位。",
    ),
}
"""What hovers beside each field's label: who fills it and what it means, at most 255 characters."""

TASK_KEY_LABEL = _text("Sync Key", "同步标识", "同步識別碼")
"""Label of the one field that we create on tasks; the English one decides its API name."""

TASK_KEY_TOOLTIP = _text(
    "Set by fenlei, so that no task is opened twice. Please leave it as it is.",
    "由 fenlei 填写，用于避免重复创建任务，请勿修改。",
    "由 fenlei 填寫，用於避免重複建立任務，請勿修改。",
)
"""What hovers beside the label of the field on tasks."""

WORDS: Mapping[str, Text] = {
    "account": _text("Account", "客户", "客戶"),
    "owner": _text("Owner", "负责人", "負責人"),
    "task": _text("Task", "任务", "任務"),
    "open_task": _text("Open task", "待办任务", "待辦任務"),
    "due": _text("Due", "截止日期", "到期日"),
    "priority": _text("Priority", "优先级", "優先順序"),
    "checklist": _text("Checklist", "检查清单", "檢查清單"),
    "why": _text("Why", "原因", "原因"),
    "since": _text("Since", "自", "自"),
    "before": _text("Before", "之前", "先前"),
    "now": _text("Now", "现在", "現在"),
    "held": _text("Held: a person set this", "已保留：人工填写", "已保留：人工填寫"),
    "none": _text("None", "无", "無"),
    "Highest": _text("Highest", "最高", "最高"),
    "High": _text("High", "高", "高"),
    "Normal": _text("Normal", "普通", "一般"),
    "Low": _text("Low", "低", "低"),
    "Lowest": _text("Lowest", "最低", "最低"),
}
"""Recurring words of account cards and tasks; the priorities are keyed by Zoho's stored values."""


def field_label(field: str, language: Language) -> str:
    """The label of one of our fields, such as ``field_label("tier", Language.EN)``."""
    return FIELD_LABELS[field][language]


def word(key: str, language: Language) -> str:
    """One recurring word.

    >>> word("due", Language.ZH_HANT)
    '到期日'
    """
    return WORDS[key][language]
