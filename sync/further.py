"""Decides when to look at what tells more of a customer than its deals, and keeps going where it may not.

::

    six hours on ─▶ read ─┬─▶ local copy
                          └─ refused ─▶ remembered, said, tried again six hours on

Contacts, calls, meetings, cases and notes change a class within days, not within hours, so they are not
asked for in every run. A run never fails because of them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.errors import (
    NotPermitted,
    OutOfCredits,
    Refused,
    ScopeMissing,
    Throttled,
    Unavailable,
    Unintelligible,
)
from connector.model import OPTIONAL, Module
from connector.port import Crm
from sync.mirror import Mirror, PullCount, forget_kept, forget_records

OPTIONAL_EVERY = timedelta(hours=6)
"""So often the further modules are read: a rep's visit of the morning counts in the afternoon.

Reading all five costs 20 credits where nothing changed (two for the list of deletions, one each for
fields and changes), which is 80 a day; in every hourly run it would be 480.
"""

FURTHER: Mapping[Module, tuple[str, ...]] = {
    Module.CONTACTS: (
        "Account_Name",
        "Title",
        "Email_Opt_Out",
        "Last_Visited_Time",
        "Created_Time",
        "Modified_Time",
    ),
    Module.CALLS: (
        "What_Id",
        "Who_Id",
        "Call_Type",
        "Call_Start_Time",
        "Outgoing_Call_Status",
        "Modified_Time",
    ),
    Module.EVENTS: ("What_Id", "Who_Id", "Start_DateTime", "Modified_Time"),
    Module.CASES: (
        "Account_Name",
        "Status",
        "Type",
        "Priority",
        "Subject",
        "Case_Origin",
        "Created_Time",
        "Modified_Time",
    ),
    Module.NOTES: ("Parent_Id", "Created_Time", "Modified_Time"),
}
"""The fields that we read, where the organisation has them: never what a note or a call says.

``Last_Visited_Time`` is filled where Zoho SalesIQ watches the company's website: when the contact was there
last, not which pages. Should such a visit leave ``Modified_Time`` as it was, which Zoho does not say, the
next whole reading brings it.
"""

log = logging.getLogger(__name__)

_NOT_OURS = (Throttled, OutOfCredits)


@dataclass(frozen=True, slots=True)
class Unread:
    """A module that could not be read when it was last tried, and what to do about it."""

    module: Module
    why: str
    advice: str


def read_due(
    crm: Crm, mirror: Mirror, wanted: Collection[str], read: Callable[[Module], PullCount | None]
) -> dict[str, PullCount]:
    """Read those of the further modules whose turn it is.

    Args:
        crm: tells the time.
        mirror: remembers when each was read. What is not wanted, or may not be read any more, leaves it.
        wanted: API names of the modules that the policy lets us read.
        read: reads one of them into the mirror; None where nobody uses it.

    Returns:
        What changed in those that were read and that somebody uses.

    Raises:
        CrmError: something is wrong with the connection or the budget, not with a module.
    """
    counts: dict[str, PullCount] = {}
    for module in OPTIONAL:
        if module not in wanted:
            _leave_out(mirror, module)
            continue
        now = crm.now()
        if not _is_due(mirror, module, now):
            continue
        try:
            count = read(module)
        except Refused as refused:
            if not concerns_a_module(refused):
                raise
            log.warning("%s cannot be read: %s", module, refused.message)
            _leave_out(mirror, module)
            _remember_problem(mirror, module, refused.message, refused.hint)
        except (Unavailable, Unintelligible) as trouble:
            if isinstance(trouble, _NOT_OURS):
                raise
            log.warning("%s could not be read: %s", module, trouble.message)
            _remember_problem(mirror, module, trouble.message, trouble.hint)
            break  # it may be the line, and each further module would wait as long
        else:
            if count is not None:
                counts[module] = count
            _remember_problem(mirror, module)
        mirror.remember(_tried(module), now.isoformat())
    return counts


def concerns_a_module(refused: Refused) -> bool:
    """Whether a refusal is about what was asked for, and not about the whole connection."""
    return type(refused) is Refused or isinstance(refused, ScopeMissing | NotPermitted)


def unread(mirror: Mirror) -> list[Unread]:
    """The modules that could not be read when they were last tried."""
    kept = ((module, mirror.fact(_problem(module))) for module in OPTIONAL)
    return [Unread(module, *json.loads(text)) for module, text in kept if text]


def note(mirror: Mirror) -> str:
    """The same in one sentence for a run's report; empty where all could be read."""
    missing = unread(mirror)
    if not missing:
        return ""
    named = "; ".join(f"{one.module}: {one.why.rstrip('.')}" for one in missing)
    return (
        f"Not read: {named}. Questions that need them go without; run 'fenlei doctor', or leave them out "
        "in the policy under [read] modules."
    )


def _is_due(mirror: Mirror, module: Module, now: datetime) -> bool:
    last = mirror.fact(_tried(module))
    if mirror.fact(read_whole_at(module)) and mirror.watermark(module) is None:
        return True  # the local copy was told to begin anew
    return not last or not timedelta(0) <= now - datetime.fromisoformat(last) < OPTIONAL_EVERY


def _leave_out(mirror: Mirror, module: Module) -> None:
    """Let go of what we hold of a module: it would grow stale, and we may not be meant to have it."""
    for key in (_problem(module), _tried(module), read_whole_at(module)):
        if mirror.fact(key):
            mirror.remember(key, "")
    forget_kept(mirror, module)
    if mirror.watermark(module):
        forget_records(mirror, module)


def _remember_problem(mirror: Mirror, module: Module, why: str = "", advice: str = "") -> None:
    if why or mirror.fact(_problem(module)):
        mirror.remember(_problem(module), json.dumps([why, advice]) if why else "")


def read_whole_at(module: Module) -> str:
    """Under what the local copy remembers when a module was last read from its beginning."""
    return f"{module}_read_whole_at"


def _tried(module: Module) -> str:
    return f"{module}_tried_at"


def _problem(module: Module) -> str:
    return f"{module}_problem"
