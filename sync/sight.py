"""Says how far fenlei can trust what it last read of a customer, before it writes into it.

The list of changes tells nothing of a record that a sharing rule hid from us while somebody edited it: when
it is shown again, it keeps the stamp of that edit, and the next list begins later. Only a reading of
everything brings it.

::

     whole_at      readings     since              read_at
    ────┼────────────┼──────┼─────┼───────────────────┼──▶ last changed, as far as we know
        │◀─ up to whichever came first after it ─────▶│

A version that we hold came with the first reading after it, or with a later one. That reading showed every
older edit, so an edit that we missed is younger than that.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from typing import NamedTuple

from connector.model import Module
from sync.mirror import Mirror

SETTLE = timedelta(seconds=120)
"""A record saved just now may show up a little later with an earlier stamp; we look again that far back."""

_MOST_READINGS = 200
"""As many as an hourly job makes in a week, after which everything is read anew."""


class PastReading(NamedTuple):
    """When a reading began, so that it shows every edit before that, and when it ended.

    What was edited in between may have come with it, or not.
    """

    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """What the readings of a module tell of its records.

    Args:
        read_at: by the CRM's clock; every change up to then was read, if ``since`` lets it.
        since: only what was changed after this was asked for; None where all was.
        whole_at: every change up to then was read by the last reading of everything, of what we saw then.
        readings: that one and those after it, oldest first and without a gap up to this one; some of which
            nothing was taken over may be among them.
    """

    read_at: datetime
    since: datetime | None
    whole_at: datetime
    readings: Sequence[PastReading] = ()

    def surely_until(self, modified_at: datetime) -> datetime | None:
        """Up to when nobody can have edited a record that we see without our knowing; None: that is unsure.

        Args:
            modified_at: the stamp of the version that we hold.
        """
        if self.since is None or modified_at > self.since:
            return self.read_at  # whatever is younger came with this reading
        if modified_at < self.whole_at:
            return self.whole_at
        place = bisect_left(self.readings, modified_at, key=lambda reading: reading.began)
        if not 0 < place < len(self.readings) or modified_at <= self.readings[place - 1].ended:
            return None
        surely = self.readings[place].began - SETTLE
        return surely if modified_at <= surely else None


def note_reading(
    mirror: Mirror, module: Module, began: datetime, ended: datetime, *, whole: bool
) -> None:
    """Remember that a module was read; call it before what came is taken over.

    Args:
        mirror: the local copy.
        module: what was read.
        began: every edit before that was read; earlier than this run where it was read in parts.
        ended: when all of it had come.
        whole: everything was read, and what was remembered is of no use any more.
    """
    held = [] if whole else _held(mirror, module)
    held.append((floor(began.timestamp()), ceil(ended.timestamp())))
    mirror.remember(_key(module), json.dumps(held[-_MOST_READINGS:]))


def past_readings(mirror: Mirror, module: Module) -> list[PastReading]:
    """The readings of a module since the last one of everything, that one included, oldest first."""
    return [
        PastReading(datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(ended, UTC))
        for began, ended in _held(mirror, module)
    ]


def _held(mirror: Mirror, module: Module) -> list[tuple[int, int]]:
    return [(began, ended) for began, ended in json.loads(mirror.fact(_key(module)) or "[]")]


def _key(module: Module) -> str:
    return f"{module}_readings"
