"""The field on tasks that holds our key: made once, followed where it goes, no task lost without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from workbench import (
    DAY,
    MORNING,
    Office,
    call_task,
    ledger_disagrees,
    planned,
    sender,
    simple_policy,
    tasks_by_account,
    write_company,
)

from connector.clock import VirtualClock
from connector.memory import MemoryCrm
from connector.model import Fate, FieldSpec, Json, Module, Outcome
from connector.port import Crm
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from connector.standin.switches import Switches
from sync.desk import Desk
from sync.ledger import Kind, NewIntent, State
from sync.sending.send import Tally
from sync.setup import SetUp, set_up
from sync.task_key.field import let_go_of_dead_fields, problem
from sync.words import TASK_KEY_LABEL, TASK_KEY_TOOLTIP, Language

KEY = "Sync_Key"


@pytest.fixture
def make_bare(tmp_path: Any) -> Iterator[Callable[..., Office]]:
    """Opens an office that is not set up yet; takes the stand-in's arguments."""
    running: list[StandIn] = []

    def make(**arguments: Any) -> Office:
        clock = VirtualClock(MORNING)
        running.append(StandIn(*write_company(tmp_path / "company"), clock=clock, **arguments))
        return Office(running[-1].__enter__(), tmp_path / "home", clock)

    yield make
    for standin in running:
        standin.close()


def setting_up(office: Office, language: Language = Language.EN) -> SetUp:
    with office.desk(policy=replace(simple_policy(), language=language)) as desk:
        return set_up(desk, confirm=lambda _plan: True)


def task_fields(office: Office) -> dict[str, Any]:
    fields = office.standin.tenant.catalogue.fields("Tasks").values()
    return {field.api_name: field for field in fields if field.custom}


def keyed(account_id: str, name: str = KEY, occasion: str = "once") -> NewIntent:
    """The task of a playbook with its key in the field for it."""
    task = call_task(account_id, occasion)
    return replace(task, body={**task.body, name: task.key})


def send(desk: Desk) -> Tally:
    return sender(desk).send_tasks(desk.ledger.intents.in_state(State.PLANNED, Kind.TASK))


# Setting up.


def test_setup_makes_a_unique_field_on_tasks_and_says_that_nobody_has_tried_it_yet(
    make_bare: Callable[..., Office],
) -> None:
    office = make_bare()
    done = setting_up(office)
    field = task_fields(office)[KEY]
    assert (field.data_type, field.unique, field.label) == ("text", True, "Sync Key")
    assert "fenlei" in field.tooltip[1]
    assert done.as_json()["task_key"] == {
        "field": KEY,
        "promised": True,
        "enforced": None,
        "note": "",
    }
    assert KEY not in done.fields.values()
    assert done.created == 10
    assert f"{KEY}, which Zoho promises to keep unique." in done.sentence


@pytest.mark.parametrize("language", list(Language))
def test_people_see_it_in_the_language_of_the_policy(
    make_bare: Callable[..., Office], language: Language
) -> None:
    office = make_bare()
    setting_up(office, language)
    field = task_fields(office)[KEY]
    assert field.label == TASK_KEY_LABEL[language]
    assert field.tooltip[1] == TASK_KEY_TOOLTIP[language]


def test_a_second_setup_finds_it_again_even_where_the_ledger_is_lost(
    make_bare: Callable[..., Office],
) -> None:
    office = make_bare()
    first = setting_up(office)
    office.standin.admin.rename_field("Tasks", KEY, "Klucz")
    assert setting_up(office).task_key.field == "Klucz"
    office.standin.admin.rename_field("Tasks", "Klucz", KEY)
    (office.path / "ledger.sqlite").unlink()
    assert setting_up(office).task_key == first.task_key
    assert len(task_fields(office)) == 1


def test_a_field_of_the_organisations_own_that_has_our_name_is_left_alone(
    make_bare: Callable[..., Office],
) -> None:
    office = make_bare()
    with office.desk() as desk:
        desk.crm.create_fields("Tasks", [FieldSpec("Sync Key", "Sync Key", "text", 10)])
    assert setting_up(office).task_key.field == "Fenlei_Sync_Key"
    assert len(task_fields(office)) == 2


def filled(office: Office, *fields: FieldSpec) -> None:
    with office.desk() as desk:
        for at in range(0, len(fields), 5):
            desk.crm.create_fields("Tasks", fields[at : at + 5])


def test_where_no_more_unique_fields_are_allowed_the_key_goes_into_a_plain_one(
    make_bare: Callable[..., Office],
) -> None:
    office = make_bare()
    filled(office, *(FieldSpec(f"Number {n}", "", "text", 9, unique=True) for n in "ab"))
    done = setting_up(office).task_key
    assert (done.field, done.promised, task_fields(office)[KEY].unique) == (KEY, False, False)
    assert "does not keep unique" in done.sentence


@pytest.mark.parametrize("why", ["limit", "scope"])
def test_where_the_edition_or_the_consent_does_not_allow_it_setup_succeeds_and_says_so(
    make_bare: Callable[..., Office], why: str
) -> None:
    if why == "limit":
        office = make_bare(edition="standard")
        filled(office, *(FieldSpec(f"Number {n}", "", "integer") for n in "abcdefghij"))
        done = setting_up(office)
    else:
        office = make_bare()
        setting_up(office)
        office.standin.admin.drop_field("Tasks", KEY)
        scopes = [s for s in DEFAULT_SCOPES if s != "ZohoCRM.settings.fields.CREATE"]
        office.standin.tenant.oauth.scopes = tuple(scopes)
        done = setting_up(office)
    assert (done.task_key.field, done.task_key.promised, done.task_key.enforced) == (
        "",
        False,
        None,
    )
    assert done.task_key.note
    assert "Tasks have no key field" in done.sentence
    assert len(done.fields) == 10
    office.after(300)
    assert office.run("backfill").tasks_created == 2


# What a run does with it.


@pytest.mark.fault("H21")
def test_every_task_carries_its_whole_key(office: Office) -> None:
    office.run("backfill")
    keys = {task.key for task in office.intents(State.DONE, kind=Kind.TASK)}
    assert {(entry.after or {})[KEY] for entry in office.created()} == keys
    assert ledger_disagrees(office) == []


@pytest.mark.fault("H12")
def test_a_field_that_was_renamed_is_filled_under_its_new_name(office: Office) -> None:
    office.standin.admin.rename_field("Tasks", KEY, "Klucz")
    office.after(DAY)
    office.run("backfill")
    assert all((entry.after or {})["Klucz"] for entry in office.created())


@pytest.mark.fault("H11")
@pytest.mark.parametrize("unknown_fields", ["ignored", "refused"])
@pytest.mark.parametrize("change", ["drop", "rename", "retype", "read_only"])
def test_a_field_that_is_gone_since_costs_no_task(
    make_office: Callable[..., Office], unknown_fields: Any, change: str
) -> None:
    office = make_office(switches=Switches(unknown_fields=unknown_fields))
    admin = office.standin.admin
    office.run("plan")  # what the fields are is remembered for a day
    if change == "drop":
        admin.drop_field("Tasks", KEY)
    elif change == "rename":
        admin.rename_field("Tasks", KEY, "Klucz")
    elif change == "retype":
        admin.retype_field("Tasks", KEY, "integer")
    else:
        admin.read_only("Tasks", KEY)
    for _ in range(3):
        office.after(3600)
        office.run()
    assert tasks_by_account(office.created()) == {office.account_id(n): 1 for n in (6, 7)}
    assert ledger_disagrees(office) == []


@pytest.mark.fault("H11")
def test_a_task_that_waits_with_its_key_in_a_dead_field_is_planned_afresh(
    memory_desk: Desk,
) -> None:
    ledger = memory_desk.ledger
    crm = cast("MemoryCrm", memory_desk.crm)
    account = crm.add(Module.ACCOUNTS, {"Account_Name": "Zylker"})
    task = keyed(account, "Old_Key")
    planned(memory_desk, task)
    assert let_go_of_dead_fields(ledger, "Old_Key", now=MORNING) == 0
    assert let_go_of_dead_fields(ledger, "", now=MORNING) == 1
    (ready,) = planned(memory_desk, call_task(account))
    assert (ready.key, "Old_Key" in ready.body) == (task.key, False)
    assert send(memory_desk).done == 1


def test_what_is_wrong_with_the_field_is_said_in_a_sentence(memory_desk: Desk) -> None:
    crm, ledger = memory_desk.crm, memory_desk.ledger
    fields = crm.fields(Module.TASKS)
    assert problem(fields, ledger) == ""
    other = [replace(f, type="integer") if f.name == KEY else f for f in fields]
    assert "can no longer be written (integer)" in problem(other, ledger)
    assert "is not there any more" in problem([f for f in fields if f.name != KEY], ledger)


# What a duplicate means.


def outcome_of(desk: Desk, account: str, outcome: Outcome) -> tuple[State, str]:
    """Where a task of this account ends that the CRM answers so."""

    class Answering:
        def __getattr__(self, name: str) -> Any:
            return getattr(desk.crm, name)

        def create(self, module: str, rows: Sequence[Any], **_: Any) -> list[Outcome]:
            return [outcome] * len(rows)

    planned(desk, keyed(account))
    crm = cast("Crm", Answering())
    replace(sender(desk), crm=crm).send_tasks(
        desk.ledger.intents.in_state(State.PLANNED, Kind.TASK)
    )
    (found,) = [i for s in State for i in desk.ledger.intents.in_state(s, Kind.TASK)]
    return found.state, found.crm_id


@pytest.mark.parametrize(
    ("field", "told", "end"),
    [
        pytest.param(KEY, "77", (State.DONE, "77"), marks=pytest.mark.fault("H21")),
        pytest.param(KEY, "", (State.UNKNOWN, ""), marks=pytest.mark.fault("H21")),
        pytest.param("Subject", "77", (State.REJECTED, ""), marks=pytest.mark.fault("H22")),
        pytest.param("", "77", (State.REJECTED, ""), marks=pytest.mark.fault("H22")),
    ],
)
def test_a_duplicate_of_our_own_key_is_our_own_task(
    memory_desk: Desk, field: str, told: str, end: tuple[State, str]
) -> None:
    duplicate = Outcome(Fate.DUPLICATE, told, code="DUPLICATE_DATA", field_name=field)
    assert outcome_of(memory_desk, "1", duplicate) == end


@pytest.mark.fault("H21", "C11")
def test_a_key_that_zoho_knows_opens_no_second_task_even_for_a_ledger_that_forgot(
    office: Office, desk: Desk
) -> None:
    account = office.account_id(6)
    planned(desk, keyed(account))
    assert send(desk).done == 1
    (office.path / "ledger.sqlite").rename(office.path / "old.sqlite")
    with office.desk() as anew:
        planned(anew, keyed(account))
        assert send(anew).done == 1
        (known,) = anew.ledger.intents.in_state(State.DONE, Kind.TASK)
    assert [entry.id for entry in office.created()] == [known.crm_id]


@pytest.mark.fault("H17", "H18")
@pytest.mark.parametrize("how", ["delete", "merge"])
def test_no_task_is_opened_for_an_account_that_went_away_before_we_wrote(
    office: Office, desk: Desk, how: str
) -> None:
    gone = office.account_id(6)
    planned(desk, keyed(gone))
    if how == "delete":
        office.standin.rep.delete("Accounts", gone)
    else:
        office.standin.rep.merge("Accounts", office.account_id(5), gone)
    tally = send(desk)
    assert (tally.gone, tally.failed, office.created()) == (1, 0, [])
    assert len(desk.ledger.intents.in_state(State.CANCELLED, Kind.TASK)) == 1


@pytest.mark.parametrize("seconds", [0, DAY])
def test_memory_and_stand_in_refuse_a_second_key_alike(
    office: Office, desk: Desk, memory_desk: Desk, seconds: float
) -> None:
    office.after(seconds)
    row: dict[str, Json] = {"Subject": "Call", KEY: "A" * 26}
    for crm in (desk.crm, memory_desk.crm):
        (first,) = crm.create(Module.TASKS, [row])
        (second,) = crm.create(Module.TASKS, [row])
        assert (second.fate, second.id, second.field_name) == (Fate.DUPLICATE, first.id, KEY)
        again = crm.update(Module.TASKS, [{"id": first.id, **row}], unmodified_since=None)
        assert again[0].fate is Fate.DONE, "its own value is no duplicate"
