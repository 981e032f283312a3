"""Where a sales rep stands with an account: just begun, often contacted, testing, won, or paused."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from classifiers import fit
from classifiers.behaviour import SIGNS, last_sign_of_life
from classifiers.dealings import has_touches
from classifiers.dimension import (
    Case,
    Class,
    Decision,
    Dimension,
    Score,
    Thresholds,
    first_match,
)


def decide(thresholds: Thresholds) -> Decision:
    """What a person paused comes first, then long silence, then how far the account has come.

    Contacts are counted only where somebody records them; elsewhere an account that has neither bought
    nor tested, and does not show by its deals that it was talked to, gets no class.
    """
    s, touches = thresholds.settings.follow_status, nw.col("touches")
    recorded = has_touches(thresholds.sources)
    approached = (touches > 0) | (nw.col("open_deals") > 0) | ~nw.col("last_lost_day").is_null()
    worthy = nw.col("fit_score") >= s.quality_fit_from
    cases = [
        Case(_paused_by_hand(thresholds.today), "paused", "paused_by_hand"),
        *(_silent(thresholds.today - s.paused_after_days) if recorded else ()),
        Case(nw.col("purchases") > 0, "won", "has_bought"),
        Case(nw.col("open_trials") > 0, "testing", "trial_is_open"),
        Case(worthy & approached, "quality_not_won", "fits_well"),
    ]
    if not recorded:
        return first_match(cases, otherwise=(None, "contacts_not_recorded"))
    many = Case(touches >= s.many_contacts_from, "contacted_many", "many_contacts")
    return first_match([*cases, many], otherwise=("newly_contacted", "few_contacts"))


def _paused_by_hand(today: int) -> nw.Expr:
    """A reason is filled in, and the day of coming back is not there yet."""
    reason, resume = nw.col("pause_reason"), nw.col("resume_day")
    return (reason.str.len_chars() > 0) & (resume.is_null() | (resume > today))


def _silent(limit: int) -> list[Case]:
    """Silent since before that day; who was never contacted is silent since it was entered."""
    sign, idle = last_sign_of_life(), nw.col("open_deals") < 1
    never = sign.is_null() & (nw.col("created_day") < limit)
    return [
        Case(idle & (sign < limit), "paused", "silent_for_long"),
        Case(idle & never, "paused", "never_contacted"),
    ]


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Contacts, days, and points of fit."""
    s = thresholds.settings.follow_status
    return {
        "many_contacts_from": s.many_contacts_from,
        "paused_after_days": s.paused_after_days,
        "quality_fit_from": s.quality_fit_from,
    }


DIMENSION = Dimension(
    name="follow_status",
    column="follow_status",
    labels={"en": "Follow-up status", "zh-Hans": "跟进状态", "zh-Hant": "跟進狀態"},
    classes=(
        Class("won", {"en": "Won", "zh-Hans": "已成交", "zh-Hant": "已成交"}, "#168b34"),
        Class("testing", {"en": "Testing", "zh-Hans": "测试中", "zh-Hant": "試用中"}, "#658ba8"),
        Class(
            "quality_not_won",
            {"en": "Quality, not won", "zh-Hans": "有质量未拿下", "zh-Hant": "優質未成交"},
            "#8e5bbf",
        ),
        Class(
            "contacted_many",
            {"en": "Contacted many times", "zh-Hans": "联系多次", "zh-Hant": "多次聯絡"},
            "#e8a33d",
        ),
        Class(
            "newly_contacted",
            {"en": "Newly contacted", "zh-Hans": "开始联系", "zh-Hant": "初步聯絡"},
            "#57c1c9",
        ),
        Class("paused", {"en": "Paused", "zh-Hans": "暂停联系", "zh-Hant": "暫停聯絡"}, "#b0b0b0"),
    ),
    reads=(
        "purchases",
        "open_deals",
        "touches",
        "open_trials",
        "created_day",
        "pause_reason",
        "resume_day",
        *SIGNS,
        *fit.READS,
        "fit_score",
    ),
    scores={"fit_score": Score(nw.Int64, fit.fit_score)},
    decide=decide,
    thresholds=numbers,
    after=("industry",),
    says={
        "paused_by_hand": {
            "en": "Contact was paused by hand: {pause_reason}.",
            "zh-Hans": "已人工暂停联系，原因：{pause_reason}。",
            "zh-Hant": "已手動暫停聯絡，原因：{pause_reason}。",
        },
        "silent_for_long": {
            "en": (
                "No contact, purchase or lost deal for more than "
                "{paused_after_days} days, and no open deal."
            ),
            "zh-Hans": "超过 {paused_after_days} 天没有联系、成交或丢单，也没有进行中的商机。",
            "zh-Hant": "超過 {paused_after_days} 天沒有聯絡、成交或丟單，也沒有進行中的商機。",
        },
        "never_contacted": {
            "en": (
                "In the CRM for more than {paused_after_days} days "
                "without any recorded contact or open deal."
            ),
            "zh-Hans": "录入 CRM 超过 {paused_after_days} 天，没有任何联系记录，也没有进行中的商机。",
            "zh-Hant": "建檔超過 {paused_after_days} 天，沒有任何聯絡紀錄，也沒有進行中的商機。",
        },
        "has_bought": {
            "en": "A customer; days with a purchase: {purchases}.",
            "zh-Hans": "已成交，共有 {purchases} 天下单。",
            "zh-Hant": "已成交，共有 {purchases} 天下單。",
        },
        "trial_is_open": {
            "en": "Has not bought yet, but is testing the product.",
            "zh-Hans": "尚未成交，正在测试产品。",
            "zh-Hant": "尚未成交，正在試用產品。",
        },
        "fits_well": {
            "en": "Fit {fit_score} of 100 (quality from {quality_fit_from}); approached, but not won.",
            "zh-Hans": "客户契合度 {fit_score} 分（{quality_fit_from} 分及以上为有质量），接触过但尚未拿下。",
            "zh-Hant": "客戶契合度 {fit_score} 分（{quality_fit_from} 分以上為優質），接觸過但尚未成交。",
        },
        "many_contacts": {
            "en": "Contacts so far: {touches} ({many_contacts_from} or more is many); not won yet.",
            "zh-Hans": "已联系 {touches} 次（{many_contacts_from} 次及以上为多次），尚未成交。",
            "zh-Hant": "已聯絡 {touches} 次（{many_contacts_from} 次以上為多次），尚未成交。",
        },
        "few_contacts": {
            "en": "Contacts so far: {touches} (many from {many_contacts_from}); not won yet.",
            "zh-Hans": "目前联系 {touches} 次（{many_contacts_from} 次及以上为多次），尚未成交。",
            "zh-Hant": "目前聯絡 {touches} 次（{many_contacts_from} 次以上為多次），尚未成交。",
        },
        "contacts_not_recorded": {
            "en": "Not won yet; contacts are not recorded, so nothing tells how far it has come.",
            "zh-Hans": "尚未成交；没有联系记录可查，无法判断跟进程度。",
            "zh-Hant": "尚未成交；沒有聯絡紀錄可查，無法判斷跟進程度。",
        },
    },
    requirements=(
        "R002-02",
        "R002-04",
        "R002-06",
        "R002-07",
        "R002-08",
        "R002-09",
        "R002-10",
        "R002-13",
    ),
)
