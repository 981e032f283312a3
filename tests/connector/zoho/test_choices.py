"""Facts about the two names of a choice: whichever of them records speak, the rest sees what is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import CrmError, NotPermitted, Unavailable
from connector.model import Fate, Field, Option, Outcome, Record
from connector.port import Window
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from connector.zoho.choices import Choices
from connector.zoho.crm import ZohoCrm
from connector.zoho.transport import Transport

pytestmark = pytest.mark.fault("D11")

SCOPES = (*DEFAULT_SCOPES, "ZohoCRM.bulk.ALL", "ZohoFiles.files.ALL")
SHOWN = [
    Switches(records_speak="shown", bulk_seconds=0.0),
    Switches(records_speak="shown, takes both", bulk_seconds=0.0),
]
WON = ("Deals", "Stage", "Closed Won")
HIGH = ("Tasks", "Priority", "High")
DONE_STATUS = ("Tasks", "Status", "Completed")
CUSTOMER = ("Accounts", "Account_Type", "Customer")

Make = Callable[[Switches], tuple[StandIn, ZohoCrm]]


@pytest.fixture
def make(make_standin: Callable[..., StandIn], connect: Callable[..., Transport]) -> Make:
    def made(switches: Switches) -> tuple[StandIn, ZohoCrm]:
        standin = make_standin(switches=switches, scopes=SCOPES)
        standin.admin.rename_choice(*WON, "赢单", stored=False)
        standin.admin.rename_choice(*HIGH, "高", stored=False)
        standin.admin.rename_choice(*DONE_STATUS, "已完成", stored=False)
        standin.admin.rename_choice(*CUSTOMER, "客户", stored=False)
        crm = ZohoCrm(connect(standin))
        for module in ("Accounts", "Deals", "Tasks"):
            crm.know(module, crm.fields(module))
        return standin, crm

    return made


def stages(pages: Any) -> set[Any]:
    return {one.values["Stage"] for page in pages for one in page}


@pytest.mark.parametrize("switches", [Switches(bulk_seconds=0.0), *SHOWN])
def test_every_way_of_reading_gives_what_is_stored(make: Make, switches: Switches) -> None:
    standin, crm = make(switches)
    held = {each["Stage"] for each in standin.records("Deals").values()}
    assert "Closed Won" in held
    window = Window(None, crm.now())
    ids = list(standin.records("Deals"))
    assert stages(crm.changed("Deals", ["Stage"], window)) == held
    assert stages(crm.listed("Deals", ["Stage"])) == held
    assert stages(crm.exported("Deals", ["Stage"])) == held
    assert stages([crm.read("Deals", ids[:80], ["Stage"])]) <= held


@pytest.mark.parametrize("switches", [Switches(), *SHOWN])
def test_a_choice_is_stored_whichever_name_has_to_be_sent(make: Make, switches: Switches) -> None:
    standin, crm = make(switches)
    tasks = crm.create("Tasks", [{"Subject": f"Call {n}", "Priority": "High"} for n in range(3)])
    assert {one.fate for one in tasks} == {Fate.DONE}
    rows = [{"id": one.id, "Status": "Completed"} for one in tasks]
    found = crm.update("Tasks", rows, unmodified_since=None)
    assert {one.fate for one in found} == {Fate.DONE}
    held = [standin.records("Tasks")[one.id] for one in tasks]
    assert {(one["Priority"], one["Status"]) for one in held} == {("High", "Completed")}


def test_a_bulk_job_speaks_as_the_records_do(make: Make) -> None:
    standin, crm = make(SHOWN[0])
    keys = list(standin.records("Accounts"))[:3]
    assert list(crm.listed("Accounts", ["Account_Type"]))
    standin.rep.edit("Accounts", keys[0], Account_Type="Customer")
    list(crm.listed("Accounts", ["Account_Type"]))
    rows = [{"id": key, "Account_Type": "Customer"} for key in keys[1:]]
    assert {one.fate for one in crm.update_in_bulk("Accounts", rows)} == {Fate.DONE}
    assert standin.records("Accounts")[keys[2]]["Account_Type"] == "Customer"


def test_what_was_seen_once_spares_the_second_call(make: Make) -> None:
    standin, crm = make(SHOWN[0])
    for subject in ("one", "two"):
        crm.create("Tasks", [{"Subject": subject, "Priority": "High"}])
    assert [seen.path.endswith("/Tasks") for seen in standin.requests].count(True) == 3


TIER = Field(
    "1", "Tier", "Tier", "picklist", options=(Option("large", "Large"), Option("small", "Small"))
)
DONE, WRONG = Outcome(Fate.DONE), Outcome(Fate.REFUSED, code="INVALID_DATA", field_name="Tier")


class Desk:
    """Somebody who takes some words and refuses others, and remembers what came."""

    def __init__(self, *taken: str) -> None:
        self.taken = taken
        self.calls: list[list[Any]] = []

    def __call__(self, rows: Any) -> list[Outcome]:
        self.calls.append([row["Tier"] for row in rows])
        return [DONE if row["Tier"] in self.taken else WRONG for row in rows]


def knowing(*fields: Field) -> Choices:
    choices = Choices()
    choices.learn("Accounts", fields)
    return choices


def test_only_refused_rows_go_again_and_each_once() -> None:
    desk, choices = Desk("Large", "small"), knowing(TIER)
    found = choices.sent("Accounts", [{"Tier": "large"}, {"Tier": "small"}], desk)
    assert found == [DONE, DONE]
    assert desk.calls == [["large", "small"], ["Large"]]


def test_where_neither_name_is_taken_no_later_batch_goes_twice() -> None:
    desk, choices = Desk(), knowing(TIER)
    for _ in range(3):
        assert choices.sent("Accounts", [{"Tier": "large"}], desk) == [WRONG]
    assert desk.calls == [["large"], ["Large"], ["large"], ["large"]]


@pytest.mark.parametrize("error", [NotPermitted("no"), Unavailable("later")])
def test_what_the_first_call_did_is_told_even_where_the_second_one_is_turned_away(
    error: CrmError,
) -> None:
    desk = Desk("small")

    def send(rows: Any) -> list[Outcome]:
        if desk.calls:
            raise error
        return desk(rows)

    found = knowing(TIER).sent("Accounts", [{"Tier": "small"}, {"Tier": "large"}], send)
    assert found == [DONE, WRONG]


@pytest.mark.parametrize(
    "fate", [Fate.UNKNOWN, Fate.STALE, Fate.LOCKED, Fate.GONE, Fate.NOT_APPLIED, Fate.DUPLICATE]
)
def test_whatever_else_becomes_of_the_second_call_is_the_fate_of_its_row(fate: Fate) -> None:
    answers = iter([[WRONG], [Outcome(fate)]])
    found = knowing(TIER).sent("Accounts", [{"Tier": "large"}], lambda _rows: next(answers))
    assert found == [Outcome(fate)]


@pytest.mark.parametrize(
    "outcome",
    [
        replace(WRONG, field_name="Phone"),
        replace(WRONG, code="MANDATORY_NOT_FOUND"),
        replace(WRONG, fate=Fate.UNKNOWN),
        replace(WRONG, fate=Fate.NOT_APPLIED),
    ],
)
def test_nothing_goes_again_that_was_not_refused_for_its_choice(outcome: Outcome) -> None:
    calls: list[Any] = []

    def send(rows: Any) -> list[Outcome]:
        calls.append(rows)
        return [outcome]

    assert knowing(TIER).sent("Accounts", [{"Tier": "large", "Phone": "1"}], send) == [outcome]
    assert len(calls) == 1


def record(value: Any) -> Record:
    return Record("7", datetime(2026, 1, 1, tzinfo=UTC), {"Tier": value})


def test_a_name_that_two_choices_have_is_taken_for_what_is_stored() -> None:
    swapped = replace(TIER, options=(Option("large", "small"), Option("small", "Petit")))
    choices = knowing(swapped)
    read = choices.records("Accounts", [record("small"), record("Petit"), record(["Petit", "x"])])
    assert [one.values["Tier"] for one in read] == ["small", "small", ["small", "x"]]


def test_one_odd_value_does_not_change_how_we_speak() -> None:
    choices = knowing(TIER)
    choices.records("Accounts", [record("large"), record("small"), record("Large")])
    assert not choices.shows
    choices.records("Accounts", [record("Large")])
    assert choices.shows
