"""Says what speaks against writing to an account again: a refusal of today, or many writes within a day."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.ledger import Kind, NewIntent, State
from sync.ledger.intents import Intents, body_hash

REFUSAL_LASTS = timedelta(hours=20)
"""A body that the CRM refused is not sent again before the next day, lest it costs credits every hour."""

RESTLESS_AFTER = 3
"""More writes than this to one account within a day mean that somebody or something undoes them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What earlier writes to some accounts say against another one now.

    Args:
        refused: (account, body hash) that the CRM refused today.
        locked: accounts that have been locked for long; they are tried once a day.
        restless: accounts that we wrote too often within a day.
    """

    refused: Set[tuple[str, str]]
    locked: Set[str]
    restless: Set[str]

    def against(self, intent: NewIntent) -> str:
        """``restless``, ``refused``, or an empty text where nothing speaks against it."""
        if intent.record_id in self.restless:
            return "restless"
        known = (intent.record_id, body_hash(intent.body)) in self.refused
        return "refused" if known or intent.record_id in self.locked else ""


def standing_of(intents: Intents, ids: Sequence[str], now: datetime) -> Standing:
    """What the ledger knows of earlier writes to these accounts."""
    lately = now - REFUSAL_LASTS
    written = intents.written_since(ids, now - timedelta(hours=24))
    parked = intents.in_state(State.PARKED, Kind.FIELDS)
    return Standing(
        refused=intents.refused_bodies(ids, lately),
        locked={intent.record_id for intent in parked if intent.created_at >= lately},
        restless={key for key, count in written.items() if count > RESTLESS_AFTER},
    )
