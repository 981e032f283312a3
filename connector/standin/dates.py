"""Times as Zoho writes and reads them: ISO 8601 to the second, in the organisation's own time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo


def stamp(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as Zoho shows it: ``2011-12-09T09:00:00+08:00``, without fractions."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def comparable(text: str) -> str:
    """A stamp in UTC, so that two of them sort as texts in the order of time."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")


def read_moment(text: str) -> datetime | None:
    """A moment from a header or a file, or None where it has no offset or is no date at all."""
    try:
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # before the year 1 or after 9999 once it is UTC
        return None


def http_date(moment: datetime) -> str:
    """A moment for the ``Date`` header."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
