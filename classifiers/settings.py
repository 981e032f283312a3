"""The numbers that decide the classes, as the sales manager's policy gives them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds of every dimension; amounts are in the home currency, probabilities from 0 to 1.

    Args:
        horizon_days: churn asks for the probability of no won deal within this many days.
        tier_window_days: the span of won sales that tier looks at.
        tier_large_from: sales from which an account is large; None proposes it from the
            organisation's own cumulative sales curve.
        tier_medium_from: likewise for medium; both or neither are None.
        tier_large_share: share of all sales that the large accounts make up when proposing.
        tier_medium_share: share that large and medium accounts make up together when proposing.
        loyal_below: loyal while P(no deal) is below this.
        fairly_loyal_below: fairly loyal while below this.
        ordinary_below: ordinary while below this.
        at_risk_below: at risk while below this, churned from here on.
        loyal_from_purchases: fewer purchase days than this never count as loyal.
        new_within_days: an account whose only purchase is younger than this is new; 0 switches
            the class off.
        risk_low_below: churn risk low while P(no deal) is below this.
        risk_medium_below: medium while below this.
        risk_high_below: high while below this, churned from here on.
        value_high_from: expected spend (see :mod:`classifiers.value`) from which the value is high;
            None proposes it from the organisation's own distribution.
        value_middle_from: likewise for middle; both or neither are None.
        value_high_share: share of all expected spend that the accounts of high value make up when
            proposing.
        value_middle_share: share that high and middle make up together when proposing.
        probability_margin: how far beyond a limit a probability must be before an account leaves
            the class that it has; 0 switches this off.
        amount_margin: the same for amounts, as a share of the limit.
    """

    horizon_days: int = 182
    tier_window_days: int = 365
    tier_large_from: float | None = None
    tier_medium_from: float | None = None
    tier_large_share: float = 0.6
    tier_medium_share: float = 0.9
    loyal_below: float = 0.15
    fairly_loyal_below: float = 0.30
    ordinary_below: float = 0.50
    at_risk_below: float = 0.75
    loyal_from_purchases: int = 3
    new_within_days: int = 0
    risk_low_below: float = 0.30
    risk_medium_below: float = 0.50
    risk_high_below: float = 0.75
    value_high_from: float | None = None
    value_middle_from: float | None = None
    value_high_share: float = 0.6
    value_middle_share: float = 0.9
    probability_margin: float = 0.03
    amount_margin: float = 0.05
