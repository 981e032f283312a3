"""A few days in the life of a small company, in four chapters, with everything in them that can hurt.

============  ==================================================================================
``setup``     our fields are created
``backfill``  every account is classified for the first time, two tasks are opened
``sync``      the day after: new deals, deletions, a rep's own class, a rep's override, a task done
              and a task deleted; then a row that somebody edits while we write, a class that the
              organisation no longer offers, and tasks whose answer gets lost
``settle``    two hours later: what became of those tasks is found out, and more was bought
``undo``      the run of the day before is taken back, its tasks are closed
============  ==================================================================================

What happens around a chapter (people, an administrator, the network) is scripted by its moments, never
by time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moments import Moment, Point
from workbench import DAY, MORNING, NAMES, POLICY_FILE, Office, write_company

from connector.clock import VirtualClock
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from sync.brakes import Allowed
from sync.opening import read_policy
from sync.undo import undo

"""Fixed tiers and one playbook, so that sales alone decide who gets a task."""

BELIEVES_DELETIONS = Allowed.everything_asked(shrink=True)
"""One account of ten is deleted, more than a pull believes unasked."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One life of the process.

    Args:
        name: to find it again.
        before: what happens in the world before the process starts.
        act: what the process does; started again after a death, it does the same.
        words: the same at the command line.
        meanwhile: what the world does at a moment of the process.
        by_then: what the world has done of that when the next process starts.
    """

    name: str
    before: Callable[[Office], None]
    act: Callable[[Office], None]
    words: Callable[[Office], tuple[str, ...]]
    meanwhile: Callable[[Office, Moment], None] = lambda _office, _moment: None
    by_then: Callable[[Office], None] = lambda _office: None


@contextmanager
def small_company(folder: Path, *, unique: bool) -> Iterator[Office]:
    """An office over a stand-in with ten accounts in it; nothing is set up.

    Args:
        folder: for its files.
        unique: whether the CRM refuses a second task with the same key, as it promises. Where it does
            not, nothing but the protocol keeps a task from being opened twice.
    """
    clock = VirtualClock(MORNING)
    switches = Switches(unique_on_tasks=unique)
    with StandIn(*write_company(folder), clock=clock, switches=switches) as standin:
        policy = folder / "policy.toml"
        policy.write_text(POLICY_FILE, encoding="utf-8")
        yield Office(standin, folder / "home", clock, read_policy(policy))


def _nothing(_office: Office) -> None:
    """A day begins like any other."""


def _next_day(office: Office) -> None:
    office.after(DAY)
    office.buys(3, 900)
    office.buys(4, 800)
    office.buys(1, 350)
    rep, account = office.standin.rep, office.account_id
    rep.delete("Deals", _deals_of(office, 2)[0])
    rep.edit("Accounts", account(5), **{NAMES["loyalty"]: "at_risk"})
    rep.edit("Accounts", account(8), **{NAMES["tier_override"]: "large"})
    rep.edit("Tasks", _task_of(office, 6), Status="Completed")
    rep.delete("Tasks", _task_of(office, 7))
    rep.delete("Accounts", account(9))
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")


def _two_hours_later(office: Office) -> None:
    office.after(2 * 3600)
    office.standin.faults.clear()
    office.buys(0, 1100)
    office.buys(4, 75)
    office.standin.rep.edit("Tasks", _task_of(office, 3), Priority="Low")


def _next_morning(office: Office) -> None:
    office.after(DAY - 2 * 3600)
    office.standin.rep.edit("Accounts", office.account_id(4), **{NAMES["tier"]: "small"})


def _others_at_work(office: Office, moment: Moment) -> None:
    """Between our reading and our first writing a rep saves an account, and a class is taken away."""
    if moment.route == "PUT Accounts" and moment.point is Point.BEFORE_CONNECT:
        _others_have_worked(office)


def _others_have_worked(office: Office) -> None:
    if not office.account(3).get("Description"):
        office.standin.rep.edit("Accounts", office.account_id(3), Description="Met at the fair")
        office.redefine("tier", pick_list=_without_medium(office))


def _first_sync(office: Office) -> str:
    with office.ledger() as ledger:
        return [run.id for run in ledger.runs.latest() if run.kind == "sync"][-1]


def _undo_the_sync(office: Office) -> None:
    first_sync = _first_sync(office)
    with office.desk() as desk:
        undo(desk, first_sync, confirm=lambda _plan: True)


def _sync_words(_office: Office) -> tuple[str, ...]:
    return ("sync", "--yes", "--allow-shrink", "--json")


CHAPTERS = (
    Chapter("setup", _nothing, Office.set_up, lambda _: ("setup", "--yes", "--json")),
    Chapter(
        "backfill",
        _nothing,
        lambda office: _run(office, "backfill"),
        lambda _: ("backfill", "--yes", "--json"),
    ),
    Chapter(
        "sync",
        _next_day,
        lambda office: _run(office, "sync"),
        _sync_words,
        _others_at_work,
        _others_have_worked,
    ),
    Chapter("settle", _two_hours_later, lambda office: _run(office, "sync"), _sync_words),
    Chapter(
        "undo",
        _next_morning,
        _undo_the_sync,
        lambda office: ("undo", _first_sync(office), "--yes", "--json"),
    ),
)


def _run(office: Office, kind: str) -> None:
    office.run(kind, allowed=BELIEVES_DELETIONS)


def _deals_of(office: Office, number: int) -> list[str]:
    account = office.account_id(number)
    deals = office.standin.records("Deals")
    return sorted(key for key, deal in deals.items() if deal["Account_Name"]["id"] == account)


def _task_of(office: Office, number: int) -> str:
    account = office.account_id(number)
    tasks = office.standin.records("Tasks")
    return next(key for key, task in tasks.items() if task["What_Id"]["id"] == account)


def _without_medium(office: Office) -> tuple[Any, ...]:
    field = office.standin.tenant.catalogue.fields("Accounts")[NAMES["tier"]]
    return tuple(value for value in field.pick_list if value.stored != "medium")
