"""Reads what became of each row of a bulk write from the table that Zoho leaves when the job has ended.

Source: Zoho v8 docs, bulk-write, download-result: the first mapped columns as they were sent, then STATUS,
RECORD_ID and ERRORS (``CODE-column``, several with colons between). The codes of ERRORS are not listed
there; those that we do not know are refusals for good, as in an answer to a PUT.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from connector.errors import Unintelligible
from connector.model import Fate, Outcome
from connector.zoho.bulk_cells import ID_COLUMNS
from connector.zoho.outcomes import FATES, SENTENCES

_GONE = frozenset({"RESOURCE_NOT_FOUND", "RECORD_NOT_FOUND"})
_LOCKED = frozenset({"BLOCKED_RECORD", "RECORD_BLOCKED"})
_ERROR = re.compile(r"([A-Z][A-Z0-9_]{1,63})(?:-(\w{1,100}))?", re.ASCII)


def fates(lines: Iterator[list[str]], ended_at: datetime) -> dict[str, Outcome]:
    """The outcomes of a job's rows by the id of their record; what the table does not tell is left out.

    Args:
        lines: of the table, the header first.
        ended_at: when the job was found ended; no row was applied later.

    Raises:
        Unintelligible: a column is missing, or a line has another length than the header.
    """
    header = next(lines, [])
    places = {column.strip(): place for place, column in enumerate(header)}
    id_place = next((places[name] for name in ID_COLUMNS if name in places), None)
    if id_place is None or not {"STATUS", "ERRORS"} <= places.keys():
        raise Unintelligible("The result of the bulk write lacks a column.")
    found: dict[str, Outcome] = {}
    for line in lines:
        if len(line) != len(header):
            raise Unintelligible("A line of the bulk write's result has not as many cells.")
        outcome = _outcome(line[id_place], line[places["STATUS"]], line[places["ERRORS"]], ended_at)
        if outcome.fate is not Fate.UNKNOWN:
            found[outcome.id] = outcome
    return found


def _outcome(record_id: str, status: str, errors: str, ended_at: datetime) -> Outcome:
    match status.strip().upper():
        case "UPDATED":
            return Outcome(Fate.DONE, record_id, ended_at, code="SUCCESS")
        case "SKIPPED":
            return _refusal(record_id, errors)
    return Outcome(Fate.UNKNOWN, record_id)


def _refusal(record_id: str, errors: str) -> Outcome:
    named = _ERROR.match(errors.strip())
    code, name = (named[1], named[2] or "") if named else ("SKIPPED", "")
    fate = Fate.UNKNOWN if code == "SUCCESS" else FATES.get(code, Fate.REFUSED)
    if code in _GONE or (code, name) == ("INVALID_DATA", "id"):
        fate = Fate.GONE
    elif code in _LOCKED:
        fate = Fate.LOCKED
    message = SENTENCES.get(code, "")
    return Outcome(fate, record_id, code=code, message=message, field_name=name)
