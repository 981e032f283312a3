"""Remembers a bulk read that was ordered, so that it is not paid for twice if the run dies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.mirror import Mirror

KEPT_FOR = timedelta(hours=20)
"""So long after its order a job is taken up; its file is commonly said to be there for a day."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A job that was ordered.

    Args:
        key: what it reads; see :func:`sync.mirror.kept.key_of`.
        began: the CRM's clock before it was ordered.
        job: its id.
    """

    key: str
    began: datetime
    job: str

    @classmethod
    def find(cls, mirror: Mirror, module: str, key: str, now: datetime) -> Ordered | None:
        """The job of a module that can still be read, if there is one for the same fields."""
        text = mirror.fact(_fact(module))
        if not text:
            return None
        noted, began, job = json.loads(text)
        found = cls(noted, datetime.fromisoformat(began), job)
        fresh = timedelta(0) <= now - found.began < KEPT_FOR
        return found if fresh and noted == key else None

    def remember(self, mirror: Mirror, module: str) -> None:
        """Keep it in the local copy."""
        mirror.remember(_fact(module), json.dumps([self.key, self.began.isoformat(), self.job]))

    @staticmethod
    def forget(mirror: Mirror, module: str) -> None:
        """Its file was read, or is of no use."""
        if mirror.fact(_fact(module)):
            mirror.remember(_fact(module), "")


def _fact(module: str) -> str:
    return f"{module}_bulk_job"
