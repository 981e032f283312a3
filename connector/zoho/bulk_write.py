"""Fills very many records by one job: we hand in a table of up to 25,000 rows, and Zoho works through it.

A job costs 500 credits and a few looks, however many rows it has; below some five thousand a PUT is
cheaper. Zoho knows no condition here: a row is written whatever somebody did to its record meanwhile, so
whoever calls this must know that nothing can be overwritten. Whether workflow rules run is not documented.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from connector.errors import CrmError, Refused, Uncertain, Unintelligible
from connector.model import Fate, Json, Outcome
from connector.port import BULK_BATCH, JOB_ENDED
from connector.zoho.bulk_archive import table
from connector.zoho.bulk_fates import fates
from connector.zoho.bulk_read import (
    BETWEEN_DOWNLOADS,
    DOWNLOADS,
    FIRST_WAIT,
    LONGEST_JOB,
    LONGEST_WAIT,
)
from connector.zoho.bulk_sheet import ID, Sheet, pack
from connector.zoho.coql_text import name
from connector.zoho.metadata import fields as fields_of
from connector.zoho.meter import BULK_WRITE
from connector.zoho.people import organisation
from connector.zoho.rows import mapping, text
from connector.zoho.scratch import scratch
from connector.zoho.transport import Transport
from connector.zoho.values import checked_id, zoho_id

LARGEST_UPLOAD = 25 * 1024**2
"""Bytes of the zip file (v8 docs, bulk-write, limitations); held in memory while it is sent."""

NOT_IN_A_JOB = "NOT_IN_A_JOB"
"""Our code for a row that no job can carry as it is."""

_FAILED = ("FAILED", "FAILURE", "SKIPPED")

_log = logging.getLogger(__name__)

Row = Mapping[str, Json]


def update_in_bulk(
    transport: Transport,
    module: str,
    rows: Sequence[Row],
    *,
    job: str = "",
    tell: Callable[[str], None] = lambda _: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> list[Outcome]:
    """One outcome a row, in order; see :meth:`connector.port.Crm.update_in_bulk`.

    Raises:
        Unavailable, Refused, Unintelligible: the file was not taken in, or the job refused; nothing was
            applied.
    """
    ids = [str(row.get(ID, "")) for row in rows]
    if len(rows) > BULK_BATCH:
        raise Refused(f"One job writes at most {BULK_BATCH:,} records.", code="LIMIT_EXCEEDED")
    if job:
        told = _outcomes(transport, checked_id(job), ids, 0.0, interrupted)
        return [told[record_id] for record_id in ids]
    sheet, file_id = _handed_in(transport, module, rows)
    if not sheet.places:
        return [_left_out(record_id) for record_id in ids]
    sent = [ids[place] for place in sheet.places]
    try:
        job = _ordered(transport, module, sheet, file_id)
    except (Uncertain, Unintelligible) as error:
        told = _all_unknown(sent, error)
    else:
        tell(job)
        told = _outcomes(transport, job, sent, FIRST_WAIT, interrupted)
    places = set(sheet.places)
    return [
        told[record_id] if place in places else _left_out(record_id)
        for place, record_id in enumerate(ids)
    ]


def _left_out(record_id: str) -> Outcome:
    return Outcome(Fate.NOT_APPLIED, record_id, code=NOT_IN_A_JOB)


def _all_unknown(ids: Sequence[str], error: CrmError) -> dict[str, Outcome]:
    """The fates of rows of a job that may or may not exist, or that nobody can look at."""
    code = error.code or type(error).__name__
    return {one: Outcome(Fate.UNKNOWN, one, code=code, message=error.message) for one in ids}


def _handed_in(transport: Transport, module: str, rows: Sequence[Row]) -> tuple[Sheet, str]:
    """Hand the table in; the id of the file is empty where no row can stand in it."""
    if not rows:
        return Sheet((), (), frozenset()), ""
    types = {field.name: field.type for field in fields_of(transport, module)}
    with scratch("bulk write") as file:
        sheet = pack(name(module), rows, types, file)
        return sheet, _uploaded(transport, file) if sheet.places else ""


def _uploaded(transport: Transport, file: BinaryIO) -> str:
    """Send the file as a form (v8 docs, bulk-write, upload-file); one that nobody uses does no harm."""
    if file.tell() > LARGEST_UPLOAD:
        raise Refused("The file of the bulk write is larger than 25 MB.", code="FILE_TOO_LARGE")
    file.seek(0)
    boundary = secrets.token_hex(16)
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data; name="
        '"file"; filename="rows.zip"\r\nContent-Type: application/zip\r\n\r\n'
    )
    headers = {
        "feature": "bulk-write",
        "X-CRM-ORG": organisation(transport).id,
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    content = b"".join((head.encode(), file.read(), f"\r\n--{boundary}--\r\n".encode()))
    answer = transport.upload("/upload", content, headers=headers)
    return zoho_id(mapping((answer.body or {}).get("details")).get("file_id"))


def _ordered(transport: Transport, module: str, sheet: Sheet, file_id: str) -> str:
    resource: dict[str, Json] = {
        "type": "data",
        "module": {"api_name": name(module)},
        "file_id": file_id,
        "find_by": ID,
        "field_mappings": sheet.mappings(),
    }
    answer = transport.write(
        "POST",
        "/bulk/write",
        json={"operation": "update", "ignore_empty": True, "resource": [resource]},
        credits=BULK_WRITE,
        creates=True,
        orders=True,
    )
    return zoho_id(mapping((answer.body or {}).get("details")).get("id"))


def _outcomes(
    transport: Transport,
    job: str,
    ids: Sequence[str],
    first_wait: float,
    interrupted: Callable[[], bool],
) -> dict[str, Outcome]:
    """Wait for a job and read the fates of its rows; from here on nothing raises, for it may be at work."""
    try:
        ended = _ended(transport, job, first_wait, interrupted)
    except CrmError as error:
        _log.warning("the bulk write %s cannot be looked at (%s)", job, error.code)
        return _all_unknown(ids, error)
    if ended is None:
        return _all_unknown(ids, Uncertain("The job has not ended yet.", code="JOB_UNDER_WAY"))
    known: dict[str, Outcome] = {}
    if ended:
        try:
            known = _result(transport, job)
        except CrmError as error:
            _log.warning("the result of the bulk write %s cannot be read (%s)", job, error.message)
    untold = _all_unknown(ids, Uncertain("The job does not tell of this row.", code=JOB_ENDED))
    return {record_id: known.get(record_id, unknown) for record_id, unknown in untold.items()}


def _ended(
    transport: Transport, job: str, first_wait: float, interrupted: Callable[[], bool]
) -> bool | None:
    """Wait for a job: True once it has ended well, False otherwise, None where we do not wait longer."""
    clock, wait = transport.clock, FIRST_WAIT
    given_up = clock.monotonic() + LONGEST_JOB
    clock.sleep(first_wait)
    while True:
        body = transport.get(f"/bulk/write/{checked_id(job)}").body or {}
        state = text(body.get("status")).upper()
        if state == "COMPLETED":
            return True
        if state in _FAILED:
            _log.warning("the bulk write %s failed", job)
            return False
        if interrupted() or clock.monotonic() >= given_up:
            return None
        clock.sleep(wait)
        wait = min(wait * 1.5, LONGEST_WAIT)


def _result(transport: Transport, job: str) -> dict[str, Outcome]:
    """Fetch a job's result from the API's own host; the address that Zoho tells is not used.

    A broken file may have been broken on its way, so it is fetched once more.
    """
    ended_at = transport.now()
    with scratch("bulk write") as file:
        for _ in range(DOWNLOADS - 1):
            try:
                return _read(transport, job, file, ended_at)
            except Unintelligible:
                transport.clock.sleep(BETWEEN_DOWNLOADS)
        return _read(transport, job, file, ended_at)


def _read(transport: Transport, job: str, file: BinaryIO, ended_at: datetime) -> dict[str, Outcome]:
    transport.download(f"/bulk/write/{job}/result", file)
    with table(file) as lines:
        return fates(lines, ended_at)
