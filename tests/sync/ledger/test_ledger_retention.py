"""Old words about customers leave the file; what was done, and the proof of it, stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_rows import LATER, NOW, a_change, a_task, forged, the

from sync.ledger import Kind, Ledger, LedgerUnusable, NewIntent, Settlement, State
from sync.ledger.retention import FINISHED

NAME = "晨光科技 Canary"
OLD = NOW + timedelta(days=90, seconds=1)
"""A moment before which everything here was planned."""

TASK = a_task(
    "KEYOFTASK",
    "1",
    Subject=f"Call {NAME} #call-keyoftas",
    Description=f"{NAME} is silent.",
    Owner="7",
    Sync_Key="KEYOFTASK",
)
CLOSE = NewIntent(
    "CLOSE",
    Kind.TASK_CHANGE,
    "Tasks",
    "77",
    {"id": "77", "Status": "Completed", "Description": f"Undone.\n\n{NAME} is silent."},
    purpose="call",
)
BLANK = {"Subject": "#call-keyoftas", "Description": "", "Owner": "7", "Sync_Key": "KEYOFTASK"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as opened:
        yield opened


def settled(ledger: Ledger, intent: NewIntent, state: State = State.DONE, text: str = "") -> None:
    ledger.intents.add([intent], run_id="r1", now=NOW)
    ledger.intents.mark_sent([intent.key], at=NOW, resolve_after=LATER)
    ledger.intents.settle([Settlement(intent.key, state, crm_id="77", text=text)], at=LATER)


def bytes_of(path: Path) -> bytes:
    """Everything of the ledger that is on disk, unused parts and journal included."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def test_no_byte_of_a_name_is_left_in_the_file(path: Path) -> None:
    with Ledger(path) as ledger:
        for intent in (TASK, CLOSE):
            settled(ledger, intent)
        assert NAME.encode() in bytes_of(path)
        assert ledger.retention.forget_texts(OLD) == 2
    assert NAME.encode() not in bytes_of(path)


def test_what_was_done_stays(ledger: Ledger) -> None:
    settled(ledger, TASK)
    settled(ledger, CLOSE)
    before, head = the(ledger, TASK.key), ledger.audit.head()
    ledger.retention.forget_texts(OLD)
    after = the(ledger, TASK.key)
    assert after.body == BLANK
    assert the(ledger, CLOSE.key).body == {"id": "77", "Status": "Completed", "Description": ""}
    for name in ("purpose", "record_id", "state", "crm_id", "run_id", "created_at", "attempt"):
        assert getattr(after, name) == getattr(before, name)
    assert ledger.audit.verify(head).flaw is None
    assert ledger.audit.head() == head
    assert ledger.intents.add([TASK], run_id="r2", now=OLD) == 0, "it is not opened again"
    assert ledger.intents.by_mark(["keyoftas"])["keyoftas"].state is State.DONE


@pytest.mark.parametrize("state", [state for state in State if state is not State.SENT])
def test_only_what_is_finished_is_forgotten(ledger: Ledger, state: State) -> None:
    settled(ledger, TASK, state, text=f"{NAME} is not valid")
    ledger.retention.forget_texts(OLD)
    after = the(ledger, TASK.key)
    finished = state in FINISHED
    assert after.body == (BLANK if finished else TASK.body)
    assert after.error_text == ("" if finished else f"{NAME} is not valid")


def test_what_is_younger_is_kept(ledger: Ledger) -> None:
    settled(ledger, TASK)
    assert ledger.retention.forget_texts(NOW) == 0
    assert the(ledger, TASK.key).body == TASK.body


def test_values_of_fields_are_kept_for_undo(ledger: Ledger) -> None:
    settled(ledger, a_change(old="small", new="large"))
    assert ledger.retention.forget_texts(OLD) == 0
    (change,) = ledger.intents.changes("FIELDS")
    assert (change.old, change.new) == ("small", "large")


def test_every_one_is_found_however_many_there_are_and_only_once(ledger: Ledger) -> None:
    many = [a_task(f"K{number:07}", str(number)) for number in range(2_001)]
    ledger.intents.add(many, run_id="r1", now=NOW)
    ledger.intents.cancel_unsent_tasks("r1")
    assert ledger.retention.forget_texts(OLD) == len(many)
    assert ledger.retention.forget_texts(OLD + timedelta(days=1)) == 0
    subjects = {i.body["Subject"] for i in ledger.intents.of_run("r1")}
    assert len(subjects) == len(many)
    assert "#call-k0000000" in subjects


def test_once_a_day_is_enough(ledger: Ledger) -> None:
    assert ledger.retention.forget_texts(OLD) == 0
    settled(ledger, TASK)
    assert ledger.retention.forget_texts(OLD + timedelta(minutes=1)) == 0
    assert ledger.retention.forget_texts(OLD + timedelta(days=1)) == 1


def test_a_task_that_was_taken_up_from_the_crm_has_nothing_to_forget(ledger: Ledger) -> None:
    ledger.intents.adopt_task("T", "1", "call", "77", now=NOW)
    assert ledger.retention.forget_texts(OLD) == 0


def test_damage_is_found_and_not_sealed_with_a_new_hash(path: Path) -> None:
    with Ledger(path) as ledger:
        settled(ledger, TASK)
    forged(path, "UPDATE intent SET body = replace(body, 'silent', 'loud')")
    with Ledger(path) as ledger:
        with pytest.raises(LedgerUnusable):
            ledger.retention.forget_texts(OLD)
        with pytest.raises(LedgerUnusable):
            the(ledger, TASK.key)


def test_the_trail_never_holds_a_name(ledger: Ledger) -> None:
    settled(ledger, TASK)
    settled(ledger, CLOSE)
    told = [row.entry.new for row in ledger.audit.rows()]
    assert told == ["#call-keyoftas", "Completed"]
