"""Lets an office of the made-up company work in one language, and looks at what its CRM then holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from classifiers.catalogue import CATALOGUE
from classifiers.saying import said
from connector.clock import VirtualClock
from connector.model import Json
from connector.standin.server import StandIn
from sync.brakes import Allowed
from sync.decide import Planner
from sync.demo.company_files import write
from sync.demo.customers import DAY, POLICY
from sync.demo.happenings import reps_pause_contact, two_weeks_pass
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import verdict_rows
from sync.opening import opened
from sync.order import Order, Watch
from sync.report import Report
from sync.run import run
from sync.setup import set_up
from sync.words import Language

Record = Mapping[str, Json]
Whys = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Office:
    """What the CRM of one office holds in the end.

    Args:
        titles: our key of a field → its label in the CRM.
        choices: our key of a picklist → stored value → what its label is in the CRM.
        accounts: id → record.
        tasks: those that we opened, the earliest due first.
        whys: account → dimension → the sentence in which ``fenlei explain`` says why.
        reports: of the first run and of the one two weeks later.
    """

    language: Language
    titles: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    accounts: Mapping[str, Record]
    tasks: tuple[Record, ...]
    whys: Mapping[str, Mapping[str, str]]
    reports: tuple[Report, ...]

    def value(self, account: str, key: str) -> Json:
        """What stands in one of our fields of an account."""
        return self.accounts[account].get(_NAMES[key])

    def chosen(self, account: str, key: str) -> tuple[str, ...]:
        """The choices that stand in a picklist of ours of an account."""
        value = self.value(account, key)
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()


_NAMES = {machine.key: machine.api_name for machine in MACHINE_FIELDS}


def worked(language: Language) -> Office:
    """Set an office up, classify its customers, let two weeks pass, and classify them once more."""
    with _standing(language) as (server, environment):
        with opened(environment, server.clock) as desk:
            set_up(desk, confirm=lambda _plan: True)
        reps_pause_contact(server)
        whys: Whys = {}
        first = _run(server, environment, "backfill", Watch())
        two_weeks_pass(server)
        second = _run(server, environment, "sync", Watch(planned=lambda _, p: _told(p, whys)))
        return _looked_at(server, language, whys, (first, second))


@contextmanager
def _standing(language: Language) -> Iterator[tuple[StandIn, dict[str, str]]]:
    """A stand-in with the company in it, and the environment in which fenlei finds it."""
    with tempfile.TemporaryDirectory(prefix="fenlei-showroom-") as folder:
        files = write(Path(folder))
        policy = Path(folder, "policy.toml")
        policy.write_text(POLICY.format(language=language), encoding="utf-8")
        accounts, deals = files.pop("Accounts"), files.pop("Deals")
        clock = VirtualClock(datetime.combine(DAY, time(9), ZoneInfo("Asia/Shanghai")))
        with StandIn(accounts, deals, more=files, clock=clock) as server:
            yield (
                server,
                {
                    "FENLEI_HOME": str(Path(folder, "home")),
                    "FENLEI_POLICY": str(policy),
                    "FENLEI_ALLOW_LOOPBACK": "1",
                    **{
                        f"FENLEI_{key.upper()}": value for key, value in server.connection().items()
                    },
                },
            )


def _run(server: StandIn, environment: Mapping[str, str], kind: str, watch: Watch) -> Report:
    with opened(environment, server.clock) as desk:
        return run(desk, Order(kind, allowed=Allowed.everything_asked()), watch)


def _told(planner: Planner, whys: Whys) -> None:
    """Note why each account has each of its classes."""
    thresholds = planner.verdicts.classification.thresholds
    limits = {one.name: one.thresholds(thresholds) for one in CATALOGUE}
    ids = [str(row[0]) for row in planner.mirror.rows('SELECT id FROM crm."Accounts" ORDER BY id')]
    for candidate in verdict_rows(planner.mirror, ids):
        row = candidate.verdict
        whys[candidate.account_id] = {
            one.column: said(
                one,
                str(row[f"{one.name}_rule"]),
                {**{name: row.get(name) for name in one.reads}, **limits[one.name]},
                planner.policy.language,
            )
            for one in CATALOGUE
        }


def _looked_at(
    server: StandIn, language: Language, whys: Whys, reports: tuple[Report, ...]
) -> Office:
    there = server.tenant.catalogue.fields("Accounts")
    fields = {key: there[name] for key, name in _NAMES.items() if name in there}
    tasks = [task for task in server.records("Tasks").values() if task.get("What_Id")]
    return Office(
        language=language,
        titles={key: field.label for key, field in fields.items()},
        choices={
            key: {choice.stored: choice.shown for choice in field.pick_list}
            for key, field in fields.items()
            if field.pick_list
        },
        accounts=server.records("Accounts"),
        tasks=tuple(sorted(tasks, key=lambda task: (str(task["Due_Date"]), str(task["id"])))),
        whys=whys,
        reports=reports,
    )
