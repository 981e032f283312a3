"""Any day of a lively sales office, at a Zoho that behaves as usual, oddly, or in any way that is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambitious_office import AmbitiousOffice
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sales_office import accounts, tasks
from troubles import any_switches, odd_readings, odd_writes
from workbench import DAY

from connector.model import Json
from connector.standin.switches import Switches
from sync.report import Report


class LivelyOffice(AmbitiousOffice):
    """The same, with records that come back, are merged and change hands, and with more odd answers."""

    def __init__(self) -> None:
        super().__init__()
        self.moved_in_silence = False

    @rule(module=st.sampled_from(["Accounts", "Deals", "Tasks", "Tasks"]), number=tasks)
    def something_comes_back_from_the_bin(self, module: str, number: int) -> None:
        """With its old stamps, so that only the reading of everything once a week shows it."""
        bin_ = [one for one in self.standin.tenant.shelf(module).removed if one.kind == "recycle"]
        if bin_:
            self.standin.rep.restore(module, bin_[number % len(bin_)].record["id"])
            self.moved_in_silence = True

    @rule(kept=accounts, gone=accounts)
    def two_customers_are_merged(self, kept: int, gone: int) -> None:
        survivor, loser = self.pick("Accounts", kept), self.pick("Accounts", gone)
        if survivor and loser and survivor != loser and len(self.live("Accounts")) > 2:
            self.standin.rep.merge("Accounts", survivor, loser)
            self.moved_in_silence |= not self.switches.merge_touches_children

    @rule(number=tasks, to=accounts)
    def a_deal_goes_to_another_customer(self, number: int, to: int) -> None:
        self.edit("Deals", number, Account_Name={"id": self.pick("Accounts", to)})

    @rule(
        number=tasks,
        change=st.sampled_from(
            [
                {"Amount": 3000.0},
                {"Amount": None},
                {"Stage": "Closed Lost"},
                {"Stage": "Qualification"},
                {"Stage": "Closed Won"},
                {"Closing_Date": "2009-06-01"},
            ]
        ),
    )
    def a_deal_turns_out_differently(self, number: int, change: Mapping[str, Json]) -> None:
        self.edit("Deals", number, **change)

    @rule(number=accounts, to=st.integers(0, 2))
    def an_account_is_handed_over(self, number: int, to: int) -> None:
        reps = [one["id"] for one in self.standin.users if one["status"] == "active"]
        self.edit("Accounts", number, Owner={"id": reps[to % len(reps)]})

    @rule(number=tasks, to=accounts)
    def a_task_goes_to_another_customer(self, number: int, to: int) -> None:
        lookup = {"id": self.pick("Accounts", to)}
        self.edit("Tasks", number, What_Id=lookup, **{"$se_module": "Accounts"})

    @rule(number=tasks)
    def a_rep_opens_a_task_again(self, number: int) -> None:
        self.office.after(1.0)  # within one of Zoho's seconds nobody tells this from our write
        self.edit("Tasks", number, Status="In Progress")

    @rule(number=st.integers(0, 1), there=st.booleans())
    def a_rep_leaves_or_comes_back(self, number: int, there: bool) -> None:
        reps = [one["id"] for one in self.standin.users if one["id"] != self.standin.users[0]["id"]]
        self.standin.admin.deactivate(reps[number % len(reps)], on=not there)

    @rule(module=st.sampled_from(["Accounts", "Deals"]), number=tasks, again=st.booleans())
    def a_sharing_rule_hides_something_from_us(self, module: str, number: int, again: bool) -> None:
        """Or shows everything again; tasks stay in sight, see assumption 2 in docs/reliability.md."""
        if again:
            self.standin.admin.show_all()
        elif record := self.pick(module, number):
            self.standin.admin.hide(module, [record])
            self.moved_in_silence = True

    @rule(left=st.sampled_from([0, 3, 40]))
    def other_programs_use_the_credits_up(self, left: int) -> None:
        self.standin.admin.drain_credits(left=left)

    @rule(route=st.sampled_from(["POST /Tasks", "PUT /Accounts", "PUT /Tasks"]), fault=odd_writes)
    def a_write_is_answered_oddly(self, route: str, fault: Mapping[str, Any]) -> None:
        if fault.get("how") != "foreign_id" or route.startswith("PUT"):  # nobody can tell a new id
            self.standin.faults.add(route, **fault)

    @rule(route=st.sampled_from(["POST /coql", "GET /Tasks", "GET /*/deleted"]), kind=odd_readings)
    def a_reading_is_answered_oddly(self, route: str, kind: str) -> None:
        self.standin.faults.add(route, kind=kind, seconds=30.0)

    def heal(self) -> Report:
        """A week later at the earliest where something moved of which no list of changes tells."""
        for user in self.standin.users:
            self.standin.admin.deactivate(user["id"], on=False)
        self.standin.admin.show_all()
        if self.moved_in_silence:
            self.office.after(8 * DAY)
        return super().heal()


class UsualZoho(LivelyOffice):
    """A Zoho that behaves as its documents and other people's recordings suggest."""


class OddZoho(LivelyOffice):
    """A Zoho that behaves in the least convenient way wherever its documents are silent."""

    switches = Switches(
        stale_refuses="batch",
        unique_on_tasks=False,
        list_lag_seconds=45.0,
        coql_lag_seconds=60.0,
        trims_text=True,
        modified_since_inclusive=True,
        page_token="offset",
        token_throttle_status=200,
    )


class AnyZoho(LivelyOffice):
    """A Zoho that settles each question on which its documents are silent as it is drawn."""

    @initialize(switches=any_switches)
    def this_is_how_zoho_behaves(self, switches: Switches) -> None:
        self.switches = switches
        self.standin.tenant.behave(switches)


AS_DRAWN = settings(
    max_examples=75,
    stateful_step_count=40,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=True,
)
"""A quarter of the 300 lives for which every change has the time, the same everywhere; the soak draws more.

A failure is shown as it was drawn: to look for the shortest way to it takes minutes, which the soak takes
(``tests/soak/run.py machine``).
"""
