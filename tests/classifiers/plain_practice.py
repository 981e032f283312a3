"""What sales and contact make of one account, in plain Python: what the table expressions must equal."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plain_rules
from duck_desk import Deal, Signal

from classifiers.dimension import Thresholds

Said = tuple[str | None, str]
"""Class and rule."""


@dataclass(frozen=True)
class Account:
    """What is known of one account on a day, and the answers that other dimensions gave."""

    profile: Mapping[str, Any]
    deals: Sequence[Deal]
    signals: Sequence[Signal]
    answers: Mapping[str, Any]
    limits: Thresholds

    @property
    def bought(self) -> int:
        return int(self.sales["purchases"])

    @property
    def sales(self) -> dict[str, Any]:
        window = self.limits.settings.tier_window_days
        return plain_rules.features(list(self.deals), self.limits.today, window)

    @property
    def touches(self) -> list[int]:
        return self.days("call", "meeting", "task", "note")

    @property
    def recorded(self) -> bool:
        return not {"calls", "meetings", "tasks", "notes"}.isdisjoint(self.limits.sources)

    @property
    def testing(self) -> bool:
        return any(kind == "trial" and going_on for _, kind, _, going_on in self.signals)

    @property
    def last_sign(self) -> int | None:
        tests_since = self.days("trial", ended=False)[:1]
        days = [*self.touches, *self.days("complaint"), *tests_since]
        return max(
            [*days, *(self.sales[d] for d in ("last_day", "last_lost_day") if self.sales[d])],
            default=None,
        )

    def days(self, *kinds: str, ended: bool = True) -> list[int]:
        """The days of such signals up to today, in order; with or without what has ended since."""
        return sorted(
            day
            for _, kind, day, going_on in self.signals
            if kind in kinds and day is not None and day <= self.limits.today
            if going_on or ended
        )

    def is_silent(self, days: int) -> bool:
        return self.last_sign is not None and self.limits.today - self.last_sign > days

    def was_forgotten(self, days: int) -> bool:
        created = self.profile.get("created_day")
        return self.last_sign is None and created is not None and self.limits.today - created > days


def lifecycle(a: Account) -> Said:
    if a.bought:
        return ("purchase", "bought_once") if a.bought == 1 else ("loyal", "bought_again")
    if a.sales["open_deals"]:
        return "intent", "deal_is_open"
    return ("intent", "trial_is_open") if a.testing else ("first_contact", "nothing_open_yet")


def behaviour(a: Account) -> Said:
    who, alive = ("customer", "active") if a.bought else ("prospect", "potential")
    days = a.limits.settings.behaviour.dormant_days
    if a.last_sign is not None and not a.is_silent(days):
        return alive, f"{who}_in_touch"
    if a.sales["open_deals"]:
        return alive, f"{who}_with_open_deal"
    if any(a.limits.today - day <= days for day in a.days("online_visit")):
        return "potential", f"{who}_on_website"
    if not a.recorded and not a.bought:
        return None, "contacts_not_recorded"
    if not a.recorded:
        return "dormant", "no_deals_for_long"
    if a.is_silent(days):
        return "dormant", "silent_for_long"
    return ("dormant", "never_contacted") if a.was_forgotten(days) else (alive, "no_contact_yet")


def fit_score(a: Account) -> int | None:
    s, p = a.limits.settings.fit, a.profile
    known = [
        *([p["employees"] >= s.employees_from] if p.get("employees") else []),
        *([p["annual_revenue"] >= s.revenue_from] if p.get("annual_revenue") else []),
        *([text(p, "account_type") in s.channel_types] if text(p, "account_type") else []),
    ]
    if s.industries and a.answers["industry"]:
        known.append(a.answers["industry"] in s.industries)
    if not known:
        return None
    if "contacts" in a.limits.sources:
        known.append(any(kind == "contact" and useful for _, kind, _, useful in a.signals))
    return int(100 * sum(known) / len(known) + 0.5)


def text(profile: Mapping[str, Any], name: str) -> str:
    return (profile.get(name) or "").strip().lower()


def follow_status(a: Account) -> Said:
    s, resume = a.limits.settings.follow_status, a.profile.get("resume_day")
    if text(a.profile, "pause_reason") and (resume is None or resume > a.limits.today):
        return "paused", "paused_by_hand"
    if a.recorded and not a.sales["open_deals"]:
        if a.is_silent(s.paused_after_days):
            return "paused", "silent_for_long"
        if a.was_forgotten(s.paused_after_days):
            return "paused", "never_contacted"
    if a.bought:
        return "won", "has_bought"
    if a.testing:
        return "testing", "trial_is_open"
    lost = a.sales["last_lost_day"] is not None
    fits = (fit_score(a) or 0) >= s.quality_fit_from
    if fits and (a.touches or a.sales["open_deals"] or lost):
        return "quality_not_won", "fits_well"
    if not a.recorded:
        return None, "contacts_not_recorded"
    if len(a.touches) >= s.many_contacts_from:
        return "contacted_many", "many_contacts"
    return "newly_contacted", "few_contacts"


def growth_rate(a: Account) -> float | None:
    now, before = a.sales["spend_window"], a.sales["spend_before"]
    return None if before <= 0 else round((now - before) / before, 4)


def growth(a: Account) -> Said:
    now, before, rate = a.sales["spend_window"], a.sales["spend_before"], growth_rate(a)
    if not a.bought:
        return None, "no_purchase_yet"
    if a.limits.today - a.sales["first_day"] < 2 * a.limits.settings.tier_window_days:
        return None, "too_new_to_compare"
    if now <= 0 and before <= 0:
        return None, "no_sales_to_compare"
    if rate is None:
        return "growing", "buys_again_after_a_pause"
    if abs(rate) < a.limits.settings.growth.margin:
        return "steady", "sales_about_the_same"
    return ("growing", "sales_rose") if rate > 0 else ("shrinking", "sales_fell")


def potential_points(a: Account) -> list[tuple[float, int]]:
    """What each thing that is known gives, and what it could give."""
    points: list[tuple[float, int]] = []
    fit, offered, sales = fit_score(a), a.sales["open_amount"], a.sales["spend_12m"]
    grows, often, leaves = growth(a)[0], a.answers["frequency"], a.answers["churn_probability"]
    if grows:
        points.append(({"growing": 30, "steady": 15, "shrinking": 0}[grows], 30))
    if fit is not None:
        points.append((fit / 5, 20))
    if often:
        points.append(({"high": 15, "medium": 7.5, "low": 0}[often], 15))
    if leaves is not None and a.limits.signal:
        points.append((15 * (1 - leaves), 15))
    usual = sales if sales > 0 else a.limits.tiers.medium_from
    enough = offered >= usual
    points.append((0 if not offered else 20 if enough else 20 * offered / usual, 20))
    return points


def potential_score(a: Account) -> int | None:
    if not a.bought and fit_score(a) is None and not a.sales["open_amount"]:
        return None
    points = potential_points(a)
    total = math.fsum(given for given, _ in points)
    return math.floor(100 * total / sum(most for _, most in points) + 0.5)


def potential(a: Account) -> Said:
    s, score = a.limits.settings.potential, potential_score(a)
    if score is None:
        return None, "nothing_to_judge_by"
    if score >= s.high_from:
        return "high", "points_reach_high"
    return (
        ("medium", "points_reach_medium")
        if score >= s.medium_from
        else ("low", "points_below_medium")
    )


def won_tier(a: Account) -> Said:
    value, promise = a.answers["value"], potential(a)[0]
    if not a.bought:
        return None, "no_purchase_yet"
    if value == "high":
        return "key", "value_is_high"
    if value == "middle":
        lifted = promise == "high"
        return ("key", "potential_lifts_to_key") if lifted else ("ordinary", "value_is_middle")
    if promise in ("high", "medium"):
        return "ordinary", "potential_lifts_to_ordinary"
    return "minor", "value_and_potential_low"


RULES = {
    "lifecycle": lifecycle,
    "behaviour": behaviour,
    "follow_status": follow_status,
    "growth": growth,
    "potential": potential,
    "won_tier": won_tier,
}


def told_of(account: Account, columns: Collection[str] = tuple(RULES)) -> dict[str, Said]:
    """Class and rule of every dimension that sales and contact decide."""
    return {column: RULES[column](account) for column in columns}
