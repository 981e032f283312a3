"""Tries everything that runs and set-up do, so that a right that is missing has a name.

Zoho says which right a call lacks only when the call is made. For reading, the calls themselves are
made. For writing, calls are made that cannot come to anything: a change of a record that no
organisation has, a task without its mandatory subject for an account that does not exist, a field
without a name. Zoho turns a call without the right away at the door, with 401 or 403, before it looks
at what is in it; with the right, it refuses what is in it. Nothing is written either way.

One right shows only in what is missing: without ``settings.currencies.READ`` we see no rates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connector.errors import (
    CrmError,
    NotPermitted,
    ReconnectNeeded,
    Refused,
    ScopeMissing,
    WrongDataCentre,
)
from connector.model import REQUIRED, Fate, FieldSpec, Module, Outcome
from connector.port import Crm, Window
from sync.checks.check import Check, Level, refused

NOBODY = "1"
"""An id that has the shape of one and that no record or field has; Zoho's own have 16 digits or more."""

_AT_THE_DOOR = (ScopeMissing, NotPermitted, ReconnectNeeded, WrongDataCentre)
_REFUSED = (Fate.REFUSED, Fate.GONE)

Attempt = tuple[str, Callable[[], object]]
Write = tuple[str, Callable[[], Sequence[Outcome]]]


def reading(crm: Crm) -> Iterator[Check]:
    """What we cannot read though every run has to."""
    try:
        seen = crm.modules()
    except CrmError as exc:
        yield refused("modules", exc)
        return
    for module in REQUIRED:
        if module not in seen:
            yield Check(
                "modules",
                Level.PROBLEM,
                f"the CRM user does not see {module}",
                f"Give its profile access to {module} in Zoho under Setup, Profiles.",
            )
    for name, attempt in _reads(crm):
        try:
            attempt()
        except CrmError as exc:
            yield refused(name, exc)


def _reads(crm: Crm) -> list[Attempt]:
    return [
        ("users", crm.users),
        *((f"fields of {module}", lambda m=module: crm.fields(m)) for module in REQUIRED),
        *(
            (f"reading {module}", lambda m=module: next(crm.listed(m, ["id"]), []))
            for module in REQUIRED
        ),
        ("queries", lambda: _query(crm)),
    ]


def _query(crm: Crm) -> None:
    """Ask what changed in this very second, which needs the right to query and costs next to nothing."""
    now = crm.now()
    next(crm.changed(Module.ACCOUNTS, ["id"], Window(now, now)), [])


def writing(crm: Crm) -> Iterator[Check]:
    """What we may not write, without writing anything; fields are created and named by set-up alone."""
    for level, (name, attempt) in (
        *((Level.PROBLEM, write) for write in _record_writes(crm)),
        *((Level.WARNING, write) for write in _field_writes(crm)),
    ):
        try:
            (outcome,) = attempt()
        except _AT_THE_DOOR as exc:
            yield refused(name, exc, level)
        except Refused:
            continue  # what was in the call was refused, so the call is allowed
        except CrmError as exc:
            yield refused(name, exc, Level.WARNING)
        else:
            yield from _told(name, outcome)


def _told(name: str, outcome: Outcome) -> Iterator[Check]:
    if outcome.fate is Fate.DONE:
        yield Check(
            name,
            Level.WARNING,
            f"Zoho took an attempt that it should have refused and made {outcome.id}",
            "Delete it in Zoho.",
        )
    elif outcome.fate not in _REFUSED:
        yield Check(
            name,
            Level.WARNING,
            f"whether we may could not be told ({outcome.code or outcome.fate})",
            "Run 'fenlei doctor' again later.",
        )


def _record_writes(crm: Crm) -> list[Write]:
    nobody = [{"id": NOBODY}]
    return [
        (
            "changing Accounts",
            lambda: crm.update(Module.ACCOUNTS, nobody, unmodified_since=None),
        ),
        ("opening Tasks", lambda: crm.create(Module.TASKS, [{"What_Id": NOBODY}])),
        ("changing Tasks", lambda: crm.update(Module.TASKS, nobody, unmodified_since=None)),
    ]


def _field_writes(crm: Crm) -> list[Write]:
    nameless = FieldSpec(english_label="", label="", type="")
    return [
        ("creating fields", lambda: crm.create_fields(Module.ACCOUNTS, [nameless])),
        ("naming fields", lambda: [crm.relabel_field(Module.ACCOUNTS, NOBODY, "")]),
    ]
