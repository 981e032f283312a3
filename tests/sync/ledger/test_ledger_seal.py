"""The seal of the ledger: whoever touches a checked ledger makes the next opening check all of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.ledger import Ledger, LedgerUnusable
from sync.ledger.seal import FULL_CHECK_EVERY, Seal

NOW = 1_323_421_200.0


def now() -> float:
    return NOW


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path, now=now) as ledger:
        ledger.remember("key", "value" * 5000)
    return path


def test_a_ledger_that_only_fenlei_has_touched_is_not_checked_again_within_a_day(
    sealed: Path,
) -> None:
    assert Seal(sealed, now).is_unbroken
    with Ledger(sealed, now=now) as ledger:
        ledger.remember("key", "another")
    with Ledger(sealed, now=now) as ledger:
        assert ledger.fact("key") == "another"
    assert Seal(sealed, lambda: NOW + FULL_CHECK_EVERY - 1).is_unbroken


def test_runs_through_the_day_do_not_put_the_check_off(sealed: Path) -> None:
    with Ledger(sealed, now=lambda: NOW + FULL_CHECK_EVERY - 1) as ledger:
        ledger.remember("key", "another")
    assert not Seal(sealed, lambda: NOW + FULL_CHECK_EVERY).is_unbroken


def _write_a_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(5000)
        file.write(b"!")


def _put_a_copy_in_its_place(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)


def _give_it_back_its_time(path: Path) -> None:
    before = path.stat()
    _write_a_byte(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _leave_changes_beside_it(path: Path) -> None:
    path.with_name(f"{path.name}-wal").write_bytes(b"what a process left that died")


def _scribble_on_the_seal(path: Path) -> None:
    path.with_name(f"{path.name}.seal").write_text('{"checked": "today"}')


@pytest.mark.fault("C8")
@pytest.mark.parametrize(
    "touch",
    [
        *(_write_a_byte, _put_a_copy_in_its_place, _give_it_back_its_time),
        *(_leave_changes_beside_it, _scribble_on_the_seal),
    ],
)
def test_whatever_else_touches_the_ledger_breaks_the_seal(
    sealed: Path, touch: Callable[[Path], None]
) -> None:
    touch(sealed)
    assert not Seal(sealed, now).is_unbroken


@pytest.mark.fault("C8")
def test_a_page_that_went_bad_unseen_is_found_a_day_later(sealed: Path) -> None:
    whole = sealed.read_bytes()
    sealed.write_bytes(whole[:-8192] + b"\0" * 8192)
    kept = Seal(sealed, now)
    kept.checked()  # as if the disk had changed it, which no time of the file tells
    kept.put(written=True)
    assert Seal(sealed, now).is_unbroken
    with pytest.raises(LedgerUnusable, match="damaged"):
        Ledger(sealed, now=lambda: NOW + FULL_CHECK_EVERY)


@pytest.mark.fault("C2")
def test_a_ledger_in_trouble_or_of_a_process_that_died_is_not_sealed(sealed: Path) -> None:
    died = Ledger(sealed, now=now)
    died.remember("key", "written, and then the machine went off")
    assert not Seal(sealed, now).is_unbroken
    died.close()
    assert Seal(sealed, now).is_unbroken
    with Ledger(sealed, now=now) as ledger:
        ledger.remember("key", "changed")
        with pytest.raises(LedgerUnusable):
            ledger._file.rows("SELECT * FROM no_such_table")
    assert not Seal(sealed, now).is_unbroken
