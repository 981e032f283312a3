from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.clock import VirtualClock
from connector.memory import REP, MemoryCrm
from connector.model import Fate, Json
from connector.port import Window

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
Step = tuple[str, int]
steps = st.lists(
    st.tuples(st.sampled_from(["add", "edit", "delete", "wait", "read"]), st.integers(0, 40)),
    max_size=60,
)


class Office:
    """People who work in a CRM, and a copy of it that is kept up by windows."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.crm = MemoryCrm(self.clock, page_size=2)
        self.ids = [self.crm.add("Accounts", {"Account_Name": f"{at}"}) for at in range(5)]
        self.copy: dict[str, Json] = {}
        self.since: datetime | None = None

    def work(self, verb: str, number: int) -> None:
        ids = self.ids
        if verb == "add":
            ids.append(self.crm.add("Accounts", {"Account_Name": "new", "Industry": f"{number}"}))
        elif verb == "wait":
            self.clock.advance(number % 3)
        elif ids and verb == "edit":
            self.crm.edit("Accounts", ids[number % len(ids)], {"Industry": f"{number}"})
        elif ids and verb == "delete":
            self.crm.delete("Accounts", ids.pop(number % len(ids)))

    def read_window(self, script: Iterator[Step]) -> None:
        """Read the next window, while after each page people work on until somebody reads."""
        window = Window(self.since, self.crm.now() - timedelta(seconds=1))
        for page in self.crm.changed("Accounts", ["Industry"], window):
            self.copy |= {one.id: one.values["Industry"] for one in page}
            for verb, number in script:
                if verb == "read":
                    break
                self.work(verb, number)
        self.since = window.until

    def drop_deleted(self) -> None:
        for page in self.crm.deleted("Accounts", None):
            for gone in page:
                self.copy.pop(gone.id, None)


@given(steps)
def test_however_people_work_between_pages_no_change_is_lost(script: list[Step]) -> None:
    office = Office()
    waiting = iter(script)
    for verb, number in waiting:
        if verb == "read":
            office.read_window(waiting)
        else:
            office.work(verb, number)
    office.clock.advance(2)
    office.read_window(iter(()))
    office.drop_deleted()
    held = office.crm.read("Accounts", office.ids, ["Industry"])
    assert office.copy == {one.id: one.values["Industry"] for one in held}


def test_what_came_in_through_the_port_is_listed_with_what_it_replaced() -> None:
    crm = MemoryCrm(VirtualClock(START))
    customer = crm.add("Accounts", {"Account_Name": "Zylker", "Industry": "Steel"})
    crm.edit("Accounts", customer, {"Phone": "1"})
    crm.update("Accounts", [{"id": customer, "Industry": "Retail"}], unmodified_since=None)
    crm.create("Tasks", [{"Subject": "Call", "What_Id": customer}], run_workflows=True)
    assert [(one.verb, one.module, one.before, one.workflows) for one in crm.applied] == [
        ("update", "Accounts", {"Industry": "Steel"}, False),
        ("create", "Tasks", {}, True),
    ]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"Nothing": 1}, "INVALID_DATA"),
        ({"Modified_Time": "2026-03-01"}, "INVALID_DATA"),
        ({"Account_Name": None}, "MANDATORY_NOT_FOUND"),
        ({"Account_Name": "x" * 256}, "INVALID_DATA"),
        ({"Owner": "1"}, "INVALID_DATA"),
        ({"Owner": REP.id}, "SUCCESS"),
    ],
)
def test_values_are_checked_as_the_crm_would(values: dict[str, Json], code: str) -> None:
    crm = MemoryCrm(VirtualClock(START))
    customer = crm.add("Accounts", {"Account_Name": "Zylker"})
    (found,) = crm.update("Accounts", [{"id": customer, **values}], unmodified_since=None)
    assert found.code == code


def test_a_record_may_be_made_to_refuse_changes_and_unlocked_again() -> None:
    crm = MemoryCrm(VirtualClock(START))
    customer = crm.add("Accounts", {"Account_Name": "Zylker"})
    row = [{"id": customer, "Industry": "x"}]
    crm.lock("Accounts", customer)
    assert crm.update("Accounts", row, unmodified_since=None)[0].fate is Fate.LOCKED
    crm.lock("Accounts", customer, locked=False)
    crm.refuse("Accounts", customer, "NEW_RULE")
    (found,) = crm.update("Accounts", row, unmodified_since=None)
    assert (found.fate, found.code) == (Fate.REFUSED, "NEW_RULE")
