"""A command does its work although nobody can be told of it, and never ends in a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from shell import PROGRAM, environment, fenlei

from connector.standin.server import StandIn

FULL = Path("/dev/full")
NOWHERE = {"api_domain": "", "accounts_url": ""}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="closing by number is for shells")


def shell(env: Mapping[str, str], line: str) -> subprocess.CompletedProcess[str]:
    """One command whose streams the shell has closed or turned elsewhere."""
    words = ["sh", "-c", f'exec "$@" {line}', "sh", *PROGRAM]
    return subprocess.run(words, env=dict(env), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&- 2>&-", ">&- 2>&-"])
def test_a_run_whose_streams_are_closed_does_its_work(
    standin: StandIn, tmp_path: Path, closed: str
) -> None:
    env = environment(tmp_path / "home", standin.connection())
    assert fenlei(env, "setup", "--yes").returncode == 0
    assert shell(env, f"backfill --yes {closed}").returncode == 0
    written = [record for record in standin.records("Accounts").values() if record["Customer_Tier"]]
    assert len(written) == 120


def test_results_for_machines_may_go_to_a_closed_stream(tmp_path: Path) -> None:
    done = shell(environment(tmp_path / "home", NOWHERE), "status --json >&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="the system has no such device")
@pytest.mark.parametrize("words", ["status", "status --json", "policy show"])
def test_results_for_a_full_disk_end_in_a_sentence(tmp_path: Path, words: str) -> None:
    done = shell(environment(tmp_path / "home", NOWHERE), f"{words} > {FULL}")
    assert done.returncode == 1
    first, second = done.stderr.splitlines()[-2:]
    assert first.startswith("fenlei: No space left on device.")
    assert "Free space" in second


def test_where_nobody_reads_on_a_command_ends_quietly(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    env = environment(tmp_path / "home", NOWHERE)
    command = [*PROGRAM, "policy", "show"]
    with os.fdopen(write, "wb") as pipe:
        done = subprocess.run(
            command, env=env, stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.stderr == ""
