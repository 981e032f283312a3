"""Every rule once more in plain Python, one account at a time: what the table expressions must equal."""

from __future__ import annotations

import math
from typing import Any

from classifiers.bgnbd import BgNbd
from classifiers.dimension import TierThresholds, ValueThresholds
from classifiers.settings import Settings


def features(deals: list[Any], today: int, window: int) -> dict[str, Any]:
    """What one account's deals (account, day, amount, category) amount to on a day."""
    dated = [(day, amount or 0.0, kind) for _, day, amount, kind in deals if day is not None]
    won = [(day, amount) for day, amount, kind in dated if kind == "won" and day <= today]
    days = sorted({day for day, amount in won if amount > 0})
    lost = [day for day, _, kind in dated if kind == "lost" and day <= today]
    recent = [(day, amount) for day, amount in won if day > today - window]
    before = [(day, amount) for day, amount in won if today - 2 * window < day <= today - window]
    return {
        "purchases": len(days),
        "won_deals": sum(amount > 0 for _, amount in won),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "mean_gap": (days[-1] - days[0]) / (len(days) - 1) if len(days) > 1 else None,
        "silence": today - days[-1] if days else None,
        "purchases_12m": sum(day > today - 365 for day in days),
        "purchases_6m": sum(day > today - 182 for day in days),
        "purchases_6m_before": sum(today - 364 < day <= today - 182 for day in days),
        "spend_12m": round(math.fsum(amount for day, amount in won if day > today - 365), 4),
        "spend_window": round(math.fsum(amount for _, amount in recent), 4),
        "spend_before": round(math.fsum(amount for _, amount in before), 4),
        "spend_total": round(math.fsum(amount for _, amount in won), 4),
        "refunds": round(-math.fsum(amount for _, amount in recent if amount < 0), 4),
        "last_refund_day": max((day for day, amount in won if amount < 0), default=None),
        "open_deals": sum(day >= today and kind == "open" for day, _, kind in dated),
        "open_amount": round(
            math.fsum(
                amount
                for day, amount, kind in dated
                if kind == "open" and day >= today and amount > 0
            ),
            4,
        ),
        "overdue_deals": sum(day < today and kind == "open" for day, _, kind in dated),
        "lost_deals": sum(day > today - window for day in lost),
        "last_lost_day": max(lost, default=None),
        "future_won": sum(day > today and kind == "won" for day, _, kind in dated),
    }


def no_purchase(p: BgNbd, x: float, t_x: float, age: float, horizon: float) -> float:
    """P(no purchase within the horizon) with P(active) as the article has it, in logs."""
    active = 1.0
    if x > 0:
        log_odds = math.log(p.a / (p.b + x - 1))
        log_odds += (p.r + x) * math.log((p.alpha + age) / (p.alpha + t_x))
        active = 1 / (1 + math.exp(log_odds)) if log_odds < 700 else 0.0
    none = math.exp(-(p.r + x) * math.log1p(horizon / (p.alpha + age)))
    return 1 - active + active * none


def probability(f: dict[str, Any], p: BgNbd, today: int, horizon: int) -> float | None:
    if not f["purchases"]:
        return None
    t_x, age = f["last_day"] - f["first_day"], today - f["first_day"]
    return no_purchase(p, f["purchases"] - 1, t_x, age, horizon)


def tier(f: dict[str, Any], tiers: TierThresholds) -> tuple[str, str]:
    if f["spend_window"] <= 0:
        return "small", "no_sales"
    if f["spend_window"] >= tiers.large_from:
        return "large", "sales_reach_large"
    if f["spend_window"] >= tiers.medium_from:
        return "medium", "sales_reach_medium"
    return "small", "sales_below_medium"


def loyalty(f: dict[str, Any], s: Settings) -> tuple[str, str]:
    quiet = f["churn_probability"]
    if quiet is None:
        return "prospect", "no_purchase_yet"
    if f["purchases"] == 1 and f["silence"] < s.new_within_days:
        return "new", "first_purchase_is_recent"
    if quiet < s.loyal_below and f["purchases"] >= s.loyal_from_purchases:
        return "loyal", "likely_to_buy"
    if quiet < s.loyal_below:
        return "fairly_loyal", "too_few_purchases_for_loyal"
    if quiet < s.fairly_loyal_below:
        return "fairly_loyal", "rather_likely_to_buy"
    if quiet < s.ordinary_below:
        return "ordinary", sign(f) or "may_buy"
    if quiet < s.at_risk_below:
        return "at_risk", sign(f) or "rather_unlikely_to_buy"
    if f["open_deals"]:
        return "at_risk", "open_deal_keeps_hope"
    return "churned", sign(f) or "unlikely_to_buy"


def sign(f: dict[str, Any]) -> str:
    """What a rep can see in the history that explains why a customer may leave."""
    if f["lost_deals"] and f["last_lost_day"] > f["last_day"]:
        return "lost_deal_since_last_purchase"
    if f["last_refund_day"] is not None and f["last_refund_day"] > f["last_day"]:
        return "refund_since_last_purchase"
    if f["purchases"] >= 3 and f["silence"] > 2 * f["mean_gap"]:
        return "silent_beyond_own_rhythm"
    if f["purchases_6m_before"] >= 3 and 2 * f["purchases_6m"] <= f["purchases_6m_before"]:
        return "buys_less_than_before"
    return ""


def expected_spend(f: dict[str, Any]) -> float | None:
    if f["churn_probability"] is None:
        return None
    return round(max(f["spend_12m"], 0.0) * (1 - f["churn_probability"]), 4)


def value_score(f: dict[str, Any]) -> float | None:
    if f["churn_probability"] is None:
        return None
    return round(math.sqrt(max(f["spend_12m"], 0.0)) * (1 - f["churn_probability"]), 6)


def value(f: dict[str, Any], values: ValueThresholds) -> tuple[str | None, str]:
    expected = f["expected_spend"]
    if expected is None:
        return None, "no_purchase_yet"
    if expected <= 0:
        return "low", "no_spend_to_expect"
    if expected >= values.high_from:
        return "high", "expected_spend_reaches_high"
    if expected >= values.middle_from:
        return "middle", "expected_spend_reaches_middle"
    return "low", "expected_spend_below_middle"


def churn(f: dict[str, Any], s: Settings) -> tuple[str | None, str]:
    quiet = f["churn_probability"]
    if quiet is None:
        return None, "no_purchase_yet"
    if quiet < s.risk_low_below:
        return "low", "probability_low"
    if quiet < s.risk_medium_below:
        return "medium", "probability_medium"
    if quiet < s.risk_high_below:
        return "high", "probability_high"
    if f["open_deals"]:
        return "high", "open_deal_keeps_hope"
    return "churned", "probability_very_high"
