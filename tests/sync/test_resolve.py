"""A write whose answer was lost is read back after its quarantine, and never simply sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lost_answers import keyed_task, lose_the_answer, send, settle, state
from workbench import (
    DAY,
    NAMES,
    QUARANTINE,
    Office,
    call_task,
    planned,
    sender,
    tasks_by_account,
    tier_change,
)

from connector.errors import CrmError
from connector.model import Json
from connector.standin.journal import LogEntry
from connector.standin.switches import Switches
from sync.desk import Desk
from sync.keys import intent_key
from sync.ledger import FieldChange, Kind, Ledger, NewIntent, State
from sync.sending.doubles import close_doubles
from sync.sending.recovery import take_up
from sync.sending.resolve import resolve_tasks
from sync.words import Language

TIER = NAMES["tier"]
BEFORE: list[dict[str, Any]] = [
    {"kind": "html_502"},
    {"kind": "error_500"},
    {"kind": "html_200"},
    {"kind": "empty_200"},
    {"kind": "reset"},
    {"kind": "hang", "seconds": 0.05},
]
"""Faults after which nothing was applied, though nobody on our side can know."""

AFTER: list[dict[str, Any]] = [
    {"kind": "html_502", "when": "after"},
    {"kind": "error_500", "when": "after"},
    {"kind": "html_200", "when": "after"},
    {"kind": "empty_200", "when": "after"},
    {"kind": "reset", "k": 0},
    {"kind": "reset", "k": 40},
    {"kind": "truncated", "k": 0},
    {"kind": "truncated", "k": 60},
    {"kind": "lost_after_apply"},
    {"kind": "hang", "seconds": 0.05, "apply": True},
]
"""Faults after which all was applied, though we were never told."""


@pytest.mark.parametrize(
    ("fault", "arrived"), [*((f, False) for f in BEFORE), *((f, True) for f in AFTER)]
)
def test_whatever_happened_to_the_answer_there_is_one_task_in_the_end(
    office: Office, desk: Desk, fault: dict[str, Any], arrived: bool
) -> None:
    lose_the_answer(office, desk, **fault)
    office.after(QUARANTINE - 60)
    settle(desk)
    send(desk)
    assert state(desk)[0] is State.UNKNOWN, "nothing is decided before the quarantine is over"
    assert len(office.calls("POST", "/Tasks")) == 1

    office.after(120)
    settle(desk)
    assert state(desk) == ((State.DONE, "FOUND") if arrived else (State.PLANNED, "ABSENT"))
    send(desk)
    (task,) = office.created()
    (intent,) = desk.ledger.intents.in_state(State.DONE, Kind.TASK)
    assert intent.crm_id == task.id
    assert len(office.calls("POST", "/Tasks")) == (1 if arrived else 2)


@pytest.mark.parametrize("fault", [*BEFORE[:3], *AFTER[-3:]])
def test_whatever_happened_to_the_answer_the_account_holds_the_value_and_the_ledger_knows(
    office: Office, desk: Desk, fault: dict[str, Any]
) -> None:
    office.standin.faults.add("PUT /Accounts", **fault)
    account = office.account_id(6)
    changes = planned(desk, tier_change(account))
    sender(desk).send_fields(changes, read_at=desk.crm.now())
    assert state(desk)[0] is State.UNKNOWN
    office.after(QUARANTINE + 60)
    settle(desk)
    if office.updated():
        assert state(desk) == (State.DONE, "FOUND")
        assert desk.ledger.ours.known_values([account]) == {account: {TIER: ["large"]}}
    else:
        assert state(desk) == (State.SUPERSEDED, "ABSENT")
        assert desk.ledger.ours.known_values([account]) == {}


def test_a_field_that_arrived_is_settled_at_once_and_one_that_did_not_waits(
    office: Office, desk: Desk
) -> None:
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    ids = [office.account_id(n) for n in (6, 7)]
    (arrived,) = planned(desk, tier_change(ids[0]))
    sender(desk).send_fields([arrived], read_at=desk.crm.now())
    office.standin.faults.add("PUT /Accounts", kind="html_502")
    sender(desk).send_fields(planned(desk, tier_change(ids[1])), read_at=desk.crm.now())
    settle(desk)
    assert desk.ledger.intents.counts() == {"done": 1, "unknown": 1}


def test_what_an_earlier_write_had_put_there_does_not_tell_that_a_lost_one_arrived(
    office: Office, desk: Desk
) -> None:
    """As after a list that lagged behind: of what is written again, the most stands there already."""
    account, names = office.account_id(6), [NAMES["tier"], NAMES["loyalty"], NAMES["churn_risk"]]
    values: dict[str, Json] = dict(zip(names, ("large", "ordinary", "low"), strict=True))

    def change(**new: Json) -> NewIntent:
        body = values | new
        changes = tuple(FieldChange(name, None, value) for name, value in body.items())
        key = intent_key("fields", account, *map(str, body.values()))
        return replace(tier_change(account), key=key, body={"id": account, **body}, changes=changes)

    sender(desk).send_fields(planned(desk, change()), read_at=desk.crm.now())
    office.standin.faults.add("PUT /Accounts", kind="html_502")
    again = planned(desk, change(**{names[2]: "high"}))
    sender(desk).send_fields(again, read_at=desk.crm.now())
    office.after(QUARANTINE + 60)
    settle(desk)
    [lost] = desk.ledger.intents.in_state(State.SUPERSEDED, Kind.FIELDS)
    assert lost.error_code == "ABSENT"
    assert desk.ledger.ours.known_values([account])[account][names[2]] == ["low"]


@pytest.mark.parametrize("seconds", [QUARANTINE - 1, 600, 30])
def test_a_request_that_is_applied_late_gives_one_task(
    office: Office, desk: Desk, seconds: float
) -> None:
    lose_the_answer(office, desk, kind="delayed_apply", seconds=seconds)
    for _ in range(4):
        office.after(QUARANTINE / 3 + 30)
        settle(desk)
        send(desk)
    assert len(office.created()) == 1
    assert state(desk) == (State.DONE, "FOUND")


@pytest.mark.fault("Q6")
def test_a_write_that_never_arrives_is_sent_three_times_and_then_shown_to_a_person(
    office: Office, desk: Desk
) -> None:
    lose_the_answer(office, desk, kind="html_502", times=9)
    for _ in range(5):
        office.after(DAY)
        settle(desk)
        send(desk)
    assert len(office.calls("POST", "/Tasks")) == 3
    assert state(desk)[0] is State.PARKED
    assert office.created() == []


@pytest.mark.parametrize("body", ["concurrency", "credits", "plain", "html"])
def test_throttling_does_not_use_up_the_three_times(
    make_office: Callable[..., Office], body: Any
) -> None:
    office = make_office(switches=Switches(throttle_body=body))
    with office.desk() as desk:
        office.standin.faults.add("POST /Tasks", kind="throttled", times=5)
        planned(desk, call_task(office.account_id(6)))
        for _ in range(6):
            send(desk)
            office.after(QUARANTINE + 60)
            settle(desk)
        assert (len(office.created()), state(desk)[0]) == (1, State.DONE)


@pytest.mark.parametrize("minutes", [1, 10])
def test_a_wait_that_the_crm_asked_for_does_not_shorten_the_quarantine(
    office: Office, desk: Desk, minutes: int
) -> None:
    """Told to wait and then lost: the quarantine begins with the loss, not with the mark before it."""
    office.standin.faults.add("POST /Tasks", kind="throttled", retry_after=minutes * 60)
    office.standin.faults.add("POST /Tasks", nth=2, kind="delayed_apply", seconds=QUARANTINE - 30)
    for number in (5, 6):
        planned(desk, call_task(office.account_id(number)))
        send(desk)
    for _ in range(4):
        office.after(QUARANTINE - 60)
        settle(desk)
        send(desk)
    assert tasks_by_account(office.created()) == {office.account_id(n): 1 for n in (5, 6)}


@pytest.mark.fault("Q7")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_creation_that_was_throttled_is_read_back_whether_it_arrived_or_not(
    office: Office, desk: Desk, when: str
) -> None:
    lose_the_answer(office, desk, kind="throttled", when=when)
    office.after(QUARANTINE + 60)
    settle(desk)
    arrived = when == "after"
    assert state(desk) == ((State.DONE, "FOUND") if arrived else (State.PLANNED, "ABSENT"))
    send(desk)
    assert len(office.created()) == 1
    assert len(office.calls("POST", "/Tasks")) == (1 if arrived else 2)


def lose_twice(office: Office, desk: Desk) -> list[LogEntry]:
    """A request that takes longer than any quarantine: its task comes beside the one sent again."""
    office.standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=QUARANTINE * 2)
    office.standin.faults.add("POST /Tasks", nth=2, kind="lost_after_apply")
    planned(desk, keyed_task(office.account_id(6)))
    send(desk)
    office.after(QUARANTINE + 60)
    settle(desk)
    send(desk)
    office.after(QUARANTINE + 60)
    assert len(office.standin.records("Tasks")) == 2
    office.after(60)
    return office.created()


@pytest.mark.fault("N7")
@pytest.mark.parametrize("touched", [True, False])
def test_of_two_tasks_of_ours_the_older_stays_and_the_other_is_closed_unless_somebody_touched_it(
    make_office: Callable[..., Office], touched: bool
) -> None:
    office = make_office(switches=Switches(unique_on_tasks=False))
    with office.desk() as desk:
        lose_twice(office, desk)
        older, younger = sorted(office.created(), key=lambda entry: (entry.at, int(entry.id)))
        if touched:
            office.standin.rep.edit("Tasks", younger.id, Description="On it.")
        found = resolve_tasks(desk.crm, desk.ledger)
        assert [(d.task_id, d.beside, d.touched) for d in found.doubles] == [
            (younger.id, older.id, touched)
        ]
        tally = close_doubles(sender(desk), found.doubles, language=Language.EN, run_id="run")
        assert tally.done == (not touched)
        status = {key: task["Status"] for key, task in office.standin.records("Tasks").items()}
        closed = "Not Started" if touched else "Completed"
        assert status == {older.id: "Not Started", younger.id: closed}


@pytest.mark.fault("N7", "H21")
def test_where_keys_are_kept_apart_a_request_may_take_as_long_as_it_likes(
    office: Office, desk: Desk
) -> None:
    office.standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=QUARANTINE * 2)
    planned(desk, keyed_task(office.account_id(6)))
    for _ in range(3):
        send(desk)
        office.after(QUARANTINE + 60)
        settle(desk)
    assert len(office.created()) == 1


@pytest.mark.parametrize("route", ["GET /Tasks", "GET /Tasks/deleted"])
@pytest.mark.parametrize("kind", ["html_502", "empty_200", "html_200"])
def test_an_error_while_looking_settles_nothing(
    office: Office, desk: Desk, route: str, kind: str
) -> None:
    lose_the_answer(office, desk, kind="html_502")
    office.after(DAY)
    office.standin.faults.add(route, kind=kind, times=6)
    with pytest.raises(CrmError):
        settle(desk)
    assert state(desk)[0] is State.UNKNOWN


def test_what_a_killed_process_had_sent_waits_from_its_discovery_on(
    office: Office, desk: Desk
) -> None:
    """The machine slept between the mark and the socket: the request may have left only just now."""
    task = call_task(office.account_id(6))
    planned(desk, task)
    with desk.ledger.transaction():
        now = desk.crm.now()
        desk.ledger.intents.mark_sent([task.key], at=now, resolve_after=now + desk.quarantine)
    office.after(8 * 3600)
    take_up(desk, desk.clock.now())
    settle(desk)
    assert state(desk)[0] is State.UNKNOWN
    office.after(QUARANTINE + 1)
    settle(desk)
    send(desk)
    assert len(office.created()) == 1


def test_recovering_twice_comes_to_the_same(office: Office, desk: Desk) -> None:
    lose_the_answer(office, desk, kind="lost_after_apply")
    office.after(DAY)
    for _ in range(2):
        take_up(desk, desk.clock.now())
        settle(desk)
    with Ledger(desk.home.ledger) as other:
        assert other.intents.counts() == {"done": 1}
    assert len(office.calls("GET", "/Tasks")) == 1, "what is settled is not asked for again"
