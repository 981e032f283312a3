"""Files that people hand in are read within bounds, and a bomb among them ends in a sentence."""

from __future__ import annotations

import ast
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connector.clock import VirtualClock
from connector.errors import Refused
from connector.private_file import LARGEST, write_private
from connector.zoho.token_store import TokenFile
from sync.connection.credentials import CredentialsProblem, find_credentials
from sync.files import classified_files
from sync.mirror import FileProblem
from sync.mirror.csv_file import LONGEST_LINE, MOST_COLUMNS
from sync.policy import PolicyError, load_policy
from sync.verdicts import CLASSES

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = "id,Account_Name\n"
DEALS = "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n"
DEEP = "[" * 100_000


def loaded(folder: Path, accounts: str, deals: str = DEALS) -> int:
    (folder / "accounts.csv").write_text(accounts, "utf-8")
    (folder / "deals.csv").write_text(deals, "utf-8")
    policy = load_policy(None, catalogue=CLASSES)
    files = (folder / "accounts.csv", folder / "deals.csv")
    with classified_files(policy, *files, date(2011, 12, 9)) as (mirror, _, _):
        return mirror.size("Accounts")


@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("size", [LONGEST_LINE, 40 * LONGEST_LINE])
def test_a_line_without_end_is_refused_and_never_left_out(
    tmp_path: Path, quote: str, size: int
) -> None:
    bomb = f"{ACCOUNTS}1,Acme\n2,{quote}{'x' * size}{quote}\n"
    with pytest.raises(FileProblem, match=r"accounts.csv, line 3: the line is longer than 1 MB"):
        loaded(tmp_path, bomb)


def test_a_field_of_almost_a_megabyte_is_read(tmp_path: Path) -> None:
    assert loaded(tmp_path, f"{ACCOUNTS}1,{'x' * (LONGEST_LINE - 10)}\n2,Acme\n") == 2


def test_a_mistake_behind_a_long_field_is_named_with_its_line(tmp_path: Path) -> None:
    deals = (
        f"{DEALS}1,1,{'x' * 200_000},Closed Won,1,2011-01-01\n2,1,a,Closed Won,many,2011-01-01\n"
    )
    with pytest.raises(FileProblem, match=r"deals.csv, line 3, column Amount: 'many' is not"):
        loaded(tmp_path, f"{ACCOUNTS}1,Acme\n", deals)


@pytest.mark.parametrize(
    ("accounts", "problem"),
    [
        ("id,Account_Name," + ",".join(f"c{n}" for n in range(MOST_COLUMNS)), "2,002 columns"),
        (ACCOUNTS + '1,"never closed' + "x\n" * 2_000_000, "the row cannot be read"),
        (ACCOUNTS + '1,"' + ("x" * 99 + "\n") * 100_000 + '"\n', "the row cannot be read"),
    ],
    ids=["columns", "an open quote", "a field of ten megabytes"],
)
def test_other_bombs_are_refused(tmp_path: Path, accounts: str, problem: str) -> None:
    with pytest.raises(FileProblem, match=problem):
        loaded(tmp_path, accounts)


@pytest.mark.parametrize(
    "content", [b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"PAR1\xff\xff\xff\x7fPAR1"]
)
def test_a_parquet_file_that_lies_about_itself_is_refused(tmp_path: Path, content: bytes) -> None:
    accounts = tmp_path / "accounts.parquet"
    accounts.write_bytes(content)
    deals = tmp_path / "deals.csv"
    deals.write_text(DEALS, "utf-8")
    policy = load_policy(None, catalogue=CLASSES)
    with (
        pytest.raises(FileProblem, match="not a Parquet file"),
        classified_files(policy, accounts, deals, date(2011, 12, 9)),
    ):
        pass


def test_a_parquet_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS id, repeat('x', 9999) AS Account_Name) TO '{whole}'")
    content = whole.read_bytes()
    for size in range(8, len(content), max(1, len(content) // 20)):
        test_a_parquet_file_that_lies_about_itself_is_refused(tmp_path, content[:size])


def private(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(path, text)
    return path


@pytest.mark.parametrize("text", [DEEP[: LARGEST // 2], '{"a":' * 9_000, '"x', "9" * 5_000])
def test_credentials_that_are_a_bomb_end_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = private(tmp_path / "credentials.json", text)
    with pytest.raises(CredentialsProblem, match="Delete it and run 'fenlei setup' again"):
        find_credentials({}, path)


def test_credentials_of_a_size_that_nobody_wrote_are_not_even_parsed(tmp_path: Path) -> None:
    path = private(tmp_path / "credentials.json", json.dumps({"x": "y" * LARGEST}))
    with pytest.raises(Refused, match="too large to be ours"):
        find_credentials({}, path)


@pytest.mark.parametrize(
    "text",
    [
        DEEP[: LARGEST // 2],
        "[]",
        '{"access_token": 1}',
    ],
)
def test_a_token_file_that_is_a_bomb_only_costs_one_refresh(tmp_path: Path, text: str) -> None:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1))
    tokens = TokenFile(tmp_path, "1000.refresh", clock=clock)
    private(tokens._path, text)
    with tokens.locked(1.0):
        assert tokens.read() is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# " + "x" * 1024 * 1024, "larger than 1 MB"),
        ("x = " + "[\n" * 100_000, "nested too deeply"),
        ("x = " + "[" * 4_000, "nested too deeply"),
        ("x = " + "9" * 5_000, "not valid TOML"),
        ("\n" + "a." * 20_000 + "b = 1", "line 2: There are more than 200 dots"),
    ],
)
def test_a_policy_that_is_a_bomb_ends_in_a_sentence(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(PolicyError, match=problem):
        load_policy(path, catalogue=CLASSES)


REDOS = ["(a+)+$", "(.*)*x", "[", "a{1000000}", "(?P<x>", "\\"]


@pytest.mark.fault("D10")
@pytest.mark.parametrize("pattern", REDOS)
def test_what_people_write_in_a_policy_is_text_and_no_pattern(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        f"[stages]\nwon = [{json.dumps(pattern)}]\n[labels.tier.large]\nen = {json.dumps(pattern)}\n",
        "utf-8",
    )
    policy = load_policy(path, catalogue=CLASSES)
    assert tuple(policy.stages.won) == (pattern,)


@pytest.mark.fault("D10")
def test_every_pattern_is_written_in_the_code(tmp_path: Path) -> None:
    """No value of a policy, a file or the CRM ever becomes a regular expression."""
    places = [
        ROOT / "cli.py",
        *(p for f in ("classifiers", "connector", "sync") for p in (ROOT / f).rglob("*.py")),
    ]
    places = [path for path in places if "standin" not in path.parts]  # there nobody's data is real
    patterns = 0
    for path in places:
        tree = ast.parse(path.read_text("utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            function = ast.unparse(call.func)
            if re.fullmatch(r"re\.[a-z]+", function) and function != "re.escape":
                patterns += 1
                assert is_constant(call.args[0]), f"{path}:{call.lineno} {ast.unparse(call)}"
        for text in (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)):
            for pattern in re.findall(r"regexp_\w+\([^,]+,(.{3})", str(text)):
                assert pattern.strip().startswith("'"), f"{path}: {text}"
    assert patterns > 20


def is_constant(node: Any) -> bool:
    if isinstance(node, ast.JoinedStr):
        return all(is_constant(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return isinstance(node.value, ast.Name) and node.value.id.isupper()
    return isinstance(node, ast.Constant)


FORBIDDEN = {
    "pickle",
    "marshal",
    "shelve",
    "yaml",
    "dill",
    "joblib",
    "jsonpickle",
    "xml",
    "telnetlib",
    "ftplib",
}


def test_nothing_that_carries_code_is_ever_loaded_and_no_switch_turns_tls_off() -> None:
    for folder in ("classifiers", "connector", "sync"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    assert not {alias.name.partition(".")[0] for alias in node.names} & FORBIDDEN
                if isinstance(node, ast.ImportFrom):
                    assert str(node.module).partition(".")[0] not in FORBIDDEN
                if isinstance(node, ast.Call):
                    assert ast.unparse(node.func) not in {"eval", "exec", "os.system", "compile"}
                if isinstance(node, ast.keyword) and node.arg in {"verify", "shell", "cert_reqs"}:
                    assert not (isinstance(node.value, ast.Constant) and not node.value.value), path
                    assert node.arg != "shell", path
