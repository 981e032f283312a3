"""Files can be CSV or Parquet, in and out, and give the same verdicts."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import duckdb
import pytest
from workbench import TODAY, simple_policy, write_company

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
