"""What the sales manager decides about these figures: what is alarming, and how long a test may take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PortfolioLimits:
    """The policy's section ``[portfolio]``.

    Args:
        paused_share_limit: share (0 to 1) of an owner's accounts in pause above which the manager is warned.
        conversion_days: within so many days a customer who tests our product should have bought.
    """

    paused_share_limit: float = 0.3
    conversion_days: int = 90
