"""The audit trail tells everything that was written, and whoever changes it cannot hide that."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_rows import LATER, NOW, a_change, a_task, forged

from connector.model import Json
from sync.ledger import (
    AuditRow,
    FieldChange,
    Flaw,
    Kind,
    Ledger,
    LedgerUnusable,
    NewIntent,
    Settlement,
    State,
)

TOLD = [s for s in State if s not in (State.PLANNED, State.SENT)]
CLOSE = NewIntent(
    "CLOSE", Kind.TASK_CHANGE, "Tasks", "77", {"id": "77", "Status": "Completed"}, purpose="call"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def settled(ledger: Ledger, intent: NewIntent, state: State = State.DONE, crm_id: str = "") -> None:
    ledger.intents.add([intent], run_id="r1", now=NOW)
    ledger.intents.mark_sent([intent.key], at=NOW, resolve_after=LATER)
    ledger.intents.settle([Settlement(intent.key, state, crm_id=crm_id, code="CODE")], at=LATER)


def trail(ledger: Ledger, **asked: str) -> list[AuditRow]:
    return list(ledger.audit.rows(**asked))  # type: ignore[arg-type]


def a_ledger_with_rows(path: Path, count: int = 6) -> str:
    """Makes a ledger whose trail has so many rows; gives back the head."""
    with Ledger(path) as ledger:
        for number in range(count):
            settled(ledger, a_change(f"K{number}", record_id=str(number)))
        return ledger.audit.head()


@pytest.mark.parametrize("state", TOLD)
def test_every_outcome_of_a_change_is_told_with_what_was_there_before(
    ledger: Ledger, state: State
) -> None:
    ledger.act_for("572576000000012345")
    ledger.runs.begin("r1", "backfill", as_of=NOW.date(), policy="p", now=NOW)
    changes = (FieldChange("Tier", "small", "large"), FieldChange("Score", 3, None))
    body: dict[str, Json] = {"id": "1", "Tier": "large", "Score": None}
    settled(ledger, NewIntent("F", Kind.FIELDS, "Accounts", "1", body, changes=changes), state)
    first, second = (row.as_json() for row in ledger.audit.rows())
    assert first == {
        "id": 1,
        "at": LATER.isoformat(),
        "run_id": "r1",
        "who": "572576000000012345",
        "module": "Accounts",
        "record_id": "1",
        "account_id": "1",
        "field": "Score",
        "old": 3,
        "new": None,
        "reason": "backfill",
        "outcome": state,
        "code": "CODE",
        "intent_key": "F",
    }
    assert (second["field"], second["old"], second["new"]) == ("Tier", "small", "large")


def test_what_was_turned_away_at_the_gate_is_no_change_and_not_told(ledger: Ledger) -> None:
    settled(ledger, a_change("F"), State.PLANNED)
    assert trail(ledger) == []


def test_a_task_is_told_once_and_found_by_its_account(ledger: Ledger) -> None:
    settled(ledger, a_task("T", record_id="1"), crm_id="77")
    settled(ledger, CLOSE, crm_id="77")
    settled(ledger, a_change("F", record_id="2"))
    told = [
        (r.entry.record_id, r.entry.account_id, r.entry.field, r.entry.new, r.entry.reason)
        for r in trail(ledger, record="1")
    ]
    assert told == [("77", "1", "", "#call-t", "call"), ("77", "1", "Status", "Completed", "call")]
    assert trail(ledger, record="77") == trail(ledger, record="1")


def test_what_is_taken_up_from_the_crm_is_told_once(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.intents.adopt_task("T", "1", "call", "77", now=NOW)
        ledger.intents.adopt_occasion("O", "1", "retain", now=NOW)
        ledger.ours.adopt_values("1", {"Tier": "large"}, now=NOW)
    told = [(r.entry.record_id, r.entry.field, r.entry.reason) for r in trail(ledger)]
    assert told == [("77", "", "call"), ("", "", "retain"), ("1", "Tier", "adopted")]
    assert {r.entry.outcome for r in trail(ledger, run="adopted")} == {"adopted"}


def test_rows_can_be_asked_for_by_run_and_by_how_many(ledger: Ledger) -> None:
    for number in range(5):
        settled(ledger, a_change(f"K{number}", record_id=str(number)))
    assert [r.id for r in ledger.audit.rows(run="r1", limit=2)] == [4, 5]
    assert trail(ledger, run="other") == []
    assert (ledger.audit.count(run="r1"), ledger.audit.count(record="3")) == (5, 1)


def test_the_trail_tells_exactly_what_was_committed(ledger: Ledger) -> None:
    class Stop(Exception):
        pass

    def half() -> None:
        with ledger.transaction():
            settled(ledger, a_change("B"))
            raise Stop

    settled(ledger, a_change("A"))
    head = ledger.audit.head()
    with pytest.raises(Stop):
        half()
    assert [r.entry.intent_key for r in trail(ledger)] == ["A"]
    assert ledger.audit.head() == head
    assert ledger.audit.verify(head).flaw is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET new = '\"small\"' WHERE id = 2",
        "DELETE FROM audit WHERE id = 6",
        "DELETE FROM audit",
        "REPLACE INTO audit SELECT * FROM audit WHERE id = 2",
        f"INSERT INTO audit SELECT id + 7, {', '.join(['at'] * 13)}, hash FROM audit",
    ],
)
def test_the_file_itself_refuses_changes_of_the_trail(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "ledger.sqlite"
    head = a_ledger_with_rows(path)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as viewer,
        pytest.raises(sqlite3.IntegrityError, match="only ever added to"),
    ):
        viewer.execute(statement)
    with Ledger(path) as ledger:
        assert ledger.audit.verify(head).flaw is None


def test_a_ledger_without_its_guards_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    a_ledger_with_rows(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as viewer:
        viewer.execute("DROP TRIGGER audit_is_never_changed")
    with pytest.raises(LedgerUnusable, match="audit_is_never_changed is not as it was made"):
        Ledger(path)


@pytest.fixture(scope="module")
def six_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with six rows in its trail, closed."""
    path = tmp_path_factory.mktemp("six") / "ledger.sqlite"
    a_ledger_with_rows(path)
    return path


COLUMNS = (
    *("at", "run_id", "who", "module", "record_id", "account_id", "field"),
    *("old", "new", "reason", "outcome", "code", "intent_key"),
)


@pytest.mark.fault("C8")
@settings(max_examples=30, deadline=None)
@given(column=st.sampled_from(COLUMNS), row=st.integers(1, 6))
def test_a_forger_who_drops_the_guards_is_found_at_the_row_that_he_changed(
    six_rows: Path, column: str, row: int
) -> None:
    path = six_rows.with_name("forged.sqlite")
    shutil.copy(six_rows, path)
    forged(path, f"UPDATE audit SET {column} = {column} || ' ' WHERE id = {row}")
    with Ledger(path) as ledger:
        found = ledger.audit.verify()
    assert (found.flaw, found.at, found.rows) == (Flaw.BROKEN, row, row - 1)


@pytest.mark.parametrize(
    ("forgery", "at"),
    [
        ("DELETE FROM audit WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 3; UPDATE audit SET id = id - 1 WHERE id > 3", 3),
        ("UPDATE audit SET id = 9 WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5", 4),
        ("UPDATE audit SET hash = zeroblob(32) WHERE id = 6", 6),
        ("UPDATE meta SET value = 'another' WHERE key = 'ledger_id'", 1),
    ],
)
def test_rows_that_are_missing_or_moved_break_the_chain(
    tmp_path: Path, forgery: str, at: int
) -> None:
    path = tmp_path / "ledger.sqlite"
    a_ledger_with_rows(path)
    forged(path, *forgery.split("; "))
    with Ledger(path) as ledger:
        found = ledger.audit.verify()
    assert (found.flaw, found.at) == (Flaw.BROKEN, at)


def cut_off(path: Path) -> None:
    forged(path, "DELETE FROM audit WHERE id > 4")


def written_anew(path: Path) -> None:
    """Somebody who can write the file and knows the recipe changes a row and all hashes after it."""
    forged(path, "UPDATE audit SET new = '\"small\"' WHERE id = 2", *chained_anew(path, 2))


def chained_anew(path: Path, first: int) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        rows = [list(row) for row in connection.execute("SELECT * FROM audit ORDER BY id")]
    digest: bytes = rows[first - 2][-1]
    statements = []
    for row in rows[first - 1 :]:
        row[9] = '"small"' if row[0] == first else row[9]
        text = json.dumps(row[:-1], separators=(",", ":"))
        digest = hashlib.sha256(digest + text.encode()).digest()
        statements.append(f"UPDATE audit SET hash = x'{digest.hex()}' WHERE id = {row[0]}")
    return statements


@pytest.mark.parametrize(("forge", "flaw"), [(cut_off, Flaw.CUT_OFF), (written_anew, Flaw.OTHER)])
def test_only_a_head_noted_elsewhere_shows_a_cut_end_or_a_chain_made_anew(
    tmp_path: Path, forge: Callable[[Path], None], flaw: Flaw
) -> None:
    path = tmp_path / "ledger.sqlite"
    head = a_ledger_with_rows(path)
    with closing(sqlite3.connect(path)) as connection:  # who knows the recipe corrects undo as well
        connection.execute("UPDATE field_change SET new = '\"small\"' WHERE intent_key = 'K1'")
        connection.commit()
    forge(path)
    with Ledger(path) as ledger:
        assert ledger.audit.verify().flaw in (None, Flaw.CONTRADICTED)
        assert ledger.audit.verify(head).flaw is flaw


def test_a_head_stays_true_while_the_trail_grows(ledger: Ledger) -> None:
    heads = [ledger.audit.head()]
    for number in range(4):
        settled(ledger, a_change(f"K{number}", record_id=str(number)))
        heads.append(ledger.audit.head())
    assert heads[0].startswith("0-")
    assert [ledger.audit.verify(f" {head.upper()}\n").flaw for head in heads] == [None] * 5
    assert ledger.audit.verify().head == heads[-1]


@pytest.mark.parametrize(
    "text", ["-", "4", "x-0123456789abcdef", "4-0123", "9" * 30 + "-" + "0" * 16]
)
def test_what_is_no_head_is_called_so(ledger: Ledger, text: str) -> None:
    assert ledger.audit.verify(text).flaw is Flaw.NO_HEAD


def test_two_ledgers_never_share_a_head(tmp_path: Path) -> None:
    heads = {a_ledger_with_rows(tmp_path / name, count) for name in "ab" for count in (0,)}
    assert len(heads) == 2


def test_what_an_undo_would_put_back_is_compared_with_the_trail(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    a_ledger_with_rows(path)
    forged(path, "UPDATE field_change SET old = '\"VIP\"' WHERE intent_key = 'K3'")
    with Ledger(path) as ledger:
        found = ledger.audit.verify()
    assert (found.flaw, found.at) == (Flaw.CONTRADICTED, 4)
