"""Going through Zoho's own lists from end to end: all records, and what was deleted.

A list is never behind as a search index may be, so it is what tells whether a write has arrived.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from connector.errors import Refused, Unavailable, Unintelligible
from connector.model import REQUIRED, Deletion, Json, Record
from connector.port import Window
from connector.zoho.changes import changed
from connector.zoho.coql_text import name
from connector.zoho.reading import ROUNDS, count, passes, read
from connector.zoho.rows import mapping, more_records, rows, text
from connector.zoho.transport import Answer, Transport
from connector.zoho.values import moment, record, zoho_id, zoho_time

PER_PAGE = 200
MOST_PAGES = 2000
"""Far above the 100,000 records that a list's page tokens reach; a list that is longer never ends."""
DELETED_CREDITS = 2
STALE_TOKEN = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"})

_log = logging.getLogger(__name__)


def since_header(moment_: datetime | None) -> dict[str, str]:
    """The header that asks for newer rows only.

    One second is taken off because Zoho does not say whether the moment itself is included.
    """
    if moment_ is None:
        return {}
    return {"If-Modified-Since": zoho_time(moment_ - timedelta(seconds=1))}


def listed(
    transport: Transport, module: str, fields: Sequence[str], modified_since: datetime | None
) -> Iterator[list[Record]]:
    """Pages of all records, or of those modified since.

    The list is gone through again, without repeating what was already given, where its page token
    has run out (they live for 24 hours), and where a record was deleted meanwhile: Zoho does not say
    whether the pages behind a deleted record move up, which would hide one from us. Records that the
    list leaves out although Zoho's query language knows of them come last.

    Raises:
        Unavailable: it had to be gone through again too often.
        Unintelligible: a list that comes round again or breaks off.
    """
    seen: set[str] = set()
    known: set[Deletion] = set()
    began = transport.now()
    for _ in range(ROUNDS):
        pages = 0
        try:
            for page in _pages(transport, module, fields, modified_since, seen):
                pages += 1
                if page:
                    yield page
        except Refused as error:
            if error.code not in STALE_TOKEN:
                raise
            _log.info("page token no longer valid, listing %s again from its beginning", module)
            continue
        gone = set() if pages <= 1 else set(chain.from_iterable(deleted(transport, module, began)))
        if gone <= known:
            yield from _left_out(transport, module, fields, Window(modified_since, began), seen)
            return
        known |= gone
    raise Unavailable("The list of records keeps changing while it is gone through.")


def _left_out(
    transport: Transport, module: str, fields: Sequence[str], window: Window, seen: set[str]
) -> Iterator[list[Record]]:
    """What a list did not show that ended too early.

    Who looks for a task in the list and does not find it makes another one, so the list's own word
    that nothing follows is not enough.
    """
    if window.since is None and count(transport, module) <= len(seen):
        return
    try:
        known = list(chain.from_iterable(changed(transport, module, [], window)))
    except Refused as error:
        if module in REQUIRED or type(error) is not Refused:
            raise
        return  # where the query language does not know a module, its list is all there is
    missing = [one.id for one in known if one.id not in seen]
    found = read(transport, module, missing, fields)
    if found:
        _log.warning("Zoho's list of %s left out %d records", module, len(found))
        yield found


def _pages(
    transport: Transport,
    module: str,
    fields: Sequence[str],
    modified_since: datetime | None,
    seen: set[str],
) -> Iterator[list[Record]]:
    """Every page of one round, with what was not given before; often that is nothing."""
    columns = passes(fields)
    for page in _raw_pages(transport, module, columns[0], since_header(modified_since)):
        fresh = [one for row in page if (one := record(row, columns[0])).id not in seen]
        seen.update(one.id for one in fresh)
        if len(columns) > 1:
            fresh = read(transport, module, [one.id for one in fresh], fields)
        yield fresh


def _raw_pages(
    transport: Transport, module: str, columns: list[str], headers: dict[str, str]
) -> Iterator[list[dict[str, Json]]]:
    params = {"fields": ",".join(columns), "per_page": str(PER_PAGE)}
    params |= {"sort_by": "id", "sort_order": "asc"}
    tokens: set[str] = set()
    shown: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = transport.get(f"/{name(module)}", params=params, headers=headers)
        if not (page := rows(answer)):
            return
        ids = {text(row.get("id")) for row in page}
        if ids <= shown:
            raise Unintelligible("Zoho's list keeps showing the same records.")
        shown |= ids
        yield page
        token = _next_token(answer)
        if not token:
            return
        if token in tokens:
            raise Unintelligible("Zoho's list comes round to the same page again.")
        tokens.add(token)
        params["page_token"] = token
    raise Unintelligible("Zoho's list does not end.")


def _next_token(answer: Answer) -> str:
    token = text(mapping((answer.body or {}).get("info")).get("next_page_token"))
    if not token and more_records(answer):
        raise Unintelligible("Zoho says that more records follow but not where.")
    return token


def deleted(transport: Transport, module: str, since: datetime | None) -> Iterator[list[Deletion]]:
    """Pages of what was deleted, for good or into the recycle bin.

    Zoho tells for 60 days of the recycle bin and for 120 days of what was deleted for good.

    Raises:
        Unintelligible: a list that comes round again.
    """
    seen: set[Deletion] = set()
    for page in range(1, MOST_PAGES):
        params = {"type": "all", "page": str(page), "per_page": str(PER_PAGE)}
        answer = transport.get(
            f"/{name(module)}/deleted",
            params=params,
            headers=since_header(since),
            credits=DELETED_CREDITS,
        )
        found = [_deletion(row) for row in rows(answer)]
        fresh = [one for one in found if one not in seen]
        if fresh:
            yield fresh
        if not (more_records(answer) or len(found) >= PER_PAGE):
            return
        if not fresh:
            raise Unintelligible("Zoho's list of deleted records comes round to the same page.")
        seen.update(fresh)


def _deletion(row: dict[str, Json]) -> Deletion:
    return Deletion(
        id=zoho_id(row.get("id")),
        deleted_at=moment(row.get("deleted_time")),
        name=text(row.get("display_name")),
        deleted_by=text(mapping(row.get("deleted_by")).get("id")),
        permanent=row.get("type") == "permanent",
    )
