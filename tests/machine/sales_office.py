"""A sales office that lives through anything: reps, faults, crashes, old backups, and our runs between them.

Hypothesis draws what happens; the stand-in's own log says whether a promise was broken.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from decisions import AS_EVER, is_for_every_large_customer
from history_check import problems
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from mortal import Killed, Mortal
from office_history import history_of
from prepared import open_office
from promises import Watcher
from troubles import fault_kinds, routes
from workbench import (
    ALL_NAMES,
    DAY,
    NAMES,
    QUARANTINE,
    Office,
    Wrap,
    unsettled,
)

from connector.errors import CrmError
from connector.model import Json
from connector.port import Crm
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.switches import Switches
from sync.brakes import Brake
from sync.keys import read_mark
from sync.ledger import Kind
from sync.reading import NotSetUp
from sync.report import Report, Status
from sync.undo import NothingToUndo, undo
from sync.ways.writing import Tariff

SALES = (0.0, 400.0, 1500.0, 2000.0)
"""Four customers, two of them large."""

CALM = 3
"""Steps of other people between two runs of ours: a run takes as long as a thousand of theirs."""

TIER, REASON, OVERRIDE = NAMES["tier"], NAMES["reason"], NAMES["tier_override"]
CHANCE, NEXT = NAMES["churn_probability"], NAMES["next_follow_up"]
CLASSIFIED = NAMES["classified_at"]
SETTLING = timedelta(seconds=QUARANTINE) + timedelta(hours=1)

CHEAP_JOBS = Tariff(job=0, around_a_job=0, own_credits=0)
"""Prices at which even a few accounts are worth a bulk job, where the policy allows any."""

SCOPES = (*DEFAULT_SCOPES, "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL")

accounts = st.integers(0, 5)
tasks = st.integers(0, 7)


class SalesOffice(RuleBasedStateMachine):
    """The rules; a subclass chooses how this Zoho behaves where its documents are silent."""

    switches = Switches()
    scheduled_every = 0
    """Steps of other people after which an hour has passed and the scheduled job runs; 0 is never.

    Hypothesis leaves half of the rules out of each life, so that many had no run of ours before the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="office-"))
        self.open.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.office: Office = open_office(
            self.open, self.folder, sales=SALES, policy=AS_EVER, switches=self.switches
        )
        self.standin = self.office.standin
        self.standin.scopes = SCOPES
        self.runs: list[str] = []
        self.consented_at = 0  # calls that had been made by then
        self.steps_since_run = CALM
        self.backup: Path | None = None
        self.restored_at: datetime | None = None
        self.backup_knows: frozenset[str] = frozenset()
        self.is_behind = True  # a new ledger remembers nothing, as one that was lost
        self.watcher = Watcher(self.sent_in_doubt)

    # --- people at work ---------------------------------------------------------------------

    @rule(number=accounts, amount=st.sampled_from([50.0, 400.0, 2500.0]))
    def a_customer_buys(self, number: int, amount: float) -> None:
        if self.pick("Accounts", number):
            self.office.buys(number % len(self.live("Accounts")), amount)

    @rule(number=tasks)
    def a_deal_is_deleted(self, number: int) -> None:
        self.delete("Deals", number)

    @rule()
    def a_customer_is_added(self) -> None:
        if len(self.live("Accounts")) < 6:
            self.standin.rep.add("Accounts", Account_Name="New Ltd")

    @rule(number=accounts)
    def a_customer_is_deleted(self, number: int) -> None:
        if len(self.live("Accounts")) > 2:
            self.delete("Accounts", number)

    @rule(number=accounts, code=st.sampled_from(["large", "small", None]))
    def a_rep_overrides_a_tier(self, number: int, code: str | None) -> None:
        self.edit("Accounts", number, **{OVERRIDE: code})

    @rule(number=accounts, code=st.sampled_from(["large", "medium", "small", None]))
    def a_rep_types_a_class_where_ours_stands(self, number: int, code: str | None) -> None:
        self.edit("Accounts", number, **{TIER: code})

    @rule(number=accounts, words=st.sampled_from(["called them, all well", None]))
    def a_rep_types_a_reason_of_their_own(self, number: int, words: str | None) -> None:
        self.edit("Accounts", number, **{REASON: words})

    @rule(
        number=accounts,
        typed=st.sampled_from(
            [(CHANCE, 50), (CHANCE, None), (NEXT, "2012-01-20"), (CLASSIFIED, "2011-12-01")]
        ),
    )
    def a_rep_types_a_number_or_a_day(self, number: int, typed: tuple[str, Json]) -> None:
        name, value = typed
        self.edit("Accounts", number, **{name: value})

    @rule(number=accounts)
    def a_rep_edits_something_else(self, number: int) -> None:
        self.edit("Accounts", number, Phone=f"+86 {self.office.clock.now():%H%M%S}")

    @rule(number=tasks)
    def a_rep_completes_a_task(self, number: int) -> None:
        self.edit("Tasks", number, Status="Completed")

    @rule(number=tasks)
    def a_rep_rewrites_a_task(self, number: int) -> None:
        task = self.pick("Tasks", number)
        if task:
            subject = str(self.live("Tasks")[task]["Subject"]).removeprefix("Urgent: ")
            self.edit("Tasks", number, Subject=f"Urgent: {subject}")

    @rule(number=tasks)
    def a_rep_deletes_a_task(self, number: int) -> None:
        self.delete("Tasks", number)

    @rule(number=tasks)
    def a_rep_clones_a_task(self, number: int) -> None:
        task = self.pick("Tasks", number)
        if task:
            self.standin.rep.clone("Tasks", task)

    @rule(number=accounts)
    def an_account_is_locked(self, number: int) -> None:
        account = self.pick("Accounts", number)
        if account:
            self.standin.locked.add(account)

    @rule()
    def everything_is_unlocked(self) -> None:
        self.standin.locked.clear()

    # --- the world around -------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1.0, 120.0, QUARANTINE, 3600.0, DAY, 3 * DAY]))
    def time_passes(self, seconds: float) -> None:
        self.office.after(seconds)

    @rule(
        route=routes,
        nth=st.integers(1, 3),
        kind=fault_kinds,
        when=st.sampled_from(["before", "after"]),
        delay=st.sampled_from([30.0, QUARANTINE - 60]),
    )
    def something_goes_wrong(
        self, route: str, nth: int, kind: str, when: str, delay: float
    ) -> None:
        if kind == "unauthorized":
            when = "before"  # who is turned away at the door has changed nothing inside
        more = {"seconds": delay} if kind == "delayed_apply" else {"when": when}
        self.standin.faults.add(route, nth=nth, kind=kind, **more)

    @rule()
    def access_tokens_end(self) -> None:
        self.standin.expire_tokens()

    @rule(missing=st.sampled_from(["ZohoCRM.modules.tasks.CREATE", "ZohoCRM.coql.READ", ""]))
    def a_scope_is_taken_away_or_all_are_back(self, missing: str) -> None:
        self.standin.scopes = tuple(scope for scope in SCOPES if scope != missing)

    # --- fenlei at work ---------------------------------------------------------------------

    @precondition(lambda self: self.steps_since_run >= CALM)
    @rule(kind=st.sampled_from(["sync", "sync", "backfill"]))
    def a_run(self, kind: str) -> None:
        self.run(kind)

    @precondition(lambda self: self.steps_since_run >= CALM)
    @rule(nth=st.integers(0, 14), after=st.booleans())
    def a_run_that_is_asked_to_stop_or_dies(self, nth: int, after: bool) -> None:
        if nth:
            self.run("sync", wrap=lambda crm: cast("Crm", Mortal(crm, nth, after)))
        else:
            before = len(self.office.written())
            self.run("sync", interrupted=lambda: len(self.office.written()) > before + after)

    @precondition(lambda self: self.runs and self.steps_since_run >= CALM)
    @rule(which=st.sampled_from([None, 0, 1]))
    def a_dry_run_or_an_undo(self, which: int | None) -> None:
        if which is not None:
            self.undo(self.runs[-1 - which % len(self.runs)])
            return
        log = len(self.standin.log)
        self.run("plan")
        assert len(self.standin.log) == log, "a dry run changed something"

    @rule()
    def the_local_copy_is_deleted(self) -> None:
        (self.office.path / "mirror.duckdb").unlink(missing_ok=True)

    @rule()
    def the_state_folder_is_backed_up(self) -> None:
        self.backup = self.folder / "backup"
        shutil.rmtree(self.backup, ignore_errors=True)
        shutil.copytree(self.office.path, self.backup)
        self.backup_knows = frozenset(self.watcher.keys.values())

    @precondition(lambda self: self.backup)
    @rule(whole=st.booleans())
    def the_backup_is_restored(self, whole: bool) -> None:
        assert self.backup is not None
        self.the_ledger_forgets(besides=self.backup_knows)
        if whole:
            shutil.rmtree(self.office.path)
            shutil.copytree(self.backup, self.office.path)
        else:
            for beside in ("-wal", "-shm"):
                (self.office.path / f"ledger.sqlite{beside}").unlink(missing_ok=True)
            shutil.copy(self.backup / "ledger.sqlite", self.office.path / "ledger.sqlite")

    def the_ledger_forgets(self, besides: Collection[str] = ()) -> None:
        """From here on it does not know all that was done before, but for some of the tasks."""
        if not self.switches.unique_on_tasks:
            # Nobody shows yet what a run did seconds ago that the old copy will not know of.
            self.office.after(QUARANTINE)
        if not self.switches.deleted_names:
            self.watcher.forget(besides, self.live("Tasks"))
        self.restored_at = self.office.clock.now()
        self.is_behind = True

    # --- promises, after every step ---------------------------------------------------------

    @invariant()
    def nothing_twice_and_nothing_of_a_rep_overwritten(self) -> None:
        self.steps_since_run += 1
        self.watcher.look(self.standin.log)
        if self.scheduled_every and self.steps_since_run > self.scheduled_every:
            self.office.after(3600.0)
            self.run("sync")
            self.watcher.look(self.standin.log)

    @invariant()
    def token_calls_stay_within_zohos_limit(self) -> None:
        asked = [
            seen.at
            for seen in self.standin.requests[self.consented_at :]
            if seen.path.endswith("/oauth/v2/token")
        ]
        for early, late in zip(asked, asked[10:], strict=False):
            assert late - early >= timedelta(minutes=10), "more than ten tokens in ten minutes"

    # --- the end ----------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if self.watcher.checked:
                last = self.heal()
                assert (last.fields_written, last.tasks_created) == (0, 0)
                self.all_is_well()
        finally:
            self.open.close()

    def heal(self) -> Report:
        """Faults end, locks open, days pass, and scheduled runs go on until nothing changes."""
        note(f"faults that struck: {[f.fault for f in self.standin.faults.fired]}")
        self.standin.faults.clear()
        self.standin.locked.clear()
        self.standin.scopes = SCOPES
        self.office.after(DAY)  # refusals and frozen accounts are tried again on another day
        for _ in range(6):
            self.office.after(SETTLING.total_seconds())
            written = len(self.office.written())
            report = self.run("sync")
            assert report is not None, "a run failed although nothing was wrong any more"
            waiting = unsettled(self.office)
            if len(self.office.written()) == written and not waiting:
                return report
            if report.failed or report.restless or waiting:
                self.office.after(DAY)
        raise AssertionError("six runs did not come to rest")

    def all_is_well(self) -> None:
        self.nothing_twice_and_nothing_of_a_rep_overwritten()
        wrong = problems(
            self.office,
            at_rest=True,
            remembers_since=self.restored_at,
            taken_for_ours=self.watcher.taken_for_ours,
            forgotten=self.watcher.forgotten,
        )
        assert wrong == [], wrong
        self.every_customer_has_its_tier()
        self.every_large_customer_had_its_task()

    def every_customer_has_its_tier(self) -> None:
        with self.office.ledger() as ledger:
            held = {(h.record_id, h.field) for h in ledger.history.held()}
        for account, record in self.live("Accounts").items():
            if (account, TIER) not in held and not self.is_spared(account):
                assert record.get(TIER) == self.tier(account), f"account {account}"

    def every_large_customer_had_its_task(self) -> None:
        if not any(map(is_for_every_large_customer, self.office.policy.playbooks)):
            return
        served = {intent.record_id for intent in self.office.intents(kind=Kind.TASK)}
        tasks = [e.after or {} for e in self.standin.log if e.module == "Tasks"]
        for task in [
            *tasks,
            *self.live("Tasks").values(),
        ]:  # people take one along to another customer
            if read_mark(str(task.get("Subject") or "")):
                served.add((task.get("What_Id") or {}).get("id", ""))
        for account, record in self.live("Accounts").items():
            if (record.get(OVERRIDE) or self.tier(account)) == "large" and not self.is_spared(
                account
            ):
                assert account in served, f"account {account} never got its task"

    def is_spared(self, _account: str) -> bool:
        """Whether something else than its deals decides on this account."""
        return False

    # --- looking and doing ------------------------------------------------------------------

    def tier(self, account: str) -> str:
        """What the policy says, counted by hand from what the CRM holds."""
        today = self.office.clock.now().astimezone(self.standin.tenant.zone).date()
        year = timedelta(days=365)
        spent = sum(
            float(str(deal["Amount"] or 0))
            for deal in self.live("Deals").values()
            if (deal.get("Account_Name") or {}).get("id") == account
            and deal["Stage"] == "Closed Won"
            and today - year < datetime.fromisoformat(str(deal["Closing_Date"])).date() <= today
        )
        amounts = self.office.policy.settings
        if spent >= cast("float", amounts.tier_large_from):
            return "large"
        return "medium" if spent >= cast("float", amounts.tier_medium_from) else "small"

    def live(self, module: str) -> dict[str, Any]:
        """The module's records by id."""
        return dict(self.standin.records(module))

    def pick(self, module: str, number: int) -> str | None:
        """The id of one of the module's records, if there is any."""
        ids = sorted(self.live(module))
        return ids[number % len(ids)] if ids else None

    def edit(self, module: str, number: int, **values: Any) -> None:
        """A rep edits one of the module's records."""
        record = self.pick(module, number)
        if record:
            self.standin.rep.edit(module, record, **values)

    def delete(self, module: str, number: int) -> None:
        """A rep deletes one of the module's records."""
        record = self.pick(module, number)
        if record:
            self.standin.rep.delete(module, record)

    def sent_in_doubt(self, place: tuple[str, str]) -> list[Json]:
        """What we sent for a field of a record, of which nobody knew for a time whether it had arrived."""
        record_id, name = place
        return [
            operation.body[name]
            for operation in history_of(self.office).operations
            if operation.record_id == record_id
            and operation.was_in_doubt
            and name in operation.body
        ]

    def look_for_what_may_be_ours(self) -> None:
        """Note what a ledger that was put back cannot tell from its own, as the CRM stands now."""
        with self.office.ledger() as ledger:
            remembers = bool(ledger.intents.counts())
            wrote = ledger.ours.known_values(list(self.live("Accounts")))
            held = {(one.record_id, one.field): one.value for one in ledger.history.held()}
        for account, record in self.live("Accounts").items():
            if not (remembers or record.get(CLASSIFIED)):
                continue  # where nothing of ours was written, all is a person's
            for name in ALL_NAMES.values():
                value = record.get(name)
                passes = name not in (TIER, REASON) and held.get((account, name)) != value
                would_write = name == TIER and (not remembers or value == self.tier(account))
                if passes or would_write or value in wrote.get(account, {}).get(name, ()):
                    self.watcher.taken_for_ours.setdefault((account, name), []).append(value)

    def undo(self, run_id: str) -> None:
        """One undo, which may be stopped by what is wrong just now."""
        if self.is_behind:
            self.look_for_what_may_be_ours()
        try:
            with self.office.desk() as desk:
                undo(desk, run_id, confirm=lambda _plan: True)
        except (CrmError, NothingToUndo, NotSetUp, Brake) as exc:
            note(f"undo: {exc}")

    def run(self, kind: str, *, wrap: Wrap = lambda crm: crm, **order: Any) -> Report | None:
        """One run, which may be stopped by what is wrong just now; None if it was."""
        self.steps_since_run = 0
        if self.is_behind:
            self.look_for_what_may_be_ours()
        try:
            report = self.office.run(kind, wrap=wrap, tariff=CHEAP_JOBS, **order)
        except (CrmError, NotSetUp, Brake) as exc:
            note(f"{kind}: {exc}")
            return None
        except Killed:
            with self.office.ledger():  # opening checks it from end to end
                return None
        if kind != "plan":
            if report.status is not Status.PAUSED:  # it may have come to rest before it caught up
                self.is_behind = False
                self.watcher.unknown.clear()
            self.runs.append(report.run_id)
            with self.office.ledger() as ledger:
                self.watcher.seen |= {(h.record_id, h.field) for h in ledger.history.held()}
        return report
