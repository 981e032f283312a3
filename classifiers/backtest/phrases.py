"""The sentences about the record, in English, simplified and traditional Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Phrases: TypeAlias = Mapping[str, str]
"""One language: what stands in braces is filled in."""

_ENGLISH: Phrases = {
    "called": "Of 100 customers called at risk or churned, {share} really bought nothing in the next "
    "{horizon} days; ",
    "nobody": "Nobody was called at risk or churned; ",
    "better": "ranking by the verdicts is better than judging by silence alone "
    "(AUC {auc} against {silence}).",
    "alike": "ranking by the verdicts is about as good as judging by silence alone "
    "(AUC {auc} against {silence}).",
    "worse": "but judging by silence alone would have been better (AUC {silence} against {auc}).",
    "no_signal": "No usable signal: the purchases so far do not tell who will buy nothing in the next "
    "{horizon} days (AUC {auc}, where 0.50 is chance), so do not act on the churn classes.",
    "no_signal_but": "No usable signal in the verdicts (AUC {auc}, where 0.50 is chance); judging by "
    "silence alone does better ({silence}).",
    "too_short": "Too little past to judge: won deals span {days} days, and to look {horizon} days ahead "
    "{needed} are needed; try a shorter horizon, of {shorter} days or less.",
    "nothing": "Nothing to judge: accounts won no deals with an amount on two different days. Check stages, "
    "amounts, closing dates and account ids of the deals, or wait.",
    "too_young": "Too little past to judge anything: won deals span {days} days; wait until they span "
    "at least {needed}.",
    "too_few": "Too little past to judge: at least {few} customers who bought again and {few} who did "
    "not are needed, and there are not that many yet.",
    "season": "Read the probabilities as an order rather than as percentages: they were off by {points} "
    "points on average.",
    "disorder": "The loyalty classes did not come out in order: customers called “{one}” left more often "
    "than those called “{two}”.",
    "simpler_better": "{means} would have ranked better (AUC {auc}).",
    "simpler_alike": "{means} ranked about as well (AUC {auc}).",
    "rfm": "RFM points",
    "hiatus_rule": "The rule of thumb by each customer's own gap",
}

_SIMPLIFIED: Phrases = {
    "called": "每100个被判为“潜在流失”或“流失”的客户中，有{share}个在随后{horizon}天内确实没有成交；",
    "nobody": "没有客户被判为“潜在流失”或“流失”；",
    "better": "按判定结果排序，优于只看多久未成交（AUC {auc}，后者为{silence}）。",
    "alike": "按判定结果排序，与只看多久未成交效果相当（AUC {auc}，后者为{silence}）。",
    "worse": "但只看多久未成交效果会更好（AUC {silence}，判定结果为{auc}）。",
    "no_signal": "没有可用的信号：从以往成交看不出谁在随后{horizon}天内不再成交"
    "（AUC {auc}，0.50即纯属偶然），"
    "请勿依据流失分类采取行动。",
    "no_signal_but": "判定结果中没有可用的信号（AUC {auc}，0.50即纯属偶然）；"
    "只看多久未成交反而更好（{silence}）。",
    "too_short": "历史太短，无法评估：成交记录跨度为{days}天，要预测未来{horizon}天需要{needed}天；"
    "可改用更短的预测期（不超过{shorter}天）。",
    "nothing": "无可评估：没有两个不同日期的有金额成交记录。"
    "请检查阶段、金额、结束日期和客户编号，或等待更多记录。",
    "too_young": "历史太短，无法评估：成交记录跨度为{days}天，请等到至少{needed}天后再试。",
    "too_few": "历史太少，无法评估：至少需要{few}个再次成交的客户和{few}个未再成交的客户，目前还不够。",
    "season": "请把概率当作先后次序而非百分比来看：平均偏差{points}个百分点。",
    "disorder": "忠诚度分类的次序与实际不符：“{one}”客户的流失比例高于“{two}”客户。",
    "simpler_better": "{means}的排序效果会更好（AUC {auc}）。",
    "simpler_alike": "{means}的排序效果相当（AUC {auc}）。",
    "rfm": "RFM评分",
    "hiatus_rule": "按客户自身成交间隔判断的经验法则",
}

_TRADITIONAL: Phrases = {
    "called": "每100個被判為「潛在流失」或「流失」的客戶中，有{share}個在隨後{horizon}天內確實沒有成交；",
    "nobody": "沒有客戶被判為「潛在流失」或「流失」；",
    "better": "依判定結果排序，優於只看多久未成交（AUC {auc}，後者為{silence}）。",
    "alike": "依判定結果排序，與只看多久未成交效果相當（AUC {auc}，後者為{silence}）。",
    "worse": "但只看多久未成交效果會更好（AUC {silence}，判定結果為{auc}）。",
    "no_signal": "沒有可用的訊號：從以往成交看不出誰在隨後{horizon}天內不再成交"
    "（AUC {auc}，0.50即純屬偶然），"
    "請勿依據流失分類採取行動。",
    "no_signal_but": "判定結果中沒有可用的訊號（AUC {auc}，0.50即純屬偶然）；"
    "只看多久未成交反而更好（{silence}）。",
    "too_short": "歷史太短，無法評估：成交紀錄跨度為{days}天，要預測未來{horizon}天需要{needed}天；"
    "可改用較短的預測期（不超過{shorter}天）。",
    "nothing": "無可評估：沒有兩個不同日期的有金額成交紀錄。"
    "請檢查階段、金額、結束日期和客戶編號，或等待更多紀錄。",
    "too_young": "歷史太短，無法評估：成交紀錄跨度為{days}天，請等到至少{needed}天後再試。",
    "too_few": "歷史太少，無法評估：至少需要{few}個再次成交的客戶與{few}個未再成交的客戶，目前還不夠。",
    "season": "請將機率視為先後次序而非百分比：平均偏差{points}個百分點。",
    "disorder": "忠誠度分類的次序與實際不符：「{one}」客戶的流失比例高於「{two}」客戶。",
    "simpler_better": "{means}的排序效果會更好（AUC {auc}）。",
    "simpler_alike": "{means}的排序效果相當（AUC {auc}）。",
    "rfm": "RFM評分",
    "hiatus_rule": "依客戶自身成交間隔判斷的經驗法則",
}

PHRASES: Mapping[str, Phrases] = {
    "en": _ENGLISH,
    "zh-Hans": _SIMPLIFIED,
    "zh-Hant": _TRADITIONAL,
}
