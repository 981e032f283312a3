"""The numbers that decide the classes, as the sales manager's policy gives them."""

from __future__ import annotations

from dataclasses import dataclass, field

WordTable = tuple[tuple[str, tuple[str, ...]], ...]
"""Class code → the lower-case words that mean it, in the order in which they are tried."""


@dataclass(frozen=True, slots=True)
class FrequencySettings:
    """Purchase days of the last 365 from which a customer buys often, or now and then."""

    high_from: int = 6
    medium_from: int = 2


@dataclass(frozen=True, slots=True)
class BehaviourSettings:
    """After so many days without any contact or purchase an account is dormant."""

    dormant_days: int = 180


@dataclass(frozen=True, slots=True)
class FollowStatusSettings:
    """Where a sales rep stands with an account.

    Args:
        many_contacts_from: contacts from which an account that has neither tested nor bought counts
            as contacted many times.
        paused_after_days: without any contact or purchase for so long, contact counts as paused.
        quality_fit_from: fit score (0 to 100) from which an account that was not won has quality.
    """

    many_contacts_from: int = 5
    paused_after_days: int = 270
    quality_fit_from: int = 60


@dataclass(frozen=True, slots=True)
class FitSettings:
    """What makes an account that has not bought worth the effort; each trait that holds gives its points.

    Args:
        employees_from: staff of a strong company.
        revenue_from: yearly revenue of a strong company, in the home currency.
        industries: industry classes in which we have experience; empty leaves this trait out.
        channel_types: account types (lower case) that sell on to others.
    """

    employees_from: int = 100
    revenue_from: float = 10_000_000.0
    industries: tuple[str, ...] = ()
    channel_types: tuple[str, ...] = ("distributor", "reseller", "partner", "经销商", "代理商")


@dataclass(frozen=True, slots=True)
class GrowthSettings:
    """By which share of the sales of the window before this one's must differ to be growing or shrinking."""

    margin: float = 0.2


@dataclass(frozen=True, slots=True)
class PotentialSettings:
    """Points (0 to 100) from which potential is high, or middle; see :mod:`classifiers.potential`."""

    high_from: int = 60
    medium_from: int = 30


@dataclass(frozen=True, slots=True)
class SatisfactionSettings:
    """Bands of the satisfaction score, and for how long a complaint that was settled still counts.

    Args:
        satisfied_from: score from which a customer is satisfied.
        neutral_from: score from which it is neutral; below, dissatisfied.
        complaint_days: so long after a complaint was opened a settled one keeps a customer neutral.
    """

    satisfied_from: float = 4.0
    neutral_from: float = 3.0
    complaint_days: int = 90


@dataclass(frozen=True, slots=True)
class WordSettings:
    """Tables of words that the policy owns; all in lower case, Chinese as it is written.

    Args:
        industries: industry class → values of the Industry field that mean it.
        industry_texts: industry class → words in an account's name or description that hint at it.
        segments: segment → values of the account type that mean it.
        needs: need → words in the description that tell it.
        home_countries: names of the home country; empty where it is unknown.
        cities: city tier → cities.
    """

    industries: WordTable = ()
    industry_texts: WordTable = ()
    segments: WordTable = ()
    needs: WordTable = ()
    home_countries: tuple[str, ...] = ()
    cities: WordTable = ()


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
        frequency: the numbers of that dimension; so are those that follow.
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
    frequency: FrequencySettings = field(default_factory=FrequencySettings)
    behaviour: BehaviourSettings = field(default_factory=BehaviourSettings)
    follow_status: FollowStatusSettings = field(default_factory=FollowStatusSettings)
    fit: FitSettings = field(default_factory=FitSettings)
    growth: GrowthSettings = field(default_factory=GrowthSettings)
    potential: PotentialSettings = field(default_factory=PotentialSettings)
    satisfaction: SatisfactionSettings = field(default_factory=SatisfactionSettings)
    words: WordSettings = field(default_factory=WordSettings)
