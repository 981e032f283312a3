"""Odd records beside ordinary ones: whole runs in which nobody is held up and nobody is mistaken."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from whole_runs import TIER, alive, attempt, heal, new_customer, tier, trouble
from workbench import DAY, TODAY, Office, simple_policy

from connector.errors import CrmError
from sync.files import classify_files
from sync.report import Report, Status

NAMES_OF_CUSTOMERS = {
    "emoji": "Müller 🚀👨‍👩‍👧‍👦 GmbH",
    "right to left": "شركة \u202eevil\u202c",
    "combining": "Cafe\u0301 Ltd",
    "very long": "名" * 10_000,
    "NUL": "a\x00b",
    "lines and escapes": 'x\r\n\x1b[2J"; DROP TABLE accounts; --',
    "formula": '=HYPERLINK("https://elsewhere.example")',
    "twin": "Twin Ltd",
    "other twin": "Twin Ltd",
    "empty": "",
}


@pytest.mark.fault("D4", "D6", "D8", "K8")
def test_whatever_customers_are_called_each_gets_its_class_and_its_own_task(office: Office) -> None:
    accounts = {}
    for which, name in NAMES_OF_CUSTOMERS.items():
        accounts[which] = new_customer(office, "Any Ltd")
        office.standin.admin.recalculate("Accounts", accounts[which], Account_Name=name)
    broken = new_customer(office, "Any Ltd")
    office.standin.admin.recalculate("Accounts", broken, Account_Name="half a sign \ud83d")
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    records = office.standin.records("Accounts")
    assert {which: records[key].get(TIER) for which, key in accounts.items()} == dict.fromkeys(
        accounts, "large"
    )
    assert records[broken][TIER] == "large"
    assert set(accounts.values()) <= set(alive(office))
    assert len(set(alive(office))) == len(alive(office))
    heal(office)
    assert trouble(office) == []


AMOUNTS: dict[str, Any] = {
    "none": None,
    "text": "a lot",
    "empty": "",
    "negative": -50.0,
    "zero": 0,
    "vast": 1e308,
    "many digits": "123456789012345678901234567890.123456789",
    "list": [1, 2],
    "true": True,
}


@pytest.mark.fault("D2")
def test_an_odd_amount_moves_nobody_but_its_own_account(office: Office) -> None:
    for which, amount in AMOUNTS.items():
        account = new_customer(office, which, amount=1.0)
        (deal,) = [
            key
            for key, record in office.standin.records("Deals").items()
            if record["Account_Name"]["id"] == account
        ]
        office.standin.admin.recalculate("Deals", deal, Amount=amount)
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert report.accounts_written == 4 + len(AMOUNTS)
    assert [office.account(n)[TIER] for n in range(4)] == ["small", "medium", "large", "large"]
    written = len(office.written())
    office.after(DAY)
    office.run()
    assert len(office.written()) == written


@pytest.mark.fault("D1")
def test_nesting_without_end_stops_the_reading(office: Office) -> None:
    office.run("backfill")
    office.buys(0, 5000)
    written = len(office.written())
    office.after(DAY)
    office.standin.faults.add("POST /coql", kind="deep_json", times=99)
    assert isinstance(attempt(office), CrmError)
    office.standin.faults.clear()
    assert len(office.written()) == written
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("D1")
def test_a_number_that_was_spoilt_on_its_way_is_read_once_more(office: Office) -> None:
    office.run("backfill")
    office.after(DAY)
    deal = office.buys(0, 5000)
    office.standin.faults.add("POST /coql", kind="nan", times=1)
    report = attempt(office)
    assert isinstance(report, Report)
    assert "unreadable_value" not in report.findings, deal
    assert office.account(0)[TIER] == "large"
    assert trouble(office) == []


@pytest.mark.fault("D1")
@pytest.mark.parametrize("whole", [False, True], ids=["changes", "everything"])
def test_a_number_that_is_none_spoils_nothing_but_itself(office: Office, whole: bool) -> None:
    """Its row is there, its page too: nothing counts as gone, and a person is told of the value."""
    office.run("backfill")
    office.after(8 * DAY if whole else DAY)
    deals = [office.buys(0, 5000), office.buys(1, 5000)]
    office.standin.faults.add("POST /coql", kind="nan", times=99)
    report = attempt(office)
    assert isinstance(report, Report)
    assert report.status is Status.DONE
    assert report.findings["unreadable_value"] >= 1
    assert "hidden_record" not in report.findings
    with office.desk() as desk, desk.mirror:
        assert desk.mirror.size("Deals") == len(office.standin.records("Deals"))
    assert office.account(1)[TIER] == "large", "the other rows of its page are as they are"
    office.standin.faults.clear()
    office.standin.admin.recalculate("Deals", deals[0], Amount=5000)
    office.after(8 * DAY)
    heal(office)
    assert office.account(0)[TIER] == "large"
    assert trouble(office) == []


@pytest.mark.fault("P15", "P16")
def test_a_deal_of_nobody_waits_for_its_account(office: Office) -> None:
    account = office.account_id(0)
    deal = office.buys(0, 5000)
    office.standin.admin.recalculate("Deals", deal, Account_Name=None)
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert office.account(0)[TIER] == "small"
    office.after(60)
    office.standin.rep.edit("Deals", deal, Account_Name={"id": account})
    office.after(600)
    office.run()
    assert office.account(0)[TIER] == tier(office, account) == "large"
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("P14")
def test_one_account_may_have_fifty_thousand_deals(tmp_path: Path) -> None:
    accounts, deals, out = (tmp_path / f"{name}.csv" for name in ("accounts", "deals", "out"))
    accounts.write_text("id,Account_Name\n1,Wholesale\n2,Corner shop\n", encoding="utf-8")
    with deals.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"))
        days = [(TODAY - timedelta(days=back)).isoformat() for back in range(360)]
        rows.writerows(
            (number, 1, "Order", "Closed Won", "0.5", days[number % 360])
            for number in range(50_000)
        )
        rows.writerow((60_000, 2, "Order", "Closed Won", "5", days[3]))
    found = classify_files(
        simple_policy(), accounts=accounts, deals=deals, as_of=TODAY, horizon_days=90, out=out
    )
    assert (found.classified, found.deals) == (2, 50_001)
    assert found.classes["tier"] == {"large": 1, "small": 1}
