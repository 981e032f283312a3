"""An intent is written once, sent only while planned, and settled only by the CRM's word."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_rows import LATER, NOW, a_change, a_task, the

from connector.model import Json
from sync.ledger import Kind, Ledger, LedgerUnusable, NewIntent, Settlement, State


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def sent(ledger: Ledger, *intents: NewIntent) -> None:
    ledger.intents.add(intents, run_id="r1", now=NOW)
    ledger.intents.mark_sent([i.key for i in intents], at=NOW, resolve_after=LATER)


def settled(ledger: Ledger, key: str, state: State, **more: object) -> None:
    ledger.intents.settle([Settlement(key, state, **more)], at=NOW)  # type: ignore[arg-type]


def test_an_intent_keeps_its_first_body(ledger: Ledger) -> None:
    assert ledger.intents.add([a_task("A", Due_Date="2011-12-12")], run_id="r1", now=NOW) == 1
    assert ledger.intents.add([a_task("A", Due_Date="2012-01-01")], run_id="r2", now=NOW) == 0
    assert the(ledger, "A").body["Due_Date"] == "2011-12-12"
    assert the(ledger, "A").run_id == "r1"


def test_a_refused_task_may_be_planned_anew_with_another_body(ledger: Ledger) -> None:
    sent(ledger, a_task("A", Owner="gone"))
    settled(ledger, "A", State.REJECTED, code="INVALID_DATA")
    assert ledger.intents.add([a_task("A", Owner="here")], run_id="r2", now=NOW) == 1
    found = the(ledger, "A")
    assert (found.state, found.body["Owner"], found.error_code) == (State.PLANNED, "here", "")


@pytest.mark.parametrize("state", [s for s in State if s is not State.REJECTED])
def test_nothing_else_is_planned_anew(ledger: Ledger, state: State) -> None:
    sent(ledger, a_task("A"))
    settled(ledger, "A", state)
    assert ledger.intents.add([a_task("A", Owner="other")], run_id="r2", now=NOW) == 0
    assert the(ledger, "A").state is state
    assert "Owner" not in the(ledger, "A").body


def test_what_a_killed_process_had_sent_is_in_doubt_for_a_fresh_quarantine(ledger: Ledger) -> None:
    sent(ledger, a_task("A"), a_change("B"))
    fresh = LATER + timedelta(hours=9)
    assert ledger.intents.doubt_left_behind(not_before=fresh) == 2
    for key in ("A", "B"):
        assert (the(ledger, key).state, the(ledger, key).resolve_after) == (State.UNKNOWN, fresh)


def test_a_longer_quarantine_is_not_shortened(ledger: Ledger) -> None:
    sent(ledger, a_task("A"))
    ledger.intents.doubt_left_behind(not_before=LATER - timedelta(hours=1))
    assert the(ledger, "A").resolve_after == LATER


def test_the_quarantine_of_a_lost_answer_begins_when_it_was_given_up(ledger: Ledger) -> None:
    sent(ledger, a_task("A"), a_task("B"))
    end = LATER + timedelta(minutes=20)
    ledger.intents.settle(
        [Settlement("A", State.UNKNOWN), Settlement("B", State.PLANNED)], at=NOW, doubt_until=end
    )
    assert the(ledger, "A").resolve_after == end
    assert the(ledger, "B").resolve_after == LATER


@pytest.mark.parametrize(("counts", "attempts"), [(True, 1), (False, 0)])
def test_being_turned_away_at_the_gate_does_not_count_as_an_attempt(
    ledger: Ledger, counts: bool, attempts: int
) -> None:
    sent(ledger, a_task("A"))
    settled(ledger, "A", State.PLANNED, counts=counts)
    assert the(ledger, "A").attempt == attempts


@pytest.mark.parametrize(
    ("state", "known"),
    [
        (State.PLANNED, []),
        (State.SENT, ["large"]),
        (State.UNKNOWN, ["large"]),
        (State.DONE, ["large"]),
        (State.REJECTED, []),
        (State.SUPERSEDED, []),
    ],
)
def test_values_confirmed_or_in_doubt_are_ours(
    ledger: Ledger, state: State, known: list[Json]
) -> None:
    sent(ledger, a_change("A"))
    settled(ledger, "A", state)
    assert ledger.ours.known_values(["1", "2"]).get("1", {}).get("Tier", []) == known


def test_the_last_confirmed_value_and_the_one_in_doubt_are_both_ours(ledger: Ledger) -> None:
    sent(ledger, a_change("A", new="small"))
    settled(ledger, "A", State.DONE)
    sent(ledger, a_change("B", old="small", new="large"))
    settled(ledger, "B", State.UNKNOWN)
    assert ledger.ours.known_values(["1"]) == {"1": {"Tier": ["small", "large"]}}


def test_more_accounts_than_sqlite_takes_in_one_statement_are_looked_up(ledger: Ledger) -> None:
    many = [a_change(f"K{n}", record_id=str(n)) for n in range(1200)]
    with ledger.transaction():
        sent(ledger, *many)
        ledger.intents.settle([Settlement(i.key, State.DONE) for i in many], at=NOW)
    assert len(ledger.ours.known_values([str(n) for n in range(1200)])) == 1200


def test_only_what_may_have_changed_meanwhile_is_planned_afresh(ledger: Ledger) -> None:
    close = NewIntent("C", Kind.TASK_CHANGE, "Tasks", "9", {"id": "9", "Status": "Completed"})
    ledger.intents.add([a_task("A"), a_change("B"), close], run_id="r1", now=NOW)
    assert ledger.intents.supersede_unsent_changes() == 2
    assert the(ledger, "A").state is State.PLANNED


def test_a_refusal_is_remembered_by_what_was_refused(ledger: Ledger) -> None:
    sent(ledger, a_change("A"))
    settled(ledger, "A", State.REJECTED)
    ((record_id, body),) = ledger.intents.refused_bodies(["1"], NOW)
    assert record_id == "1"
    assert len(body) == 64
    assert ledger.intents.refused_bodies(["1"], NOW + timedelta(seconds=1)) == set()


def test_adopting_changes_no_intent_that_the_ledger_knows(ledger: Ledger) -> None:
    sent(ledger, a_change("A"), a_task("B"))
    settled(ledger, "A", State.DONE)
    settled(ledger, "B", State.UNKNOWN)
    assert ledger.intents.adopt_occasion("B", "1", "call", now=NOW) is False
    assert ledger.intents.adopt_task("B", "1", "call", "77", now=NOW) is False
    assert ledger.ours.known_values(["1"]) == {"1": {"Tier": ["large"]}}
    ledger.ours.adopt_values("1", {"Tier": "small"}, now=NOW)
    assert ledger.ours.known_values(["1"]) == {"1": {"Tier": ["small"]}}
    assert the(ledger, "B").state is State.UNKNOWN


KEYS = st.sampled_from("ABC")
STEPS = st.one_of(
    st.tuples(st.just("add"), KEYS, st.none()),
    st.tuples(st.just("send"), KEYS, st.none()),
    st.tuples(st.just("die"), KEYS, st.none()),
    st.tuples(st.just("drop"), KEYS, st.none()),
    st.tuples(st.just("settle"), KEYS, st.sampled_from(sorted(State))),
)


@settings(
    max_examples=60,
)
@given(steps=st.lists(STEPS, max_size=25))
def test_nothing_that_is_done_is_ever_planned_again(
    ledger: Ledger, steps: list[tuple[str, str, State | None]]
) -> None:
    """Whatever the order; an answer or a read-back settles what is under way, and nothing else."""
    with contextlib.suppress(RollBack), ledger.transaction():
        done: set[str] = set()
        for verb, key, state in steps:
            carry_out(ledger, verb, key, state)
            now_done = {i.key for i in ledger.intents.in_state(State.DONE, *Kind)}
            assert done <= now_done
            done = now_done
        raise RollBack


class RollBack(Exception):
    pass


def carry_out(ledger: Ledger, verb: str, key: str, state: State | None) -> None:
    intents = ledger.intents
    if verb == "add":
        intents.add([a_task(key)], run_id="r", now=NOW)
    elif verb == "send":
        intents.mark_sent([key], at=NOW, resolve_after=LATER)
    elif verb == "die":
        intents.doubt_left_behind(not_before=LATER)
    elif verb == "drop":
        intents.supersede_unsent_changes()
        intents.cancel_unsent_tasks("r")
    elif state is not None:
        under_way = [i.key for s in (State.SENT, State.UNKNOWN) for i in intents.in_state(s, *Kind)]
        if key in under_way:
            settled(ledger, key, state)


def test_words_that_no_file_can_hold_are_kept_as_far_as_they_can(ledger: Ledger) -> None:
    sent(ledger, a_task("A"))
    settled(ledger, "A", State.REJECTED, code="\udc80CODE", text="half \ud83d of a smile")
    assert (the(ledger, "A").error_code, the(ledger, "A").error_text) == (
        "?CODE",
        "half ? of a smile",
    )


@pytest.mark.fault("W2")
def test_how_often_an_account_was_written_lately_is_counted(ledger: Ledger) -> None:
    def write(key: str, record_id: str, state: State, *, hours: int) -> None:
        at = NOW + timedelta(hours=hours)
        ledger.intents.add([a_change(key, record_id)], run_id="r", now=at)
        ledger.intents.mark_sent([key], at=at, resolve_after=at)
        ledger.intents.settle([Settlement(key, state)], at=at)

    for hours in (0, 10, 23, 25):
        write(f"A{hours}", "1", State.DONE, hours=hours)
        write(f"B{hours}", "2", State.REJECTED, hours=hours)
    write("C", "3", State.DONE, hours=25)
    sent(ledger, a_task("T", record_id="1"))
    settled(ledger, "T", State.DONE)
    assert ledger.intents.written_since(["1", "2"], NOW + timedelta(hours=1)) == {"1": 3}
    assert ledger.intents.written_since(["1", "3"], NOW) == {"1": 4, "3": 1}
    assert ledger.intents.written_since([], NOW) == {}


WHOLE, OTHER_TAIL = "K7Q2MD9XAAAAAAAAAAAAAAAAAA", "K7Q2MD9XBBBBBBBBBBBBBBBBBB"


@pytest.mark.parametrize(
    ("held", "asked", "known"),
    [
        (WHOLE, WHOLE, True),
        (WHOLE, WHOLE.lower(), True),
        (WHOLE, "k7q2md9x", True),
        (WHOLE, OTHER_TAIL, False),
        (WHOLE, "k7q2md9y", False),
        ("K7Q2MD9X", "k7q2md9x", True),
        ("K7Q2MD9X", WHOLE, True),  # taken up by its mark alone, so either may be meant
        ("K7Q2MD9X", "K7Q2MD9Y" + WHOLE[8:], False),
    ],
)
@pytest.mark.fault("C11")
def test_a_task_is_known_by_its_key_or_its_mark(
    ledger: Ledger, held: str, asked: str, known: bool
) -> None:
    ledger.intents.add([a_task(held)], run_id="r", now=NOW)
    assert ledger.intents.unknown_among([asked]) == (set() if known else {asked})
    assert [i.key for i in ledger.intents.by_mark([asked]).values()] == ([held] if known else [])


def test_a_change_of_fields_is_no_task_whatever_its_key(ledger: Ledger) -> None:
    ledger.intents.add([a_change(WHOLE)], run_id="r", now=NOW)
    assert ledger.intents.unknown_among([WHOLE]) == {WHOLE}


def test_many_marks_are_looked_up_at_once(ledger: Ledger) -> None:
    keys = [f"{number:08d}{'A' * 18}" for number in range(1200)]
    with ledger.transaction():
        ledger.intents.add([a_task(key) for key in keys[:1000]], run_id="r", now=NOW)
    assert ledger.intents.unknown_among(keys) == set(keys[1000:])


@pytest.mark.parametrize("column", ["body", "created_at", "resolve_after"])
def test_an_intent_that_went_bad_is_not_acted_on(tmp_path: Path, column: str) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        sent(ledger, a_task("A", Due_Date="2011-12-12"))
    with closing(sqlite3.connect(path, isolation_level=None)) as viewer:
        viewer.execute(f"UPDATE intent SET {column} = replace({column}, '2011-', '2O11-')")
    with Ledger(path) as ledger, pytest.raises(LedgerUnusable, match="damaged"):
        ledger.intents.in_state(State.SENT, *Kind)


def test_a_queue_reads_each_intent_when_its_turn_has_come(ledger: Ledger) -> None:
    keys = [f"K{number:04d}" for number in range(1203)]
    ledger.intents.add([a_task(key) for key in keys], run_id="r1", now=NOW)
    settled(ledger, keys[0], State.CANCELLED)
    queue = ledger.intents.queue(State.PLANNED, Kind.TASK)
    waiting = iter(queue)
    assert next(waiting).key == keys[1]
    ledger.intents.mark_sent(keys[600:700], at=NOW, resolve_after=LATER)
    rest = list(waiting)
    assert [intent.key for intent in rest] == keys[2:]
    assert rest[698 - 2].state is State.SENT
    assert [intent.key for intent in queue[1100:]] == keys[1101:]
    assert (len(queue), queue[-1].key) == (1202, keys[-1])
    assert not ledger.intents.queue(State.PLANNED, Kind.FIELDS)
