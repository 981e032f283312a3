"""An office for tests: a CRM, a state folder and one clock for both, on which months pass in no time."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from remembered import remembered
from shared_engine import ENGINE

from connector.clock import VirtualClock
from connector.model import Json, Module
from connector.port import Crm
from connector.standin.journal import LogEntry, RequestSeen
from connector.standin.server import StandIn
from connector.zoho.connect import connect
from connector.zoho.hosts import hosts_from_urls
from sync.bindings import remembered_ids
from sync.brakes import Allowed
from sync.desk import Desk
from sync.home import Home
from sync.keys import intent_key, mark
from sync.ledger import FieldChange, Intent, Kind, Ledger, NewIntent, State
from sync.machine_fields import MACHINE_FIELDS, MINIMAL
from sync.mirror import Mirror
from sync.order import Order, Watch
from sync.policy import Playbook, Policy, TaskPlan, load_policy
from sync.policy.questions import ALWAYS_ASKED
from sync.report import Report
from sync.run import run
from sync.sending.send import Sender
from sync.setup import set_up
from sync.verdicts import CLASSES
from sync.words import Language

TODAY = date(2011, 12, 9)
MORNING = datetime(2011, 12, 9, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai, where the stand-in's organisation is."""

DAY = 86_400.0
QUARANTINE = 15 * 60.0
LARGE, MEDIUM = 1000.0, 300.0
YES = Allowed.everything_asked()

NAMES = {machine.key: machine.api_name for machine in MINIMAL}
"""Our key → API name of the field, of those in the minimal profile."""

ALL_NAMES = {machine.key: machine.api_name for machine in MACHINE_FIELDS}
"""The same for the full profile."""

SALES = (0.0, 100.0, 120.0, 400.0, 450.0, 380.0, 1500.0, 2000.0, 90.0, 320.0)
"""What each account of the company bought within the last year; numbers 6 and 7 are large."""

LARGE_ONES = (6, 7)

Wrap = Callable[[Crm], Crm]


def playbook(purpose: str = "call-large", **task: Any) -> Playbook:
    """A playbook whose task goes to large customers, where nothing else is said."""
    when = task.pop("when", {"tier": ("large",)})
    words: dict[str, Any] = {
        "subject": dict.fromkeys(Language, "Call {account}"),
        "checklist": dict.fromkeys(Language, ("Listen",)),
        "due_in_days": 3,
        "priority": "High",
    }
    return Playbook(purpose, when, follow_up_days=30, task=TaskPlan(**(words | task)))


def simple_policy(*playbooks: Playbook, **limits: Any) -> Policy:
    """The shipped policy with fixed amounts and one playbook, so that sales alone decide who gets a task."""
    shipped = load_policy(None, catalogue=CLASSES)
    return replace(
        shipped,
        settings=replace(
            shipped.settings,
            tier_large_from=LARGE,
            tier_medium_from=MEDIUM,
            value_high_from=LARGE,
            value_middle_from=MEDIUM,
            amount_margin=0.0,
            probability_margin=0.0,
        ),
        playbooks=playbooks or (playbook(),),
        left_out=frozenset(CLASSES) - set(ALWAYS_ASKED),
        further_modules=(),
        limits=replace(shipped.limits, **({"max_changed_percent": 100.0} | limits)),
        probability_step=100,
    )


POLICY_FILE = """
[tier]
large_from = 1000
medium_from = 300
[value]
high_from = 1000
middle_from = 300
[stability]
probability_margin = 0
amount_margin = 0
[questions]
leave_out = [
    "frequency", "industry", "region", "city_tier", "segment", "need", "satisfaction", "lifecycle",
    "behaviour", "follow_status", "growth", "potential", "won_tier",
]
[read]
modules = []

[[playbook]]
purpose = "call-large"
[playbook.when]
tier = ["large"]
[playbook.task]
due_in_days = 3
[playbook.task.subject]
en = "Call {account}"
zh-Hans = "{account}"
zh-Hant = "{account}"
[playbook.task.checklist]
en = ["Listen"]
zh-Hans = ["听"]
zh-Hant = ["聽"]
"""
"""The same as a file, for the command line: fixed tiers, one playbook, and the four questions of old."""


def write_company(folder: Path, sales: Sequence[float] = SALES) -> tuple[Path, Path]:
    """The files of a company: account number n bought for ``sales[n]``, in four deals within a year."""
    folder.mkdir(parents=True, exist_ok=True)
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    first, order = 9_100_000_000_000_000_000, 9_200_000_000_000_000_000
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Name"))
        writer.writerows((first + n, f"客户 {n:03d} Ltd") for n in range(len(sales)))
    with deals.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"))
        for n, sold in enumerate(sales):
            for back in (20, 70, 130, 200) if sold else ():
                order += 1
                day = TODAY - timedelta(days=back + n % 7)
                writer.writerow(
                    (order, first + n, "Order", "Closed Won", sold / 4, day.isoformat())
                )
    return accounts, deals


@dataclass
class Office:
    """A stand-in with a company in it, and fenlei beside it in a state folder of its own.

    Every run opens the ledger, the local copy and the connection anew, as a process of its own would.
    """

    standin: StandIn
    path: Path
    clock: VirtualClock
    policy: Policy = field(default_factory=simple_policy)

    @contextmanager
    def desk(
        self, *, policy: Policy | None = None, read_only: bool = False, wrap: Wrap = lambda crm: crm
    ) -> Iterator[Desk]:
        """Everything that a run works with."""
        home = Home(self.path)
        home.prepare()
        crm = connect(
            hosts=hosts_from_urls(
                self.standin.api_domain, self.standin.accounts_url, allow_loopback=True
            ),
            client_id=self.standin.client_id,
            client_secret=self.standin.client_secret,
            refresh_token=self.standin.refresh_token,
            token_dir=home.tokens,
            clock=self.clock,
            rng=random.Random(7),  # noqa: S311 - spreads waits, keeps no secret
            read_only=read_only,
            edition="enterprise",
        )
        try:
            with remembered(), Ledger(home.ledger) as ledger:
                yield Desk(
                    home,
                    wrap(crm),
                    ledger,
                    Mirror(home.mirror, ENGINE),
                    policy or self.policy,
                    self.clock,
                )
        finally:
            crm.close()

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The ledger alone."""
        with Ledger(Home(self.path).ledger) as ledger:
            yield ledger

    def set_up(self) -> None:
        """Create our fields."""
        with self.desk() as desk:
            set_up(desk, confirm=lambda _plan: True)

    def run(
        self,
        kind: str = "sync",
        *,
        policy: Policy | None = None,
        wrap: Wrap = lambda crm: crm,
        watch: Watch | None = None,
        **order: Any,
    ) -> Report:
        """One run; brakes are let go unless the test says what is allowed."""
        with self.desk(policy=policy, read_only=kind == "plan", wrap=wrap) as desk:
            asked = Order(kind, **({"allowed": YES} | order))
            return run(desk, asked, watch or Watch())

    def after(self, seconds: float) -> None:
        """Let time pass, in which whatever the CRM has put off happens when it is due."""
        self.standin.tenant.pass_time(seconds)

    def account(self, number: int) -> Mapping[str, Any]:
        """The record of one of the company's accounts, by its place."""
        return self.standin.records("Accounts")[self.account_id(number)]

    def account_id(self, number: int) -> str:
        """The id of one of the company's accounts, by its place."""
        return sorted(self.standin.records("Accounts"))[number]

    def buys(self, number: int, amount: float, *, day: date | None = None) -> str:
        """A customer buys something; gives back the deal's id."""
        bought = self.standin.rep.add(
            "Deals",
            Deal_Name="Order",
            Account_Name={"id": self.account_id(number)},
            Stage="Closed Won",
            Amount=amount,
            Closing_Date=(day or self.clock.now().date()).isoformat(),
        )
        return str(bought["id"])

    def redefine(self, key: str, **changes: Any) -> None:
        """The administrator redefines one of our fields on Accounts; with ``gone=True`` deletes it."""
        if changes.pop("gone", False):
            self.standin.admin.drop_field("Accounts", self.field_ids[key])
        else:
            self.standin.admin.redefine("Accounts", self.field_ids[key], **changes)

    @property
    def field_ids(self) -> dict[str, str]:
        """Our key → the id of the field that setup bound."""
        with self.ledger() as ledger:
            return remembered_ids(ledger)

    def once_written(self) -> Callable[[], bool]:
        """Asks a run to stop as soon as anything more has been written."""
        before = len(self.written())
        return lambda: len(self.written()) > before

    def written(self) -> list[LogEntry]:
        """What we changed in records, by the stand-in's own log."""
        changes = ("create", "update", "delete")
        return [entry for entry in self.standin.log if entry.request and entry.action in changes]

    def created(self) -> list[LogEntry]:
        """The tasks that we created, by the stand-in's own log."""
        return [e for e in self.written() if e.module == "Tasks" and e.action == "create"]

    def updated(self, module: str = "Accounts") -> list[LogEntry]:
        """The records that we updated, by the stand-in's own log."""
        return [e for e in self.written() if e.module == module and e.action == "update"]

    def calls(self, method: str, ending: str) -> list[RequestSeen]:
        """The calls of one kind that came in."""
        return [
            seen
            for seen in self.standin.requests
            if seen.method == method and seen.path.endswith(ending)
        ]

    def intents(self, *states: State, kind: Kind | None = None) -> list[Intent]:
        """Intents in the ledger."""
        kinds = (kind,) if kind else tuple(Kind)
        with self.ledger() as ledger:
            return [i for s in states or tuple(State) for i in ledger.intents.in_state(s, *kinds)]


def tasks_by_account(entries: Sequence[LogEntry]) -> dict[str, int]:
    """How many of these log entries are about each account's tasks."""
    counts: dict[str, int] = {}
    for entry in entries:
        about = (entry.after or {})["What_Id"]["id"]
        counts[about] = counts.get(about, 0) + 1
    return counts


def unsettled(office: Office) -> list[Intent]:
    """What is neither done nor given up, but for changes of records that may come back from the bin."""
    there = {*office.standin.records("Accounts"), *office.standin.records("Tasks")}
    return [
        intent
        for intent in office.intents(State.PLANNED, State.SENT, State.UNKNOWN)
        if intent.kind is Kind.TASK or intent.record_id in there
    ]


def ledger_disagrees(office: Office) -> list[str]:
    """Where the ledger and the stand-in's own records tell different stories; empty is the invariant.

    Every task that we created is known by exactly one settled intent, and wherever our value stands as we
    wrote it, with nobody's typed over it since, the ledger calls it ours, by the stand-in's own log.
    """
    wrong: list[str] = []
    done = {i.crm_id: i for i in office.intents(State.DONE, kind=Kind.TASK)}
    created = {entry.id for entry in office.created()}
    wrong += [f"task {key} is there but not in the ledger" for key in created - done.keys()]
    wrong += [f"task {key} is in the ledger but never came" for key in done.keys() - created]
    last: dict[tuple[str, str], Json] = {}
    for entry in office.standin.log:
        if entry.module != "Accounts" or entry.action != "update":
            continue
        for name in ALL_NAMES.values():
            if (entry.after or {}).get(name) == (entry.before or {}).get(name):
                continue
            if entry.request:
                last[entry.id, name] = (entry.after or {}).get(name)
            else:
                last.pop((entry.id, name), None)
    with office.ledger() as ledger:
        ours = ledger.ours.known_values(sorted({key for key, _ in last}))
    for (key, name), value in last.items():
        if value not in ours.get(key, {}).get(name, []):
            wrong.append(f"account {key}: {name} holds {value!r}, the ledger says otherwise")
    return wrong


def sender(desk: Desk) -> Sender:
    """A sender that nobody stops."""
    return Sender(
        crm=desk.crm,
        ledger=desk.ledger,
        clock=desk.clock,
        quarantine=desk.quarantine,
        run_workflows=False,
        may_go_on=lambda: "",
        progress=lambda _count: None,
    )


def call_task(account_id: str, occasion: str = "once") -> NewIntent:
    """The task of a playbook for one account, as the plan makes it."""
    key = intent_key("task", "org", "call-large", account_id, occasion)
    body: dict[str, Json] = {"Subject": f"Call {mark('call-large', key)}", "What_Id": account_id}
    return NewIntent(key, Kind.TASK, Module.TASKS, account_id, body, "call-large")


def tier_change(account_id: str, new: Json = "large", old: Json = None) -> NewIntent:
    """A change of one account's tier, as the plan makes it."""
    name = NAMES["tier"]
    return NewIntent(
        key=intent_key("fields", account_id, str(old), str(new)),
        kind=Kind.FIELDS,
        module=Module.ACCOUNTS,
        record_id=account_id,
        body={"id": account_id, name: new},
        changes=(FieldChange(name, old, new),),
    )


def planned(desk: Desk, *intents: NewIntent) -> list[Intent]:
    """The intents, written down and ready to be sent."""
    with desk.ledger.transaction():
        desk.ledger.intents.add(intents, run_id="run", now=desk.clock.now())
    return desk.ledger.intents.in_state(State.PLANNED, *Kind)
