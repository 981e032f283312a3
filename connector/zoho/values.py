"""How Zoho writes ids, moments and links to other records, and how we read them.

Zoho's documentation of the records API: ids are strings of up to 19 digits, date-times are ISO 8601
with the offset of the organisation and no fraction, a link is an object with ``id`` and ``name``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from connector.errors import Refused, Unintelligible
from connector.model import Json, Record

MODIFIED_TIME = "Modified_Time"
LONGEST_ID = 20
ID_SHAPE = re.compile(r"^[0-9]{1,20}\Z")
WRAPPINGS = frozenset((dict, list))
"""What JSON puts around a value that is more than a text, a number or a yes."""


def zoho_id(value: Json) -> str:
    """An id that came from the CRM, as a string even where it was sent as a number.

    Raises:
        Unintelligible: it has not the shape of a Zoho id.
    """
    if isinstance(value, str) and _is_id(value):
        return value
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    if not _is_id(text):
        raise Unintelligible("Zoho answered with a record whose id is not a number.")
    return text


def _is_id(text: str) -> bool:
    """The same as ``ID_SHAPE``, but a third of its time; every id of a pull comes through here."""
    return len(text) <= LONGEST_ID and text.isascii() and text.isdigit()


def checked_id(text: str) -> str:
    """An id that we are about to send.

    Raises:
        Refused: it has not the shape of a Zoho id, so it could change the meaning of a call.
    """
    if not ID_SHAPE.match(text):
        raise Refused("A record id has to be 1 to 20 digits.", code="INVALID_ID")
    return text


def moment(value: Json) -> datetime:
    """A date-time of Zoho's, in UTC.

    Raises:
        Unintelligible: it is missing, malformed, or without an offset.
    """
    return _moment(str(value))


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    """Many records are saved in one second, above all those of an import."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Unintelligible("Zoho answered with a time that cannot be read.") from exc
    if read.tzinfo is None:
        raise Unintelligible("Zoho answered with a time that names no time zone.")
    return read.astimezone(UTC)


def zoho_time(when: datetime) -> str:
    """A moment as Zoho takes it, cut down to the whole second that Zoho itself keeps."""
    if when.tzinfo is None:
        raise Refused("A time sent to Zoho has to name its time zone.", code="INVALID_TIME")
    return when.astimezone(UTC).replace(microsecond=0).isoformat()


def plain(value: Json) -> Json:
    """A value without Zoho's wrapping: a link becomes its id, a list of tags their names."""
    if isinstance(value, dict) and "id" in value:
        return None if value["id"] is None else zoho_id(value["id"])
    if isinstance(value, list):
        return [_listed(item) for item in value]
    return value


def _listed(item: Json) -> Json:
    if isinstance(item, dict) and "color_code" in item and "name" in item:
        return item["name"]
    return plain(item)


def record(row: Mapping[str, Json], fields: Iterable[str]) -> Record:
    """One row of an answer; fields that Zoho left out stay absent, unlike those that are empty."""
    values = {
        name: plain(value) if type(value := row[name]) in WRAPPINGS else value
        for name in fields
        if name in row
    }
    return Record(zoho_id(row.get("id")), moment(row.get(MODIFIED_TIME)), values)


def why_unsendable(value: Json) -> str:
    """Why JSON cannot carry this value to Zoho; empty where it can."""
    if isinstance(value, float) and not math.isfinite(value):
        return "the number is not finite"
    if isinstance(value, str):
        surrogate = any("\ud800" <= letter <= "\udfff" for letter in value)
        return "the text holds half a character" if surrogate else ""
    parts: Sequence[Json] = ()
    if isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, list):
        parts = value
    return next((why for part in parts if (why := why_unsendable(part))), "")
