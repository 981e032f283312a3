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
    "frequency": _text("Purchase Frequency", "购买频率", "購買頻率"),
    "lifecycle": _text("Lifecycle Stage", "生命周期阶段", "生命週期階段"),
    "behaviour": _text("Behaviour Class", "行为分类", "行為分類"),
    "follow_status": _text("Follow Status", "跟进状态", "跟進狀態"),
    "won_tier": _text("Won Customer Tier", "成交客户分级", "成交客戶分級"),
    "industry": _text("Industry Class", "行业分类", "產業分類"),
    "region": _text("Region Class", "地域分类", "地區分類"),
    "city_tier": _text("City Tier", "城市级别", "城市等級"),
    "segment": _text("Customer Segment", "客户类型", "客戶類型"),
    "need": _text("Customer Needs", "客户需求", "客戶需求"),
    "satisfaction": _text("Satisfaction Class", "满意度", "滿意度"),
    "growth": _text("Growth Class", "增长趋势", "成長趨勢"),
    "potential": _text("Potential Class", "培养潜力", "培養潛力"),
    "value_score": _text("Value Score", "价值评分", "價值評分"),
    "growth_rate": _text("Growth Rate", "增长率", "成長率"),
    "strategy": _text("Suggested Strategy", "建议策略", "建議策略"),
    "marks": _text("Customer Marks", "客户标记", "客戶標記"),
    "pause_reason": _text("Pause Reason", "暂停原因", "暫停原因"),
    "resume_date": _text("Resume Date", "恢复联系日期", "恢復聯絡日期"),
    "need_given": _text("Stated Needs", "客户需求（人工填写）", "客戶需求（人工填寫）"),
    "class_status": _text("Class Status", "分类审核状态", "分類審核狀態"),
    "review_decision": _text("Review Decision", "审核决定", "審核決定"),
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
    "frequency": _text(
        "How often the customer bought within the last year. Set by fenlei.",
        "客户近一年下单的频繁程度。由 fenlei 填写。",
        "客戶近一年下單的頻繁程度。由 fenlei 填寫。",
    ),
    "lifecycle": _text(
        "How far the customer has come: first contact, intent, purchase or loyal. Set by fenlei.",
        "客户所处的阶段：初次接触、意向、购买或忠诚。由 fenlei 填写。",
        "客戶所處的階段：初次接觸、有意願、購買或忠誠。由 fenlei 填寫。",
    ),
    "behaviour": _text(
        "Whether the customer is active, could become so, or has long been silent. Set by fenlei.",
        "客户是活跃、有潜力，还是久未互动。由 fenlei 填写。",
        "客戶是活躍、有潛力，還是久未互動。由 fenlei 填寫。",
    ),
    "follow_status": _text(
        "Where we stand with the customer: won, testing, contacted, paused. Set by fenlei; Pause Reason and "
        "Resume Date are yours to fill.",
        "目前跟进到哪一步：已成交、测试、联系或暂停。由 fenlei 填写；“暂停原因”和“恢复联系日期”请您填写。",
        "目前跟進到哪一步：已成交、試用、聯絡或暫停。由 fenlei 填寫；「暫停原因」「恢復聯絡日期」請您填寫。",
    ),
    "won_tier": _text(
        "How important a customer that has bought is: key, ordinary or minor. Set by fenlei.",
        "已成交客户的重要程度：重点、一般或不太重要。由 fenlei 填写。",
        "已成交客戶的重要程度：重點、一般或次要。由 fenlei 填寫。",
    ),
    "industry": _text(
        "The customer's line of business, by its Industry field or its description. Set by fenlei.",
        "客户所属行业，依据“行业”字段或客户说明判断。由 fenlei 填写。",
        "客戶所屬產業，依「產業」欄位或客戶說明判斷。由 fenlei 填寫。",
    ),
    "region": _text(
        "Whether the customer is at home or abroad, by its address. Set by fenlei.",
        "国内客户还是国际客户，依据地址判断。由 fenlei 填写。",
        "國內客戶還是國際客戶，依地址判斷。由 fenlei 填寫。",
    ),
    "city_tier": _text(
        "First, second or third tier city, by the address and your company's table. Set by fenlei.",
        "一线、二线或三线城市，依据地址和贵公司的城市表判断。由 fenlei 填写。",
        "一線、二線或三線城市，依地址與貴公司的城市表判斷。由 fenlei 填寫。",
    ),
    "segment": _text(
        "Retail, wholesale or enterprise, by the account type. Set by fenlei.",
        "零售、批发或企业客户，依据客户类别判断。由 fenlei 填写。",
        "零售、批發或企業客戶，依客戶類別判斷。由 fenlei 填寫。",
    ),
    "need": _text(
        "What matters to the customer, by its description. Set by fenlei; to state it yourself, use "
        "Stated Needs.",
        "客户看重什么，依据客户说明判断。由 fenlei 填写；如需自行说明，请填“客户需求（人工填写）”。",
        "客戶重視什麼，依客戶說明判斷。由 fenlei 填寫；如需自行說明，請填「客戶需求（人工填寫）」。",
    ),
    "satisfaction": _text(
        "How content the customer is, by complaints and survey scores. Set by fenlei.",
        "客户的满意程度，依据投诉和调查评分判断。由 fenlei 填写。",
        "客戶的滿意程度，依客訴與調查評分判斷。由 fenlei 填寫。",
    ),
    "growth": _text(
        "Whether the customer buys more or less than in the year before. Set by fenlei.",
        "客户的采购额比上一年增长还是下降。由 fenlei 填写。",
        "客戶的採購額比前一年成長還是下滑。由 fenlei 填寫。",
    ),
    "potential": _text(
        "How much more could come of the customer: high, medium or low. Set by fenlei.",
        "客户还有多大的培养空间：高、中或低。由 fenlei 填写。",
        "客戶還有多大的培養空間：高、中或低。由 fenlei 填寫。",
    ),
    "value_score": _text(
        "Ranks customers by what they will probably spend; higher is better. Set by fenlei.",
        "按预计成交额对客户排序的分数，越高越好。由 fenlei 填写。",
        "依預計成交額為客戶排序的分數，越高越好。由 fenlei 填寫。",
    ),
    "growth_rate": _text(
        "Sales of the last year against the year before, in percent. Set by fenlei.",
        "近一年成交额与上一年相比的增减（百分比）。由 fenlei 填写。",
        "近一年成交額與前一年相比的增減（百分比）。由 fenlei 填寫。",
    ),
    "strategy": _text(
        "What your company's policy suggests for such a customer. Set by fenlei.",
        "按公司策略对此类客户的建议做法。由 fenlei 填写。",
        "依公司政策對此類客戶的建議做法。由 fenlei 填寫。",
    ),
    "marks": _text(
        "For which programmes and mailings the customer is suited. Set by fenlei.",
        "客户适合参加的活动和名单。由 fenlei 填写。",
        "客戶適合參加的活動與名單。由 fenlei 填寫。",
    ),
    "pause_reason": _text(
        "Why you do not contact the customer for now. Yours to fill; fenlei never writes here.",
        "暂停联系该客户的原因，由您填写。fenlei 不会写入此字段。",
        "暫停聯絡該客戶的原因，由您填寫。fenlei 不會寫入此欄位。",
    ),
    "resume_date": _text(
        "When to be in touch again after a pause. Yours to fill; fenlei never writes here.",
        "暂停之后重新联系的日期，由您填写。fenlei 不会写入此字段。",
        "暫停之後重新聯絡的日期，由您填寫。fenlei 不會寫入此欄位。",
    ),
    "need_given": _text(
        "What matters to the customer, as it told you. It goes before our guess. fenlei never writes here.",
        "客户亲口说明的需求，优先于自动判断。fenlei 不会写入此字段。",
        "客戶親口說明的需求，優先於自動判斷。fenlei 不會寫入此欄位。",
    ),
    "class_status": _text(
        "Whether a proposed class still waits for somebody to accept it. Set by fenlei.",
        "建议的分类是否仍待审核。由 fenlei 填写。",
        "建議的分類是否仍待審核。由 fenlei 填寫。",
    ),
    "review_decision": _text(
        "The reviewer accepts or rejects the proposed class here. Yours to fill; fenlei never writes here.",
        "由审核人在此同意或驳回建议的分类。fenlei 不会写入此字段。",
        "由審核人在此同意或駁回建議的分類。fenlei 不會寫入此欄位。",
    ),
}
"""What hovers beside each field's label: who fills it and what it means, at most 255 characters."""

PAUSE_REASONS: Mapping[str, Text] = {
    "no_need": _text("No need at present", "暂无需求", "目前沒有需求"),
    "budget": _text("No budget", "预算不足", "預算不足"),
    "competitor": _text("Chose a competitor", "选择了竞争对手", "選擇了競爭對手"),
    "supplier_change": _text("Changes suppliers", "更换供应商", "更換供應商"),
    "closed_down": _text("Closed down", "停业", "歇業"),
    "our_price": _text("Our price", "我方价格", "我方價格"),
    "our_quality": _text("Our quality", "我方质量", "我方品質"),
    "our_service": _text("Our service", "我方服务", "我方服務"),
    "our_neglect": _text("We neglected them", "我方疏于跟进", "我方疏於跟進"),
    "other": _text("Another reason", "其他原因", "其他原因"),
}
"""Why contact is paused: code → what reps choose. Codes that begin with ``our`` lie on our side."""

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
    "comma": _text(", ", "、", "、"),
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
