"""What became of each row of a write, read from Zoho's answer; in doubt a row's fate is unknown.

Zoho answers a batch with one object a row, in order (v8 docs, insert-records and update-records), or
refuses it whole with a single object. Anything else proves nothing about any row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from connector.errors import NotPermitted, Unintelligible
from connector.model import Fate, Json, Outcome
from connector.zoho.answers import Answer
from connector.zoho.rows import mapping, text
from connector.zoho.values import ID_SHAPE, MODIFIED_TIME, moment, zoho_id

REFUSALS = frozenset({400, 403, 404, 412})
"""Statuses that promise that nothing of the batch was applied."""

FATES: Mapping[str, Fate] = {
    "SUCCESS": Fate.DONE,
    "DUPLICATE_DATA": Fate.DUPLICATE,
    "ALREADY_MODIFIED": Fate.STALE,
    "RECORD_LOCKED": Fate.LOCKED,
    "NOT_APPROVED": Fate.LOCKED,
    "NOT_REVIEWED": Fate.LOCKED,
    "RECORD_IN_BLUEPRINT": Fate.LOCKED,
    "TOO_MANY_REQUESTS": Fate.NOT_APPLIED,
    "MAX_RECORDS_LIMIT_REACHED": Fate.NOT_APPLIED,
    "INTERNAL_ERROR": Fate.UNKNOWN,
}
"""Codes of single rows; every other refusal is final for its row, known to us or not."""

ROW_CODES = (FATES.keys() - {"SUCCESS", "INTERNAL_ERROR", "TOO_MANY_REQUESTS"}) | {
    "INVALID_DATA",
    "MANDATORY_NOT_FOUND",
    "EXPECTED_FIELD_MISSING",
    "DEPENDENT_FIELD_MISSING",
    "DEPENDENT_MISMATCH",
    "MULTIPLE_OR_MULTI_ERRORS",
}
"""Codes that speak of a row's content, even where Zoho refuses the whole call with them."""

NOT_ALLOWED = frozenset({"NO_PERMISSION", "AUTHORIZATION_FAILED"})

SENTENCES = {
    "MAX_RECORDS_LIMIT_REACHED": "The organisation's storage in Zoho is full, so nothing more can "
    "be created: delete records or buy storage, and the next scheduled run carries on from here."
}
"""What people are told in place of Zoho's own words, where a person has to do something about it."""

UNREADABLE = "UNREADABLE_ANSWER"
_PLACE = re.compile(r"^\$\.\w+\[(\d+)\]")


def every(fate: Fate, number: int, *, code: str = "", message: str = "") -> list[Outcome]:
    """The same outcome for a number of rows."""
    return [Outcome(fate, code=code, message=message)] * number


def refused_whole(code: str, message: str, number: int) -> list[Outcome]:
    """The outcomes of a call that was refused without telling which of its rows was wrong."""
    fate = FATES.get(code, Fate.REFUSED)
    message = SENTENCES.get(code, message)
    if number > 1 and fate is not Fate.STALE:
        fate = Fate.NOT_APPLIED
    return every(fate, number, code=code, message=message)


def outcomes(
    answer: Answer, number: int, *, key: str = "data", ids: Sequence[str] = ()
) -> list[Outcome]:
    """One outcome for each of the rows that were sent.

    Args:
        answer: what Zoho said.
        number: how many rows were sent.
        key: where the row results stand in the body.
        ids: the ids of the rows in order, where the rows have ids already.

    Raises:
        NotPermitted: the whole batch was refused because our user may not write at all.
    """
    items = _items(answer, key)
    if items is None:
        return every(Fate.UNKNOWN, number, code=UNREADABLE)
    if len(items) == 1 < number and answer.status in REFUSALS and not _succeeded(items[0]):
        return _doubted(_refused_by_one(items[0], number), answer)
    if len(items) != number or not _in_order(items, ids, counts_up=key == "data"):
        return every(Fate.UNKNOWN, number, code=UNREADABLE)
    return _doubted(
        [_outcome(item, ids[at] if ids else "") for at, item in enumerate(items)], answer
    )


def _doubted(found: list[Outcome], answer: Answer) -> list[Outcome]:
    """After an attempt that was answered with 429, a refusal may be the echo of our own change."""
    if not answer.after_throttle:
        return found
    echoes = (Fate.STALE, Fate.NOT_APPLIED)
    return [replace(one, fate=Fate.UNKNOWN) if one.fate in echoes else one for one in found]


def _items(answer: Answer, key: str) -> list[dict[str, Json]] | None:
    """The row results, or a refusal of the whole call as the only one; None if there are neither."""
    body = answer.body or {}
    found = body.get(key)
    if found is None and "code" in body:
        return [body] if answer.status in REFUSALS else None
    if not isinstance(found, list):
        return None
    items = [item for item in found if isinstance(item, dict) and "code" in item]
    return items if len(items) == len(found) else None


def _refused_by_one(item: Mapping[str, Json], number: int) -> list[Outcome]:
    """A batch that was refused because of one row: that row has its fate, the others may go again."""
    only = _outcome(item, "")
    place = _place(item)
    if only.code in NOT_ALLOWED and place is None:
        raise NotPermitted("The CRM user may not write these records.", code=only.code)
    found = refused_whole(only.code, only.message, number)
    if place is not None and place < number and only.fate is not Fate.STALE:
        found[place] = only
    return found


def _in_order(items: Sequence[Mapping[str, Json]], ids: Sequence[str], *, counts_up: bool) -> bool:
    """Whether nothing in the answer contradicts that its rows stand in the order we sent.

    The answer for a new record carries no mark of its row, but records are numbered as they come
    (``counts_up``).
    """
    places = [_place(item) for item in items]
    if any(place not in (None, at) for at, place in enumerate(places)):
        return False
    echoed = [_echoed(item) for item in items]
    if ids:
        return all(told in ("", sent) for told, sent in zip(echoed, ids, strict=True))
    created = [told for told in echoed if told]
    if not counts_up:
        return len(created) == len(set(created))
    if not all(ID_SHAPE.match(told) for told in created):
        return False
    return all(int(one) < int(after) for one, after in pairwise(created))


def _echoed(item: Mapping[str, Json]) -> str:
    """The id of the row itself; a duplicate names the id of another record instead."""
    if not _succeeded(item) and item.get("code") != "ALREADY_MODIFIED":
        return ""
    return text(mapping(item.get("details")).get("id"))


def _place(item: Mapping[str, Json]) -> int | None:
    found = _PLACE.match(text(mapping(item.get("details")).get("json_path")))
    return int(found.group(1)) if found else None


def _succeeded(item: Mapping[str, Json]) -> bool:
    return item.get("code") == "SUCCESS" or item.get("status") == "success"


def _outcome(item: Mapping[str, Json], sent_id: str) -> Outcome:
    code = text(item.get("code"))
    if code == "MULTIPLE_OR_MULTI_ERRORS":
        return _worst(item, sent_id)
    details = mapping(item.get("details"))
    fate = _fate(item, details)
    try:
        return Outcome(
            fate,
            id=_id_of(fate, details, sent_id),
            modified_at=moment(details[MODIFIED_TIME]) if details.get(MODIFIED_TIME) else None,
            code=code,
            message=SENTENCES.get(code) or text(item.get("message")),
            field_name=text(details.get("api_name")),
        )
    except Unintelligible as error:
        return Outcome(Fate.UNKNOWN, id=sent_id, code=UNREADABLE, message=error.message)


def _fate(item: Mapping[str, Json], details: Mapping[str, Json]) -> Fate:
    code = text(item.get("code"))
    if code == "INVALID_DATA" and _speaks_of_id(details):
        return Fate.GONE
    if _succeeded(item) and (code != "SUCCESS" or item.get("status") == "error"):
        return Fate.UNKNOWN
    return FATES.get(code, Fate.REFUSED)


def _speaks_of_id(details: Mapping[str, Json]) -> bool:
    """Whether an invalid value is the id itself: updates name the field, tag calls show the id."""
    return details.get("api_name", "id" if "id" in details else "") == "id"


def _id_of(fate: Fate, details: Mapping[str, Json], sent_id: str) -> str:
    """The record that the outcome is about.

    Raises:
        Unintelligible: something was created or found to exist, and we are not told what.
    """
    told = details.get("id")
    if fate is Fate.DUPLICATE:
        told = told or mapping(details.get("duplicate_record")).get("id")
        return zoho_id(told) if told else ""
    if fate is Fate.DONE and not sent_id:
        return zoho_id(told)
    return sent_id


def _worst(item: Mapping[str, Json], sent_id: str) -> Outcome:
    """The one of several errors of a row that a person has to look at first."""
    listed = mapping(item.get("details")).get("errors")
    errors = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    found = [
        _outcome(each, sent_id)
        for each in errors
        if each.get("code") != item.get("code") and not _succeeded(each)
    ]
    final = [one for one in found if one.fate is Fate.REFUSED]
    unnamed = Outcome(Fate.REFUSED, id=sent_id, code=text(item.get("code")))
    return (final or found or [unnamed])[0]
