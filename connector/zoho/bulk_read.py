"""Reads a whole module at a time: Zoho writes up to 200,000 records into a file, and we fetch that.

A job costs 50 credits and a few looks, however many records it gives; below some ten thousand of them
lists are cheaper. The file is checked from end to end before the first record is given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import BinaryIO

from connector.errors import Refused, Unavailable, Unintelligible
from connector.model import Json, Record
from connector.retry import TOO_LARGE
from connector.zoho.bulk_archive import table
from connector.zoho.bulk_cells import Read, reading, records
from connector.zoho.coql_text import name
from connector.zoho.listing import STALE_TOKEN, deleted
from connector.zoho.metadata import fields as fields_of
from connector.zoho.meter import BULK_READ
from connector.zoho.reading import ROUNDS
from connector.zoho.rows import mapping, rows, text
from connector.zoho.scratch import scratch
from connector.zoho.transport import Transport
from connector.zoho.values import MODIFIED_TIME, checked_id, moment, zoho_id, zoho_time

FIRST_WAIT = 5.0
"""Seconds before the first look at a job; Zoho tells nobody how often to look."""
LONGEST_WAIT = 60.0
LONGEST_JOB = 3600.0
"""Seconds after which a job is given up."""
ORDERS = 3
"""How often the same page is ordered, where a job fails or its file is no longer there."""
DOWNLOADS = 2
BETWEEN_DOWNLOADS = 7.0
"""Seconds; Zoho lets ten files go in a minute."""
PAGE = 1000
MOST_JOBS = 1000
"""Far above what any organisation holds; pages that go on beyond never end."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A job that has ended well: its rows, the page it is, and the token of the next one, if any."""

    id: str
    count: int
    page: int
    ordered_at: datetime
    next_token: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is read: fields of a module, since when, how their cells are read, and who wants to know of jobs.

    ``waiting`` is asked before a job is ordered and between two looks at it.
    """

    module: str
    fields: tuple[str, ...]
    since: datetime | None
    how: Mapping[str, Read]
    tell: Callable[[str], None]
    waiting: Callable[[], None]


def read_in_bulk(
    transport: Transport,
    module: str,
    fields: Sequence[str],
    *,
    modified_since: datetime | None = None,
    job: str = "",
    tell: Callable[[str], None] = lambda _: None,
    waiting: Callable[[], None] = lambda: None,
) -> Iterator[list[Record]]:
    """Pages of all records of a module, in no particular order; fields it does not have are left out.

    A record may come twice: where records were deleted while several files were read, Zoho may have
    moved others past us, so that everything is read again.

    Args:
        transport: the connection.
        module: its API name.
        fields: API names.
        modified_since: only records that were modified then or later.
        job: id of a job that was ordered before for the same records and fields, to go on with; it is
            not used where Zoho no longer knows it, or where it is not the first of several.
        tell: told the id of each job as soon as it is ordered.
        waiting: called before a job is ordered and before each look at it; what it raises ends the reading.

    Raises:
        Unavailable: jobs fail or do not end, or records keep being deleted meanwhile.
        Unintelligible: a file that is broken, unsafe, or has not as many records as Zoho said.
        Refused: Zoho does not read this module or one of these fields in bulk (among others).
    """
    how = reading(fields_of(transport, module))
    wanted = [field for field in dict.fromkeys([*fields, MODIFIED_TIME]) if field in how]
    order = Order(name(module), tuple(wanted), modified_since, how, tell, waiting)
    began = transport.now()
    known: set[str] = set()
    for _ in range(ROUNDS):
        jobs = 0
        try:
            for ended, pages in _jobs(transport, order, job):
                began = min(began, ended.ordered_at)
                jobs += 1
                yield from pages
        except Refused as error:
            if error.code not in STALE_TOKEN:
                raise
            _log.info("page token no longer valid, reading %s in bulk from its beginning", module)
            continue
        gone = _deleted_since(transport, module, began) if jobs > 1 else set()
        if gone <= known:
            return
        _log.info("records of %s were deleted while it was read in bulk; reading it again", module)
        known |= gone
        job = ""
    raise Unavailable("The records keep changing while they are read in bulk.", code="bulk")


def _deleted_since(transport: Transport, module: str, began: datetime) -> set[str]:
    return {one.id for one in chain.from_iterable(deleted(transport, module, began))}


def _jobs(
    transport: Transport, order: Order, job: str
) -> Iterator[tuple[Job, Iterator[list[Record]]]]:
    """Every job of one round, each with its records."""
    token = ""
    tokens: set[str] = set()
    for _ in range(MOST_JOBS):
        with scratch("bulk read") as file:
            ended = _fetched(transport, order, token, job, file)
            yield ended, _given(order, file)
        token, job = ended.next_token, ""
        if not token:
            return
        if token in tokens:
            break
        tokens.add(token)
    raise Unintelligible("Zoho's bulk read does not end.")


def _fetched(transport: Transport, order: Order, token: str, job: str, file: BinaryIO) -> Job:
    """A job that has ended well, its checked file in ``file``; a failed one is ordered again."""
    for _ in range(ORDERS):
        job_id, job = job or _ordered(transport, order, token), ""
        try:
            ended = _ended(transport, order, job_id)
            if ended is not None and (token or ended.page == 1):
                _download(transport, order, ended, file)
                return ended
        except Refused as error:
            if error.code != "RESOURCE_NOT_FOUND":
                raise
            _log.info("the bulk job %s is no longer there, ordering another", job_id)
    raise Unavailable(f"Zoho failed {ORDERS} times to read {order.module} in bulk.", code="bulk")


def _ordered(transport: Transport, order: Order, token: str) -> str:
    """Order a job; one whose answer gets lost does no harm, it ends unseen."""
    order.waiting()
    query: dict[str, Json] = {"page_token": token}
    if not token:
        fields = list[Json](["id", *order.fields])
        query = {"module": {"api_name": order.module}, "fields": fields, "page": 1}
        if order.since:
            query["criteria"] = _since(order.since)
    answer = transport.query("/bulk/read", json={"query": query}, credits=BULK_READ)
    found = next(iter(rows(answer)), {})
    job_id = zoho_id(mapping(found.get("details")).get("id"))
    order.tell(job_id)
    return job_id


def _since(moment: datetime) -> dict[str, Json]:
    """The criterion of what was modified then or later (Zoho v8 docs, bulk-read, create-job)."""
    return {
        "field": {"api_name": MODIFIED_TIME},
        "comparator": "greater_equal",
        "value": zoho_time(moment),
    }


def _ended(transport: Transport, order: Order, job_id: str) -> Job | None:
    """Wait for a job; None where it failed."""
    clock, wait = transport.clock, FIRST_WAIT
    given_up = clock.monotonic() + LONGEST_JOB
    while True:
        order.waiting()
        clock.sleep(wait)
        row = next(iter(rows(transport.get(f"/bulk/read/{checked_id(job_id)}"))), {})
        state = text(row.get("state")).upper()
        if state == "COMPLETED":
            return _job(job_id, row)
        if state.startswith("FAIL"):
            reason = mapping(mapping(row.get("result")).get("error_message")).get("code")
            _log.warning("the bulk job %s failed (%s)", job_id, text(reason) or "no reason told")
            return None
        if clock.monotonic() >= given_up:
            minutes = LONGEST_JOB / 60
            raise Unavailable(
                f"A bulk read has not ended within {minutes:.0f} minutes.", code="bulk"
            )
        wait = min(wait * 1.5, LONGEST_WAIT)


def _job(job_id: str, row: Mapping[str, Json]) -> Job:
    result = mapping(row.get("result"))
    count, page, token = (
        result.get("count"),
        result.get("page"),
        text(result.get("next_page_token")),
    )
    lost = result.get("more_records") is True and not token
    if not isinstance(count, int) or not isinstance(page, int) or lost:
        raise Unintelligible("Zoho does not tell what its bulk read has found.")
    return Job(job_id, count, page, moment(row.get("created_time")), token)


def _download(transport: Transport, order: Order, job: Job, file: BinaryIO) -> None:
    """Fetch a job's file and read it once to its end; the address that Zoho tells is not used.

    A broken file may have been broken on its way, so it is fetched once more.
    """
    for left in reversed(range(DOWNLOADS)):
        transport.download(f"/bulk/read/{job.id}/result", file)
        try:
            _check(order, job, file)
        except Unintelligible as error:
            if not left or error.code == TOO_LARGE:
                raise
            _log.warning("the file of the bulk job %s is not whole, fetching it again", job.id)
            transport.clock.sleep(BETWEEN_DOWNLOADS)
        else:
            return


def _check(order: Order, job: Job, file: BinaryIO) -> None:
    """Read a file to its end, so that nothing of it is given before all of it is known to be good."""
    told = sum(map(len, _given(order, file)))
    if told != job.count:
        raise Unintelligible(f"Zoho's bulk read should have {job.count} records, not {told}.")


def _given(order: Order, file: BinaryIO) -> Iterator[list[Record]]:
    """The records of a file, some at a time."""
    with table(file) as lines:
        yield from records(lines, order.fields, order.how, page=PAGE)
