"""A defect ends in one sentence; its places are kept without values, all of it shown on request only."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from connector.redaction import Secrets
from sync.unexpected import NAME, places, unexpected, whole

ROOT = Path(__file__).resolve().parents[2]
SECRET = "1000.canary-refresh-token"
CUSTOMER = "晨光科技 Canary Ltd"


def broken(account: str, token: str) -> None:
    try:
        {}[account]
    except KeyError as exc:
        raise RuntimeError(f"{token} for {account}\n\x1b[2J") from exc


@pytest.fixture
def defect() -> RuntimeError:
    try:
        broken(CUSTOMER, SECRET)
    except RuntimeError as exc:
        return exc
    raise AssertionError("it did not fail")


def test_a_defect_names_its_kind_and_where_its_places_are(
    defect: RuntimeError, tmp_path: Path
) -> None:
    said = unexpected(defect, {"FENLEI_HOME": str(tmp_path)})
    assert said.exit_code == 1
    assert "(RuntimeError)" in said.text
    assert str(tmp_path / NAME) in said.advice
    assert "FENLEI_DEBUG=1" in said.advice
    assert SECRET not in repr(said)
    assert CUSTOMER not in repr(said)


@pytest.mark.fault("K6")
def test_the_places_hold_no_value_and_only_their_owner_reads_them(
    defect: RuntimeError, tmp_path: Path
) -> None:
    unexpected(defect, {"FENLEI_HOME": str(tmp_path)})
    path = tmp_path / NAME
    text = path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "builtins.RuntimeError" in text
    assert "builtins.KeyError" in text, "what it came from is told as well"
    assert "test_unexpected.py:" in text
    assert " broken" in text
    assert SECRET not in text
    assert CUSTOMER not in text
    assert str(ROOT) not in text


def test_no_folder_is_made_for_a_defect(defect: RuntimeError, tmp_path: Path) -> None:
    said = unexpected(defect, {"FENLEI_HOME": str(tmp_path / "none")})
    assert said.advice.startswith("To see where it happened")
    assert not (tmp_path / "none").exists()


def test_all_of_it_is_shown_without_secrets_and_terminal_codes(defect: RuntimeError) -> None:
    text = whole(defect, Secrets(SECRET))
    assert "Traceback (most recent call last)" in text
    assert "[hidden] for" in text
    assert SECRET not in text
    assert "\x1b" not in text


def test_errors_that_lead_round_in_a_circle_are_told_once() -> None:
    one, other = ValueError("one"), TypeError("other")
    one.__cause__, other.__cause__ = other, one
    assert places(one).splitlines() == ["builtins.ValueError", "builtins.TypeError"]


PROGRAM = f"""
import sys, threading
from sync.unexpected import catch_everything, unexpected

def tell(exc):
    print("fenlei:", unexpected(exc, {{"FENLEI_HOME": "none"}}).text, file=sys.stderr)

def fail():
    token = {SECRET!r}
    raise ValueError(token)

catch_everything(tell)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
"""


def test_neither_a_thread_nor_a_crash_of_python_prints_values() -> None:
    crash = "\nimport faulthandler; assert faulthandler.is_enabled(); faulthandler.dump_traceback()"
    done = subprocess.run(
        [sys.executable, "-c", f"{PROGRAM}{crash}\nfail()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("fenlei: This is a defect of fenlei's own (ValueError).") == 2
    assert "most recent call first" in done.stderr, "what a crash would print: places, no values"
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr
