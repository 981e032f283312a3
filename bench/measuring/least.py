"""The fewest API credits and calls that a job could take, whoever does it: what ours is held against.

Prices are those of Zoho's API limits page (v8): COQL 1 credit up to LIMIT 200, 2 up to 1,000, 3 up to 2,000;
a list page of 200 one; a bulk read 50 for up to 200,000 rows; an insert or update of up to 100 rows one for
every 10 begun; a bulk write 500 for up to 25,000 rows; a page of the list of deletions 2; anything else 1.

The least takes for granted what no client can know beforehand: how many rows there are, so that every last
page has just the right LIMIT, none is asked for in vain and nothing is counted to make sure that all came.
What has to be written is what was written. Access tokens cost no credits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

COQL_STEPS = ((200, 1), (1_000, 2), (2_000, 3))
LIST_PAGE = 200
BULK_READ_ROWS, BULK_READ_CREDITS = 200_000, 50
BULK_WRITE_ROWS, BULK_WRITE_CREDITS = 25_000, 500
WRITE_ROWS, ROWS_A_CREDIT = 100, 10
DELETIONS_CREDITS = 2
FIELDS_A_CALL = 5


@dataclass(frozen=True, slots=True, order=True)
class Cost:
    """API credits and calls."""

    credits: int = 0
    calls: int = 0

    def __add__(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(self.credits + other.credits, self.calls + other.calls)

    def above(self, least: Cost) -> float:
        """How many per cent more credits this is.

        >>> Cost(105, 9).above(Cost(100, 9))
        5.0
        """
        return 100.0 * (self.credits - least.credits) / least.credits


def together(costs: Iterable[Cost]) -> Cost:
    """All of them."""
    return sum(costs, Cost())


def coql(rows: int) -> Cost:
    """Read so many rows by COQL; to learn that there is none takes a call as well.

    >>> coql(0), coql(2200)
    (Cost(credits=1, calls=1), Cost(credits=4, calls=2))
    """
    whole, rest = divmod(rows, COQL_STEPS[-1][0])
    cost = Cost(whole * COQL_STEPS[-1][1], whole)
    if rest or not rows:
        cost += Cost(next(credits for limit, credits in COQL_STEPS if rest <= limit), 1)
    return cost


def listed(rows: int) -> Cost:
    """Read so many rows by list pages."""
    pages = max(1, math.ceil(rows / LIST_PAGE))
    return Cost(pages, pages)


def exported(rows: int) -> Cost:
    """Read so many rows by bulk read: each job is ordered, looked at once and its file fetched."""
    jobs = max(1, math.ceil(rows / BULK_READ_ROWS))
    return Cost(jobs * (BULK_READ_CREDITS + 2), jobs * 3)


def reading(rows: int) -> Cost:
    """Read so many rows of one module in the way that takes the fewest credits."""
    return min(coql(rows), listed(rows), exported(rows))


def writing(rows: int) -> Cost:
    """Insert or update so many rows, 100 a call."""
    whole, rest = divmod(rows, WRITE_ROWS)
    cost = Cost(whole * WRITE_ROWS // ROWS_A_CREDIT, whole)
    return cost + Cost(math.ceil(rest / ROWS_A_CREDIT), 1) if rest else cost


def written_in_bulk(rows: int) -> Cost:
    """Update so many rows by bulk write: upload, job, one look, the file that tells of each row."""
    jobs = math.ceil(rows / BULK_WRITE_ROWS)
    return Cost(jobs * (BULK_WRITE_CREDITS + 3), jobs * 4)


def deletions() -> Cost:
    """One page of a module's list of deletions."""
    return Cost(DELETIONS_CREDITS, 1)


def knowing(modules: int, fields_made: int) -> Cost:
    """Learn of the organisation, its users and each module's fields, and make ours, once."""
    calls = 2 + modules + math.ceil(fields_made / FIELDS_A_CALL)
    return Cost(calls, calls)


def first_run(
    rows: Mapping[str, int], *, updated: int, created: int, in_bulk: bool = False
) -> Cost:
    """Read every module whole, fill our fields, open tasks.

    Args:
        rows: module → records that it holds.
        updated: accounts whose fields were filled.
        created: tasks that were opened.
        in_bulk: bulk write may be used, which cannot keep what a rep changes meanwhile.
    """
    filling = min(writing(updated), written_in_bulk(updated)) if in_bulk else writing(updated)
    return together(reading(count) for count in rows.values()) + filling + writing(created)


def later_run(changed: Mapping[str, int], *, updated: Sequence[int], created: int) -> Cost:
    """Read what changed and what was deleted in each module, then write the differences.

    Args:
        changed: module → records that were modified since the last run.
        updated: accounts that were changed, and tasks, each module in calls of its own.
        created: tasks that were opened.
    """
    read = together(reading(count) + deletions() for count in changed.values())
    return read + together(writing(count) for count in updated) + writing(created)
