"""The whole story on a wholesaler's real purchase history: set up, tag everybody, let reps work, undo.

The stand-in and every command run in processes of their own, over two fifths of the wholesaler's customers:
more than Zoho gives in one page, and all of their purchases. What happened is read from the
stand-in's own log, which is then laid beside our ledger, change by change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shell import Row, Served, environment, fenlei, served

from sync.ledger import FieldChange, Intent, Kind, Ledger, State

if TYPE_CHECKING:
    from tests.conftest import DataFiles

ACCOUNTS = 2_400
MODULES = 3
ALWAYS_MOVES = {"Modified_Time", "Modified_By"}


@dataclass(frozen=True)
class Step:
    """One command: its report, and what the stand-in saw meanwhile, in its own words."""

    report: Row
    log: Sequence[Row]
    calls: Sequence[Row]
    intents: Sequence[tuple[Intent, Sequence[FieldChange]]]

    def intents_of(self, kind: Kind) -> list[Intent]:
        return [intent for intent, _ in self.intents if intent.kind is kind]


@dataclass(frozen=True)
class Rep:
    """What the reps did between the backfill and the second sync."""

    moved: str
    """The account whose tier a rep typed over."""
    overridden: str
    """The account for which a rep chose the tier in the field that is meant for it."""
    touched: str
    """The task that a rep wrote something into."""
    deleted: str
    """The task that a rep deleted."""


@dataclass(frozen=True)
class Story:
    deals: int
    """Purchases of these customers."""
    backfill: Step
    sync: Step
    rep: Rep
    sync_after_rep: Step
    status_after_rep: Row
    undo: Step
    world: Mapping[tuple[str, str], Row | None]
    """(module, id) → the record in the end, by the stand-in's log; None where it was deleted."""


@dataclass
class Teller:
    """Runs one command after the other and keeps what is new since the one before."""

    crm: Served
    env: Mapping[str, str]
    logged: int = 0
    called: int = 0

    def step(self, *words: str) -> Step:
        done = fenlei(self.env, *words, "--json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        log, calls = self.crm.log(), self.crm.requests()
        step = Step(
            report, log[self.logged :], calls[self.called :], self._intents(report.get("run_id"))
        )
        self.logged, self.called = len(log), len(calls)
        return step

    def _intents(self, run_id: str | None) -> list[tuple[Intent, Sequence[FieldChange]]]:
        if run_id is None:
            return []
        with Ledger(Path(self.env["FENLEI_HOME"]) / "ledger.sqlite") as ledger:
            found = ledger.intents.of_run(run_id)
            return [(intent, ledger.intents.changes(intent.key)) for intent in found]

    def skip(self) -> None:
        """Leave out of the next step what people did meanwhile."""
        self.logged = len(self.crm.log())


@pytest.fixture(scope="module")
def story(online_retail: DataFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    bought = write_part(online_retail, accounts, deals)
    files = ("--accounts", str(accounts), "--deals", str(deals))
    with served(*files, "--today", "2011-12-09", log=folder / "applied.jsonl") as crm:
        teller = Teller(crm, environment(folder / "home", crm.connection))
        teller.step("setup", "--yes")
        backfill = teller.step("backfill", "--as-of", "2011-12-09", "--yes")
        sync = teller.step("sync")
        crm.later(600)
        rep = reps_at_work(crm, backfill)
        teller.skip()
        sync_after_rep = teller.step("sync")
        status = teller.step("status").report
        undo = teller.step("undo", backfill.report["run_id"], "--yes")
        world = in_the_end(crm.log())
        yield Story(bought, backfill, sync, rep, sync_after_rep, status, undo, world)


def write_part(whole: DataFiles, accounts: Path, deals: Path) -> int:
    """The first of the customers and all of their deals; gives back how many these are."""
    heading, *customers = whole.accounts.read_text("utf-8").splitlines()
    accounts.write_text("\n".join([heading, *customers[:ACCOUNTS]]), "utf-8")
    first = {customer.partition(",")[0] for customer in customers[:ACCOUNTS]}
    columns, *sold = whole.deals.read_text("utf-8").splitlines()
    theirs = [deal for deal in sold if deal.split(",")[1] in first]
    deals.write_text("\n".join([columns, *theirs]), "utf-8")
    return len(theirs)


def reps_at_work(crm: Served, backfill: Step) -> Rep:
    """Two small customers are declared medium, in either field; one task is edited, one deleted."""
    tasks = backfill.intents_of(Kind.TASK)
    small = [
        intent.record_id
        for intent in backfill.intents_of(Kind.FIELDS)
        if (intent.body["Customer_Tier"], intent.body["Loyalty_Class"]) == ("small", "ordinary")
    ]
    rep = Rep(small[0], small[1], tasks[0].crm_id, tasks[1].crm_id)
    crm.rep("Accounts", rep.moved, values={"Customer_Tier": "medium"})
    crm.rep("Accounts", rep.overridden, values={"Tier_Override": "medium"})
    crm.rep("Tasks", rep.touched, values={"Description": "Called, no answer."})
    crm.rep("Tasks", rep.deleted, delete=True)
    return rep


def in_the_end(log: Iterable[Row]) -> dict[tuple[str, str], Row | None]:
    return {(entry["module"], entry["id"]): entry["after"] for entry in log}


def plain(value: Any) -> Any:
    """A link as its id, as the ledger writes it."""
    return value["id"] if isinstance(value, dict) else value


def moved(entry: Row) -> dict[str, tuple[Any, Any]]:
    """Field → (value before, value after) of what a log entry changed."""
    before, after = entry["before"], entry["after"]
    return {
        name: (plain(before.get(name)), plain(after.get(name)))
        for name in {*before, *after} - ALWAYS_MOVES
        if before.get(name) != after.get(name)
    }


def logged_fields(step: Step) -> dict[str, dict[str, tuple[Any, Any]]]:
    """Account → what the stand-in changed on it; every account once at most."""
    entries = [entry for entry in step.log if entry["module"] == "Accounts"]
    assert {entry["action"] for entry in entries} <= {"update"}
    found = {entry["id"]: moved(entry) for entry in entries}
    assert len(found) == len(entries)
    return found


def written_fields(step: Step) -> dict[str, dict[str, tuple[Any, Any]]]:
    """The same by our ledger."""
    return {
        intent.record_id: {change.field: (change.old, change.new) for change in changes}
        for intent, changes in step.intents
        if intent.kind is Kind.FIELDS
    }


def pages(rows: int, size: int) -> int:
    return -(-rows // size)


# The backfill.


def test_every_account_is_classified_and_written(story: Story) -> None:
    report = story.backfill.report
    assert report["status"] == "done"
    assert report["pulled"] == {"Accounts": ACCOUNTS, "Deals": story.deals, "Tasks": 0}
    assert (report["classified"], report["accounts_written"]) == (ACCOUNTS, ACCOUNTS)
    assert (report["failed"], report["held"], report["in_doubt"]) == (0, 0, 0)
    assert report["tasks_created"] > 0
    assert {sum(report["classes"][dimension].values()) for dimension in ("tier", "loyalty")} == {
        ACCOUNTS
    }


def test_every_intent_arrived(story: Story) -> None:
    kinds = Counter((intent.kind, intent.state) for intent, _ in story.backfill.intents)
    tasks = story.backfill.report["tasks_created"]
    assert kinds == {(Kind.FIELDS, State.DONE): ACCOUNTS, (Kind.TASK, State.DONE): tasks}


@pytest.mark.parametrize("step", ["backfill", "sync", "sync_after_rep", "undo"])
def test_calls_and_credits_are_those_that_the_stand_in_counted(story: Story, step: str) -> None:
    told: Step = getattr(story, step)
    api = [call for call in told.calls if call["path"].startswith("/crm/")]
    counted = (len(api), sum(call["credits"] for call in api))
    assert (told.report["calls"], told.report["credits"]) == counted


def test_the_backfill_costs_little_more_than_the_least_possible(story: Story) -> None:
    """Beyond it: one count and one last, empty page a module, the trial of the key, the tasks deleted.

    And one count of each further module, all of which are empty here.
    """
    report = story.backfill.report
    tasks = report["tasks_created"]
    assert story.deals > 10_000
    reading = pages(story.deals, 2_000) + pages(ACCOUNTS, 2_000)
    least_calls = reading + pages(ACCOUNTS, 100) + pages(tasks, 100)
    least_credits = 3 * reading + pages(ACCOUNTS, 10) + pages(tasks, 10)
    trial, deleted, further = 2, 1, 5
    assert 0 <= report["calls"] - least_calls <= 2 * MODULES + trial + deleted + further
    assert 0 <= report["credits"] - least_credits <= (1 + 3) * MODULES + trial + deleted + further


@pytest.mark.parametrize("step", ["backfill", "undo"])
def test_every_account_changed_exactly_as_the_ledger_says(story: Story, step: str) -> None:
    told: Step = getattr(story, step)
    assert logged_fields(told) == written_fields(told)


def test_every_task_was_created_once_and_as_the_ledger_says(story: Story) -> None:
    created = {e["id"]: e["after"] for e in story.backfill.log if e["module"] == "Tasks"}
    intents = {intent.crm_id: intent.body for intent in story.backfill.intents_of(Kind.TASK)}
    assert created.keys() == intents.keys()
    for task_id, body in intents.items():
        assert {name: plain(created[task_id][name]) for name in body} == body
    pairs = Counter((plain(task["What_Id"]), task["Subject"]) for task in created.values())
    assert set(pairs.values()) == {1}


def test_nothing_else_was_changed(story: Story) -> None:
    assert len(story.backfill.log) == len(story.backfill.intents)
    assert Counter((e["module"], e["action"]) for e in story.backfill.log) == {
        ("Accounts", "update"): ACCOUNTS,
        ("Tasks", "create"): story.backfill.report["tasks_created"],
    }


def test_no_workflow_of_the_organisation_was_set_off(story: Story) -> None:
    steps = (story.backfill, story.undo)
    assert {tuple(entry["trigger"]) for step in steps for entry in step.log} == {()}


# The syncs.


def test_a_second_run_writes_nothing(story: Story) -> None:
    assert story.sync.report["status"] == "done"
    assert story.sync.report["classified"] == ACCOUNTS
    assert list(story.sync.log) == []


def test_what_reps_did_is_left_alone_and_what_they_deleted_stays_deleted(story: Story) -> None:
    report = story.sync_after_rep.report
    told = story.sync_after_rep.log
    assert {(entry["module"], entry["action"]) for entry in told} == {("Tasks", "create")}
    about = {entry["after"]["What_Id"]["id"] for entry in told}
    assert about == {story.rep.overridden}, "whom a rep calls medium gets a medium customer's tasks"
    assert (report["fields_written"], report["tasks_created"], report["held"]) == (0, 2, 1)


def test_a_held_value_is_shown_with_what_to_do(story: Story) -> None:
    [held] = story.status_after_rep["held"]
    assert (held["account_id"], held["field"]) == (story.rep.moved, "Customer_Tier")
    assert (held["value"], held["wanted"]) == ("medium", "small")
    assert held["next"].startswith("A person typed this.")


# The undoing.


def test_undo_restores_every_value_that_is_still_ours(story: Story) -> None:
    before = logged_fields(story.backfill)
    after = logged_fields(story.undo)
    assert after.keys() == before.keys()
    expected = {
        account: {field: (new, old) for field, (old, new) in fields.items()}
        for account, fields in before.items()
    }
    del expected[story.rep.moved]["Customer_Tier"]
    assert after == expected
    assert story.undo.report["fields_written"] == story.backfill.report["fields_written"] - 1


def test_undo_leaves_what_reps_chose(story: Story) -> None:
    [left] = story.undo.report["left_fields"]
    assert (left["account_id"], left["field"]) == (story.rep.moved, "Customer_Tier")
    moved_by_rep = story.world["Accounts", story.rep.moved] or {}
    overridden = story.world["Accounts", story.rep.overridden] or {}
    assert moved_by_rep["Customer_Tier"] == "medium"
    assert overridden["Tier_Override"] == "medium"
    assert overridden.get("Customer_Tier") is None


def test_undo_closes_untouched_tasks_with_a_note(story: Story) -> None:
    ours = {intent.crm_id for intent in story.backfill.intents_of(Kind.TASK)}
    closed = [entry for entry in story.undo.log if entry["module"] == "Tasks"]
    assert sorted(entry["id"] for entry in closed) == sorted(
        ours - {story.rep.touched, story.rep.deleted}
    )
    for entry in closed:
        assert entry["after"]["Status"] == "Completed"
        assert entry["after"]["Description"].startswith("Closed by fenlei: ")
        assert entry["after"]["Description"].endswith(entry["before"]["Description"])
    bodies = {intent.record_id: intent.body for intent in story.undo.intents_of(Kind.TASK_CHANGE)}
    for entry in closed:
        assert {name: entry["after"][name] for name in bodies[entry["id"]]} == bodies[entry["id"]]


def test_undo_leaves_and_lists_the_touched_task(story: Story) -> None:
    assert story.undo.report["left_tasks"] == [story.rep.touched]
    touched = story.world["Tasks", story.rep.touched] or {}
    assert (touched["Status"], touched["Description"]) == ("Not Started", "Called, no answer.")


def test_undo_does_not_bring_back_the_deleted_task(story: Story) -> None:
    assert story.world["Tasks", story.rep.deleted] is None
    assert [entry for entry in story.undo.log if entry["action"] == "create"] == []
    assert len(story.undo.log) == len(story.undo.intents)


def test_the_log_is_whole(story: Story) -> None:
    """Its entries count on without a gap, so nothing was left out of what the tests above compare."""
    steps = (story.backfill, story.sync, story.sync_after_rep, story.undo)
    numbers = [entry["seq"] for step in steps for entry in step.log]
    gaps = [after - before for before, after in pairwise(numbers) if after != before + 1]
    assert gaps == [1 + 4], "only the reps' four changes are in no step of ours"
