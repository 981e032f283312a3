"""On which day something happened, by the calendar of the organisation's own office."""

from __future__ import annotations

from sync.mirror.columns import literal
from sync.mirror.store import Mirror

_ZONE = "time_zone"
_UTC = "UTC"


def keep_time_zone(mirror: Mirror, name: str) -> None:
    """Remember the organisation's time zone; one that nobody knows counts as UTC."""
    if mirror.fact(_ZONE) == name:
        return
    known = mirror.rows("SELECT 1 FROM pg_timezone_names() WHERE name = ? LIMIT 1", [name])
    mirror.remember(_ZONE, name if known else _UTC)


def day_of(mirror: Mirror, moment: str) -> str:
    """The SQL for the day (days since 1970-01-01) of a point in time."""
    zone = literal(mirror.fact(_ZONE) or _UTC)
    return f"CAST(CAST(timezone({zone}, {moment}) AS DATE) - DATE '1970-01-01' AS BIGINT)"
