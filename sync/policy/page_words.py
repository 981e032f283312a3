"""The words around the playbooks on the page for managers, in three languages."""

from __future__ import annotations

from collections.abc import Mapping

from sync.words import Language

Words = Mapping[Language, str]


def _words(en: str, zh_hans: str, zh_hant: str) -> Words:
    return {Language.EN: en, Language.ZH_HANS: zh_hans, Language.ZH_HANT: zh_hant}


PAGE_WORDS: Mapping[str, Words] = {
    "title": _words("Playbooks", "跟进方案", "跟進方案"),
    "what": _words(
        "What happens for which customers: how often somebody is in touch, what a rep is advised to do,\n"
        "which tasks are opened, and what a customer is marked for.",
        "哪些客户该怎么做：多久跟进一次、给销售人员什么建议、创建哪些任务、打上什么标记。",
        "哪些客戶該怎麼做：多久跟進一次、給業務人員什麼建議、建立哪些任務、加上什麼標記。",
    ),
    "order": _words(
        "The order is the order of precedence: complaints, then customers at risk and churned, then what a\n"
        "won customer is worth, then where the rep stands, then how often it buys, then the rest. The first\n"
        "playbook that fits and gives an interval decides the follow-up, the first one that gives a\n"
        "strategy decides the advice. Marks are those of all that fit.",
        "排列顺序就是优先顺序：投诉与不满、流失风险与流失、成交客户的价值、跟进状态、购买频率，最后是其他。第一条适用且给出"
        "间隔的方案决定跟进时间，第一条给出策略的方案决定建议；标记取所有适用方案的合集。",
        "排列順序就是優先順序：客訴與不滿、流失風險與流失、成交客戶的價值、跟進狀態、購買頻率，最後是其他。第一條適用且訂有"
        "間隔的方案決定跟進時間，第一條訂有策略的方案決定建議；標記取所有適用方案的聯集。",
    ),
    "promotion": _words(
        "Nobody is sold to who waits for an apology: what is a promotion is left out while a customer is\n"
        "dissatisfied or has an open complaint.",
        "客户不满意或有未处理完的投诉时，一切促销类方案都不执行：先解决问题，再谈业务。",
        "客戶不滿意或有未結案的客訴時，所有促銷類方案都不執行：先解決問題，再談業務。",
    ),
    "gentle": _words(
        "Many tasks wait until a customer enters the class, so that the first run opens few. An account has\n"
        "at most one open task of one purpose.",
        "许多任务要等客户以后进入该分类时才创建，因此首次运行不会产生大量任务；同一客户同一目的最多只有一个未完成任务。",
        "許多任務要等客戶之後進入該分類時才建立，因此首次執行不會產生大量任務；同一客戶同一目的最多只有一項未完成任務。",
    ),
    "overview": _words("Overview", "一览", "總覽"),
    "entries": _words("The playbooks one by one", "逐条说明", "逐條說明"),
    "audiences": _words("Marks and who gets them", "标记及其对象", "標記與其對象"),
    "audience": _words(
        "A mark is also an audience: filter accounts by it for a mailing, an invitation or a visit.",
        "标记也是名单：按标记筛选客户，即可用于群发、邀请或拜访。",
        "標記也是名單：依標記篩選客戶，即可用於群發、邀請或拜訪。",
    ),
    "origins": _words("Requirements", "对应需求", "對應需求"),
    "requirement": _words("Requirement", "需求", "需求"),
    "met_by": _words("Part of", "相关方案", "相關方案"),
    "number": _words("No.", "序号", "序號"),
    "purpose": _words("Purpose", "用途", "用途"),
    "for_whom": _words("For whom", "适用客户", "適用客戶"),
    "unless": _words("Not", "不适用", "不適用"),
    "dissatisfied": _words(
        "while dissatisfied, or with an open complaint",
        "客户不满意，或有未处理完的投诉",
        "客戶不滿意，或有未結案的客訴",
    ),
    "every": _words("Follow up", "跟进间隔", "跟進間隔"),
    "strategy": _words("Advice", "建议策略", "建議策略"),
    "marks": _words("Marks", "标记", "標記"),
    "code": _words("Code", "代码", "代碼"),
    "given_by": _words("Given by", "来自方案", "來自方案"),
    "task": _words("Task", "任务", "任務"),
    "how": _words("How", "执行", "執行"),
    "again": _words("Again", "重复", "重複"),
    "came_from": _words("Only after", "仅限此前", "僅限先前"),
    "begins": _words("Begins", "开始", "開始"),
    "entering": _words(
        "when a customer enters the class, not for who is in it already",
        "客户以后进入该分类时，不含已在其中的客户",
        "客戶之後進入該分類時，不含已在其中的客戶",
    ),
    "to_owner": _words("for the account's owner", "客户负责人", "客戶負責人"),
    "to_manager": _words("for the owner's manager", "负责人的上级", "負責人的主管"),
    "due": _words("due in {days} d", "{days} 天内", "{days} 天內"),
    "due_at_once": _words("due the same day", "当天", "當天"),
    "priority": _words("priority {word}", "优先级{word}", "優先順序：{word}"),
    "days": _words("every {days} days", "每 {days} 天", "每 {days} 天"),
    "at_most": _words("at most {rounds} times", "最多 {rounds} 次", "最多 {rounds} 次"),
    "until": _words("Not needed once", "不再需要", "不再需要"),
    "known": _words("{fact} known", "已有{fact}", "已有{fact}"),
    "missing": _words("no {fact}", "没有{fact}", "沒有{fact}"),
    "is": _words("{question}: {answers}", "{question}为{answers}", "{question}為{answers}"),
    "and": _words("; ", "；", "；"),
    "or": _words(", or ", "，或", "，或"),
    "either": _words(" or ", "或", "或"),
    "list": _words(", ", "、", "、"),
    "comma": _words(", ", "，", "，"),
    "aside": _words(" ({notes})", "（{notes}）", "（{notes}）"),
    "colon": _words(": ", "：", "："),
}
"""Everything that the page says itself; ``{…}`` is filled in."""

FACT_WORDS: Mapping[str, Words] = {
    "contacts": _words("contacts", "联系人", "聯絡人"),
    "decision_makers": _words("decision maker", "决策人", "決策者"),
    "last_decision_touch_day": _words("talk with who decides", "与决策人的沟通", "與決策者的會談"),
    "touches": _words("contact on record", "联系记录", "聯絡紀錄"),
    "open_cases": _words("open case", "未处理完的工单", "未結案的工單"),
    "open_complaints": _words("open complaint", "未处理完的投诉", "未結案的客訴"),
    "accepted_given_up": _words("agreement of two people", "两人审核同意", "兩人核准"),
    "overdue_deals": _words("overdue deal", "逾期商机", "逾期商機"),
    "industry_given": _words("industry", "行业", "產業"),
    "city": _words("city", "城市", "城市"),
    "pause_reason": _words("reason for the pause", "暂停原因", "暫停原因"),
    "resume_day": _words("date to be in touch again", "恢复联系日期", "恢復聯絡日期"),
}
"""Facts that playbooks ask for; those that are not here are shown by their column's name."""
