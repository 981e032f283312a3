"""Zoho's own SDK, which nobody here wrote, works against the stand-in; the log is the judge."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connector.standin.server import StandIn

PROGRAM = Path(__file__).with_name("sdk_program.py")


def test_zohos_sdk_lists_a_thousand_accounts_updates_a_hundred_and_creates_ten_tasks(
    make_standin: Callable[..., StandIn], make_company: Callable[..., Any], tmp_path: Path
) -> None:
    files = make_company(accounts=1_000, deals=20)
    standin = make_standin(accounts=files.accounts, deals=files.deals)
    done = subprocess.run(
        [sys.executable, str(PROGRAM), json.dumps(standin.connection())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    accounts = standin.records("Accounts")
    assert told["seen"] == {key: row["Account_Name"] for key, row in accounts.items()}

    updates = [entry for entry in standin.log if entry.action == "update"]
    assert [entry.id for entry in updates] == told["updated"]
    assert len({entry.id for entry in updates}) == 100
    for entry in updates:
        assert entry.after is not None
        assert (entry.after["Phone"], entry.after["Industry"]) == ("021-5555", "Service Provider")
        assert entry.trigger == ()

    created = [entry for entry in standin.log if entry.action == "create"]
    assert [entry.id for entry in created] == told["created"]
    assert len(created) == len(standin.records("Tasks")) == 10
    for entry in created:
        assert entry.after is not None
        related = entry.after["What_Id"]
        assert entry.after["Subject"] == f"拜访 {accounts[related['id']]['Account_Name']}"
    assert len(standin.log) == 110
    assert {seen.path.split("/")[2] for seen in standin.requests if "/crm/" in seen.path} == {"v2"}
