"""Writes the made-up company to files, one a module, as a CRM would export it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from sync.demo.customers import DAY, Customer, everybody

ZONE = "+08:00"

_SERIES = {"account": 1, "deal": 2, "contact": 3, "call": 4, "event": 5, "case": 6, "note": 7}
_FIRST = 9_500_000_000_000_000_000

Row = dict[str, object]


def write(folder: Path) -> dict[str, Path]:
    """Write the company's files; module → file."""
    customers = everybody()
    tables = {
        "Accounts": [_account(number, customer) for number, customer in enumerate(customers)],
        "Deals": list(_numbered("deal", _each(customers, _deals))),
        "Contacts": list(_numbered("contact", _each(customers, _contacts))),
        "Calls": list(_numbered("call", _each(customers, _calls))),
        "Events": list(_numbered("event", _each(customers, _meetings))),
        "Cases": list(_numbered("case", _each(customers, _cases))),
        "Notes": list(_numbered("note", _each(customers, _notes))),
    }
    return {module: _written(folder / f"{module}.csv", rows) for module, rows in tables.items()}


def account_id(number: int) -> str:
    """The id of a customer by its place in :func:`everybody`."""
    return str(_id("account", number))


def _id(series: str, number: int) -> int:
    return _FIRST + _SERIES[series] * 10**12 + number


def _account(number: int, customer: Customer) -> Row:
    return {
        "id": _id("account", number),
        "Account_Name": customer.name,
        "Billing_City": customer.city,
        "Billing_Country": customer.country,
        "Industry": customer.industry,
        "Account_Type": customer.kind,
        "Description": customer.says,
        "Employees": "" if customer.staff is None else customer.staff,
        "Satisfaction_Score": "" if customer.score is None else customer.score,
        "Created_Time": _moment(customer.since),
    }


def _deals(account: int, customer: Customer) -> Iterator[Row]:
    for nth in range(customer.orders):
        back = customer.last + customer.every * (customer.orders - 1 - nth)
        amount = round(customer.amount * customer.growth**nth, 2)
        yield _deal(account, "Closed Won", -back, amount)
    for stage, ahead, amount in customer.stages:
        yield _deal(account, stage, ahead, amount)


def _deal(account: int, stage: str, ahead: int, amount: float) -> Row:
    day = (DAY + timedelta(days=ahead)).isoformat()
    return {
        "Account_Id": account,
        "Deal_Name": "Order",
        "Stage": stage,
        "Amount": amount,
        "Closing_Date": day,
    }


def _contacts(account: int, customer: Customer) -> Iterator[Row]:
    for nth, title in enumerate(customer.people):
        yield {"Account_Id": account, "Last_Name": f"{customer.name[:2]}{nth}", "Title": title}


def _calls(account: int, customer: Customer) -> Iterator[Row]:
    for back in customer.calls:
        yield {
            "What_Id": account,
            "Subject": "Call",
            "Call_Type": "Outbound",
            "Call_Start_Time": _moment(back),
        }


def _meetings(account: int, customer: Customer) -> Iterator[Row]:
    for back in customer.meetings:
        yield {
            "What_Id": account,
            "Event_Title": "Visit",
            "Start_DateTime": _moment(back),
            "End_DateTime": _moment(back),
        }


def _cases(account: int, customer: Customer) -> Iterator[Row]:
    for back, kind, status in customer.cases:
        yield {
            "Account_Id": account,
            "Subject": "Complaint",
            "Type": kind,
            "Status": status,
            "Case_Origin": "Phone",
            "Created_Time": _moment(back),
        }


def _notes(account: int, customer: Customer) -> Iterator[Row]:
    for back in customer.noted:
        yield {"Parent_Id": account, "Note_Title": "Heard", "Created_Time": _moment(back)}


def _each(
    customers: Sequence[Customer], rows: Callable[[int, Customer], Iterable[Row]]
) -> Iterator[Row]:
    for number, customer in enumerate(customers):
        yield from rows(_id("account", number), customer)


def _numbered(series: str, rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        yield {"id": _id(series, number), **row}


def _moment(back: int) -> str:
    return datetime.combine(DAY - timedelta(days=back), time(10)).isoformat() + ZONE


def _written(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
