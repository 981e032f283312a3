"""Who is responsible for which accounts: each owner, or each team by the manager of its owners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from connector.model import User

NOBODY = "—"
"""Stands where an account has no owner, or an owner no manager."""


class By(StrEnum):
    """How the accounts are grouped."""

    OWNER = "owner"
    TEAM = "team"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class People:
    """Puts owners into groups and names these.

    Args:
        users: everybody who can own accounts, those who have left too.
        by: what a group is.
    """

    users: Sequence[User]
    by: By

    def group(self, owner: str) -> str:
        """The id of the group that an owner belongs to; empty for nobody's.

        The team is named after its manager, who is a member of it: who reports to nobody but has people
        who report to him or her leads a team of his or her own.
        """
        if self.by is By.OWNER or not owner:
            return owner
        if self.by is By.NONE:
            return ""
        manager = next((user.reports_to for user in self.users if user.id == owner), "")
        leads = any(user.reports_to == owner for user in self.users)
        return manager or (owner if leads else "")

    def name(self, group: str) -> str:
        """What people call a group; of a user whom the CRM no longer lists, the id."""
        if not group:
            return NOBODY
        return next((user.name or user.email for user in self.users if user.id == group), group)
