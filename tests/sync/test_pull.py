"""A pull takes over what the CRM holds, or nothing; people may go on working meanwhile."""

from __future__ import annotations

import pytest
from pulls import known, pulled
from workbench import DAY, Office

from connector.errors import Unintelligible
from connector.model import Module
from sync.pull import OVERLAP
from sync.sight import SETTLE


def test_the_second_pull_reads_only_what_changed(office: Office) -> None:
    assert {m: c.read for m, c in pulled(office).counts.items()} == {
        "Accounts": 10,
        "Deals": 36,
        "Tasks": 0,
    }
    office.after(DAY)
    office.buys(3, 900)
    again = pulled(office).counts
    assert {module: count.read for module, count in again.items()} == {
        "Accounts": 0,
        "Deals": 1,
        "Tasks": 0,
    }


@pytest.mark.parametrize("work", ["edit", "delete"])
def test_people_who_work_while_we_read_do_not_spoil_a_full_pull(office: Office, work: str) -> None:
    def works() -> None:
        office.after(5)
        account = office.account_id(4)
        if work == "edit":
            office.standin.rep.edit("Accounts", account, Phone="123")
        else:
            office.standin.rep.delete("Accounts", account)

    assert pulled(office, before=works).counts[Module.ACCOUNTS].read == (
        10 if work == "edit" else 9
    )
    office.after(60)
    assert pulled(office).counts[Module.ACCOUNTS].read == (1 if work == "edit" else 0)
    assert known(office) == (10 if work == "edit" else 9)


def test_records_that_nobody_touched_and_that_do_not_come_are_not_given_up(office: Office) -> None:
    with pytest.raises(Unintelligible, match="counts 10 records and gave 8"):
        pulled(office, unlisted=2)
    assert known(office) == 0


def test_what_was_changed_shortly_before_counts_as_not_surely_seen(office: Office) -> None:
    found = pulled(office)
    assert office.clock.now() - found.accounts_read_at >= SETTLE


@pytest.mark.fault("P9")
def test_a_change_that_shows_up_late_is_still_read(office: Office) -> None:
    pulled(office)
    office.after(10)
    office.standin.rep.edit("Accounts", office.account_id(4), Phone="123")
    office.after((SETTLE + OVERLAP).total_seconds() - 30)
    assert pulled(office).counts[Module.ACCOUNTS].read == 1


def test_a_deleted_account_leaves_the_local_copy(office: Office) -> None:
    pulled(office)
    office.after(DAY)
    for number in range(40):
        office.standin.rep.add("Accounts", Account_Name=f"New {number}")
    pulled(office)
    office.standin.rep.delete("Accounts", office.account_id(2))
    office.after(60)
    assert pulled(office).counts[Module.ACCOUNTS].gone == 1
    assert known(office) == 49
