"""A probe tells every way in which Zoho may behave from the others, and leaves nothing behind unsaid."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from prepared import bring
from workbench import Office

from connector.errors import Refused
from connector.memory import MemoryCrm
from connector.model import FieldSpec, Module, Option
from connector.private_file import is_open_to_others
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.switches import Switches
from sync.brakes import Brake
from sync.desk import Desk
from sync.home import Home
from sync.lock import LockHeld, run_lock
from sync.probes.bench import NAME
from sync.probes.catalogue import QUESTIONS
from sync.probing import Probed, Undertaking, probe, probe_file, refuse_production
from sync.report import Status

SEARCH = "ZohoSearch.securesearch.READ"


def probed(office: Office, confirm: Callable[[Undertaking], bool] = lambda _what: True) -> Probed:
    with office.desk() as desk:
        return probe(desk, confirm=confirm)


def tasks_of_probe(office: Office) -> list[dict[str, Any]]:
    tasks = office.standin.records("Tasks").values()
    return [task for task in tasks if task["Subject"].startswith(NAME)]


def ready(office: Office) -> None:
    """Everything that a probe can use: search, choices of two kinds, a workflow rule, something deleted."""
    office.standin.scopes = [*DEFAULT_SCOPES, SEARCH]
    office.standin.expire_tokens()
    choices = tuple(Option(name, name) for name in ("one", "two"))
    with office.desk() as desk:
        several = FieldSpec("Several", "Several", "multiselectpicklist", options=choices)
        desk.crm.create_fields(Module.TASKS, [several])
    office.standin.admin.rename_choice("Tasks", "Priority", "Low", "Later", stored=False)
    office.standin.workflow("Tasks", "Description", then={"Status": "In Progress"})
    gone = office.standin.rep.add("Tasks", Subject="Gone")
    office.standin.rep.delete("Tasks", gone["id"])


FLIPPED: list[tuple[str, Any]] = [
    ("stale_refuses", "batch"),
    ("modified_since_inclusive", True),
    ("page_token", "snapshot"),
    ("page_token", "offset"),
    ("token_error_status", 400),
    ("records_speak", "shown"),
    ("records_speak", "shown, takes both"),
    ("strict_picklists", False),
    ("unknown_fields", "refused"),
    ("unique_on_tasks", False),
    ("trims_text", True),
    ("equal_values_move_time", False),
    ("deleted_names", False),
    ("silent_read_only", False),
    ("partial_status", 200),
    ("workflows_ignore_trigger", True),
    ("reorders_choices", True),
]
OF_BULK_READING = "bulk_"
"""How the switches begin that no run depends on yet, so that no probe asks about them."""

LAGS = ("list_lag_seconds", "coql_lag_seconds", "search_lag_seconds")
NOT_PROBED = {
    "token_throttle_status",
    "live_tokens",
    "limits_concurrency",
    "throttle_body",
    "merge_touches_children",
    "multi_currency",
    "actual_is_shown",
}
"""What needs a second program or does harm, and what is no doubt (whether there are several currencies)."""

USUAL = {
    each.name: each.default
    for each in fields(Switches)
    if each.name not in {*LAGS, *NOT_PROBED} and not each.name.startswith(OF_BULK_READING)
}


def told_apart(office: Office) -> dict[str, Any]:
    settings = dict(probed(office).settings)
    return {name: value for name, value in settings.items() if name not in LAGS}


def test_every_doubt_that_can_be_settled_without_harm_is(office: Office) -> None:
    bring(office, ready)
    found = probed(office)
    assert found.settings == USUAL | dict.fromkeys(LAGS, 0.0)
    assert {q.switch for q in QUESTIONS if q.switch} == USUAL.keys() | {*LAGS} | (
        NOT_PROBED - {"multi_currency"}
    )


@pytest.mark.parametrize(("switch", "setting"), FLIPPED)
def test_each_other_way_to_behave_is_told_apart_and_nothing_else_is_mistaken_for_it(
    office: Office, switch: str, setting: Any
) -> None:
    bring(office, ready)
    office.standin.switches = replace(office.standin.switches, **{switch: setting})
    assert told_apart(office) == USUAL | {switch: setting}


def test_every_switch_that_a_probe_settles_is_flipped_above() -> None:
    assert {name for name, _ in FLIPPED} == USUAL.keys()


@pytest.mark.parametrize("switch", LAGS)
@pytest.mark.parametrize("lag", [3.0, 40.0])
def test_a_lag_is_measured_and_put_down_to_who_has_it(
    office: Office, switch: str, lag: float
) -> None:
    bring(office, ready)
    office.standin.switches = replace(office.standin.switches, **{switch: lag})
    found = probed(office)
    measured = found.settings[switch]
    assert isinstance(measured, float)
    assert lag <= measured <= 2 * lag + 2
    assert {name for name in LAGS if found.settings[name] == 0.0} == {*LAGS} - {switch}


def test_a_lag_beyond_patience_is_said_and_settles_nothing(office: Office) -> None:
    office.standin.switches = replace(office.standin.switches, coql_lag_seconds=3600.0)
    (answer,) = (a for a in probed(office).answers if a.question.switch == "coql_lag_seconds")
    assert (answer.ran, answer.settled) == (True, False)
    assert "did not show a new task within two minutes" in answer.seen


@pytest.mark.parametrize(
    ("switches", "word"),
    [
        ({}, ""),
        ({"coql_lag_seconds": 50.0}, ""),
        ({"coql_lag_seconds": 3600.0}, "COQL did not show"),
        ({"list_lag_seconds": 3600.0}, "the list did not show"),
        ({"workflows_ignore_trigger": True}, "although the call forbade workflows"),
    ],
)
def test_what_fenlei_cannot_live_with_is_pointed_at(
    office: Office, switches: dict[str, Any], word: str
) -> None:
    bring(office, ready)
    office.standin.switches = replace(office.standin.switches, **switches)
    found = probed(office)
    assert [word in answer.seen for answer in found.worries] == ([True] if word else [])
    assert ("Take care" in found.sentence and word in found.sentence) == bool(word)


def test_what_cannot_be_tried_says_why_and_how_a_person_can(office: Office) -> None:
    office.standin.admin.drop_field("Tasks", "Sync_Key")
    found = probed(office)
    idle = {a.question.switch: a for a in found.answers if not a.ran}
    assert idle.keys() - {""} == {
        "search_lag_seconds",
        "unique_on_tasks",
        "deleted_names",
        "workflows_ignore_trigger",
        "reorders_choices",
        "records_speak",
        *(NOT_PROBED - {"multi_currency"}),
    }
    for answer in idle.values():
        assert answer.seen.startswith("not run")
        assert answer.question.by_hand.endswith(".")
        assert answer.setting is None


def test_every_answer_says_whether_fenlei_relies_on_it(office: Office) -> None:
    for question in QUESTIONS:
        assert question.relies.startswith(("Yes: ", "No: "))
        assert question.text.endswith("?")
    assert {question.number for question in QUESTIONS} == set(range(1, 12))


def test_nothing_is_made_before_a_person_has_agreed_to_what_is_said(office: Office) -> None:
    said: list[str] = []

    def decline(what: Undertaking) -> bool:
        said.append(what.sentence)
        return False

    applied = len(office.standin.log)
    found = probed(office, decline)
    assert len(office.standin.log) == applied
    assert "up to 4 tasks named 'fenlei probe 2011" in said[0]
    assert found.sentence == "Nothing was made and nothing was tried."
    assert not probe_file(Home(office.path)).exists()


def test_without_the_right_to_delete_its_tasks_are_closed_and_named(office: Office) -> None:
    found = probed(office)
    left = tasks_of_probe(office)
    assert {task["id"] for task in left} == found.left.keys()
    assert {(task["Status"], task["Sync_Key"]) for task in left} == {("Completed", None)}
    assert all(task["id"] in found.sentence for task in left)


def test_with_the_right_to_delete_nothing_is_left(office: Office) -> None:
    office.standin.scopes = [*DEFAULT_SCOPES, "ZohoCRM.modules.tasks.DELETE"]
    found = probed(office)
    assert (tasks_of_probe(office), dict(found.left)) == ([], {})
    assert "Nothing of it is left in Zoho." in found.sentence


def test_a_task_whose_making_got_no_answer_is_cleared_up_too(office: Office) -> None:
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    probed(office)
    assert {task["Status"] for task in tasks_of_probe(office)} == {"Completed"}


def test_tasks_are_cleared_up_when_somebody_interrupts(office: Office) -> None:
    with office.desk() as desk:
        plain = desk.clock.sleep

        def interrupted(seconds: float) -> None:
            if len(tasks_of_probe(office)) == 3:
                desk.clock.sleep = plain  # type: ignore[method-assign]
                raise KeyboardInterrupt
            plain(seconds)

        desk.clock.sleep = interrupted  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            probe(desk, confirm=lambda _what: True)
    assert {task["Status"] for task in tasks_of_probe(office)} == {"Completed"}


def test_the_answers_are_kept_for_their_owner_alone(office: Office) -> None:
    found = probed(office)
    kept = probe_file(Home(office.path))
    assert json.loads(kept.read_text()) == found.as_json()
    assert not is_open_to_others(kept)
    assert str(kept) in found.sentence


def test_runs_take_no_notice_of_the_tasks_of_a_probe(office: Office) -> None:
    office.run("backfill")
    created = len(office.created())
    probed(office)
    office.after(600)
    report = office.run()
    assert (report.status, report.tasks_created) == (Status.DONE, 0)
    assert not any("older copy" in note for note in report.notes)
    made = [e for e in office.created() if e.after and e.after["Subject"].startswith(NAME)]
    assert len(office.created()) - len(made) == created


def test_production_is_never_probed(office: Office) -> None:
    with office.desk() as desk:
        organisation, line = desk.crm.organisation(), desk.crm._transport  # type: ignore[attr-defined]
        zoho = replace(line.hosts, data_centre="EU")
        line.hosts = zoho
        for kind in ("production", "bigin", "", "Trial"):
            with pytest.raises(Refused, match="leaves tasks behind"):
                refuse_production(replace(organisation, kind=kind), line)
        for kind in ("sandbox", "developer"):
            refuse_production(replace(organisation, kind=kind), line)
        with pytest.raises(Refused):
            probe(desk, confirm=lambda _what: True)
    assert tasks_of_probe(office) == []


def test_a_probe_keeps_out_of_the_way_of_runs_and_of_the_file_stop(office: Office) -> None:
    with run_lock(Home(office.path).lock), pytest.raises(LockHeld):
        probed(office)
    Home(office.path).stop.touch()
    with pytest.raises(Brake):
        probed(office)


def test_only_zoho_can_be_probed(memory_desk: Desk) -> None:
    assert isinstance(memory_desk.crm, MemoryCrm)
    with pytest.raises(Refused, match="Only Zoho itself"):
        probe(memory_desk, confirm=lambda _what: True)


def test_where_people_renamed_every_choice_no_workflow_is_blamed_and_the_tasks_are_closed(
    office: Office,
) -> None:
    bring(office, ready)
    for name in ("Status", "Priority"):
        for choice in office.standin.tenant.catalogue.named("Tasks", name).pick_list:
            new = f"{choice.stored} 改"
            office.standin.admin.rename_choice("Tasks", name, choice.stored, new, stored=False)
    office.standin.switches = replace(office.standin.switches, records_speak="shown")
    found = probed(office)
    (workflows,) = (a for a in found.answers if a.question.switch == "workflows_ignore_trigger")
    assert not workflows.worrying
    assert {task["Status"] for task in tasks_of_probe(office)} == {"Completed"}
