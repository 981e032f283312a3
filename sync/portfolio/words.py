"""The words of a portfolio's tables, in the three languages that the product speaks."""

from __future__ import annotations

from collections.abc import Mapping

from sync.words import PAUSE_REASONS, Language


def _text(en: str, zh_hans: str, zh_hant: str) -> Mapping[Language, str]:
    return {Language.EN: en, Language.ZH_HANS: zh_hans, Language.ZH_HANT: zh_hant}


WORDS: Mapping[str, Mapping[Language, str]] = {
    "title": _text(
        "Portfolio {period}, as of {day}",
        "客户群分析 {period}（截至 {day}）",
        "客戶群分析 {period}（截至 {day}）",
    ),
    "total": _text("All", "合计", "合計"),
    "owner": _text("Owner", "负责人", "負責人"),
    "team": _text("Team of", "团队（主管）", "團隊（主管）"),
    "none": _text("Company", "公司", "公司"),
    "accounts": _text("Accounts", "客户数", "客戶數"),
    "unanswered": _text("No answer", "未知", "未知"),
    "standing": _text("Where the accounts stand", "各跟进状态的客户数", "各跟進狀態的客戶數"),
    "performance": _text("How the accounts are managed", "客户管理成效", "客戶管理成效"),
    "won": _text("Customers", "成交客户", "成交客戶"),
    "win_ratio": _text("Win ratio", "成交率", "成交率"),
    "paused_share": _text("Paused share", "暂停占比", "暫停占比"),
    "retained_share": _text("Retained", "留存率", "留存率"),
    "satisfied_share": _text("Satisfied", "满意率", "滿意率"),
    "orders": _text("Orders", "订单数", "訂單數"),
    "orders_per_customer": _text("Per customer", "户均订单", "每戶訂單"),
    "days_between_orders": _text("Days between", "订货间隔（天）", "訂貨間隔（天）"),
    "due": _text("Follow-ups due", "应跟进", "應跟進"),
    "on_time": _text("On time", "按时率", "準時率"),
    "overdue": _text("Overdue now", "当前逾期", "目前逾期"),
    "moved": _text("Moved", "延期次数", "延期次數"),
    "playbooks": _text("How playbooks were carried out", "各方案的执行情况", "各方案的執行情況"),
    "playbook": _text("Playbook", "方案", "方案"),
    "class": _text("Class", "分类", "分類"),
    "share": _text("Share", "占比", "占比"),
    "sales": _text("Sales, 12 months", "近12个月销售额", "近12個月銷售額"),
    "churned_share": _text("Churned", "流失占比", "流失占比"),
    "change": _text("Change", "较期初", "較期初"),
    "complaints": _text("Complaints by channel", "投诉渠道", "客訴管道"),
    "channel": _text("Channel", "渠道", "管道"),
    "came": _text("In the period", "本期投诉", "本期客訴"),
    "still_open": _text("Not settled", "未处理完", "未結案"),
    "next_steps": _text(
        "Is the next step planned by the follow-up day?",
        "下一步是否按跟进日期安排",
        "下一步是否依跟進日期安排",
    ),
    "step_in_time": _text("By that day", "按期", "如期"),
    "step_later": _text("Later", "晚于跟进日期", "晚於跟進日期"),
    "step_missing": _text("Nothing planned", "未安排", "未安排"),
    "step_rate": _text("As planned", "按期占比", "如期占比"),
    "sales_by_month": _text("Sales month by month", "逐月销售额", "逐月業績"),
    "sales_by_owner": _text("Sales of these months", "以上各月合计", "以上各月合計"),
    "won_deals": _text("Won deals", "成交单数", "成交筆數"),
    "sold": _text("Sales", "销售额", "業績"),
    "pipeline": _text(
        "Open deals by {dimension}",
        "进行中的商机（按{dimension}）",
        "進行中的商機（依{dimension}）",
    ),
    "open_deals": _text("Open deals", "商机数", "商機數"),
    "open_amount": _text("Amount", "商机金额", "商機金額"),
    "won_share": _text("Won, 12 months", "近12个月赢单率", "近12個月贏單率"),
    "expected": _text("Expected", "预计成交", "預計成交"),
    "expected_means": _text(
        "Expected: the amount times the share of deals won; overdue deals are left out.",
        "预计成交 = 商机金额 × 赢单率；已过预计成交日期的商机不计。",
        "預計成交 = 商機金額 × 贏單率；已過預計成交日期的商機不計。",
    ),
    "won_by": _text(
        "Won deals of these months by {field}",
        "以上各月成交（按{field}）",
        "以上各月成交（依{field}）",
    ),
    "field_value": _text("Value", "取值", "欄位值"),
    "without_value": _text("Not given", "未填写", "未填寫"),
    "yes": _text("Yes", "是", "是"),
    "no": _text("No", "否", "否"),
    "further_values": _text(
        "{count} further values are in --json and --csv.",
        "其余 {count} 项见 --json 和 --csv。",
        "其餘 {count} 項請見 --json 與 --csv。",
    ),
    "pauses": _text("Why contact is paused", "暂停联系的原因", "暫停聯絡的原因"),
    "reason": _text("Reason", "原因", "原因"),
    "side": _text("Whose", "归属", "歸屬"),
    "bought": _text("Won", "已成交", "已成交"),
    "not_bought": _text("Not won", "未成交", "未成交"),
    "ours": _text("Ours", "我方", "我方"),
    "customer": _text("Customer's", "客户方", "客戶方"),
    "unknown": _text("Neither known", "未归类", "未歸類"),
    "without_reason": _text("No reason given", "未填原因", "未填原因"),
    "without_resume_date": _text(
        "Without a date to resume: {count}",
        "未填恢复联系日期：{count}",
        "未填恢復聯絡日期：{count}",
    ),
    "trend": _text("Month by month", "逐月走势", "逐月走勢"),
    "day": _text("Noted on", "记录日", "紀錄日"),
    "testing": _text("Testing", "测试中", "試用中"),
    "paused": _text("Paused", "暂停联系", "暫停聯絡"),
    "trials": _text(
        "Tests, and who bought within {days} days",
        "开始测试的客户及 {days} 天内的成交情况",
        "開始試用的客戶及 {days} 天內的成交情況",
    ),
    "month": _text("Month", "月份", "月份"),
    "began": _text("Began", "开始测试", "開始試用"),
    "won_in_time": _text("Bought in time", "按期成交", "如期成交"),
    "under_way": _text("Under way", "测试期内", "試用期內"),
    "conversion": _text("Conversion", "转化率", "轉換率"),
    "migration": _text(
        "{dimension}: from {first} (rows) to {last} (columns), {moved} moved",
        "{dimension}：{first}（行）至 {last}（列），{moved} 个客户变动",
        "{dimension}：{first}（列）至 {last}（欄），{moved} 位客戶變動",
    ),
    "first_seen": _text("First classified", "首次分类", "首次分類"),
    "noted_late": _text(
        "Of this question changes are noted when an account is next written, so some may be missing.",
        "此项没有对应的 CRM 字段，变动在下次写入该客户时才记录，可能不全。",
        "此項沒有對應的 CRM 欄位，變動在下次寫入該客戶時才記錄，可能不全。",
    ),
}
"""Each word in each language; what stands in braces is filled in."""

NOTES: Mapping[str, Mapping[Language, str]] = {
    "paused_alarm": _text(
        "{name}: {share} of {accounts} accounts are paused, more than {limit}. Find out why, and decide "
        "which to take up again.",
        "{name}：{accounts} 个客户中有 {share} 处于暂停联系，超过 {limit}。"
        "请查明原因，并确定哪些客户要重新跟进。",
        "{name}：{accounts} 位客戶中有 {share} 處於暫停聯絡，超過 {limit}。"
        "請查明原因，並決定哪些客戶要重新跟進。",
    ),
    "no_statuses": _text(
        "No account has a follow-up status: the CRM holds nothing that it could be read from.",
        "没有客户具有跟进状态：CRM 中没有可供判断的数据。",
        "沒有客戶具有跟進狀態：CRM 中沒有可供判斷的資料。",
    ),
    "statuses_left_out": _text(
        "The policy leaves the follow-up status out ([questions] leave_out), so nothing is said about it.",
        "策略未启用跟进状态（[questions] leave_out），因此没有相关数字。",
        "政策未啟用跟進狀態（[questions] leave_out），因此沒有相關數字。",
    ),
    "no_snapshot": _text(
        "There is no trend yet: the next 'fenlei sync' notes the first day.",
        "暂无走势：下一次 fenlei sync 会记录第一天。",
        "暫無走勢：下一次 fenlei sync 會記錄第一天。",
    ),
    "snapshots_since": _text(
        "The trend begins with the first snapshot on {day}.",
        "走势从首次记录日 {day} 开始。",
        "走勢從首次紀錄日 {day} 開始。",
    ),
    "no_history": _text(
        "No change of class was noted up to this day.",
        "截至当日尚无分类变动记录。",
        "截至當日尚無分類變動紀錄。",
    ),
    "history_since": _text(
        "The history of classes begins on {day}; moves are counted from then on.",
        "分类历史从 {day} 开始，变动自该日起统计。",
        "分類歷史從 {day} 開始，變動自該日起統計。",
    ),
    "no_moves": _text(
        "Nobody changed class in this period.",
        "本期没有客户的分类发生变动。",
        "本期沒有客戶的分類發生變動。",
    ),
    "worked_out_today": _text(
        "{day} lies before the last run: deals count up to that day, but what people typed on accounts "
        "(reasons, owners, overrides) is what it is now.",
        "{day} 早于最近一次运行：商机计算到该日，"
        "但客户上由人填写的内容（原因、负责人、人工指定）以现在为准。",
        "{day} 早於最近一次執行：商機計算到該日，"
        "但客戶上由人填寫的內容（原因、負責人、人工指定）以現在為準。",
    ),
    "closed_when_changed": _text(
        "Zoho does not tell when tasks were completed: their last change counts, so some may look late that "
        "were not.",
        "Zoho 未提供任务的完成时间，以最后修改时间代替，因此部分按时完成的任务可能显示为逾期。",
        "Zoho 未提供任務的完成時間，以最後修改時間代替，因此部分準時完成的任務可能顯示為逾期。",
    ),
    "won_by_unread": _text(
        "Won deals are not counted by {field} yet: the next 'fenlei sync' reads that field, or says why not.",
        "尚未按 {field} 统计成交：下一次 fenlei sync 会读取该字段，读不了时会说明原因。",
        "尚未依 {field} 統計成交：下一次 fenlei sync 會讀取該欄位，無法讀取時會說明原因。",
    ),
    "no_tasks": _text(
        "No tasks with a due date can be read, so nothing is said about follow-ups.",
        "读取不到带截止日期的任务，因此没有跟进按时率。",
        "讀取不到設有到期日的任務，因此沒有跟進準時率。",
    ),
}
"""What a reader must know about the figures; what stands in braces is filled in."""


def word(key: str, language: Language, **filled: object) -> str:
    """One of :data:`WORDS` with its gaps filled."""
    return WORDS[key][language].format(**filled)


def reason_word(reason: str, language: Language) -> str:
    """A reason as people read it; of an organisation's own field what was typed."""
    return PAUSE_REASONS[reason][language] if reason in PAUSE_REASONS else reason
