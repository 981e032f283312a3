"""Whether there is any life in an account: an active customer, one that may become it, or dormant."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

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

SIGNS = ("last_touch_day", "last_day", "last_lost_day", "last_complaint_day", "first_trial_day")
"""The days on which the company and the customer had to do with each other."""


def last_sign_of_life() -> nw.Expr:
    """Day number of the last contact, purchase, lost deal or complaint, or since when it tests; or null."""
    return nw.max_horizontal(*SIGNS)


def days_since_visit(thresholds: Thresholds) -> nw.Expr:
    """Days since one of the account's people was last on the company's website, or null."""
    return thresholds.today - nw.col("last_online_visit_day")


def decide(thresholds: Thresholds) -> Decision:
    """Silence makes dormant, a purchase active, anything less potential.

    An open deal counts as life, as it does where a customer might be called lost. Who looks at the website
    and does nothing else may become an active customer (again), but is none. Where nobody records
    contacts, the silence of an account that has no deals tells nothing, so it gets no class.
    """
    bought, talks = nw.col("purchases") > 0, nw.col("open_deals") > 0
    sign = last_sign_of_life()
    limit = thresholds.today - thresholds.settings.behaviour.dormant_days
    recent, silent, visits = sign >= limit, sign < limit, nw.col("last_online_visit_day") >= limit
    cases = [
        Case(recent & bought, "active", "customer_in_touch"),
        Case(recent, "potential", "prospect_in_touch"),
        Case(talks & bought, "active", "customer_with_open_deal"),
        Case(talks, "potential", "prospect_with_open_deal"),
        Case(visits & bought, "potential", "customer_on_website"),
        Case(visits, "potential", "prospect_on_website"),
    ]
    if not has_touches(thresholds.sources):
        return first_match(
            [*cases, Case(bought, "dormant", "no_deals_for_long")],
            otherwise=(None, "contacts_not_recorded"),
        )
    never = sign.is_null() & (nw.col("created_day") < limit)
    return first_match(
        [
            *cases,
            Case(silent, "dormant", "silent_for_long"),
            Case(never, "dormant", "never_contacted"),
        ],
        otherwise=("potential", "no_contact_yet"),
    )


def numbers(thresholds: Thresholds) -> Mapping[str, float]:
    """Days without a sign of life."""
    return {"dormant_days": thresholds.settings.behaviour.dormant_days}


DIMENSION = Dimension(
    name="behaviour",
    column="behaviour",
    labels={"en": "Behaviour", "zh-Hans": "行为分类", "zh-Hant": "行為分類"},
    classes=(
        Class("active", {"en": "Active", "zh-Hans": "活跃", "zh-Hant": "活躍"}, "#168b34"),
        Class("potential", {"en": "Potential", "zh-Hans": "潜在", "zh-Hant": "潛在"}, "#658ba8"),
        Class("dormant", {"en": "Dormant", "zh-Hans": "沉睡", "zh-Hant": "沉睡"}, "#b0b0b0"),
    ),
    reads=(
        "purchases",
        "open_deals",
        "created_day",
        *SIGNS,
        "last_online_visit_day",
        "days_since_visit",
    ),
    scores={"days_since_visit": Score(nw.Int64, days_since_visit)},
    decide=decide,
    thresholds=numbers,
    says={
        "customer_in_touch": {
            "en": "A customer, in touch within the last {dormant_days} days.",
            "zh-Hans": "已成交客户，近 {dormant_days} 天内有往来。",
            "zh-Hant": "已成交客戶，近 {dormant_days} 天內有往來。",
        },
        "prospect_in_touch": {
            "en": "Has not bought yet, but was in touch within the last {dormant_days} days.",
            "zh-Hans": "尚未成交，近 {dormant_days} 天内有往来。",
            "zh-Hant": "尚未成交，近 {dormant_days} 天內有往來。",
        },
        "customer_with_open_deal": {
            "en": "A customer; open deals: {open_deals}, no other dealings for over {dormant_days} days.",
            "zh-Hans": "已成交客户，有 {open_deals} 个进行中的商机，此外超过 {dormant_days} 天没有往来。",
            "zh-Hant": "已成交客戶，有 {open_deals} 個進行中的商機，此外超過 {dormant_days} 天沒有往來。",
        },
        "prospect_with_open_deal": {
            "en": "Has not bought yet; open deals: {open_deals}.",
            "zh-Hans": "尚未成交，有 {open_deals} 个进行中的商机。",
            "zh-Hant": "尚未成交，有 {open_deals} 個進行中的商機。",
        },
        "customer_on_website": {
            "en": (
                "A customer, no dealings for more than {dormant_days} days; "
                "days since it visited the website: {days_since_visit}."
            ),
            "zh-Hans": "已成交客户，超过 {dormant_days} 天没有往来，但 {days_since_visit} 天前访问过网站。",
            "zh-Hant": "已成交客戶，超過 {dormant_days} 天沒有往來，但 {days_since_visit} 天前瀏覽過網站。",
        },
        "prospect_on_website": {
            "en": "Has not bought yet; days since it visited the website: {days_since_visit}.",
            "zh-Hans": "尚未成交，{days_since_visit} 天前访问过网站。",
            "zh-Hant": "尚未成交，{days_since_visit} 天前瀏覽過網站。",
        },
        "silent_for_long": {
            "en": "No contact, purchase or lost deal for more than {dormant_days} days.",
            "zh-Hans": "超过 {dormant_days} 天没有联系、成交或丢单。",
            "zh-Hant": "超過 {dormant_days} 天沒有聯絡、成交或丟單。",
        },
        "no_deals_for_long": {
            "en": "No deal for more than {dormant_days} days; contacts are not recorded.",
            "zh-Hans": "超过 {dormant_days} 天没有成交或丢单，且没有联系记录可查。",
            "zh-Hant": "超過 {dormant_days} 天沒有成交或丟單，且沒有聯絡紀錄可查。",
        },
        "never_contacted": {
            "en": "In the CRM for more than {dormant_days} days without any recorded contact.",
            "zh-Hans": "录入 CRM 超过 {dormant_days} 天，没有任何联系记录。",
            "zh-Hant": "建檔超過 {dormant_days} 天，沒有任何聯絡紀錄。",
        },
        "no_contact_yet": {
            "en": "No contact recorded yet.",
            "zh-Hans": "尚无联系记录。",
            "zh-Hant": "尚無聯絡紀錄。",
        },
        "contacts_not_recorded": {
            "en": "Contacts are not recorded, so its silence tells nothing.",
            "zh-Hans": "没有联系记录可查，无法判断是否沉睡。",
            "zh-Hant": "沒有聯絡紀錄可查，無法判斷是否沉睡。",
        },
    },
    requirements=("R001-03", "R001-04"),
)
