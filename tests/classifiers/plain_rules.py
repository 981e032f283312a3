"""Every rule once more in plain Python, one account at a time: what the table expressions must equal."""

from __future__ import annotations

import math
from typing import Any

from classifiers.bgnbd import BgNbd
from classifiers.dimension import TierThresholds
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
        "spend_window": round(math.fsum(amount for _, amount in recent), 4),
        "spend_before": round(math.fsum(amount for _, amount in before), 4),
        "spend_total": round(math.fsum(amount for _, amount in won), 4),
        "refunds": round(-math.fsum(amount for _, amount in recent if amount < 0), 4),
        "open_deals": sum(day >= today and kind == "open" for day, _, kind in dated),
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
        return "ordinary", "may_buy"
    if quiet < s.at_risk_below:
        return "at_risk", "rather_unlikely_to_buy"
    return (
        ("at_risk", "open_deal_keeps_hope") if f["open_deals"] else ("churned", "unlikely_to_buy")
    )


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
