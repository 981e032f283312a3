"""An organisation, a state folder, and a person at the keyboard who types commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
from connector.standin.server import StandIn

CLASSES = frozenset({"Customer_Tier", "Loyalty_Class", "Churn_Risk"})


@dataclass(frozen=True)
class Office:
    """An organisation, a state folder, and a person at the keyboard."""

    server: StandIn
    home: Path
    env: Mapping[str, str]

    def fenlei(self, *words: str, **variables: str) -> Result:
        """One command, as a shell would start it."""
        return told({**self.env, **variables}, *words)

    def set_up(self) -> Office:
        assert self.fenlei("setup", "--yes").exit_code == 0
        return self

    def backfilled(self) -> Office:
        assert self.set_up().fenlei("backfill", "--yes").exit_code == 0
        return self

    def state(self) -> dict[str, Any]:
        """What reps see: every account's classes, and every task's account, purpose and status."""
        accounts = {
            key: {name: value for name, value in record.items() if name in CLASSES}
            for key, record in self.server.records("Accounts").items()
        }
        tasks = [
            (task["What_Id"]["id"], task["Subject"].rpartition("-")[0], task["Status"])
            for task in self.server.records("Tasks").values()
        ]
        return {"accounts": accounts, "tasks": sorted(tasks)}


def told(env: Mapping[str, str], *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["fenlei", *words])
        result = CliRunner().invoke(cli.main, words, env=dict(env))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def failed(result: Result, *, code: int = 1) -> str:
    """The sentence of a command that could not do its work: one message, then what to do."""
    assert result.exit_code == code
    assert result.stderr.startswith("fenlei: ")
    assert result.stderr.count("fenlei: ") == 1
    assert "Traceback" not in result.output
    assert result.stderr.rstrip().endswith((".", "'"))
    return " ".join(result.stderr.split())
