"""Damaged, lost, locked or unwritable files of our own: said before the first call, and mended as said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keyboard import Office, failed

from sync.lock import run_lock


def damaged(path: Path) -> None:
    """A file of which a disk has lost the middle."""
    content = path.read_bytes()
    third = len(content) // 3
    path.write_bytes(content[:third] + b"\x5a" * third + content[2 * third :])


@pytest.mark.fault("C8")
@pytest.mark.parametrize("damage", [damaged, lambda path: path.write_bytes(b"not ours" * 999)])
def test_a_corrupt_local_copy_may_be_deleted(
    office: Office, good_end: Any, damage: Callable[[Path], None]
) -> None:
    mirror = office.backfilled().home / "mirror.duckdb"
    damage(mirror)
    written = len(office.server.log)
    said = failed(office.fenlei("sync"))
    assert "The local copy of the CRM cannot be used" in said
    assert f"Delete {mirror} and run 'fenlei sync'" in said
    mirror.unlink()
    assert office.fenlei("sync").exit_code == 0
    assert office.state() == good_end
    assert len(office.server.log) == written


@pytest.mark.fault("C8")
@pytest.mark.parametrize("damage", [damaged, lambda path: path.write_bytes(b"not ours" * 999)])
def test_a_corrupt_ledger_stops_every_command_before_the_first_call(
    office: Office, good_end: Any, damage: Callable[[Path], None]
) -> None:
    ledger = office.backfilled().home / "ledger.sqlite"
    kept = ledger.read_bytes()
    damage(ledger)
    asked = len(office.server.requests)
    for words in (("sync",), ("status",), ("undo", "20111209-090000-k7q2", "--yes")):
        said = failed(office.fenlei(*words))
        assert "The ledger ledger.sqlite is damaged" in said
        assert "Restore it from a backup, or move it away" in said
    assert len(office.server.requests) == asked
    ledger.write_bytes(kept)
    assert office.fenlei("sync").exit_code == 0
    assert office.state() == good_end


@pytest.mark.fault("C9")
def test_after_a_lost_ledger_nothing_is_written_or_opened_twice(
    office: Office, good_end: Any
) -> None:
    office.backfilled()
    written = len(office.server.log)
    (office.home / "ledger.sqlite").unlink()
    assert "Run 'fenlei setup' first." in failed(office.fenlei("sync"))
    office.set_up()
    assert office.fenlei("sync").exit_code == 0
    assert len(office.server.log) == written
    assert office.state() == good_end


def test_a_state_folder_that_cannot_be_made_is_named(office: Office, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    said = failed(office.fenlei("sync", FENLEI_HOME=str(tmp_path / "file" / "home")))
    assert said.endswith("Set FENLEI_HOME to a folder that this user may write.")
    assert not office.server.requests


@pytest.mark.fault("C13")
def test_a_read_only_state_folder_is_named(office: Office) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere, so nothing is read-only to it")
    office.backfilled()
    written, asked = len(office.server.log), len(office.server.requests)
    office.home.chmod(0o500)
    said = failed(office.fenlei("sync"))
    office.home.chmod(0o700)
    assert said.endswith("Give this user the folder, or set FENLEI_HOME to another.")
    assert len(office.server.requests) == asked
    assert office.fenlei("sync").exit_code == 0
    assert len(office.server.log) == written


@pytest.mark.fault("T1", "T2", "T7")
def test_a_run_beside_another_one_leaves_at_once_without_a_call(
    office: Office, good_end: Any
) -> None:
    office.set_up()
    asked = len(office.server.requests)
    with run_lock(office.home / "run.lock"):
        said = failed(office.fenlei("backfill", "--yes"), code=75)
    assert "Another fenlei run is going on. Wait for it to end" in said
    assert len(office.server.requests) == asked
    assert office.fenlei("backfill", "--yes").exit_code == 0
    assert office.state() == good_end
