"""Spark classifies every account as DuckDB does, and says the same about the files."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from csv_files import write_csv

from sync.files import FileVerdicts, classify_files
from sync.policy import Policy, load_policy
from sync.spark import classify_on_spark
from sync.verdicts import CLASSES

DATA = Path(__file__).resolve().parents[3] / "../shared/data"
AS_OF = date(2011, 12, 9)
Rows = Sequence[Mapping[str, object]]


def default() -> Policy:
    return load_policy(None, catalogue=CLASSES)


def on_both(
    spark: str, folder: Path, files: tuple[Path, Path], policy: Policy, as_of: date = AS_OF
) -> tuple[tuple[FileVerdicts, bytes], tuple[FileVerdicts, bytes]]:
    """What is told about the files and what is written, by DuckDB and by Spark."""
    accounts, deals = files
    one, other = folder / "duckdb.csv", folder / "spark.csv"
    here = classify_files(
        policy, accounts=accounts, deals=deals, as_of=as_of, horizon_days=182, out=one
    )
    there = classify_on_spark(
        policy,
        accounts=str(accounts),
        deals=str(deals),
        as_of=as_of,
        horizon_days=182,
        out=str(other),
        master=spark,
    )
    return (here, one.read_bytes()), (there, other.read_bytes())


@pytest.mark.parametrize(
    ("data", "as_of", "accounts"),
    [
        ("cdnow", date(1998, 1, 1), 23_570),
        ("online_retail_ii", date(2010, 12, 9), 5_942),
        ("online_retail_ii", date(2011, 12, 9), 5_942),
    ],
)
def test_every_account_of_a_real_set_gets_the_same_verdicts(
    spark: str, tmp_path: Path, data: str, as_of: date, accounts: int
) -> None:
    files = (DATA / data / "accounts.csv", DATA / data / "deals.csv")
    if not files[0].exists():
        pytest.skip(f"the development data set {data} is not beside this checkout")
    (here, ours), (there, theirs) = on_both(spark, tmp_path, files, default(), as_of)
    assert here == there
    assert here.classified == accounts
    assert ours == theirs


ODD_ACCOUNTS: Rows = [
    {"Industry": " Manufacturing", "Billing_City": "上海市", "Employees": "120", "Type": "x"},
    {"Industry": "-None-", "Shipping_City": "Suzhou City", "Employees": "12.5"},
    {"Account_Name": "=1+1", "Description": "tools, 工厂\nsecond line", "Employees": "many"},
    {"Account_Name": 'The "Shop"', "Billing_Country": "China", "Annual_Revenue": "1e6"},
    {"Annual_Revenue": "700", "Currency": "USD", "Exchange_Rate": "0.14", "Employees": "-1"},
    {"Annual_Revenue": "700", "Currency": "USD", "Exchange_Rate": "0"},
    {"Created_Time": "2010-01-05T23:30:00-08:00", "Paused": "No budget", "Until": "2012/3/1"},
    {"Created_Time": "2011-02-30", "Happy": "3.5", "Wants": '["Price","服务"]'},
    {"Created_Time": "2011-11-01", "Happy": "?", "Wants": "price", "Until": "soon"},
    {"Account_Type": "Competitor "},
    {"Account_Name": "ÉCOLE", "Industry": "制造业", "Account_Type": "Reseller"},
]
ODD_DEALS: Rows = [
    {"Account_Id": 1, "Amount": "100.50", "Closing_Date": "2011-11-01"},
    {"Account_Id": 1, "Amount": " 1e3 ", "Closing_Date": "2011/6/7"},
    {"Account_Id": 1, "Amount": "-40", "Closing_Date": "2011-11-20"},
    {"Account_Id": 2, "Amount": ".5", "Closing_Date": "2011-12-09 10:00:00"},
    {"Account_Id": 3, "Amount": "10", "Closing_Date": "2011-12-10"},
    {"Account_Id": 4, "Amount": "", "Closing_Date": "2011-10-01"},
    {"Account_Id": 5, "Amount": "7", "Closing_Date": "2011-10-01", "Currency": "USD"},
    {"Account_Id": 5, "Amount": "7", "Currency": "USD", "Exchange_Rate": "0.5", "Stage": "Sample"},
    {"Account_Id": 6, "Amount": "9", "Closing_Date": "", "Stage": "Qualification"},
    {"Account_Id": 6, "Amount": "9", "Closing_Date": "2011-09-01", "Stage": "Qualification"},
    {"Account_Id": 7, "Amount": "9", "Closing_Date": "2011-09-01", "Stage": "Closed Lost"},
    {"Account_Id": 7, "Amount": "9", "Closing_Date": "2011-09-02", "Stage": "Bestellt"},
    {"Account_Id": 99, "Amount": "9", "Closing_Date": "2011-09-02"},
    {"Account_Id": "", "Amount": "9", "Closing_Date": "2011-09-02"},
    {"Account_Id": 10, "Amount": "9", "Closing_Date": "2011-09-02"},
]


def odd_company(folder: Path) -> tuple[Path, Path]:
    """Files as people write them: every value that the two engines might read differently."""
    named = [{"id": n, "Account_Name": f"C {n}", **a} for n, a in enumerate(ODD_ACCOUNTS, 1)]
    sold = {"Deal_Name": "Order", "Stage": "Closed Won"}
    deals = [{"id": n, **sold, **d} for n, d in enumerate(ODD_DEALS, 1)]
    return write_csv(folder / "accounts.csv", named), write_csv(folder / "deals.csv", deals)


def test_odd_values_are_read_alike(spark: str, tmp_path: Path) -> None:
    policy = default()
    policy = replace(
        policy,
        home_currency="CNY",
        stages=replace(policy.stages, trial=("Sample",), won=("Bestellt",)),
        inputs={
            "pause_reason": "Paused",
            "resume_date": "Until",
            "satisfaction_score": "Happy",
            "need_given": "Wants",
        },
        accounts_left_out={"Account_Type": ("competitor",)},
    )
    files = odd_company(tmp_path)
    (here, ours), (there, theirs) = on_both(spark, tmp_path, files, policy)
    assert list(csv.reader(ours.decode().splitlines())) == list(
        csv.reader(theirs.decode().splitlines())
    )
    assert here == there
    assert here.classified == len(ODD_ACCOUNTS) - 1
    assert set(here.findings) == {
        *("orphan_deal", "deal_without_amount", "missing_rate", "unknown_stage"),
        *("won_in_future", "open_deal_overdue", "open_without_date", "unreadable_value"),
    }


def test_parquet_and_a_cluster_s_address_serve_as_well(spark: str, tmp_path: Path) -> None:
    files = odd_company(tmp_path)
    for path in files:
        duckdb.sql(f"COPY (FROM read_csv('{path}')) TO '{path.with_suffix('.parquet')}'")
    places = [path.with_suffix(".parquet").resolve().as_uri() for path in files]
    whole, parts = tmp_path / "whole.csv", tmp_path / "parts.csv"
    classify_files(
        default(), accounts=files[0], deals=files[1], as_of=AS_OF, horizon_days=90, out=whole
    )
    classify_on_spark(
        default(),
        accounts=places[0],
        deals=places[1],
        as_of=AS_OF,
        horizon_days=90,
        out=parts.as_uri(),
        master=spark,
    )
    assert (parts / "_SUCCESS").exists()
    written = [
        row
        for part in sorted(parts.glob("*.csv"))
        for row in csv.DictReader(part.read_text("utf-8").splitlines())
    ]
    with whole.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [row["account_id"] for row in written] == [row["account_id"] for row in expected]
    assert [list(row.items())[:4] for row in written] == [list(row.items())[:4] for row in expected]
