"""Accounts in a file may tell of their trade, town and size, and are classified by it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from csv_files import write_csv

from sync.files import all_as_csv, classify_files
from sync.mirror import Mirror
from sync.policy import Policy, load_policy
from sync.verdicts import CLASSES

AS_OF = date(2011, 12, 9)


def classified(
    folder: Path, *accounts: Mapping[str, object], policy: Policy | None = None
) -> tuple[list[dict[str, str]], Mapping[str, int]]:
    """The rows that come out for these accounts, and what was odd about them."""
    rows = [{"id": n, "Account_Name": f"Customer {n}", **a} for n, a in enumerate(accounts, 1)]
    deal = {"id": 1, "Account_Id": 1, "Deal_Name": "Order", "Stage": "Closed Won", "Amount": 10}
    found = classify_files(
        policy or load_policy(None, catalogue=CLASSES),
        accounts=write_csv(folder / "accounts.csv", rows),
        deals=write_csv(folder / "deals.csv", [{**deal, "Closing_Date": "2011-11-01"}]),
        as_of=AS_OF,
        horizon_days=182,
        out=folder / "out.csv",
    )
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), found.findings


def test_industry_and_place_in_a_file_are_used(tmp_path: Path) -> None:
    rows, odd = classified(
        tmp_path,
        {"Industry": "Manufacturing", "Billing_City": "上海", "Employees": 120},
        {"Industry": "", "Billing_City": "", "Employees": ""},
    )
    assert [row["industry"] for row in rows] == ["manufacturing", ""]
    assert [(row["city"], row["employees"]) for row in rows] == [("上海", "120"), ("", "")]
    assert odd.keys() == set()


def test_a_day_in_a_file_comes_out_as_a_day(tmp_path: Path) -> None:
    rows, _ = classified(tmp_path, {"Created_Time": "2010-01-05"})
    assert rows[0]["created_day"] == "2010-01-05"


def test_a_size_that_cannot_be_read_refuses_no_file_and_is_counted(tmp_path: Path) -> None:
    rows, odd = classified(tmp_path, {"Employees": "many"}, {"Employees": "80"})
    assert [row["employees"] for row in rows] == ["", "80"]
    assert odd == {"unreadable_value": 1}


def test_a_column_that_the_policy_names_tells_how_satisfied_a_customer_is(tmp_path: Path) -> None:
    policy = load_policy(None, catalogue=CLASSES)
    policy = replace(policy, inputs={**policy.inputs, "satisfaction_score": "CSAT"})
    rows, _ = classified(tmp_path, {"CSAT": "5"}, {"CSAT": "1.5"}, {"CSAT": ""}, policy=policy)
    assert [row["satisfaction"] for row in rows[:2]] == ["satisfied", "dissatisfied"]


def test_several_files_come_as_csv_whatever_they_were(tmp_path: Path) -> None:
    calls = write_csv(tmp_path / "calls.csv", [{"id": 1}])
    notes = tmp_path / "notes.parquet"
    Mirror(None).run(f"COPY (SELECT '7' AS id) TO '{notes}' (FORMAT parquet)")
    with all_as_csv({"Calls": calls, "Notes": notes, "Cases": None}) as found:
        assert found.keys() == {"Calls", "Notes"}
        assert found["Calls"] == calls
        assert found["Notes"].read_text("utf-8").split() == ["id", "7"]
    assert not found["Notes"].exists()
