"""The judge is judged first: every history that was broken by hand is found out, and no good one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from history_check import check
from office_history import Ending, History, Operation, Reading

from connector.model import Json
from connector.standin.journal import LogEntry
from sync.keys import mark
from sync.ledger import Kind, State

START = datetime(2011, 12, 9, 1, 0, tzinfo=UTC)
ACCOUNT, OTHER, TASK, SECOND = "9001", "9002", "5001", "5002"
KEY = "ABCDEFGH" + "2" * 18
TIER = "Customer_Tier"
SUBJECT = f"Call 客户 001 Ltd {mark('retain', KEY)}"
MARKED = {"Subject": SUBJECT, "What_Id": ACCOUNT}

US, REP = 1, 0
"""The number of the call that made a change; a rep needs none."""


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


ABSENT = Ending(at(20), State.PLANNED, "ABSENT")
DOUBT = Ending(at(1), State.UNKNOWN)


def task(state: State, code: str = "", *endings: Ending, crm_id: str = "") -> Operation:
    return Operation(
        KEY, Kind.TASK, ACCOUNT, MARKED, state, "retain", code, crm_id, endings=endings
    )


def tier(
    new: Json, state: State = State.DONE, key: str = "F1", endings: Sequence[Ending] = ()
) -> Operation:
    body = {"id": ACCOUNT, TIER: new}
    return Operation(key, Kind.FIELDS, ACCOUNT, body, state, endings=tuple(endings))


def created(minutes: float = 0, task_id: str = TASK, call: int = US, **values: Json) -> LogEntry:
    lookup: dict[str, object] = {"What_Id": {"id": ACCOUNT, "name": "客户 001 Ltd"}, "id": task_id}
    after = {"Subject": SUBJECT, **lookup, **values}
    return LogEntry(0, at(minutes), call, "create", "Tasks", task_id, None, after)


def deleted(minutes: float, task_id: str = TASK) -> LogEntry:
    before = {"Subject": SUBJECT, "id": task_id}
    return LogEntry(0, at(minutes), REP, "delete", "Tasks", task_id, before, None)


def wrote(
    old: Json,
    new: Json,
    minutes: float = 0,
    call: int = US,
    record: str = ACCOUNT,
    field: str = TIER,
) -> LogEntry:
    before, after = {"id": record, field: old}, {"id": record, field: new}
    return LogEntry(0, at(minutes), call, "update", "Accounts", record, before, after)


def history(
    ops: Sequence[Operation] = (), log: Sequence[LogEntry] = (), *, ours: Json = None
) -> History:
    return History(
        tuple(ops),
        tuple(replace(entry, seq=seq) for seq, entry in enumerate(log, 1)),
        {} if ours is None else {(ACCOUNT, TIER): ours},
    )


def read(due: dict[str, datetime], held: dict[str, datetime], gone: frozenset[str]) -> History:
    return History((), (), readings={"Accounts": Reading(due, held, gone)})


def found(**values: Json) -> Operation:
    """A write in doubt that was called done after its record had been read back."""
    ending = Ending(at(20), State.DONE, "FOUND")
    return Operation("F1", Kind.FIELDS, ACCOUNT, values, State.DONE, endings=(DOUBT, ending))


def stood(minutes: float, call: int = US, **values: Json) -> LogEntry:
    """A record of which nothing is known but what it held from then on."""
    return replace(wrote(None, None, minutes, call), before=None, after={"id": ACCOUNT, **values})


def lost(**values: Json) -> Operation:
    """A write in doubt that was called absent after its record had been read back."""
    ending = Ending(at(20), State.SUPERSEDED, "ABSENT")
    ends = (DOUBT, ending)
    return Operation("F9", Kind.FIELDS, ACCOUNT, values, State.SUPERSEDED, endings=ends)


def stands(minutes: float = 0, **values: Json) -> LogEntry:
    """A write of ours that was applied, whatever the record held before."""
    return replace(stood(minutes, US, **values), before={"id": ACCOUNT, **dict.fromkeys(values)})


DONE = task(State.DONE, crm_id=TASK)
RESTORED = replace(
    history(
        [tier("large", key="F2")],
        [wrote(None, "medium"), wrote("medium", "small", 40, REP), wrote("small", "large", 60)],
        ours="large",
    ),
    remembers_since=at(30),
)
"""An old copy of the ledger was put back, a rep typed, and we wrote over it."""


def merged(by: int) -> History:
    """Another customer's tier, which we or a person had put there, came over and was written over."""
    return history(
        [
            tier("large"),
            Operation("F3", Kind.FIELDS, OTHER, {"id": OTHER, TIER: "small"}, State.DONE),
        ],
        [
            wrote(None, "small", 0, by, record=OTHER),
            LogEntry(
                0, at(5), REP, "delete", "Accounts", OTHER, {"id": OTHER, TIER: "small"}, None
            ),
            replace(wrote(None, "small", 5, REP), action="merge"),
            wrote("small", "large", 10),
        ],
        ours="large",
    )


BROKEN = {
    "a person's value that came over from a customer that was merged is overwritten": (
        merged(REP),
        "which was not ours",
    ),
    "done, and the CRM created nothing": (
        history([DONE]),
        "never came",
    ),
    "done under the id of somebody else's task": (
        history([task(State.DONE, crm_id=SECOND)], [created(), created(1, SECOND, REP)]),
        "not the task that we created",
    ),
    "one key created twice": (
        history([DONE], [created(), created(20, SECOND)]),
        "created 2 times",
    ),
    "one key created twice, the first deleted by a rep in between": (
        history([task(State.DONE, crm_id=SECOND)], [created(), deleted(5), created(20, SECOND)]),
        "created 2 times",
    ),
    "created three times while still in doubt": (
        history([task(State.UNKNOWN)], [created(n, f"500{n}") for n in range(3)]),
        "created 3 times",
    ),
    "refused, and it is there all the same": (
        history([task(State.REJECTED, "INVALID_DATA")], [created()]),
        "rejected and was created",
    ),
    "turned away at the gate, and it is there all the same": (
        history([task(State.PLANNED, "TOO_MANY_REQUESTS")], [created()]),
        "planned and was created",
    ),
    "parked as absent, and it is there": (
        history([task(State.PARKED, "ABSENT")], [created()]),
        "parked and was created",
    ),
    "called deleted by a rep who did not": (
        history([task(State.CANCELLED, "DELETED")], [created()]),
        "which nobody did",
    ),
    "called deleted and never came": (
        history([task(State.CANCELLED, "DELETED")]),
        "which nobody did",
    ),
    "what a rep typed before an old copy of the ledger was put back, of another class than ours": (
        replace(RESTORED, remembers_since=at(50), taken_for_ours={(ACCOUNT, TIER): ["large"]}),
        "which was not ours",
    ),
    "what a rep typed after an old copy of the ledger was put back": (
        RESTORED,
        "which was not ours",
    ),
    "called absent while it stood in the list": (
        history([task(State.DONE, "FOUND", DOUBT, ABSENT, crm_id=TASK)], [created(0)]),
        "absent after it had been created",
    ),
    "sent again with another subject": (
        history([DONE], [created(Subject=SUBJECT.replace("Call", "Visit"))]),
        "another subject",
    ),
    "a task of ours that the ledger does not know": (
        history([], [created()]),
        "the ledger does not know it",
    ),
    "a task of ours that nobody could recognise": (
        history([], [created(Subject="Call 客户 001 Ltd")]),
        "without a mark",
    ),
    "a field called written that never was": (
        history([tier("large")], [wrote(None, "small", call=REP)], ours="large"),
        "never held its values",
    ),
    "a write called found of which the smaller part stood": (
        history(
            [found(a=1, b=2, c=3)], [stood(0, REP, a=1), stood(5, REP, b=2), stood(9, REP, c=3)]
        ),
        "never held its values",
    ),
    "a write called found of which one value never stood": (
        history([found(a=1, b=2, c=3)], [stood(0, REP, a=1, b=2)]),
        "never held its values",
    ),
    "a write of a lost ledger called found of which the smaller part stood": (
        replace(history([found(a=1, b=2)], [stood(0, REP, a=1)]), remembers_since=at(10)),
        "never held its values",
    ),
    "a write of a lost ledger called done on an answer, of which most stood": (
        replace(
            history([replace(found(a=1, b=2, c=3), endings=())], [stood(0, REP, a=1, b=2)]),
            remembers_since=at(10),
        ),
        "never held its values",
    ),
    "a field called stale, and it was applied": (
        history([tier("large", State.SUPERSEDED)], [wrote(None, "large")]),
        "superseded and was applied",
    ),
    "a write of which people left a number, called absent": (
        history(
            [lost(a=33, b="large")],
            [stands(a=33, b="large"), wrote("large", "small", 5, REP, field="b")],
        ),
        "superseded and was applied",
    ),
    "a write of which people left most, called absent": (
        history(
            [lost(a="x", b="y", c="z")],
            [stands(a="x", b="y", c="z"), wrote("z", "", 5, REP, field="c")],
        ),
        "superseded and was applied",
    ),
    "a write that people replaced only after it had been called absent": (
        history(
            [lost(a="large")], [stands(a="large"), wrote("large", "small", 40, REP, field="a")]
        ),
        "superseded and was applied",
    ),
    "a field written for no reason": (
        history(
            [tier("large")], [wrote(None, "large"), wrote(None, "x", 1, record=OTHER)], ours="large"
        ),
        "no intent asked for",
    ),
    "a rep's value written over": (
        history(
            [tier("large")],
            [wrote(None, "small", call=REP), wrote("small", "large", 1)],
            ours="large",
        ),
        "which was not ours",
    ),
    "a value from before our time written over": (
        history([tier("large")], [wrote("typed long ago", "large")], ours="large"),
        "which was not ours",
    ),
    "a rep's return to an older value of ours written over": (
        history(
            [tier("small"), tier("medium", key="F2"), tier("large", key="F3")],
            [
                wrote(None, "small"),
                wrote("small", "medium", 1),
                wrote("medium", "small", 2, REP),
                wrote("small", "large", 3),
            ],
            ours="large",
        ),
        "which was not ours",
    ),
    "an old write that landed after a new one": (
        history(
            [tier("small", key="F1"), tier("large", key="F2")],
            [wrote(None, "small"), wrote("small", "large", 1), wrote("large", "small", 2)],
            ours="large",
        ),
        "not as we last wanted it",
    ),
    "our own value that we would take for a person's": (
        history([tier("large")], [wrote(None, "large")], ours="small"),
        "taken for a person's",
    ),
    "a record in scope that the local copy lacks": (
        read({ACCOUNT: at(0)}, {}, frozenset()),
        "is missing in the local copy",
    ),
    "a record whose change the local copy missed": (
        read({ACCOUNT: at(5)}, {ACCOUNT: at(0)}, frozenset()),
        "is out of date in the local copy",
    ),
    "a deleted record that the local copy keeps": (
        read({}, {ACCOUNT: at(0)}, frozenset({ACCOUNT})),
        "still in the local copy",
    ),
}

GOOD = {
    "our value that came over from a customer that was merged is overwritten": merged(US),
    "nothing happened": history(),
    "a task done": history([DONE], [created()]),
    "a task found after its answer was lost": history(
        [task(State.DONE, "FOUND", DOUBT, crm_id=TASK)], [created()]
    ),
    "a task absent, sent again and done": history(
        [task(State.DONE, "", DOUBT, ABSENT, crm_id=TASK)], [created(20)]
    ),
    "a task in doubt that came": history([task(State.UNKNOWN)], [created()]),
    "a task in doubt that did not come": history([task(State.SENT)]),
    "a task that a rep deleted before we heard": history(
        [task(State.CANCELLED, "DELETED", DOUBT)], [created(), deleted(5)]
    ),
    "a task done and then cloned by a rep": history([DONE], [created(), created(5, SECOND, REP)]),
    "a nameless deletion that may have been ours": history(
        [task(State.PARKED, "MAYBE_DELETED", DOUBT)], [created(), deleted(5)]
    ),
    "a field written, then overridden by a rep": history(
        [tier("large")], [wrote(None, "large"), wrote("large", "small", 5, REP)], ours="large"
    ),
    "a field written over our own value": history(
        [tier("small"), tier("large", key="F2")],
        [wrote(None, "small"), wrote("small", "large", 5)],
        ours="large",
    ),
    "a field cleared by a rep and filled again": history(
        [tier("large"), tier("large", key="F2")],
        [wrote(None, "large"), wrote("large", None, 5, REP), wrote(None, "large", 9)],
        ours="large",
    ),
    "a field refused and not written": history([tier("large", State.REJECTED)]),
    "a write in doubt, of which people had replaced all that told of it": history(
        [tier("large"), lost(a=33, **{TIER: "large"})],
        [
            wrote(None, "large"),
            wrote("large", None, 1, REP),
            stands(2, a=33, **{TIER: "large"}),
            wrote(33, 50, 5, REP, field="a"),
        ],
        ours="large",
    ),
    "a write in doubt that left only a class, which a person may have typed": history(
        [tier("large"), lost(a=33, **{TIER: "small"})],
        [
            wrote(None, "large"),
            stands(2, a=33, **{TIER: "small"}),
            wrote(33, 50, 5, REP, field="a"),
        ],
        ours="large",
    ),
    "a write in doubt, settled by what the record holds": history(
        [tier("large", endings=(DOUBT,))], [wrote(None, "large")], ours="large"
    ),
    "a write found that earlier ones had made one by one, and a rep has changed a part since": history(
        [found(a=1, b=2, c=3)], [stood(0, REP, a=1, b=9), stood(5, REP, a=8, b=2, c=3)]
    ),
    "a write found by a lost ledger where a forgotten one had put most of it there": replace(
        history([found(a=1, b=2, c=3)], [stood(0, REP, a=1, b=2, c=4)]), remembers_since=at(10)
    ),
    "a write in doubt that is over our earlier one": history(
        [tier("small"), tier("large", State.UNKNOWN, "F2", (DOUBT,))],
        [wrote(None, "small"), wrote("small", "large", 5)],
        ours="small",
    ),
    "a lost ledger, whose tasks and values are not held against the new one": replace(
        history(
            [tier("large", key="F9")],
            [created(), wrote(None, "small"), wrote("small", "large", 60)],
            ours="large",
        ),
        remembers_since=at(30),
    ),
    "an old copy of the ledger, that would write the very same as a rep typed": replace(
        RESTORED, taken_for_ours={(ACCOUNT, TIER): ["small"]}
    ),
    "an account that a rep deleted after we wrote": history(
        [tier("large")],
        [wrote(None, "large"), replace(deleted(5, ACCOUNT), module="Accounts")],
    ),
    "a local copy that is up to date": read(
        {ACCOUNT: at(0)}, {ACCOUNT: at(0), OTHER: at(9)}, frozenset({SECOND})
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_history_that_was_broken_by_hand_is_found_out(name: str) -> None:
    broken, words = BROKEN[name]
    assert any(words in problem for problem in check(broken)), check(broken)


@pytest.mark.parametrize("name", GOOD)
def test_a_history_in_which_nothing_went_wrong_is_left_in_peace(name: str) -> None:
    assert check(GOOD[name]) == []


@pytest.mark.parametrize("state", [State.PLANNED, State.SENT, State.UNKNOWN])
def test_at_rest_nothing_may_be_under_way(state: State) -> None:
    assert check(history([task(state)])) == []
    assert [p for p in check(history([task(state)]), at_rest=True) if "at rest" in p]


def test_only_a_change_in_doubt_of_a_deleted_record_may_stay_so_at_rest() -> None:
    log = [wrote(None, "large"), replace(deleted(5, ACCOUNT), module="Accounts")]
    assert check(history([tier("large", State.UNKNOWN)], log), at_rest=True) == []
    restored = replace(deleted(9, ACCOUNT), module="Accounts", action="restore")
    for state, entries in ((State.SENT, log), (State.UNKNOWN, [*log, restored])):
        assert check(history([tier("large", state)], entries), at_rest=True)


def test_what_stood_in_a_field_that_somebody_deleted_is_nobodys() -> None:
    dropped = LogEntry(0, at(5), REP, "drop_field", "Accounts", "F", None, {"api_name": TIER})
    assert check(history([tier("large")], [wrote(None, "large")]))
    assert check(history([tier("large")], [wrote(None, "large"), dropped])) == []
