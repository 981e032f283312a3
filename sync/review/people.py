"""Who is asked to decide: the reviewer whom the policy names or the owner's manager, and a second person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sync.facts import Facts
from sync.policy import Policy


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Finds reviewers among the people of the organisation; whoever is inactive is passed over."""

    facts: Facts
    policy: Policy

    @property
    def problems(self) -> list[str]:
        """Reviewers whom the policy names and whom the CRM does not know as active, in sentences."""
        rules = self.policy.review
        named = (("reviewer", rules.reviewer), ("second_reviewer", rules.second_reviewer))
        return [
            f"[review] {key} {who!r} is no active user of the CRM, so somebody else is asked. Correct it in "
            "the policy."
            for key, who in named
            if who and not self.facts.user_id(who)
        ]

    def first(self, owner: str) -> str:
        """Id of who decides about an account of this owner; empty for nobody."""
        named = self.facts.user_id(self.policy.review.reviewer)
        return self._active([named, self._manager(owner), self._fallback, owner])

    def second(self, owner: str, accepted_by: str) -> str:
        """Id of the other person who has to accept; empty for nobody.

        Args:
            owner: of the account.
            accepted_by: who accepted first, and is never asked again.
        """
        named = self.facts.user_id(self.policy.review.second_reviewer)
        others = [named, self._manager(accepted_by), self._fallback, self.first(owner)]
        return self._active(person for person in others if person != accepted_by)

    @property
    def _fallback(self) -> str:
        return self.facts.user_id(self.policy.fallback_owner)

    def _manager(self, person: str) -> str:
        return next((user.reports_to for user in self.facts.users if user.id == person), "")

    def _active(self, people: Iterable[str]) -> str:
        inactive = self.facts.inactive_users
        return next((person for person in people if person and person not in inactive), "")
