"""What people of the made-up company do themselves: what they type, decide, buy, settle and say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connector.standin.server import StandIn
from sync.demo.company_files import account_id
from sync.demo.customers import DAY, everybody
from sync.machine_fields import MACHINE_FIELDS

TWO_WEEKS = timedelta(days=14)
"""Between the two looks at the company."""

ACCEPTED = ("Hartwell Trading Ltd", "恒达农业合作社", "Pemberton Distribution", "老街杂货店")
"""Customers about whom the reviewer says yes: three are wholesalers, and the last is to be given up.

To give somebody up takes two people, of whom the second has not decided yet.
"""

REJECTED = ("明德国际贸易",)
"""Of the others who wait for a review nobody has thought so far."""

_REVIEWER = 1
"""The reviewer's place among the users."""

_NUMBERS = {customer.name: number for number, customer in enumerate(everybody())}
_NAMES = {machine.key: machine.api_name for machine in MACHINE_FIELDS}


def reps_pause_contact(server: StandIn) -> None:
    """Reps choose in our own fields why contact is paused, and until when; setup has to have been there."""
    for number, customer in enumerate(everybody()):
        if customer.pause is not None:
            reason, days = customer.pause
            resume = None if days is None else (DAY + timedelta(days=days)).isoformat()
            typed = {_NAMES["pause_reason"]: reason, _NAMES["resume_date"]: resume}
            server.rep.edit("Accounts", account_id(number), **typed)


def reviewers_decide(server: StandIn) -> None:
    """The reviewer chooses in our field about some of those who wait."""
    for word, names in (("accept", ACCEPTED), ("reject", REJECTED)):
        for name in names:
            typed = {_NAMES["review_decision"]: word}
            server.rep.as_user(_REVIEWER).edit("Accounts", _id(name), **typed)


def two_weeks_pass(server: StandIn) -> None:
    """Two weeks in which a complaint is settled, two deals are won, a test ends and a customer is called."""
    day = server.clock.advance
    day(TWO_WEEKS.total_seconds() / 2)
    reviewers_decide(server)
    for case in _of(server, "Cases", "明德国际贸易"):
        server.rep.edit("Cases", case, Status="Closed")
    for deal in _of(server, "Deals", "新线索科技"):
        server.rep.edit("Deals", deal, Stage="Closed Won", Closing_Date=_today(server))
    for deal in _of(server, "Deals", "立信仪器"):
        server.rep.edit("Deals", deal, Stage="Closed Lost", Closing_Date=_today(server))
    server.rep.add(
        "Deals",
        Deal_Name="Order",
        Account_Name={"id": _id("天成纺织")},
        Stage="Closed Won",
        Amount=30_000,
        Closing_Date=_today(server),
    )
    server.rep.add(
        "Calls",
        Subject="Apologised",
        Call_Type="Outbound",
        Call_Start_Time=server.clock.now().isoformat(timespec="seconds"),
        What_Id={"id": _id("安泰电子")},
        **{"$se_module": "Accounts"},
    )
    day(TWO_WEEKS.total_seconds() / 2)


def _id(name: str) -> str:
    return account_id(_NUMBERS[name])


def _today(server: StandIn) -> str:
    return server.clock.now().astimezone(server.tenant.zone).date().isoformat()


def _of(server: StandIn, module: str, name: str) -> Iterator[str]:
    """The ids of a customer's records in a module."""
    for key, record in server.records(module).items():
        whose = record["Account_Name"]
        if isinstance(whose, dict) and whose["id"] == _id(name):
            yield key
