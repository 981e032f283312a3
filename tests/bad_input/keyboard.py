"""An organisation, a state folder, and a person at the keyboard who types commands.

What setting up and filling leave behind is photographed once an organisation: whoever wants an office at that
point, and nothing else came before, gets a print of it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from photograph import Album, Photo
from remembered import remembered
from workbench import POLICY_FILE

import cli
from connector.standin.server import StandIn

CLASSES = frozenset({"Customer_Tier", "Loyalty_Class", "Churn_Risk"})

POLICY = POLICY_FILE.replace("= 1000", "= 700")
"""The four questions that are always asked, and one playbook: more would say no more about bad input."""


@dataclass(frozen=True)
class Office:
    """An organisation, a state folder, and a person at the keyboard."""

    server: StandIn
    home: Path
    env: Mapping[str, str]
    prints: dict[str, Photo] = field(default_factory=dict)
    """What the organisation and the folder looked like once set up, and once filled."""

    def fenlei(self, *words: str, **variables: str) -> Result:
        """One command, as a shell would start it; what was classified before is looked up."""
        with remembered():
            return told({**self.env, **variables}, *words)

    def set_up(self) -> Office:
        return self._after("setup")

    def backfilled(self) -> Office:
        return self._after("setup", "backfill")

    def _after(self, *commands: str) -> Office:
        """These commands have been given, one after the other."""
        reached = commands[-1]
        untouched = not self.server.requests and not self.home.exists()
        if untouched and reached in self.prints:
            self.prints[reached].develop(self.home, self.server)
            return self
        if commands[:-1]:
            self._after(*commands[:-1])
        assert self.fenlei(reached, "--yes").exit_code == 0
        if untouched:
            album = Album(self.home, self.server)
            self.prints[reached] = album.photos[album.take()]
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
