"""An upgrade takes an old ledger over as it is, or leaves it as it was."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_rows import LATER, NOW, the

from sync.ledger import Kind, Ledger, LedgerUnusable, Settlement, State
from sync.ledger.file import LedgerFile, Values
from sync.ledger.versions import SCHEMA_VERSION, bring_up_to_date

HERE = Path(__file__).parent
DONE_ACCOUNT, ADOPTED_ACCOUNT = "9100000000000000003", "9100000000000000020"


def old_ledger(path: Path) -> Path:
    """A ledger as version 1 left it, with an intent of either kind in every state."""
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript((HERE / "version_1.sql").read_text(encoding="utf-8"))
    return path


def states(path: Path) -> dict[str, State]:
    """Every intent's state, as the ledger tells it."""
    with Ledger(path) as ledger:
        return {i.key: s for s in State for i in ledger.intents.in_state(s, *Kind)}


def plain_states(path: Path) -> dict[str, str]:
    """Every intent's state, as the file holds it."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, state FROM intent").fetchall())


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@pytest.mark.fault("C16")
def test_a_ledger_of_version_1_keeps_everything_it_knows(tmp_path: Path) -> None:
    path = old_ledger(tmp_path / "ledger.sqlite")
    before = plain_states(path)
    assert set(before.values()) == {str(s) for s in State}
    assert states(path) == before
    assert version(path) == SCHEMA_VERSION
    with Ledger(path) as ledger:
        assert ledger.fact("organisation") == "572576000000000123"
        assert ledger.ours.known_values([DONE_ACCOUNT, ADOPTED_ACCOUNT]) == {
            DONE_ACCOUNT: {"Tier": ["large"], "Loyalty": ["fairly_loyal"]},
            ADOPTED_ACCOUNT: {"Tier": ["small"]},
        }
        assert [run.status for run in ledger.runs.latest()] == ["running", "done"]
        assert ledger.history.held()[0].value == "VIP"
        assert list(ledger.audit.rows()) == []  # nobody noted then what is told now


@pytest.mark.fault("C16")
def test_what_was_in_doubt_before_an_upgrade_is_settled_after_it(tmp_path: Path) -> None:
    path = old_ledger(tmp_path / "ledger.sqlite")
    with Ledger(path) as ledger:
        assert ledger.intents.doubt_left_behind(not_before=LATER) == 3
        doubts = ledger.intents.in_state(State.UNKNOWN, *Kind)
        ledger.intents.settle([Settlement(i.key, State.DONE, crm_id="7") for i in doubts], at=NOW)
        assert {the(ledger, i.key).state for i in doubts} == {State.DONE}
        assert {row.entry.intent_key for row in ledger.audit.rows()} == {i.key for i in doubts}
        assert ledger.audit.verify(ledger.audit.head()).flaw is None


class Watched(LedgerFile):
    """Keeps what a kill before each statement would leave on the disk."""

    images: list[Path]

    def change(self, sql: str, values: Values = ()) -> int:
        changed = super().change(sql, values)
        image = self.path.with_name(f"image-{len(self.images)}.sqlite")
        for suffix in ("", "-wal"):
            shutil.copy(f"{self.path}{suffix}", f"{image}{suffix}")
        self.images.append(image)
        return changed


@pytest.mark.fault("C16")
def test_an_upgrade_that_is_killed_anywhere_leaves_the_old_version_or_the_new(
    tmp_path: Path,
) -> None:
    path = old_ledger(tmp_path / "ledger.sqlite")
    before = plain_states(path)
    file = Watched(path, patience=1)
    file.images = []
    bring_up_to_date(file)
    file.close()
    found = [version(image) for image in file.images]
    assert found == [1] * (len(found) - 1) + [SCHEMA_VERSION]
    assert len(found) > 10
    for image in file.images:
        assert states(image) == before
        assert version(image) == SCHEMA_VERSION


def test_an_upgraded_ledger_and_a_new_one_are_made_alike(tmp_path: Path) -> None:
    new, old = tmp_path / "new.sqlite", old_ledger(tmp_path / "old.sqlite")
    made = []
    for path in (new, old):
        Ledger(path).close()
        with closing(sqlite3.connect(path)) as connection:
            made.append(
                connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY 1").fetchall()
            )
    assert made[0] == made[1]


def test_two_programs_may_upgrade_at_once(tmp_path: Path) -> None:
    path = old_ledger(tmp_path / "ledger.sqlite")

    class Overtaken(LedgerFile):
        """Finds the old version, and somebody else is quicker."""

        def change(self, sql: str, values: Values = ()) -> int:
            if sql == "BEGIN IMMEDIATE":
                Ledger(path).close()
            return super().change(sql, values)

    file = Overtaken(path, patience=1)
    bring_up_to_date(file)
    file.close()
    assert version(path) == SCHEMA_VERSION


@pytest.mark.parametrize(
    "change",
    [
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -7",
        "DROP INDEX intent_by_state",
        "DROP TABLE held",
        "ALTER TABLE run ADD COLUMN note TEXT",
    ],
)
def test_an_old_ledger_that_was_altered_is_left_alone(tmp_path: Path, change: str) -> None:
    path = old_ledger(tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as viewer:
        viewer.execute(change)
    before = version(path)
    with pytest.raises(LedgerUnusable, match="damaged"):
        Ledger(path)
    assert version(path) == before


def test_what_a_viewer_adds_for_itself_does_no_harm(tmp_path: Path) -> None:
    path = old_ledger(tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path, isolation_level=None)) as viewer:
        viewer.execute("ANALYZE")
        viewer.execute("CREATE VIEW mine AS SELECT * FROM intent")
    assert states(path)
