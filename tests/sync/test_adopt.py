"""When the ledger is lost, what is ours in the CRM is taken up before anything is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prepared import bring
from workbench import (
    DAY,
    LARGE_ONES,
    NAMES,
    Office,
    ledger_disagrees,
    playbook,
    simple_policy,
    tasks_by_account,
)

from connector.errors import CrmError
from connector.standin.switches import Switches
from sync.adopt import RUN
from sync.brakes import Allowed, Brake
from sync.ledger import Kind, State
from sync.reading import NotSetUp
from sync.report import Status

TIER = NAMES["tier"]


def filled_and_bereft(office: Office) -> None:
    office.run("backfill")
    office.after(DAY)
    lose_the_ledger(office)


@pytest.fixture
def bereft(office: Office) -> Office:
    """An office whose ledger is gone after a backfill, and that was set up anew."""
    bring(office, filled_and_bereft)
    return office


def lose_the_ledger(office: Office) -> None:
    for suffix in ("", "-wal", "-shm"):
        (office.path / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    office.set_up()


def test_without_a_ledger_nothing_runs_before_setup(office: Office) -> None:
    office.run("backfill")
    for suffix in ("", "-wal", "-shm"):
        (office.path / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    with pytest.raises(NotSetUp):
        office.run()


@pytest.mark.fault("C9")
def test_nothing_is_written_and_no_task_opened_a_second_time(bereft: Office) -> None:
    written = len(bereft.written())
    report = bereft.run()
    assert (report.status, report.held, report.tasks_created) == (Status.DONE, 0, 0)
    assert len(bereft.written()) == written
    assert ledger_disagrees(bereft) == []
    [note] = report.notes
    assert "10 classified accounts and 2 tasks were taken up" in note
    assert not bereft.run().notes, "it is taken up once"


def test_our_values_are_ours_again_and_follow_the_sales(bereft: Office) -> None:
    bereft.buys(3, 900)
    report = bereft.run()
    assert (report.accounts_written, report.tasks_created, report.held) == (1, 1, 0)
    assert bereft.account(3)[TIER] == "large"


@pytest.mark.fault("C9")
@pytest.mark.parametrize("what", ["moved to another customer", "deleted"])
def test_a_task_that_was_moved_or_deleted_before_the_loss_is_not_opened_again(
    make_office: Callable[..., Office], what: str
) -> None:
    """Nor if its class is forgotten as well, because somebody deleted that field."""
    office = make_office(switches=Switches(unique_on_tasks=False))
    office.run("backfill")
    first, other = (office.account_id(n) for n in (6, 0))
    [task] = [one.id for one in office.created() if (one.after or {})["What_Id"]["id"] == first]
    if what == "deleted":
        office.standin.rep.delete("Tasks", task)
    else:
        moved = {"What_Id": {"id": other}, "$se_module": "Accounts"}
        office.standin.rep.edit("Tasks", task, Status="Completed", **moved)
    office.redefine("tier", gone=True)
    office.after(3600)
    lose_the_ledger(office)
    office.run()
    assert office.run("plan").tasks_created == 0
    assert tasks_by_account(office.created()) == {office.account_id(n): 1 for n in LARGE_ONES}


@pytest.mark.fault("C9")
def test_a_task_that_was_closed_before_the_loss_is_not_opened_again(bereft: Office) -> None:
    for task in bereft.created():
        bereft.standin.rep.edit("Tasks", task.id, Status="Completed")
    bereft.after(DAY)
    assert bereft.run().tasks_created == 0


@pytest.mark.fault("C9")
def test_a_task_that_was_deleted_before_the_loss_is_not_opened_again(bereft: Office) -> None:
    for task in bereft.created():
        bereft.standin.rep.delete("Tasks", task.id)
    assert bereft.run().tasks_created == 0
    assert {i.error_code for i in bereft.intents(State.CANCELLED, kind=Kind.TASK)} == {"ADOPTED"}


def test_reminders_go_on_in_their_time(office: Office) -> None:
    policy = simple_policy(playbook(remind_again_days=30))
    office.run("backfill", policy=policy)
    for task in office.created():
        office.standin.rep.edit("Tasks", task.id, Status="Completed")
    office.after(DAY)
    lose_the_ledger(office)
    assert office.run(policy=policy).tasks_created == 0
    office.after(29 * DAY)
    assert office.run(policy=policy).tasks_created == 2


def test_the_history_begins_with_the_day_of_the_last_classification(bereft: Office) -> None:
    bereft.run()
    with bereft.ledger() as ledger:
        (tier,) = [c for c in ledger.history.of(bereft.account_id(6)) if c.dimension == "tier"]
    assert (tier.code, tier.since.isoformat(), tier.before) == ("large", "2011-12-09", "")


def test_an_override_counts_for_what_the_account_was_in(office: Office) -> None:
    office.standin.rep.edit("Accounts", office.account_id(1), **{NAMES["tier_override"]: "large"})
    office.after(DAY)
    office.run("backfill")
    lose_the_ledger(office)
    for task in office.created():
        office.standin.rep.delete("Tasks", task.id)
    office.after(DAY)
    assert office.run().tasks_created == 0
    assert office.account(1)[NAMES["tier_override"]] == "large"


def test_a_class_without_the_day_of_classification_was_typed_by_a_person(office: Office) -> None:
    office.standin.rep.edit("Accounts", office.account_id(3), **{TIER: "large"})
    office.after(DAY)
    report = office.run("backfill")
    assert (report.held, report.notes) == (1, ()), "and no ledger was lost"
    assert office.account(3)[TIER] == "large"
    assert set(tasks_by_account(office.created())) == {office.account_id(n) for n in LARGE_ONES}


def test_an_error_while_taking_up_leaves_the_ledger_as_new_as_it_was(bereft: Office) -> None:
    bereft.standin.faults.add("GET /Tasks", kind="html_502", times=6)
    with pytest.raises(CrmError):
        bereft.run()
    with bereft.ledger() as ledger:
        assert ledger.intents.counts() == {}
        assert ledger.ours.known_values([bereft.account_id(6)]) == {}
    assert bereft.run().tasks_created == 0


def test_a_dry_run_takes_nothing_up_but_says_so(bereft: Office) -> None:
    report = bereft.run("plan")
    assert [note for note in report.notes if "This ledger is new" in note]
    with bereft.ledger() as ledger:
        assert ledger.intents.counts() == {}


def test_what_was_taken_up_does_not_stand_for_a_first_run(bereft: Office) -> None:
    """A person looks at what is left to write before a ledger that was lost goes on by itself."""
    bereft.buys(3, 900)
    with pytest.raises(Brake) as stopped:
        bereft.run(allowed=Allowed())
    assert stopped.value.name == "first_run"
    assert {intent.run_id for intent in bereft.intents(State.DONE)} == {RUN}
    assert bereft.run().tasks_created == 1
