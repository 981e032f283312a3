"""Says how far fenlei can trust what it last read of a customer, before it writes into it.

The list of changes tells nothing of a record that a sharing rule hid from us while somebody edited it: when
it is shown again, it keeps the stamp of that edit, and the next list begins later. Only a reading of
everything brings it.

::

     whole_at            since              read_at
    ────┼──────────────────┼───────────────────┼──▶ last changed, as far as we know
     old         unsure            fresh
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto


class Age(Enum):
    """What the version that we hold of a record, which we see now, tells of edits that we missed."""

    FRESH = auto()
    """There is none before ``read_at``: whatever is younger than what we hold came with this reading."""

    OLD = auto()
    """There is none before ``whole_at``."""

    UNSURE = auto()
    """There may be one right after the version that we hold."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one reading of a module tells of its records.

    Args:
        read_at: by the CRM's clock; every change up to then was read, if ``since`` lets it.
        since: only what was changed after this was asked for; None where all was.
        whole_at: every change of every record that we saw then was read by the last reading of everything.
    """

    read_at: datetime
    since: datetime | None
    whole_at: datetime

    def age(self, modified_at: datetime) -> Age:
        """How far to trust a record that we see, by the stamp of the version that we hold."""
        if self.since is None or modified_at > self.since:
            return Age.FRESH
        return Age.OLD if modified_at < self.whole_at else Age.UNSURE
