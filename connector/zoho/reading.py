"""Reading chosen records as they are now, and counting what there is.

Zoho gives at most 50 fields a call, so wider readings take several passes, which are put together
only where no pass saw a later modification time than another; records that moved are read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.errors import Unavailable, Unintelligible
from connector.model import Json, Record
from connector.zoho.coql_text import name
from connector.zoho.rows import rows
from connector.zoho.transport import Transport
from connector.zoho.values import MODIFIED_TIME, checked_id, record

FIELDS_AT_ONCE = 48
"""Zoho's limit is 50; the id and the modification time take the other two."""
IDS_AT_ONCE = 100
ROUNDS = 3
"""How often records that move between two passes are read again before we give up."""


def passes(fields: Sequence[str]) -> list[list[str]]:
    """The fields of each call, the modification time in every one.

    >>> passes(["Account_Name"])
    [['Account_Name', 'Modified_Time']]
    """
    wanted = [name(field) for field in dict.fromkeys(fields) if field not in ("id", MODIFIED_TIME)]
    parts = [wanted[at : at + FIELDS_AT_ONCE] for at in range(0, len(wanted), FIELDS_AT_ONCE)]
    return [[*part, MODIFIED_TIME] for part in parts or [[]]]


def read(
    transport: Transport, module: str, ids: Sequence[str], fields: Sequence[str]
) -> list[Record]:
    """These records as they are now, in the order of the ids; those that are gone are left out.

    Raises:
        Unavailable: somebody keeps editing a record faster than its passes can be read.
    """
    wanted = [checked_id(record_id) for record_id in dict.fromkeys(ids)]
    found: dict[str, Record] = {}
    for at in range(0, len(wanted), IDS_AT_ONCE):
        found |= _settled(transport, module, wanted[at : at + IDS_AT_ONCE], passes(fields))
    return [found[record_id] for record_id in wanted if record_id in found]


def _settled(
    transport: Transport, module: str, ids: list[str], columns: list[list[str]]
) -> dict[str, Record]:
    found: dict[str, Record] = {}
    pending = ids
    for _ in range(ROUNDS):
        seen = [list(_fetched(transport, module, pending, part)) for part in columns]
        agreed, pending = joined(seen)
        found |= agreed
        if not pending:
            return found
    raise Unavailable("Some records keep changing while they are read.")


def joined(seen: Sequence[Sequence[Record]]) -> tuple[dict[str, Record], list[str]]:
    """The passes over one page put together by id and equal modification time.

    Returns:
        The records that every pass saw alike, and the ids of the others of the first pass.
    """
    first, *others = seen
    agreed: dict[str, Record] = {}
    moved: list[str] = []
    by_id = [{each.id: each for each in part} for part in others]
    for start in first:
        same = [part[start.id] for part in by_id if start.id in part]
        if len(same) == len(by_id) and all(r.modified_at == start.modified_at for r in same):
            values: dict[str, Json] = {}
            for part in (start, *same):
                values |= part.values
            agreed[start.id] = Record(start.id, start.modified_at, values)
        else:
            moved.append(start.id)
    return agreed, moved


def _fetched(
    transport: Transport, module: str, ids: list[str], columns: list[str]
) -> Iterator[Record]:
    params = {"ids": ",".join(ids), "fields": ",".join(columns)}
    for row in rows(transport.get(f"/{name(module)}", params=params)):
        one = record(row, columns)
        if one.id not in ids:
            raise Unintelligible("Zoho answered with records that were not asked for.")
        yield one


def count(transport: Transport, module: str) -> int:
    """How many records the module holds, as far as our user sees them.

    Raises:
        Unintelligible: the answer holds no number.
    """
    answer = transport.get(f"/{name(module)}/actions/count")
    told = (answer.body or {}).get("count")
    if isinstance(told, bool) or not isinstance(told, int | str) or not str(told).isdigit():
        raise Unintelligible("Zoho did not tell how many records there are.")
    return int(told)
