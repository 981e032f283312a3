"""The whole job in an office of any size, stage by stage: what each costs, and the least it could cost.

The CRM runs in this process; every stage is a process of its own, as a scheduler would start it, an hour
after the one before. Time is virtual: nobody waits for the two minutes by which two readings overlap.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from made_up_company import FIRST_ACCOUNT, TODAY, company

from connector.clock import VirtualClock
from connector.model import REQUIRED, Module
from connector.standin.server import StandIn
from measuring.alone import Stopwatch, alone, worked
from measuring.crm import Till, given, our_client, served
from measuring.least import Cost, first_run, knowing, later_run
from sync import run as running
from sync.brakes import Allowed
from sync.desk import Desk
from sync.home import Home
from sync.ledger import Ledger
from sync.mirror import Mirror
from sync.order import Order, Watch
from sync.policy import load_policy
from sync.setup import set_up
from sync.verdicts import CLASSES

MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 1, tzinfo=UTC)
HOUR = 3600.0
CREDITS = 100_000_000
"""More than any stage takes, so that each is done in one go."""

SETUP, BACKFILL = "setup", "backfill"
ECHO = "sync: our own writes come back"
DELTA = "sync: some have changed"
IDLE = "sync: nothing has changed"
IDLE_AND_LOOKED = "the same, with a look at unused modules"
IDLE_HOURS = 3
"""Now and then a run asks whether modules that nobody used are in use; so many hours show both kinds."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage did and took: seconds and CPU without imports, peak memory of its process."""

    name: str
    seconds: float
    cpu: float
    peak_mb: float
    cost: Cost
    least: Cost
    written: int
    tasks: int
    status: str

    @property
    def above(self) -> float:
        """Per cent more credits than the least."""
        return self.cost.above(self.least)

    def as_json(self) -> dict[str, Any]:
        """For the figures of a result."""
        return asdict(self)


def stages(
    accounts: int, deals_each: int, *, changed: float, policy: Path | None = None
) -> list[Stage]:
    """Set up, fill, let our own writes come back, then a sync with changes and one without.

    Args:
        accounts: how many the company has.
        deals_each: deals of each.
        changed: share of the accounts that win a deal before the sync with changes.
        policy: another than the shipped one.
    """
    with tempfile.TemporaryDirectory() as folder:
        office = Office.of(Path(folder), accounts, deals_each, policy)
        with office.standin:
            found = [office.stage(SETUP, "set_up"), office.stage(BACKFILL, "run", kind="backfill")]
            found.append(office.stage(ECHO, "run", kind="sync"))
            office.stage("", "run", kind="sync")  # whatever was still to be looked at once more
            office.win_deals(round(accounts * changed))
            found.append(office.stage(DELTA, "run", kind="sync"))
            office.stage("", "run", kind="sync")
            found += office.idle_hours()
    return found


class Office:
    """A CRM with a company in it, and fenlei's own folder beside it."""

    def __init__(self, place: Path, standin: StandIn, policy: Path | None) -> None:
        self.standin = standin
        self._place, self._policy = place, policy
        self._till = Till(standin)
        self._read_up_to = 0

    @classmethod
    def of(cls, place: Path, accounts: int, deals_each: int, policy: Path | None = None) -> Office:
        """A company of this size."""
        files, clock = company(place, accounts, deals_each, "csv"), VirtualClock(MORNING)
        return cls(place, served(*files, clock=clock, credits_a_day=CREDITS), policy)

    def stage(self, name: str, work: str, **given: str) -> Stage:
        """One process at work, an hour after the one before."""
        self.standin.clock.advance(HOUR)
        self._till.begin()
        log, calls = len(self.standin.log), len(self.standin.requests)
        before, fields = self._changed(self._read_up_to, log), self._fields()
        told = alone(
            "measuring.office",
            work,
            place=str(self._place),
            connection=json.dumps(self.standin.connection()),
            now=self.standin.clock.now().isoformat(),
            policy=str(self._policy or ""),
            **given,
        )
        done = [one for one in self.standin.log[log:] if one.module in REQUIRED]
        created = sum(one.action == "create" for one in done)
        updated = [
            sum(one.module == m and one.action == "update" for one in done) for m in REQUIRED
        ]
        if work == "set_up":
            least = knowing(len(REQUIRED), self._fields() - fields)
        elif given.get("kind") == "backfill":
            asked = self.standin.requests[calls:]
            in_bulk = any("/bulk/" in o.path and o.path.endswith("/write") for o in asked)
            size = {module.value: len(self.standin.records(module)) for module in REQUIRED}
            size[Module.TASKS] -= created
            least = first_run(size, updated=sum(updated), created=created, in_bulk=in_bulk)
        else:
            least = later_run(before, updated=updated, created=created)
        if work != "set_up":
            self._read_up_to = log
        figures = {key: told[key] for key in ("seconds", "cpu", "peak_mb", "status")}
        return Stage(
            name,
            **figures,
            cost=self._till.since(),
            least=least,
            written=sum(updated),
            tasks=created,
        )

    def idle_hours(self) -> list[Stage]:
        """An hour of the cheap kind, and one in which more was looked at if there was such a one."""
        hours = [self.stage(IDLE, "run", kind="sync") for _ in range(IDLE_HOURS)]
        hours.sort(key=lambda hour: hour.cost)
        dearest = replace(hours[-1], name=IDLE_AND_LOOKED)
        return [hours[0], dearest] if dearest.cost > hours[0].cost else hours[:1]

    def win_deals(self, number: int) -> None:
        """So many customers buy again today."""
        size = len(self.standin.records(Module.ACCOUNTS))
        for place in range(number):
            account = str(FIRST_ACCOUNT + place * (size // number))
            self.standin.rep.add(
                Module.DEALS,
                Deal_Name=f"Again {place}",
                Account_Name={"id": account},
                Stage="Closed Won",
                Amount=900.0,
                Closing_Date=TODAY.isoformat(),
            )

    def _changed(self, since: int, until: int) -> dict[str, int]:
        """Module → records that were changed between two places of the CRM's log."""
        found: dict[str, set[str]] = {module: set() for module in REQUIRED}
        for one in self.standin.log[since:until]:
            if one.module in found:
                found[one.module].add(one.id)
        return {module: len(ids) for module, ids in found.items()}

    def _fields(self) -> int:
        return sum(len(self.standin.tenant.catalogue.fields(module)) for module in REQUIRED)


class SharedClock(VirtualClock):
    """A clock on which whoever waits lets the CRM's time pass too, so that its jobs come to an end."""

    def __init__(self, start: datetime, api_domain: str) -> None:
        super().__init__(start)
        self._crm = f"{api_domain}/standin/clock"

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if seconds > 0:
            requests.post(self._crm, json={"advance_seconds": seconds}, timeout=60)


@contextmanager
def desk(place: str, connection: str, now: str, policy: str) -> Iterator[Desk]:
    """Everything that a run works with, opened as the command line does."""
    api_domain = given(connection)["api_domain"]
    folder, clock = Path(place), SharedClock(datetime.fromisoformat(now), api_domain)
    home = Home(folder / "home")
    home.prepare()
    found = load_policy(Path(policy) if policy else None, catalogue=CLASSES)
    with (
        our_client(given(connection), home.path, clock=clock) as crm,
        Ledger(home.ledger) as ledger,
    ):
        yield Desk(home, crm, ledger, Mirror(home.mirror), found, clock)


_A_STAGE = 2.0
"""Seconds of virtual time before each stage of a run: the CRM's stamps are no finer than one."""


def set_up_once(**opened: str) -> Mapping[str, Any]:
    """Create our fields."""
    with Stopwatch() as watch, desk(**opened) as ready:
        set_up(ready, confirm=lambda _plan: True)
    return {"status": "done", **watch.told}


def run_once(kind: str, **opened: str) -> Mapping[str, Any]:
    """One run of the product that nobody stops; seconds pass between what it reads and what it writes."""
    with Stopwatch() as watch, desk(**opened) as ready:
        order = Order(kind, allowed=Allowed.everything_asked())
        told = Watch(stage=lambda _name, _total: ready.clock.sleep(_A_STAGE))
        report = running.run(ready, order, told)
    return {"status": str(report.status), **watch.told}


WORKS: dict[str, Callable[..., Mapping[str, Any]]] = {"set_up": set_up_once, "run": run_once}


if __name__ == "__main__":
    import connector.zoho.sdk  # noqa: F401 - what a run imports late is no part of its CPU either

    worked(WORKS)
