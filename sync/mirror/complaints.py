"""How customers complain: by phone, by e-mail, on the web, and how many of it is not settled."""

from __future__ import annotations

from typing import NamedTuple

from sync.mirror.columns import INSTANT, TEXT
from sync.mirror.days import day_of
from sync.mirror.money import column
from sync.mirror.signals import Meanings, complains, is_open_case
from sync.mirror.store import Mirror


class Channel(NamedTuple):
    """The complaints that came in one way; ``name`` is Zoho's, empty where nobody noted it.

    ``came`` are those of a period, ``still_open`` those of it that nobody has settled yet.
    """

    name: str
    came: int
    still_open: int


def complaints_by_channel(
    mirror: Mirror, meanings: Meanings, first: int, last: int
) -> list[Channel]:
    """The complaints of a period, the way that most of them came first.

    Args:
        mirror: open.
        meanings: which cases are complaints.
        first: day number; with ``last`` the first and last day of the period.
    """
    held = mirror.columns("Cases")
    if mirror.watermarks("Cases") == (None, None) or held.get("Created_Time") != INSTANT:
        return []
    day = day_of(mirror, 'c."Created_Time"')
    origin = f"coalesce(nullif({column(held, 'c', 'Case_Origin', TEXT)}, '-None-'), '')"
    rows = mirror.rows(
        f"""SELECT {origin} AS channel, count(*) AS came, count(*) FILTER ({is_open_case(held)})
        FROM crm."Cases" c
        WHERE NOT c._unseen AND coalesce({complains(held, meanings)}, FALSE)
            AND {day} BETWEEN {first:d} AND {last:d}
        GROUP BY ALL ORDER BY came DESC, channel"""
    )
    return [Channel(*row) for row in rows]
