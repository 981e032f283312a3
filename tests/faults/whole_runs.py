"""A run under a fault, the runs that come after it, and how everything must look in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from history_check import problems
from workbench import DAY, LARGE, MEDIUM, NAMES, QUARANTINE, YES, Office

from connector.errors import CrmError
from connector.model import Module
from connector.standin.oauth import DEFAULT_SCOPES
from sync.brakes import Allowed, Brake
from sync.ledger import Kind, State
from sync.order import Watch
from sync.report import Report

SALES = (100.0, 400.0, 1500.0, 2000.0)
"""What each account bought within the year; numbers 2 and 3 are large."""

LARGE_ONES = (2, 3)
WRITES = ("PUT /Accounts", "POST /Tasks")
SETTLING = QUARANTINE + 3600.0
TIER = NAMES["tier"]


Loss = tuple[str, Mapping[str, Any]]
"""A kind of fault of the stand-in, and its parameters."""


def live_through(office: Office, losses: Iterable[Loss], *, customers: int = 1) -> None:
    """One run for each fault, in which it strikes the writing of a new large customer's class and task.

    Each run also settles what the one before it left in doubt. What becomes of it all is for
    :func:`trouble` to say; the customers are named after the faults.
    """
    office.run("backfill")
    for kind, params in losses:
        pass_time(office, SETTLING)
        before = len(office.standin.faults.fired)
        for _ in range(customers):
            new_customer(office, f"{kind} {dict(params)}")
        for route in WRITES:
            office.standin.faults.add(route, kind=kind, **params)
        attempt(office)
        office.standin.faults.clear()
        struck = {fired.fault.kind for fired in office.standin.faults.fired[before:]}
        assert struck == {kind}, f"{kind} was meant to strike"


def new_customer(office: Office, name: str, amount: float = 1500.0) -> str:
    """A new account that is large from the first; gives back its id."""
    account = str(office.standin.rep.add("Accounts", Account_Name=name[:100])["id"])
    office.standin.rep.add(
        "Deals",
        Deal_Name="Order",
        Account_Name={"id": account},
        Stage="Closed Won",
        Amount=amount,
        Closing_Date=office.standin.clock.now().date().isoformat(),
    )
    return account


def case(rows: str, *values: object, name: str = "") -> Any:
    """One line of a table, marked with the rows of the matrix that it shows (``"N5 N8"``)."""
    named = name or " ".join(str(value) for value in values if isinstance(value, str | int))
    return pytest.param(
        *values, marks=pytest.mark.fault(*rows.split()), id=f"{rows.split(maxsplit=1)[0]} {named}"
    )


def attempt(office: Office, kind: str = "sync", **order: Any) -> Report | CrmError | Brake:
    """One run, and how it ended: with its report, or with what stopped it."""
    try:
        return office.run(kind, **order)
    except (CrmError, Brake) as stopped:
        return stopped


def meanwhile(moment: str, act: Callable[[], object]) -> Watch:
    """Somebody does this when a run comes to that stage: ``classify``, ``plan``, ``fields`` or ``tasks``."""

    def reached(name: str, _total: int | None) -> None:
        if name == moment:
            act()

    return Watch(stage=reached)


def heal(office: Office, *, allowed: Allowed = YES) -> None:
    """The faults end, locks open, and scheduled runs go on until nothing changes any more."""
    office.standin.faults.clear()
    office.standin.locked.clear()
    office.standin.scopes = DEFAULT_SCOPES
    for _ in range(6):
        pass_time(office, SETTLING)
        written = len(office.written())
        report = office.run(allowed=allowed)
        waiting = office.intents(State.PLANNED, State.SENT, State.UNKNOWN)
        if len(office.written()) == written and not waiting:
            return
        if report.failed or report.restless or waiting:
            pass_time(office, DAY)  # what was refused is tried again on another day
    raise AssertionError("six runs did not come to rest")


def pass_time(office: Office, seconds: float) -> None:
    """Time passes for Zoho and for us, who may each have a clock of their own."""
    office.after(seconds)
    if office.standin.clock is not office.clock:
        office.standin.clock.advance(seconds)


def trouble(office: Office) -> list[str]:
    """What is wrong at rest by the CRM's own log and records, one sentence each."""
    wrong = problems(office, at_rest=True)
    held = {h.record_id for h in _held(office) if h.field == TIER}
    with_task = {intent.record_id for intent in office.intents(kind=Kind.TASK)}
    for key, record in office.standin.records("Accounts").items():
        if key not in held and record.get(TIER) != tier(office, key):
            named = f"account {key} ({record['Account_Name']})"
            wrong.append(f"{named} is {record.get(TIER)} and should be {tier(office, key)}")
        if tier(office, key) == "large" and key not in with_task:
            wrong.append(f"account {key} ({record['Account_Name']}) never got its task")
    wrong += [f"{e.id} was written with workflows on" for e in office.written() if e.trigger != ()]
    return wrong


def _held(office: Office) -> list[Any]:
    with office.ledger() as ledger:
        return list(ledger.history.held())


def tier(office: Office, account_id: str) -> str:
    """What the policy says, counted by hand from what the CRM holds."""
    today = office.standin.clock.now().astimezone(office.standin.tenant.zone).date()
    spent = sum(
        float(str(deal["Amount"]))
        for deal in office.standin.records("Deals").values()
        if (deal.get("Account_Name") or {}).get("id") == account_id
        and today - timedelta(days=365)
        < datetime.fromisoformat(str(deal["Closing_Date"])).date()
        <= today
    )
    return "large" if spent >= LARGE else "medium" if spent >= MEDIUM else "small"


def task_of(office: Office, number: int) -> str:
    """The id of the only task that we ever opened for one of the accounts."""
    account = office.account_id(number)
    (task,) = [e.id for e in office.created() if (e.after or {})["What_Id"]["id"] == account]
    return task


def alive(office: Office) -> list[str]:
    """The accounts that have tasks now, one mention a task."""
    return sorted(str(t["What_Id"]["id"]) for t in office.standin.records(Module.TASKS).values())


def one_task_each(office: Office) -> bool:
    """Whether every large account has exactly one task, and nobody else has any."""
    accounts = office.standin.records("Accounts")
    return alive(office) == sorted(key for key in accounts if tier(office, key) == "large")
