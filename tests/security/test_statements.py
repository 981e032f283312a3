"""A value never becomes a part of a question: not of one to Zoho, and not of one to our own databases."""

from __future__ import annotations

import ast
import csv
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbench import MORNING, NAMES, TODAY, YES, Office

from connector.clock import VirtualClock
from connector.errors import Refused
from connector.port import Window
from connector.standin.coql_parse import parse
from connector.standin.coql_query import Comparison, comparisons
from connector.standin.server import StandIn
from connector.zoho.coql_text import Cursor, changes, literal
from sync.explain import find_account
from sync.mirror import Mirror

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLAUSE = re.compile(r"^\s*(select|from|where|order by|group by|limit|offset)\s", re.IGNORECASE)
SQL = re.compile(
    r"^\s*(select|insert|update|delete|pragma|create|alter|drop|with|and|where|on|values)\s",
    re.IGNORECASE,
)

text_without_control = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]))
any_text = st.text(st.characters(exclude_categories=["Cs"]))


def trees(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def documented(tree: ast.Module) -> set[int]:
    """The ids of strings that are docstrings: what stands alone as a statement."""
    alone = (node for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(node.value) for node in alone}


def written_texts(tree: ast.Module) -> Iterator[str]:
    """Every string of the code, docstrings left out."""
    docs = documented(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def product() -> Iterator[tuple[str, ast.Module]]:
    """The modules that may have something to ask of Zoho; the databases' own languages stay there."""
    for folder in ("connector/zoho", "sync", "classifiers"):
        for path, tree in trees(folder):
            if not path.startswith(("sync/ledger/", "sync/mirror/")):
                yield path, tree


def test_questions_to_zoho_are_written_in_one_module_only() -> None:
    for path, tree in product():
        begins = CLAUSE if path.startswith("connector/") else re.compile(r"\s*select\s")
        words = [text for text in written_texts(tree) if begins.match(text)]
        assert bool(words) == (path == "connector/zoho/coql_text.py"), (path, words)


@pytest.mark.fault("K11")
def test_every_question_to_zoho_comes_from_that_module() -> None:
    asked = 0
    for path, tree in product():
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for question in questions(function):
                asked += 1
                assert isinstance(question, ast.Name), f"{path}:{question.lineno}"
                written = re.findall(rf"\b{question.id} = (.*)", ast.unparse(function))
                assert written, f"{path}:{question.lineno}"
                for source in written:
                    assert re.match(r"coql_text\.(changes|count|place)\(", source), (
                        f"{path}: {source}"
                    )
    assert asked


def questions(function: ast.FunctionDef) -> list[ast.expr]:
    """What a function sends as a query."""
    return [
        value
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "select_query"
    ]


@given(text_without_control)
def test_the_other_side_reads_a_text_as_it_was_meant(text: str) -> None:
    query = parse(f"select id from Accounts where Account_Name = {literal(text)}")
    assert isinstance(query.where, Comparison)
    [operand] = query.where.operands
    assert (operand.text, operand.quoted) == (text, True)
    assert [c.column for c in comparisons(query.where)] == ["Account_Name"]


@pytest.mark.fault("K11")
@pytest.mark.parametrize(
    "text", ["' or id > 0", "\\' or id > 0 or '", "''", "x\\", "') or (id > 0"]
)
def test_a_name_that_looks_like_a_criterion_is_one_text(text: str) -> None:
    query = parse(f"select id from Accounts where (Account_Name = {literal(text)} and id > 1)")
    assert [c.column for c in comparisons(query.where)] == ["Account_Name", "id"]


@given(
    st.lists(st.one_of(st.sampled_from(["Stage", "Owner.name"]), any_text), min_size=1, max_size=4),
    st.one_of(st.sampled_from(["1", "9100000000000000001"]), any_text),
)
def test_odd_fields_and_ids_are_refused_or_stay_what_they_are(
    columns: list[str], record_id: str
) -> None:
    window = Window(None, NOON)
    try:
        text = changes("Deals", columns, window, Cursor(NOON - timedelta(1), record_id), 200)
    except Refused:
        return
    query = parse(text)
    assert [selected.column for selected in query.selected] == columns
    seen = [c.column for c in comparisons(query.where)]
    assert seen == ["Modified_Time", "Modified_Time", "Modified_Time", "id"]
    assert (query.module, query.limit) == ("Deals", "200")


def test_the_ledger_puts_only_question_marks_and_constants_into_its_statements() -> None:
    """A value would come as an attribute, an item or a call; inside quotes nothing stands at all."""
    for path, tree in trees("sync/ledger"):
        for statement in (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)):
            if not SQL.match(ast.unparse(statement).lstrip("f'\"")):
                continue
            quotes = 0
            for part in statement.values:
                if isinstance(part, ast.Constant):
                    quotes += str(part.value).count("'")
                    continue
                assert isinstance(part, ast.FormattedValue)
                assert quotes % 2 == 0, f"{path}:{part.lineno} puts something between quotes"
                inside = ast.unparse(part.value)
                assert re.fullmatch(r"\w+|question_marks\(.*\)|', '\.join\([A-Z_]+\)", inside), (
                    f"{path}:{part.lineno} puts {inside} into a statement"
                )


class Listening(sqlite3.Connection):
    """A connection that remembers every statement as it was written, before any value is put in."""

    heard: set[str] = set()  # noqa: RUF012 - what all connections of the test hear

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        self.heard.add(sql)
        return super().execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
        self.heard.add(sql)
        return super().executemany(sql, *values)


HOSTILE = [
    'Robert\'); DROP TABLE "Accounts";--',
    '" OR 1=1 --',
    "' or id > 0",
    "\\' OR \\'1\\'=\\'1",
    "%_[a-z]",
    "{account} {0} %s ${x}",
    "Acme; ATTACH 'x.db' AS x",
]


@pytest.fixture
def hostile_office(tmp_path: Path) -> Iterator[Office]:
    """An office whose customers, deals and stages have names that try to be more than names."""
    accounts, deals = tmp_path / "accounts.csv", tmp_path / "deals.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Name"))
        writer.writerows((9_100_000_000_000_000_000 + n, name) for n, name in enumerate(HOSTILE))
    with deals.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"))
        for n, name in enumerate(HOSTILE):
            day = (TODAY - timedelta(days=20 + n)).isoformat()
            account = 9_100_000_000_000_000_000 + n
            writer.writerow((9_200_000_000_000_000_000 + n, account, name, "Closed Won", 2000, day))
    clock = VirtualClock(MORNING)
    with StandIn(accounts, deals, clock=clock) as server:
        office = Office(server, tmp_path / "home", clock)
        office.set_up()
        yield office


@pytest.mark.fault("K8", "K11")
def test_customers_with_hostile_names_are_customers_like_any_other(
    hostile_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly = sqlite3.connect

    def connect(*arguments: Any, **more: Any) -> sqlite3.Connection:
        return plainly(*arguments, **{"factory": Listening, **more})

    Listening.heard.clear()
    monkeypatch.setattr(sqlite3, "connect", connect)
    done = hostile_office.run("backfill", allowed=YES)
    hostile_office.after(3600)
    assert hostile_office.run().accounts_written == 0
    assert (done.failed, done.accounts_written, done.tasks_created) == (
        0,
        len(HOSTILE),
        len(HOSTILE),
    )
    subjects = [str((entry.after or {})["Subject"]) for entry in hostile_office.created()]
    for name in HOSTILE:
        assert any(subject.startswith(f"Call {name} #") for subject in subjects)
    records = hostile_office.standin.records("Accounts").values()
    assert {record[NAMES["tier"]] for record in records} == {"large"}
    with Mirror(hostile_office.path / "mirror.duckdb") as mirror:
        for n, name in enumerate(HOSTILE):
            assert find_account(mirror, name) == hostile_office.account_id(n)
    values = [*HOSTILE, *(hostile_office.account_id(n) for n in range(len(HOSTILE))), done.run_id]
    assert len(Listening.heard) > 10
    for statement in Listening.heard:
        assert not any(value in statement for value in values), statement
