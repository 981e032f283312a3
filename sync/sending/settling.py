"""Says what the ledger makes of the CRM's answer to one row: done, to be tried again, or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from connector.model import Fate, Outcome
from sync.ledger import Intent, Kind, Settlement, State
from sync.sending.locks import PATIENCE

MAX_ATTEMPTS = 3
"""Sends of one intent before it is parked for a person to look at."""

THROTTLED = frozenset({"TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED"})
"""Codes of a creation that was most likely turned away at the gate.

It may have arrived all the same, so it is read back; but a day of throttling does not use up the few
times that a task may be sent.
"""

_STATES: Mapping[Fate, State] = {
    Fate.DONE: State.DONE,
    Fate.DUPLICATE: State.REJECTED,
    Fate.STALE: State.SUPERSEDED,
    Fate.LOCKED: State.SUPERSEDED,
    Fate.GONE: State.CANCELLED,
    Fate.REFUSED: State.REJECTED,
    Fate.NOT_APPLIED: State.PLANNED,
    Fate.UNKNOWN: State.UNKNOWN,
}


def is_throttled(outcome: Outcome) -> bool:
    """Whether the CRM asked for fewer calls instead of telling what became of a creation."""
    return outcome.fate is Fate.UNKNOWN and outcome.code in THROTTLED


def understood(intent: Intent, outcome: Outcome) -> Outcome:
    """The outcome in the light of what the row was.

    A task whose own key the CRM has already is there: that is a success, though which record it is
    may have to be read back. A task for an account that is no longer there is as gone as the account.
    """
    if intent.kind is not Kind.TASK:
        return outcome
    name = outcome.field_name
    if outcome.fate is Fate.DUPLICATE and name and intent.body.get(name) == intent.key:
        return replace(outcome, fate=Fate.DONE if outcome.id else Fate.UNKNOWN)
    if outcome.fate is Fate.REFUSED and (outcome.code, name) == ("INVALID_DATA", "What_Id"):
        return replace(outcome, fate=Fate.GONE)
    return outcome


def settlement(
    intent: Intent, outcome: Outcome, *, locked_since: datetime | None, now: datetime
) -> Settlement:
    """What becomes of an intent.

    Args:
        intent: as it was before the sending, its attempts not counting this one.
        outcome: as :func:`understood`.
        locked_since: since when its record has been locked, if it is.
        now: when the answer came.
    """
    state = _STATES[outcome.fate]
    if intent.kind is Kind.TASK and outcome.fate in (Fate.LOCKED, Fate.STALE):
        state = State.PLANNED
    text = outcome.message
    if outcome.fate is Fate.LOCKED and locked_since and now - locked_since >= PATIENCE:
        state = State.PARKED
        text = f"Locked in the CRM since {locked_since:%Y-%m-%d}."
    elif outcome.fate is Fate.STALE and intent.attempt + 1 >= MAX_ATTEMPTS:
        state = State.PARKED if intent.kind is Kind.TASK else state
    return Settlement(
        intent.key,
        state,
        crm_id="" if outcome.fate is Fate.DUPLICATE else outcome.id,  # that one is not ours
        crm_modified=outcome.modified_at,
        code=outcome.code,
        text=text,
        counts=outcome.fate not in (Fate.NOT_APPLIED, Fate.LOCKED),
    )
