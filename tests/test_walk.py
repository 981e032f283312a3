"""The journey that docs/walk.md tells is the one that an account really makes."""

from __future__ import annotations

import ast
import csv
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from connector.standin.server import StandIn
from sync.ledger import Intent, Kind, Ledger

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/walk.md").read_text("utf-8")
STEP = re.compile(r"`([\w/]+\.py):([\w.]+)`")
FIRST, SECOND = "## The first run", "## The second run"

OURS, OTHER, PROSPECT = (f"910000000000000000{number}" for number in (1, 2, 3))
ACCOUNTS = [(OURS, "晨光科技"), (OTHER, "Acme Trading"), (PROSPECT, "Never Bought Ltd")]
MONTHLY = ("2025-12-08", "2026-01-12", "2026-02-09", "2026-03-16", "2026-04-20", "2026-05-25")
SELDOM = ("2026-03-02", "2026-05-04", "2026-07-06", "2026-09-07")

Place = tuple[str, str]
"""A file of the checkout and a function in it."""


def told(chapter: str) -> list[Place]:
    """The places that a chapter names, in order."""
    text = TEXT.partition(chapter)[2].partition("\n## ")[0]
    return [(file, name) for file, name in STEP.findall(text)]


def quoted() -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


def defined(path: Path) -> set[str]:
    """The dotted names of all functions of a module."""
    found: set[str] = set()

    def look(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef):
                found.add(prefix + child.name)
            elif isinstance(child, ast.ClassDef):
                look(child, f"{prefix}{child.name}.")

    look(ast.parse(path.read_text("utf-8")), "")
    return found


@contextmanager
def calls_noted() -> Iterator[list[Place]]:
    """Notes every call of a function of ours in this thread; the stand-in serves in others."""
    seen: list[Place] = []

    @cache
    def place(code: CodeType) -> Place | None:
        file = Path(code.co_filename)
        ours = file.is_relative_to(ROOT)
        return (file.relative_to(ROOT).as_posix(), code.co_qualname) if ours else None

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and (where := place(frame.f_code)):
            seen.append(where)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)


@dataclass
class Journey:
    """What two runs did, and what they left."""

    at_first: dict[str, Any]
    calls: dict[str, list[Place]] = field(default_factory=dict)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: list[Intent] = field(default_factory=list)
    explained: dict[str, Any] = field(default_factory=dict)
    later: list[dict[str, Any]] = field(default_factory=list)

    def body(self, kind: Kind) -> dict[str, Any]:
        return next(i.body for i in self.intents if i.kind is kind and i.record_id == OURS)


def write(path: Path, header: str, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([tuple(header.split(",")), *rows])
    return path


def company(folder: Path) -> tuple[Path, Path]:
    won = [(OURS, day, "12000") for day in MONTHLY] + [(OTHER, day, "900") for day in SELDOM]
    deals = [
        (f"92{number:017}", account, f"Order {number}", "Closed Won", amount, day)
        for number, (account, day, amount) in enumerate(won, start=1)
    ]
    header = "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date"
    return (
        write(folder / "accounts.csv", "id,Account_Name", [*ACCOUNTS]),
        write(folder / "deals.csv", header, [*deals]),
    )


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    folder = tmp_path_factory.mktemp("walk")
    with StandIn(*company(folder), today=date(2026, 9, 30)) as server:
        env = {"FENLEI_HOME": str(folder / "home"), "FENLEI_ALLOW_LOOPBACK": "1"}
        env |= {f"FENLEI_{key.upper()}": value for key, value in server.connection().items()}

        def fenlei(*words: str) -> dict[str, Any]:
            result = CliRunner().invoke(cli.main, [*words, "--json"], env=env)
            assert result.exit_code == 0, result.output
            said: dict[str, Any] = json.loads(result.stdout)
            return said

        fenlei("setup", "--yes")
        made = Journey(dict(server.records("Accounts")[OURS]))
        for chapter, words in ((FIRST, ("backfill", "--yes")), (SECOND, ("sync",))):
            with calls_noted() as made.calls[chapter]:
                made.reports[chapter] = fenlei(*words)
        made.explained = fenlei("explain", OURS)
        (task,) = server.records("Tasks")
        server.rep.edit("Tasks", task, Status="Completed")
        made.later.append(fenlei("sync"))
        server.rep.delete("Tasks", task)
        made.later.append(fenlei("sync"))
        with Ledger(folder / "home" / "ledger.sqlite") as ledger:
            made.intents = ledger.intents.of_run(made.reports[FIRST]["run_id"])
    return made


def test_every_place_that_the_walk_names_exists() -> None:
    places = told(FIRST) + told(SECOND)
    assert len(places) > 50
    missing = [f"{file}:{name}" for file, name in places if name not in defined(ROOT / file)]
    assert missing == []


@pytest.mark.parametrize("chapter", [FIRST, SECOND])
def test_the_code_goes_the_way_that_the_walk_tells(chapter: str, journey: Journey) -> None:
    first_visits = list(dict.fromkeys(journey.calls[chapter]))
    places = list(dict.fromkeys(told(chapter)))
    assert [place for place in places if place not in first_visits] == []
    assert places == sorted(places, key=first_visits.index)


def test_the_record_is_as_the_walk_shows_it(journey: Journey) -> None:
    shown = quoted()[0]
    assert {name: journey.at_first.get(name) for name in shown} == shown
    assert all(day in TEXT for day in MONTHLY)


def test_the_verdict_is_the_one_that_the_walk_quotes(journey: Journey) -> None:
    for verdict in journey.explained["verdicts"]:
        row = f"| `{verdict['dimension']}` | `{verdict['code']}` | `{verdict['rule']}` |"
        assert row in TEXT
    facts = journey.explained["verdicts"][1]["facts"]
    assert f"probability of {facts['churn_probability']}" in TEXT
    assert f"{facts['purchases']} purchases" in TEXT
    assert f"mean gap {facts['mean_gap']} days" in TEXT
    assert f"silence {facts['silence']} days" in TEXT
    prose = " ".join(line.strip(" >") for line in TEXT.splitlines())
    assert prose.count(journey.explained["reason"]) == 3


def test_the_bodies_are_those_that_the_walk_shows(journey: Journey) -> None:
    _, fields, task = quoted()
    assert journey.body(Kind.FIELDS) == fields
    sent = journey.body(Kind.TASK)
    assert {name: value for name, value in sent.items() if name != "Owner"} == task


def test_the_figures_of_the_runs_are_those_of_the_walk(journey: Journey) -> None:
    first, second = journey.reports[FIRST], journey.reports[SECOND]
    assert f"{first['accounts_written']} accounts written, {first['tasks_created']} task" in TEXT
    assert f"{second['fields_written']} fields written, {second['tasks_created']} tasks" in TEXT
    assert second["pulled"] == {"Accounts": 3, "Deals": 0, "Tasks": 1}


def test_a_task_that_was_closed_or_deleted_does_not_come_back(journey: Journey) -> None:
    assert [report["tasks_created"] for report in journey.later] == [0, 0]
