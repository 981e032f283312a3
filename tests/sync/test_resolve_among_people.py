"""What reps do with a task of ours while nobody knows whether it arrived: they delete, edit and copy it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lost_answers import lose_a_keyed_task, lose_the_answer, send, settle, state
from workbench import DAY, QUARANTINE, Office, call_task, planned

from connector.standin.switches import Switches
from sync.desk import Desk
from sync.ledger import Kind, State
from sync.sending.resolve import resolve_tasks


def test_a_task_that_a_rep_deleted_meanwhile_is_never_opened_again(
    office: Office, desk: Desk
) -> None:
    lose_the_answer(office, desk, kind="lost_after_apply")
    (task,) = office.created()
    office.standin.rep.delete("Tasks", task.id)
    for _ in range(3):
        office.after(DAY)
        settle(desk)
        send(desk)
    assert state(desk) == (State.CANCELLED, "DELETED")
    assert len(office.created()) == 1


def test_a_deletion_without_a_name_is_shown_to_a_person_instead_of_guessed(
    make_office: Callable[..., Office],
) -> None:
    office = make_office(switches=Switches(deleted_names=False))
    with office.desk() as desk:
        lose_the_answer(office, desk, kind="lost_after_apply")
        office.standin.rep.delete("Tasks", office.created()[0].id)
        office.after(DAY)
        settle(desk)
        send(desk)
        assert state(desk) == (State.PARKED, "MAYBE_DELETED")
    assert len(office.created()) == 1


def test_a_task_that_a_rep_edited_meanwhile_is_found_and_counts_as_touched(
    office: Office, desk: Desk
) -> None:
    lose_the_answer(office, desk, kind="lost_after_apply")
    (task,) = office.created()
    office.after(60)
    office.standin.rep.edit("Tasks", task.id, Description="Called, no answer.")
    office.after(QUARANTINE)
    settle(desk)
    (intent,) = desk.ledger.intents.in_state(State.DONE, Kind.TASK)
    assert intent.crm_modified == task.at


@pytest.mark.fault("W11")
@pytest.mark.parametrize("with_key", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_a_copy_that_a_rep_made_is_neither_ours_nor_a_double(
    make_office: Callable[..., Office], with_key: bool, known: bool
) -> None:
    """Whether or not another task of the run has told whom we act as, and even with our key copied."""
    office = make_office(switches=Switches(unique_on_tasks=False))
    with office.desk() as desk:
        if known:
            planned(desk, call_task(office.account_id(7)))
            send(desk)
        task = lose_a_keyed_task(office, desk)
        office.after(60)
        copy = office.standin.rep.clone("Tasks", task.id)
        if with_key:
            office.standin.rep.edit("Tasks", copy["id"], Sync_Key=(task.after or {})["Sync_Key"])
        office.after(QUARANTINE)
        found = resolve_tasks(desk.crm, desk.ledger)
        assert (found.arrived, found.doubles) == (1, ())
        assert task.id in {i.crm_id for i in desk.ledger.intents.in_state(State.DONE, Kind.TASK)}
        assert office.updated("Tasks") == []


@pytest.mark.fault("W10", "W11")
@pytest.mark.parametrize("known", [True, False])
def test_a_copy_does_not_stand_for_a_task_that_a_rep_deleted(
    office: Office, desk: Desk, known: bool
) -> None:
    if known:
        planned(desk, call_task(office.account_id(7)))
        send(desk)
    task = lose_a_keyed_task(office, desk)
    office.standin.rep.clone("Tasks", task.id)
    office.standin.rep.delete("Tasks", task.id)
    office.after(DAY)
    assert resolve_tasks(desk.crm, desk.ledger).deleted == 1
    (settled,) = desk.ledger.intents.in_state(State.CANCELLED, Kind.TASK)
    assert (settled.error_code, settled.crm_id) == ("DELETED", "")


@pytest.mark.fault("W10", "W11")
@pytest.mark.parametrize("deleted", ["ours", "another"])
def test_where_the_bin_tells_no_names_a_copy_does_not_stand_for_a_task_that_may_be_gone(
    make_office: Callable[..., Office], deleted: str
) -> None:
    """Nobody but a person could have made the copy; what we could have made is ours."""
    office = make_office(switches=Switches(deleted_names=False, unique_on_tasks=False))
    other = office.standin.rep.add("Tasks", Subject="Lunch")["id"]
    with office.desk() as desk:
        task = lose_a_keyed_task(office, desk)
        office.standin.rep.clone("Tasks", task.id)
        office.standin.rep.delete("Tasks", task.id if deleted == "ours" else other)
        office.after(DAY)
        resolve_tasks(desk.crm, desk.ledger)
        gone = deleted == "ours"
        assert state(desk) == ((State.CANCELLED, "COPIED") if gone else (State.DONE, "FOUND"))


@pytest.mark.fault("W11")
def test_a_copy_that_a_rep_deleted_again_is_not_our_task(office: Office, desk: Desk) -> None:
    task = lose_a_keyed_task(office, desk)
    office.after(60)
    office.standin.rep.delete("Tasks", office.standin.rep.clone("Tasks", task.id)["id"])
    office.after(DAY)
    assert resolve_tasks(desk.crm, desk.ledger).arrived == 1


def test_a_task_whose_subject_a_rep_rewrote_is_known_by_its_key(office: Office, desk: Desk) -> None:
    task = lose_a_keyed_task(office, desk)
    office.standin.rep.edit("Tasks", task.id, Subject="Ring them up")
    office.after(DAY)
    assert resolve_tasks(desk.crm, desk.ledger).arrived == 1
    assert state(desk) == (State.DONE, "FOUND")


@pytest.mark.parametrize("change", ["drop", "rename"])
def test_a_key_field_that_is_gone_since_leaves_the_mark_to_know_a_task_by(
    office: Office, desk: Desk, change: str
) -> None:
    lose_a_keyed_task(office, desk)
    if change == "drop":
        office.standin.admin.drop_field("Tasks", "Sync_Key")
    else:
        office.standin.admin.rename_field("Tasks", "Sync_Key", "Klucz")
    office.after(DAY)
    assert resolve_tasks(desk.crm, desk.ledger).arrived == 1
