"""Sets the stage: files of made-up companies with real purchases, and a stand-in that serves them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from connector.standin.server import StandIn
from sync.demo.companies import company

OPENING = date(1998, 6, 26)
"""The day on which the demo begins; the panel ends a few days later."""

_FIRST_ACCOUNT = 9_300_000_000_000_000_000
_FIRST_DEAL = 9_400_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Purchase:
    """One real purchase of the panel."""

    number: int
    customer: int
    day: date
    amount: float

    @property
    def account_id(self) -> str:
        """The id of the made-up company that stands for the customer."""
        return str(_FIRST_ACCOUNT + self.customer)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running stand-in, what came before the demo begins, and what customers buy while it runs."""

    server: StandIn
    environment: dict[str, str]
    accounts: int
    deals: int
    to_come: tuple[Purchase, ...]

    def next_day(self) -> list[Purchase]:
        """Let a day pass at the stand-in, and its customers buy what they really bought that day."""
        self.server.clock.advance(24 * 3600)
        day = OPENING + timedelta(days=1)
        bought = [purchase for purchase in self.to_come if purchase.day == day]
        for purchase in bought:
            self.server.rep.add(
                "Deals",
                Deal_Name=f"Order {purchase.number}",
                Account_Name={"id": purchase.account_id},
                Stage="Closed Won",
                Amount=purchase.amount,
                Closing_Date=day.isoformat(),
            )
        return bought


@contextmanager
def opened(customers_up_to: int | None = None) -> Iterator[Stage]:
    """The stage in a temporary folder that is gone afterwards.

    Args:
        customers_up_to: number of the last customer of the panel who takes part; None lets all of them.
    """
    purchases = [
        p for p in _purchases() if customers_up_to is None or p.customer <= customers_up_to
    ]
    before = [purchase for purchase in purchases if purchase.day <= OPENING]
    customers = sorted({purchase.customer for purchase in purchases})
    with tempfile.TemporaryDirectory(prefix="fenlei-demo-") as folder:
        accounts, deals = Path(folder, "accounts.csv"), Path(folder, "deals.csv")
        _write_accounts(accounts, customers)
        _write_deals(deals, before)
        with StandIn(accounts, deals, today=OPENING, home_currency="USD") as server:
            environment = {
                "FENLEI_HOME": str(Path(folder, "home")),
                "FENLEI_ALLOW_LOOPBACK": "1",
                **{f"FENLEI_{key.upper()}": value for key, value in server.connection().items()},
            }
            to_come = tuple(purchase for purchase in purchases if purchase.day > OPENING)
            yield Stage(server, environment, len(customers), len(before), to_come)


def _purchases() -> list[Purchase]:
    text = files(__package__).joinpath("cdnow_sample.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return [
        Purchase(number, int(row["customer"]), date.fromisoformat(row["day"]), float(row["amount"]))
        for number, row in enumerate(rows, start=1)
    ]


def _write_accounts(path: Path, customers: list[int]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Name", "Industry", "Billing_City", "Billing_Country"))
        for number in customers:
            made_up = company(number)
            writer.writerow(
                (
                    _FIRST_ACCOUNT + number,
                    made_up.name,
                    made_up.industry,
                    made_up.city,
                    made_up.country,
                )
            )


def _write_deals(path: Path, purchases: list[Purchase]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"))
        for purchase in purchases:
            writer.writerow(
                (
                    _FIRST_DEAL + purchase.number,
                    purchase.account_id,
                    f"Order {purchase.number}",
                    "Closed Won",
                    purchase.amount,
                    purchase.day.isoformat(),
                )
            )
