"""Customers and what they bought, read from two files and cut off at one day.

A won deal is one whose stage is ``Closed Won``. Only such deals count here: a positive amount is a
purchase, a negative one a refund, and several purchases on one day are one purchase.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Number = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

HEADER = ("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date")
WON = "Closed Won"
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Records:
    """Won deals in columns of equal length, in the order of their days.

    Args:
        ids: of every account; ``account`` holds places in it.
        account: whose deal it is.
        day: when it was won, as days since 1970-01-01.
        amount: as written; refunds are negative.
    """

    ids: tuple[str, ...]
    account: Whole
    day: Whole
    amount: Number

    def until(self, day: int) -> Records:
        """What was known at the end of ``day``."""
        kept = self.day <= day
        return Records(self.ids, self.account[kept], self.day[kept], self.amount[kept])

    def spent(self, after: int, until: int) -> Number:
        """Sales of every account in these days, refunds subtracted."""
        within = (self.day > after) & (self.day <= until)
        return self._sum(within, self.amount[within])

    def bought(self, after: int, until: int) -> Mask:
        """Whether each account made a purchase in these days."""
        within = (self.day > after) & (self.day <= until) & (self.amount > 0)
        return self._sum(within, np.ones(int(within.sum()))) > 0

    def _sum(self, rows: Mask, what: Number) -> Number:
        sums = np.bincount(self.account[rows], weights=what, minlength=len(self.ids))
        return np.asarray(sums, np.float64)


def read(accounts: Path, deals: Path) -> Records:
    """The accounts and their won deals; deals of unknown accounts are left out."""
    with accounts.open(newline="", encoding="utf-8") as file:
        ids = tuple(row["id"] for row in csv.DictReader(file))
    place = {account: n for n, account in enumerate(ids)}
    owner, day, amount = array("q"), array("q"), array("d")
    with deals.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Stage"] == WON and row["Account_Id"] in place and row["Amount"]:
                owner.append(place[row["Account_Id"]])
                day.append(number_of(date.fromisoformat(row["Closing_Date"])))
                amount.append(float(row["Amount"]))
    return in_order(ids, np.array(owner), np.array(day), np.array(amount))


def in_order(ids: Iterable[str], account: Whole, day: Whole, amount: Number) -> Records:
    """The records with their deals sorted by day."""
    order = np.lexsort((account, day))
    return Records(tuple(ids), account[order], day[order], amount[order])


def write(records: Records, folder: Path) -> tuple[Path, Path]:
    """The records as ``accounts.csv`` and ``deals.csv``, in the form that fenlei reads."""
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    with accounts.open("w", newline="", encoding="utf-8") as file:
        rows = ((account, f"Customer {n:05}") for n, account in enumerate(records.ids, 1))
        csv.writer(file).writerows([("id", "Account_Name"), *rows])
    with deals.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        columns = (records.account.tolist(), records.day.tolist(), records.amount.tolist())
        for n, (account, day, amount) in enumerate(zip(*columns, strict=True), 1):
            closing = EPOCH + timedelta(days=day)
            deal = (f"{10**18 + n}", records.ids[account], f"Order {n}", WON, f"{amount:.2f}")
            out.writerow((*deal, closing.isoformat()))
    return accounts, deals


def number_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days
