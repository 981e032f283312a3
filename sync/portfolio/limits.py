"""What the sales manager decides about these figures: what alarms, how long a test may take, what counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PortfolioLimits:
    """The policy's section ``[portfolio]``.

    Args:
        paused_share_limit: share (0 to 1) of an owner's accounts in pause above which the manager is warned.
        paused_share_from_accounts: of fewer accounts a share says little, and nobody is warned.
        conversion_days: within so many days a customer who tests our product should have bought.
        count_won_by: API names of the fields on Deals by whose values won deals are counted.
    """

    paused_share_limit: float = 0.3
    paused_share_from_accounts: int = 10
    conversion_days: int = 90
    count_won_by: tuple[str, ...] = ()
