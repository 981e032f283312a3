"""The ledger survives what can happen to a file, and refuses what it cannot trust."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
from ledger_rows import NOW, a_task, the

from sync.ledger import Ledger, LedgerUnusable, State


@pytest.mark.fault("C5")
def test_a_committed_mark_is_on_disk_before_anybody_goes_on(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        pragma = {
            name: ledger._file.value(f"PRAGMA {name}")
            for name in ("journal_mode", "synchronous", "foreign_keys", "fullfsync")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "fullfsync": 1}


@pytest.mark.fault("K9")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_can_read_the_ledger_or_its_journal(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "home" / "ledger.sqlite"
    before = os.umask(umask)
    try:
        with Ledger(path) as ledger:
            ledger.remember("key", "value")
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(modes) == {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}
    assert set(modes.values()) == {0o600}


@pytest.mark.fault("K9")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_ledger_that_others_can_read_is_refused_with_the_command_that_mends_it(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    path.chmod(mode)
    with pytest.raises(LedgerUnusable, match=f"chmod 600 {path}"):
        Ledger(path)


def test_a_ledger_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger._file.change("PRAGMA user_version=99")
    with pytest.raises(LedgerUnusable, match="newer fenlei"):
        Ledger(path)


@pytest.mark.fault("C8")
def test_a_damaged_ledger_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        for number in range(200):
            ledger.remember(f"key {number}", "value" * 50)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\0" * 8192 + whole[12288:])
    damaged = path.read_bytes()
    with pytest.raises(LedgerUnusable, match="damaged"):
        Ledger(path)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("content", [b"this is no database at all, only text" * 40, b"SQLite"])
def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(LedgerUnusable, match="damaged"):
        Ledger(path)


def test_an_empty_file_that_a_crash_left_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch(mode=0o600)
    with Ledger(path) as ledger:
        assert ledger.intents.counts() == {}


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def half(ledger: Ledger) -> None:
        with ledger.transaction():
            ledger.intents.add([a_task("A")], run_id="r", now=NOW)
            raise Stop

    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with pytest.raises(Stop):
            half(ledger)
        assert ledger.intents.counts() == {}


@pytest.mark.fault("C2")
def test_what_was_committed_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger(path)
    with ledger.transaction():
        ledger.intents.add([a_task("A")], run_id="r", now=NOW)
    with ledger.transaction():
        ledger.intents.mark_sent(["A"], at=NOW, resolve_after=NOW)
    copy = tmp_path / "after-the-kill.sqlite"  # what a process finds that never closed anything
    for suffix in ("", "-wal"):
        Path(f"{copy}{suffix}").write_bytes(Path(f"{path}{suffix}").read_bytes())
        Path(f"{copy}{suffix}").chmod(0o600)
    ledger.close()
    with Ledger(copy) as found:
        assert the(found, "A").state is State.SENT


def test_a_ledger_that_somebody_else_holds_is_busy_and_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch(mode=0o600)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(LedgerUnusable, match="cannot be used just now"):
            Ledger(path, patience=0.05)
    finally:
        other.close()
