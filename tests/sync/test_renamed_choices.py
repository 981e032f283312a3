"""A stage or a class that people call by another name stays what it was, whichever name records speak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from workbench import DAY, NAMES, Office

from connector.model import Field, Module, Option
from connector.standin.switches import Switches
from sync.facts import ask

pytestmark = pytest.mark.fault("D11", "H9")

TIER = NAMES["tier"]
HOUR = 3600.0
SPOKEN = [
    Switches(),
    Switches(records_speak="shown"),
    Switches(records_speak="shown, takes both"),
    Switches(records_speak="shown", actual_is_shown=True),
]


@pytest.fixture(params=SPOKEN, ids=["stored", "shown", "both", "actual"])
def office(request: pytest.FixtureRequest, make_office: Callable[..., Office]) -> Office:
    """An office after its backfill, at a Zoho whose records speak one name of a choice or the other."""
    made = make_office(switches=request.param)
    made.run("backfill")
    made.after(HOUR)
    return made


@pytest.mark.parametrize("stored", [False, True], ids=["what people see", "what is stored"])
def test_customers_stay_what_they_are_when_the_stage_of_their_orders_is_renamed(
    office: Office, stored: bool
) -> None:
    admin, rep = office.standin.admin, office.standin.rep
    before = [office.account(n)[TIER] for n in range(10)]
    admin.rename_choice("Deals", "Stage", "Closed Won", "Gewonnen", stored=stored)
    rep.edit("Deals", next(iter(office.standin.records("Deals"))), Description="Paid")
    for wait in (HOUR, DAY, DAY):
        office.after(wait)
        report = office.run()
        assert (report.tasks_created, report.held, report.findings.get("unknown_stage", 0)) == (
            0,
            0,
            0,
        )
        assert [office.account(n)[TIER] for n in range(10)] == before


def test_a_stage_that_the_policy_names_is_found_by_any_of_its_names(office: Office) -> None:
    negotiated = replace(
        office.policy, stages=replace(office.policy.stages, won=("Negotiation/Review",))
    )
    rep = office.standin.rep
    for deal, record in list(office.standin.records("Deals").items()):
        if record["Account_Name"]["id"] == office.account_id(6):
            rep.edit("Deals", deal, Stage="Negotiation/Review")
    office.standin.admin.rename_choice(
        "Deals", "Stage", "Negotiation/Review", "Contract", stored=False
    )
    for wait in (HOUR, DAY):
        office.after(wait)
        assert office.run(policy=negotiated).held == 0
        assert office.account(6)[TIER] == "large"


def test_a_name_that_another_stage_bears_by_now_is_that_one_s(office: Office) -> None:
    renamed = Option("Contract", "Contract", category="open", reference="Signed")
    called = Option("Review", "Checked", category="open")
    stages = (renamed, Option("Signed", "Signed", category="won"), called)
    with office.desk() as desk:
        facts = ask(desk.crm, desk.clock)
    field = Field("1", "Stage", "Stage", "picklist", options=stages)
    facts = replace(facts, fields={**facts.fields, Module.DEALS: (field,)})
    assert facts.names_of_stages() == [["Checked", "Review"]]
    assert facts.stage_categories()["Signed"] == "won"


def test_a_class_that_is_called_otherwise_is_still_ours(office: Office) -> None:
    office.standin.admin.rename_choice("Accounts", TIER, "large", "Key account", stored=False)
    for number in range(10):
        office.standin.rep.edit("Accounts", office.account_id(number), Phone="1")
    office.after(HOUR)
    assert office.run().held == 0
    for deal in list(office.standin.records("Deals").values()):
        if deal["Account_Name"]["id"] == office.account_id(6):
            office.standin.rep.edit("Deals", deal["id"], Stage="Qualification")
    office.after(DAY)
    assert office.run().held == 0
    assert office.account(6)[TIER] == "small"


def test_a_task_whose_end_is_called_otherwise_has_ended(office: Office) -> None:
    office.standin.admin.rename_choice("Tasks", "Status", "Completed", "Erledigt", stored=False)
    for task in office.standin.records("Tasks"):
        office.standin.rep.edit("Tasks", task, Status="Completed")
    office.after(HOUR)
    assert office.run().tasks_created == 0
    office.after(DAY)
    office.run()
    office.standin.rep.edit("Accounts", office.account_id(6), **{NAMES["tier_override"]: "small"})
    office.after(DAY)
    office.run()
    office.standin.rep.edit("Accounts", office.account_id(6), **{NAMES["tier_override"]: None})
    office.after(DAY)
    assert office.run().tasks_created == 1


def test_a_name_that_nobody_knows_costs_one_more_look_at_the_fields(office: Office) -> None:
    office.standin.admin.recalculate(
        "Deals", next(iter(office.standin.records("Deals"))), Stage="Imported"
    )
    office.standin.rep.edit("Deals", next(iter(office.standin.records("Deals"))), Description="x")
    for looks in (1, 0, 0):
        office.after(HOUR)
        before = len(office.calls("GET", "/settings/fields"))
        office.run()
        assert len(office.calls("GET", "/settings/fields")) - before == 3 * looks
