"""Chooses how many accounts are filled by bulk jobs and how many by PUT, by what either costs in credits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.port import BULK_BATCH
from sync.ledger import NewIntent
from sync.plan import is_empty
from sync.policy import Policy


@dataclass(frozen=True, slots=True)
class Tariff:
    """What writing costs in API credits (Zoho v8 docs, API limits).

    Args:
        rows_a_credit: accounts that one credit of a PUT is for.
        job: one bulk job.
        around_a_job: handing the file in, some minutes of looks at the job, and its result.
        rows_a_job: accounts that one job takes.
        own_rows: accounts of the job before that ``own_credits`` show again, when we ask before the next
            job who was edited meanwhile.
        own_credits: see ``own_rows``.
    """

    rows_a_credit: int = 10
    job: int = 500
    around_a_job: int = 15
    rows_a_job: int = BULK_BATCH
    own_rows: int = 2000
    own_credits: int = 3

    def by_put(self, rows: int) -> int:
        """Credits of so many accounts by PUT."""
        return -(-rows // self.rows_a_credit)

    def one_job(self, before: int = 0) -> int:
        """Credits of one job; ``before`` are the rows of the job before it, if there was one."""
        return self.job + self.around_a_job + -(-before // self.own_rows) * self.own_credits


ZOHO = Tariff()


@dataclass(frozen=True, slots=True)
class Writing:
    """How the fields of some accounts are written, and what it costs.

    Args:
        jobs: accounts of each bulk job.
        by_put: accounts that go by PUT.
        credits: of both together.
        all_by_put: credits if everything went by PUT.
    """

    jobs: tuple[int, ...]
    by_put: int
    credits: int
    all_by_put: int

    @property
    def sentence(self) -> str:
        """The choice in words; empty where everything goes by PUT."""
        if not self.jobs:
            return ""
        jobs = "one bulk job" if len(self.jobs) == 1 else f"{len(self.jobs):,} bulk jobs"
        rest = f" and {self.by_put:,} by PUT" if self.by_put else ""
        return (
            f"The still empty fields of {sum(self.jobs):,} accounts go by {jobs}{rest}: about "
            f"{self.credits:,} API credits instead of {self.all_by_put:,}."
        )


def cheapest(first: int, others: int = 0, *, tariff: Tariff = ZOHO) -> Writing:
    """The way that costs the fewest credits.

    >>> cheapest(100_000).credits, cheapest(5_000).credits, cheapest(27_000).jobs
    (2177, 500, (25000,))

    Args:
        first: accounts on which nothing that we write stands yet, as far as bulk jobs are allowed at all.
        others: accounts that go by PUT anyway.
        tariff: what things cost.
    """
    jobs: list[int] = []
    credits, left = 0, first
    while left:
        size = min(left, tariff.rows_a_job)
        price = tariff.one_job(jobs[-1] if jobs else 0)
        if price >= tariff.by_put(size):
            break
        jobs.append(size)
        credits += price
        left -= size
    by_put = left + others
    return Writing(
        tuple(jobs), by_put, credits + tariff.by_put(by_put), tariff.by_put(first + others)
    )


def may_fill_in_bulk(policy: Policy) -> bool:
    """Whether bulk jobs are allowed; nobody knows whether they run workflows: who wants those gets PUTs."""
    return policy.limits.first_filling_in_bulk and not policy.run_workflows


def way_to_write(intents: Iterable[NewIntent], policy: Policy, *, tariff: Tariff = ZOHO) -> Writing:
    """How a plan's field changes are written under a policy, by the values that stand there now."""
    fillings = [all(is_empty(change.old) for change in intent.changes) for intent in intents]
    first = sum(fillings) if may_fill_in_bulk(policy) else 0
    return cheapest(first, len(fillings) - first, tariff=tariff)
