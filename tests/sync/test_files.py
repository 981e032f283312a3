"""Files can be CSV or Parquet, in and out, and give the same verdicts."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from workbench import TODAY, simple_policy, write_company

from cli import main
from connector.standin.server import StandIn
from sync.files import as_csv, classify_files
from sync.mirror import FileProblem


def parquet(path: Path) -> Path:
    out = path.with_suffix(".parquet")
    duckdb.sql(f"COPY (FROM read_csv('{path}')) TO '{out}'")
    return out


def verdicts(accounts: Path, deals: Path, out: Path) -> list[dict[str, str]]:
    policy = simple_policy()
    classify_files(policy, accounts=accounts, deals=deals, as_of=TODAY, horizon_days=90, out=out)
    readable = out
    if out.suffix == ".parquet":
        readable = out.with_suffix(".back.csv")
        duckdb.sql(f"COPY (FROM '{out}') TO '{readable}' (HEADER)")
    with readable.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_and_parquet_give_the_same_verdicts(tmp_path: Path) -> None:
    accounts, deals = write_company(tmp_path)
    from_csv = verdicts(accounts, deals, tmp_path / "a.csv")
    assert len(from_csv) == 10
    assert list(from_csv[0])[:5] == [
        "account_id",
        "tier",
        "loyalty",
        "churn_risk",
        "churn_probability",
    ]
    assert verdicts(parquet(accounts), parquet(deals), tmp_path / "b.csv") == from_csv
    assert verdicts(accounts, deals, tmp_path / "c.parquet") == from_csv


def test_every_column_that_comes_out_is_explained_once(tmp_path: Path) -> None:
    page = Path(__file__).resolve().parents[2] / "docs/files.md"
    told = page.read_text("utf-8").partition("\n## What comes out\n")[2]
    names = [
        name
        for row in re.findall(r"^\| (`.*?) \| ", told, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    ]
    columns = verdicts(*write_company(tmp_path), tmp_path / "a.csv")[0]
    assert sorted(names) == sorted(columns)


def test_the_files_that_are_read_are_never_written_over(tmp_path: Path) -> None:
    accounts, deals = write_company(tmp_path)
    before = accounts.read_bytes()
    alias = tmp_path / "alias.csv"
    alias.symlink_to(accounts)
    for out in (accounts, deals, alias):
        with pytest.raises(FileProblem, match="one of the files to read"):
            verdicts(accounts, deals, out)
    assert accounts.read_bytes() == before


def test_a_prospect_has_no_probability_and_days_are_dates(tmp_path: Path) -> None:
    first, second, *_ = verdicts(*write_company(tmp_path), tmp_path / "a.csv")
    assert (first["loyalty"], first["churn_risk"], first["churn_probability"]) == (
        "prospect",
        "",
        "",
    )
    assert date.fromisoformat(second["last_day"]) < TODAY


def test_the_stand_in_serves_parquet_as_well(tmp_path: Path) -> None:
    accounts, deals = (parquet(path) for path in write_company(tmp_path))
    with as_csv(accounts) as one, as_csv(deals) as two, StandIn(one, two, today=TODAY) as server:
        assert len(server.records("Accounts")) == 10
        assert len(server.records("Deals")) == 36
    assert not one.exists()


def test_a_parquet_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    broken = tmp_path / "accounts.parquet"
    broken.write_text("id,Account_Name\n1,Acme\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="not a Parquet file"), as_csv(broken):
        pass


HEAD = "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n"


def told(folder: Path, deals: str, *words: str) -> str:
    """What ``fenlei classify`` tells a person of two accounts, A and B, and of these deals."""
    (folder / "accounts.csv").write_text("id,Account_Name\nA,Ada\nB,Bo\n", "utf-8")
    (folder / "deals.csv").write_text(HEAD + deals, "utf-8")
    files = [f"--{name}={folder / name}.csv" for name in ("accounts", "deals")]
    out = f"--out={folder / 'out.csv'}"
    done = CliRunner().invoke(
        main,
        ["classify", *files, "--as-of=2025-06-30", out, *words],
        env={"FENLEI_HOME": str(folder / "home"), "COLUMNS": "400"},
    )
    assert done.exit_code == 0, done.output
    return done.stdout


NO_SALES = "No account has a won deal that counts by this day: these verdicts tell nothing."


def test_stages_that_nobody_knows_are_named(tmp_path: Path) -> None:
    deals = "1,A,x,已成交,5,2025-01-01\n2,A,x,已成交,5,2025-01-02\n3,B,x,Lost,5,2025-01-02\n"
    words = " ".join(told(tmp_path, deals).split())
    assert "3 × unknown stage. Name the stage in the policy" in words
    assert "Here: '已成交' 2, 'Lost' 1." in words
    assert NO_SALES in words


def test_deals_of_other_accounts_are_told_by_an_example(tmp_path: Path) -> None:
    deals = "d7,a,x,Closed Won,5,2025-01-01\nd8,c,x,Closed Won,5,2025-01-02\n"
    words = " ".join(told(tmp_path, deals).split())
    assert "2 × orphan deal. Their Account_Id is no id of the accounts file" in words
    assert "For instance d7." in words
    assert NO_SALES in words
    [odd] = json.loads(told(tmp_path, deals, "--json"))["odd"]
    assert (odd["code"], odd["count"], odd["examples"]) == ("orphan_deal", 2, ["d7", "d8"])


def test_a_won_deal_without_a_day_is_odd_and_one_customer_is_enough(tmp_path: Path) -> None:
    words = told(tmp_path, "d7,A,x,Closed Won,5,\nd8,B,x,Closed Won,5,2025-01-02\n")
    assert "1 × won without date. Fill in the closing date" in " ".join(words.split())
    assert "tell nothing" not in words
    assert "Odd" not in told(tmp_path, "d8,B,x,Closed Won,5,2025-01-02\n")
