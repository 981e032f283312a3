"""Contacts, calls, meetings, cases and notes are read now and then, and a run goes on without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import pytest
from pulls import known
from workbench import TODAY, Office

from connector.errors import OutOfCredits, Refused, Unavailable
from connector.model import OPTIONAL, Deletion, Module, Record
from connector.port import Crm, Window
from connector.standin.oauth import DEFAULT_SCOPES
from sync import facts as facts_of
from sync.further import OPTIONAL_EVERY, note, unread
from sync.mirror import classifier_tables, verdict_ids
from sync.policy import Policy
from sync.pull import Pulled, PullLimits, pull
from sync.verdicts import classify_all, meanings, stage_names

HOUR = 3600.0
SIX_HOURS = OPTIONAL_EVERY.total_seconds()


def works(office: Office) -> dict[str, str]:
    """A day with customers 6 and 7: two contacts, a call, a visit, a complaint, a note; ids by module."""
    rep, one, other = office.standin.rep, office.account_id(6), office.account_id(7)
    now = office.clock.now().isoformat()
    boss = rep.add("Contacts", Last_Name="Wang", Title="总经理", Account_Name={"id": one})
    rep.add("Contacts", Last_Name="Li", Title="Clerk", Account_Name={"id": one})
    made = {"Contacts": boss}
    made["Calls"] = rep.add(
        "Calls",
        Subject="Call",
        Call_Type="Outbound",
        Call_Start_Time=now,
        Who_Id={"id": boss["id"]},
        What_Id={"id": one},
        **{"$se_module": "Accounts"},
    )
    made["Events"] = rep.add(
        "Events",
        Event_Title="Visit",
        Start_DateTime=now,
        End_DateTime=now,
        What_Id={"id": office.buys(6, 10.0)},
        **{"$se_module": "Deals"},
    )
    made["Cases"] = rep.add(
        "Cases",
        Subject="It broke",
        Status="New",
        Case_Origin="Phone",
        Type="Problem",
        Account_Name={"id": other},
    )
    parent = {"id": other, "module": {"api_name": "Accounts"}}
    made["Notes"] = rep.add("Notes", Note_Content="secret", Parent_Id=parent)
    return {module: str(record["id"]) for module, record in made.items()}


def signals(office: Office) -> list[tuple[int, str, bool]]:
    """(number of the account, kind, still open), in order."""
    with office.desk() as desk, desk.mirror as mirror:
        stages = stage_names(office.policy.stages)
        tables = classifier_tables(mirror, stages=stages, meanings=meanings(office.policy))
        if tables.signals is None:
            return []
        query = tables.signals.to_native().sql_query()
        rows = mirror.rows(f"SELECT account_id, kind, open FROM ({query})")
    numbers = {office.account_id(number): number for number in range(10)}
    return sorted((numbers[account], kind, going_on) for account, kind, going_on in rows)


ALL = [
    *((6, "call", False), (6, "contact", True), (6, "contact", True), (6, "decision", False)),
    *(
        (6, "decision_maker", True),
        (6, "meeting", False),
        (7, "complaint", True),
        (7, "note", False),
    ),
]


def pulled(
    office: Office, *, wrap: Callable[[Crm], object] = lambda crm: crm, **given: Any
) -> Pulled:
    """One pull into the office's own mirror."""
    with office.desk() as desk, desk.mirror:
        facts = facts_of.ask(desk.crm, desk.clock)
        return pull(
            cast("Crm", wrap(desk.crm)),
            desk.mirror,
            facts,
            ours=[],
            limits=PullLimits(5.0),
            progress=lambda _module, _seen, _expected: None,
            **given,
        )


def curious(office: Office) -> Policy:
    """The office's policy, with every question of the catalogue asked."""
    return replace(office.policy, left_out=frozenset())


def told(office: Office) -> str:
    """What the mirror remembers of modules that could not be read."""
    with office.desk() as desk, desk.mirror as mirror:
        return note(mirror)


def asked_of(office: Office, module: str, since: int = 0) -> int:
    """Calls that were about a module since then; queries name it in their text."""
    return sum(f"/{module}" in seen.path for seen in office.standin.requests[since:])


def test_what_passed_with_a_customer_becomes_a_signal_of_its_account(office: Office) -> None:
    works(office)
    counts = pulled(office).counts
    assert {module: counts[module].read for module in OPTIONAL} == {
        "Contacts": 2,
        "Calls": 1,
        "Events": 1,
        "Cases": 1,
        "Notes": 1,
    }
    assert signals(office) == ALL


def test_what_a_note_says_is_never_read(office: Office) -> None:
    works(office)
    pulled(office)
    with office.desk() as desk:
        assert set(desk.mirror.columns("Notes")) == {"Parent_Id", "Created_Time", "Modified_Time"}


def test_a_complaint_reaches_the_verdict_of_its_customer(office: Office) -> None:
    works(office)
    pulled(office)
    with office.desk() as desk, desk.mirror as mirror:
        classify_all(mirror, curious(office), today=TODAY, currency="CNY")
        unhappy = verdict_ids(mirror, {"satisfaction": ["dissatisfied"]})
    assert unhappy == {office.account_id(7)}


def test_an_organisation_that_begins_to_watch_its_website_sees_who_is_interested(
    office: Office,
) -> None:
    boss = works(office)["Contacts"]
    pulled(office)
    office.standin.admin.redefine(
        "Contacts", "Date_of_Birth", api_name="Last_Visited_Time", data_type="datetime"
    )
    now = office.clock.now().isoformat()
    office.standin.rep.edit("Contacts", boss, Last_Visited_Time=now)
    office.after(SIX_HOURS + 60)
    pulled(office)
    assert set(signals(office)) - set(ALL) == {(6, "online_visit", False)}


def test_modules_that_nobody_uses_cost_one_call_each_and_are_no_source(office: Office) -> None:
    before = len(office.standin.requests)
    assert pulled(office).counts.keys() == {"Accounts", "Deals", "Tasks"}
    for module in OPTIONAL:
        assert asked_of(office, module, before) == 1
        assert asked_of(office, f"{module}/actions/count", before) == 1
    assert signals(office) == []


def test_they_are_read_again_after_six_hours_and_not_before(office: Office) -> None:
    pulled(office)
    works(office)
    office.after(SIX_HOURS - 60)
    assert "Calls" not in pulled(office).counts
    office.after(120)
    assert pulled(office).counts[Module.CALLS].read == 1
    before = len(office.standin.requests)
    office.after(HOUR)
    assert "Calls" not in pulled(office).counts
    assert not any(asked_of(office, module, before) for module in OPTIONAL)


def test_a_settled_case_and_a_deleted_call_are_noticed(office: Office) -> None:
    made = works(office)
    pulled(office)
    office.standin.rep.edit("Cases", made["Cases"], Status="Closed")
    office.standin.rep.delete("Calls", made["Calls"])
    office.after(SIX_HOURS + 60)
    pulled(office)
    assert (7, "complaint", False) in signals(office)
    assert known(office, Module.CALLS) == 0


@pytest.mark.fault("A10")
@pytest.mark.parametrize("module", OPTIONAL)
def test_a_module_without_its_right_is_named_and_the_run_goes_on(
    make_office: Callable[..., Office], module: Module
) -> None:
    scope = f"ZohoCRM.modules.{module.lower()}.READ"
    office = make_office(scopes=tuple(s for s in DEFAULT_SCOPES if s != scope))
    works(office)
    found = pulled(office)
    assert module not in found.counts
    assert len(found.counts) == 3 + len(OPTIONAL) - 1
    (said,) = found.notes
    assert said.startswith(f"Not read: {module}:")
    assert scope in said
    assert "fenlei doctor" in said
    assert office.run().status == "done"


def test_who_gets_the_right_is_read_six_hours_later(office: Office) -> None:
    works(office)
    lacking = tuple(s for s in DEFAULT_SCOPES if "cases" not in s)
    office.standin.scopes = lacking
    pulled(office)
    office.standin.scopes = DEFAULT_SCOPES
    office.after(SIX_HOURS + 60)
    assert pulled(office).notes == ()
    assert (7, "complaint", True) in signals(office)


def test_who_loses_the_right_keeps_nothing_that_would_grow_stale(office: Office) -> None:
    works(office)
    pulled(office)
    office.standin.scopes = tuple(s for s in DEFAULT_SCOPES if "cases" not in s)
    office.after(SIX_HOURS + 60)
    pulled(office)
    assert known(office, Module.CASES) == 0
    assert (7, "complaint", True) not in signals(office)
    office.standin.scopes = DEFAULT_SCOPES
    office.after(SIX_HOURS + 60)
    pulled(office)
    assert signals(office) == ALL


def test_what_the_policy_leaves_out_is_not_asked_for_and_leaves_the_local_copy(
    office: Office,
) -> None:
    works(office)
    pulled(office)
    before = len(office.standin.requests)
    office.after(SIX_HOURS + 60)
    wanted = [module for module in OPTIONAL if module != Module.NOTES]
    assert "Notes" not in pulled(office, further=wanted).counts
    assert asked_of(office, "Notes", before) == 0
    assert known(office, Module.NOTES) == 0
    assert pulled(office).counts[Module.NOTES].read == 1


@dataclass
class Odd:
    """A CRM that answers some calls about some modules with an error."""

    crm: Crm
    error: Exception
    verbs: Sequence[str]
    modules: Sequence[str] = (Module.NOTES,)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.crm, name)

    def _check(self, verb: str, module: str) -> None:
        if verb in self.verbs and module in self.modules:
            raise self.error

    def count(self, module: str) -> int:
        self._check("count", module)
        return self.crm.count(module)

    def changed(
        self, module: str, fields: Sequence[str], window: Window, **how: Any
    ) -> Iterator[list[Record]]:
        self._check("changed", module)
        yield from self.crm.changed(module, fields, window, **how)

    def deleted(self, module: str, since: datetime | None) -> Iterator[list[Deletion]]:
        self._check("deleted", module)
        yield from self.crm.deleted(module, since)


UNKNOWN = Refused("The query names a module that it does not know.", code="INVALID_QUERY")


@pytest.mark.parametrize("verbs", [["changed"], ["count"], ["changed", "count", "deleted"]])
def test_notes_come_as_a_list_where_other_calls_do_not_know_them(
    office: Office, verbs: list[str]
) -> None:
    works(office)

    def odd(crm: Crm) -> Odd:
        return Odd(crm, UNKNOWN, verbs)

    assert pulled(office, wrap=odd).counts[Module.NOTES].read == 1
    office.after(SIX_HOURS + 60)
    works(office)
    assert pulled(office, wrap=odd).counts[Module.NOTES].new == 1
    assert told(office) == ""


def test_trouble_with_one_module_is_said_and_tried_again_in_the_next_run(office: Office) -> None:
    works(office)
    trouble = Unavailable("Zoho cannot answer now.")
    found = pulled(office, wrap=lambda crm: Odd(crm, trouble, ["changed"], [Module.EVENTS]))
    assert found.counts.keys() >= {"Contacts", "Calls"}
    assert "Events: Zoho cannot answer now." in found.notes[0]
    assert pulled(office).notes == ()
    assert signals(office) == ALL


def test_a_day_without_credits_is_not_the_fault_of_a_module(office: Office) -> None:
    works(office)
    trouble = OutOfCredits("No credits are left.")
    with pytest.raises(OutOfCredits):
        pulled(office, wrap=lambda crm: Odd(crm, trouble, ["count"], [Module.CALLS]))


def test_what_could_not_be_read_comes_with_what_to_do(office: Office) -> None:
    office.standin.scopes = tuple(s for s in DEFAULT_SCOPES if "calls" not in s)
    pulled(office)
    with office.desk() as desk, desk.mirror as mirror:
        (missing,) = unread(mirror)
    assert missing.module is Module.CALLS
    assert "setup --reconnect" in missing.advice


def test_a_local_copy_that_begins_anew_reads_them_at_once(office: Office) -> None:
    works(office)
    pulled(office)
    with office.desk() as desk:
        desk.mirror.void()
    assert pulled(office).counts[Module.CALLS].read == 1
    assert signals(office) == ALL


def test_where_the_organisation_is_tells_which_customers_are_at_home(office: Office) -> None:
    office.standin.rep.edit("Accounts", office.account_id(1), Billing_Country="中国")
    office.standin.rep.edit("Accounts", office.account_id(2), Shipping_Country="Japan")
    pulled(office)
    with office.desk() as desk, desk.mirror as mirror:
        classify_all(mirror, curious(office), today=TODAY, currency="CNY")
        assert verdict_ids(mirror, {"region": ["domestic"]}) == {office.account_id(1)}
        assert verdict_ids(mirror, {"region": ["international"]}) == {office.account_id(2)}
