"""Every answer that a write may get, and what the ledger makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from workbench import Office, call_task, planned, sender, tier_change

from connector.errors import NotPermitted
from connector.memory import MemoryCrm
from connector.model import Fate, Json, Module, Outcome
from connector.port import Crm
from connector.standin.switches import Switches
from sync.desk import Desk
from sync.ledger import Intent, Kind, Ledger, State
from sync.sending.send import Sender, Tally

TASKS, FIELDS = "POST /Tasks", "PUT /Accounts"


@dataclass
class Answering:
    """A CRM that answers writes as the test says; everything else is the real one's."""

    crm: Crm
    answers: Callable[[Sequence[Any]], list[Outcome]]
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def create(self, module: str, rows: Sequence[Any], **_: Any) -> list[Outcome]:
        self.calls += 1
        return self.answers(rows)

    update = create


def states(ledger: Ledger) -> dict[str, int]:
    return ledger.intents.counts()


def sent(desk: Desk, kind: Kind, *ids: str) -> Tally:
    if kind is Kind.TASK:
        return sender(desk).send_tasks(planned(desk, *map(call_task, ids)))
    changes = planned(desk, *map(tier_change, ids))
    return sender(desk).send_fields(changes, read_at=desk.crm.now())


def answered_with(desk: Desk, intents: list[Intent], *outcomes: Outcome) -> Tally:
    crm = cast("Crm", Answering(desk.crm, lambda _rows: list(outcomes)))
    return replace(sender(desk), crm=crm).send_tasks(intents)


@pytest.mark.parametrize(
    ("fate", "field", "task"),
    [
        (Fate.DONE, State.DONE, State.DONE),
        (Fate.DUPLICATE, State.REJECTED, State.REJECTED),
        (Fate.STALE, State.SUPERSEDED, State.PLANNED),
        (Fate.LOCKED, State.SUPERSEDED, State.PLANNED),
        (Fate.GONE, State.CANCELLED, State.CANCELLED),
        (Fate.REFUSED, State.REJECTED, State.REJECTED),
        (Fate.UNKNOWN, State.UNKNOWN, State.UNKNOWN),
    ],
)
def test_each_fate_has_its_state(memory_desk: Desk, fate: Fate, field: State, task: State) -> None:
    for intent, state in ((tier_change("1"), field), (call_task("1"), task)):
        (ready,) = [i for i in planned(memory_desk, intent) if i.key == intent.key]
        answered_with(memory_desk, [ready], Outcome(fate, id="77"))
        (found,) = memory_desk.ledger.intents.in_state(state, intent.kind)
        assert found.attempt == (fate is not Fate.LOCKED)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_an_answer_with_too_few_or_too_many_rows_proves_nothing(
    memory_desk: Desk, rows: int
) -> None:
    ready = planned(memory_desk, call_task("1"), call_task("2"))
    tally = answered_with(memory_desk, ready, *[Outcome(Fate.DONE, id="77")] * rows)
    assert states(memory_desk.ledger) == {"unknown": 2}
    assert (tally.done, tally.unknown, tally.failed) == (0, 2, 2)


def test_a_call_that_was_refused_whole_leaves_its_rows_to_be_sent_later(memory_desk: Desk) -> None:
    def refuse(_rows: Sequence[Any]) -> list[Outcome]:
        raise NotPermitted("The CRM user may not create tasks.")

    ready = planned(memory_desk, call_task("1"))
    crm = cast("Crm", Answering(memory_desk.crm, refuse))
    with pytest.raises(NotPermitted):
        replace(sender(memory_desk), crm=crm).send_tasks(ready)
    (waiting,) = memory_desk.ledger.intents.in_state(State.PLANNED, Kind.TASK)
    assert waiting.attempt == 0


def test_the_mark_is_on_disk_before_the_request_leaves(memory_desk: Desk) -> None:
    """Another reader of the same file sees SENT while the call is under way."""
    seen: list[dict[str, int]] = []

    def look(rows: Sequence[Any]) -> list[Outcome]:
        with Ledger(memory_desk.home.ledger) as other:
            seen.append(other.intents.counts())
        return [Outcome(Fate.DONE, id=str(n)) for n, _ in enumerate(rows)]

    ready = planned(memory_desk, call_task("1"), call_task("2"))
    crm = cast("Crm", Answering(memory_desk.crm, look))
    replace(sender(memory_desk), crm=crm).send_tasks(ready)
    assert seen == [{"sent": 2}]


def test_a_batch_carries_a_hundred_rows(memory_desk: Desk) -> None:
    sizes: list[int] = []

    def count(rows: Sequence[Any]) -> list[Outcome]:
        sizes.append(len(rows))
        return [Outcome(Fate.DONE, id=str(n)) for n, _ in enumerate(rows)]

    ready = planned(memory_desk, *(call_task(str(n)) for n in range(250)))
    crm = cast("Crm", Answering(memory_desk.crm, count))
    assert replace(sender(memory_desk), crm=crm).send_tasks(ready).done == 250
    assert sizes == [100, 100, 50]


def spoilt_by(bad: set[str], *, named: bool) -> Callable[[Sequence[Any]], list[Outcome]]:
    """A CRM that refuses a whole batch for the sake of one row, naming it or not."""

    def answer(rows: Sequence[Any]) -> list[Outcome]:
        spoiling = [n for n, row in enumerate(rows) if row["What_Id"] in bad]
        if not spoiling:
            return [Outcome(Fate.DONE, id=str(row["What_Id"])) for row in rows]
        if len(rows) == 1:
            return [Outcome(Fate.REFUSED, code="INVALID_DATA")]
        found = [Outcome(Fate.NOT_APPLIED, code="INVALID_DATA")] * len(rows)
        if named:
            found[spoiling[0]] = Outcome(Fate.REFUSED, code="INVALID_DATA")
        return found

    return answer


@pytest.mark.fault("H7")
@pytest.mark.parametrize(
    ("bad", "named", "extra"),
    [
        ({"31"}, True, 1),
        ({"0"}, False, 2),
        ({"1"}, False, 10),
        ({"31"}, False, 14),
        ({"99"}, False, 14),
        ({"3", "60"}, True, 2),
        ({str(n) for n in range(5, 100, 10)}, False, 100),
        ({str(n) for n in range(90, 100)}, False, 100),
    ],
)
def test_one_bad_row_never_blocks_the_others(
    memory_desk: Desk, bad: set[str], named: bool, extra: int
) -> None:
    ready = planned(memory_desk, *(call_task(str(n)) for n in range(100)))
    answering = Answering(memory_desk.crm, spoilt_by(bad, named=named))
    tally = replace(sender(memory_desk), crm=cast("Crm", answering)).send_tasks(ready)
    assert states(memory_desk.ledger) == {"done": 100 - len(bad), "rejected": len(bad)}
    assert (tally.done, tally.failed, tally.stopped_by) == (100 - len(bad), len(bad), "")
    assert answering.calls <= 1 + extra


@pytest.mark.fault("H7")
@pytest.mark.parametrize(
    ("refusal", "extra"),
    [
        ({"named": True, "wrapped": True}, 1),
        ({"named": True}, 1),
        ({"named": False, "wrapped": True}, 14),
        ({"named": False}, 14),
    ],
)
@pytest.mark.parametrize("kind", [Kind.TASK, Kind.FIELDS])
def test_one_bad_row_in_a_hundred_costs_zoho_few_calls(
    make_office: Callable[..., Office], kind: Kind, refusal: dict[str, Any], extra: int
) -> None:
    office = make_office(sales=(100.0,) * 100)
    ids = sorted(office.standin.records("Accounts"))
    route = TASKS if kind is Kind.TASK else FIELDS
    office.standin.faults.add(route, kind="batch_refused", rows=(57,), **refusal)
    with office.desk() as desk:
        before = desk.crm.usage().writes
        tally = sent(desk, kind, *ids)
        calls = desk.crm.usage().writes - before
    assert (tally.done, tally.refused) == (99, {"INVALID_DATA": 1})
    assert calls <= 1 + extra


@pytest.mark.fault("H7", "N12")
@pytest.mark.parametrize("kind", ["html_502", "error_500", "reset"])
def test_a_batch_in_doubt_is_never_taken_apart(office: Office, desk: Desk, kind: str) -> None:
    office.standin.faults.add(TASKS, kind=kind)
    assert sent(desk, Kind.TASK, *map(office.account_id, range(9))).unknown == 9
    assert len(office.calls("POST", "/Tasks")) == 1


def test_a_crm_that_takes_nothing_is_asked_twice_and_then_left_in_peace(memory_desk: Desk) -> None:
    def closed(rows: Sequence[Any]) -> list[Outcome]:
        return [Outcome(Fate.NOT_APPLIED, message="Zoho asks for fewer calls.")] * len(rows)

    ready = planned(memory_desk, *(call_task(str(n)) for n in range(300)))
    answering = Answering(memory_desk.crm, closed)
    tally = replace(sender(memory_desk), crm=cast("Crm", answering)).send_tasks(ready)
    assert tally.stopped_by == "Zoho asks for fewer calls."
    assert answering.calls == 2
    assert states(memory_desk.ledger) == {"planned": 300}
    assert {i.attempt for i in memory_desk.ledger.intents.in_state(State.PLANNED, Kind.TASK)} == {0}


def test_sending_stops_between_two_batches_when_asked(memory_desk: Desk) -> None:
    words = iter(["", "Stopped as asked."])
    ready = planned(memory_desk, *(call_task(str(n)) for n in range(150)))
    crm = cast(
        "Crm", Answering(memory_desk.crm, lambda rows: [Outcome(Fate.DONE, id="1")] * len(rows))
    )
    stopping = replace(sender(memory_desk), crm=crm, may_go_on=lambda: next(words))
    assert stopping.send_tasks(ready).stopped_by == "Stopped as asked."
    assert states(memory_desk.ledger) == {"done": 100, "planned": 50}


@pytest.mark.parametrize("retry_after", [None, 30, 600])
def test_throttling_is_waited_out(office: Office, desk: Desk, retry_after: int | None) -> None:
    office.standin.faults.add(FIELDS, kind="throttled", retry_after=retry_after, times=2)
    before = office.clock.now()
    assert sent(desk, Kind.FIELDS, office.account_id(6)).done == 1
    assert office.clock.now() - before >= timedelta(seconds=2 * (retry_after or 0))
    assert len(office.written()) == 1


@pytest.mark.fault("Q7")
@pytest.mark.parametrize("kind", [Kind.TASK, Kind.FIELDS])
@pytest.mark.parametrize(
    "fault",
    [{"retry_after": 3600}, {"retry_after": None, "times": 9}, {"retry_after": "soon", "times": 9}],
)
def test_what_a_closed_crm_was_sent_is_in_doubt(
    office: Office, desk: Desk, kind: Kind, fault: dict[str, Any]
) -> None:
    """A creation is never sent a second time on that account, for nobody promises that it did nothing."""
    route = TASKS if kind is Kind.TASK else FIELDS
    office.standin.faults.add(route, kind="throttled", **({"times": 2} | fault))
    tally = sent(desk, kind, office.account_id(6), office.account_id(7))
    assert bool(tally.stopped_by) is (kind is Kind.FIELDS)
    assert states(desk.ledger) == {"unknown": 2}
    assert office.written() == []
    assert len(office.calls("POST", "/Tasks")) == (kind is Kind.TASK)


def test_a_crm_that_asks_twice_for_fewer_calls_is_left_in_peace(memory_desk: Desk) -> None:
    slow = Outcome(Fate.UNKNOWN, code="TOO_MANY_REQUESTS")
    answering = Answering(memory_desk.crm, lambda rows: [slow] * len(rows))
    ready = planned(memory_desk, *(call_task(str(n)) for n in range(350)))
    tally = replace(sender(memory_desk), crm=cast("Crm", answering)).send_tasks(ready)
    assert (answering.calls, states(memory_desk.ledger)) == (2, {"unknown": 200, "planned": 150})
    assert "fewer calls" in tally.stopped_by


def test_a_token_that_ends_in_the_middle_is_renewed_and_the_task_is_opened_once(
    office: Office, desk: Desk
) -> None:
    office.standin.faults.add(TASKS, kind="unauthorized")
    assert sent(desk, Kind.TASK, office.account_id(6)).done == 1
    assert len(office.created()) == 1


@pytest.mark.parametrize("whole", ["row", "batch"])
def test_an_account_that_a_rep_edited_after_our_reading_is_not_overwritten(
    make_office: Callable[..., Office], whole: Any
) -> None:
    office = make_office(switches=Switches(stale_refuses=whole))
    with office.desk() as desk:
        read_at = desk.crm.now()
        office.after(5)
        office.standin.rep.edit("Accounts", office.account_id(6), Phone="123")
        ready = planned(desk, *(tier_change(office.account_id(n)) for n in (5, 6)))
        tally = sender(desk).send_fields(ready, read_at=read_at)
    assert office.account_id(6) in [intent.record_id for intent in tally.stale]
    assert office.account_id(6) not in {entry.id for entry in office.updated()}


@pytest.mark.fault("W6")
@pytest.mark.parametrize("seconds", [0, 1, 2])
def test_an_edit_within_the_two_seconds_before_our_reading_counts_as_later(
    office: Office, desk: Desk, seconds: int
) -> None:
    office.standin.rep.edit("Accounts", office.account_id(6), Phone="123")
    office.after(seconds)
    ready = planned(desk, tier_change(office.account_id(6)))
    tally = sender(desk).send_fields(ready, read_at=desk.crm.now())
    assert [i.record_id for i in tally.stale] == ([office.account_id(6)] if seconds < 2 else [])


def test_rows_the_crm_refuses_locks_or_misses_are_told_apart(office: Office, desk: Desk) -> None:
    ids = [office.account_id(n) for n in (3, 4, 5, 6)]
    office.standin.locked.add(ids[0])
    office.standin.rep.delete("Accounts", ids[1])
    office.after(10)
    bad = tier_change(ids[2], new="enormous")
    ready = planned(desk, tier_change(ids[0]), tier_change(ids[1]), bad, tier_change(ids[3]))
    tally = sender(desk).send_fields(ready, read_at=desk.crm.now())
    assert (tally.done, tally.locked, tally.gone, tally.refused) == (1, 1, 1, {"INVALID_DATA": 1})
    assert [entry.id for entry in office.updated()] == [ids[3]]


@pytest.mark.parametrize(("run_workflows", "trigger"), [(False, ()), (True, None)])
def test_workflows_stay_quiet_unless_the_policy_wants_them(
    office: Office, desk: Desk, run_workflows: bool, trigger: tuple[str, ...] | None
) -> None:
    loud = replace(sender(desk), run_workflows=run_workflows)
    loud.send_tasks(planned(desk, call_task(office.account_id(6))))
    changes = [i for i in planned(desk, tier_change(office.account_id(6))) if i.kind is Kind.FIELDS]
    loud.send_fields(changes, read_at=desk.crm.now())
    assert [entry.trigger for entry in office.written()] == [trigger, trigger]


def test_what_was_sent_is_what_was_planned(memory_desk: Desk) -> None:
    crm = cast("MemoryCrm", memory_desk.crm)
    account = crm.add(Module.ACCOUNTS, {"Account_Name": "Zylker"})
    task = call_task(account)
    body: dict[str, Json] = task.body
    memory_sender: Sender = sender(memory_desk)
    memory_sender.send_tasks(planned(memory_desk, task))
    (created,) = [one for one in crm.applied if one.module == Module.TASKS]
    assert created.after == body
    (done,) = memory_desk.ledger.intents.in_state(State.DONE, Kind.TASK)
    assert (done.crm_id, done.crm_modified) == (created.id, created.at)
