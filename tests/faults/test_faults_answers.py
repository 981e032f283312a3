"""Whatever Zoho answers, each row gets what it deserves: whole runs, judged by the CRM's own log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from whole_runs import (
    TIER,
    Loss,
    alive,
    attempt,
    case,
    heal,
    live_through,
    meanwhile,
    new_customer,
    one_task_each,
    tier,
    trouble,
)
from workbench import DAY, NAMES, Office

from connector.errors import CrmError
from connector.standin.switches import Switches
from sync.brakes import Allowed
from sync.report import Report, Status
from sync.sending.carry_out import ROUNDS

Act = Callable[[Office], None]
REASON = NAMES["reason"]


def code(name: str, status: int, **more: Any) -> Loss:
    return ("code", {"code": name, "status": status, **more})


@pytest.mark.parametrize(
    "losses",
    [
        case(
            "H1 H2 H3 H25",
            [
                ("error_500", {"when": "after"}),
                ("no_content", {"status": 204, "when": "before"}),
                code("INTERNAL_ERROR", 200, when="after"),
                code("NEVER_HEARD_OF", 500),
                code("NEVER_HEARD_OF", 500, when="after"),
            ],
            name="an error, no body, or a code that promises nothing",
        ),
        case(
            "H5",
            [
                ("answer_rows", {"how": how})
                for how in ("short", "long", "foreign_id", "twice", "shuffled")
            ],
            name="rows that do not fit what was sent",
        ),
    ],
)
def test_an_answer_that_proves_nothing_leaves_doubt_and_one_task_in_the_end(
    office: Office, losses: list[Loss]
) -> None:
    """Each batch has two rows of either kind, so that rows may be left out, doubled or exchanged."""
    live_through(office, losses, customers=2)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


PATTERNS: dict[tuple[int, ...], Literal[200, 207]] = {
    (0,): 207,
    (1, 2): 200,
    (0, 1, 2, 3): 207,
}
"""Which of four rows are refused, and the status under which Zoho says so."""


@pytest.mark.fault("H4", "H6")
def test_of_a_batch_exactly_the_rows_that_zoho_names_are_refused(office: Office) -> None:
    office.run("backfill")
    for rows, status in PATTERNS.items():
        office.standin.switches = Switches(partial_status=status)
        office.after(DAY)
        for record in office.standin.records("Accounts"):
            office.standin.rep.edit("Accounts", record, **{REASON: None})  # something to write
        office.after(60)
        before = len(office.updated())
        office.standin.faults.add("PUT /Accounts", kind="rows", rows=rows, code="INVALID_DATA")
        report = attempt(office)
        assert isinstance(report, Report)
        assert report.refused == {"INVALID_DATA": len(rows)}
        written = {entry.id for entry in office.updated()[before:]}
        refused = {office.account_id(number) for number in rows}
        assert written == set(office.standin.records("Accounts")) - refused
    office.after(DAY)
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("H7")
@pytest.mark.parametrize(("route", "named"), [("PUT /Accounts", False), ("POST /Tasks", True)])
def test_a_row_that_spoils_its_whole_batch_is_found_and_the_others_arrive(
    make_office: Callable[..., Office], route: str, named: bool
) -> None:
    office = make_office((1500.0,) * 9)
    office.standin.faults.add(
        route, kind="batch_refused", rows=(4,), code="INVALID_DATA", named=named
    )
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert report.status is Status.PARTIAL
    assert sum(report.refused.values()) == 1
    assert report.accounts_written == (8 if route == "PUT /Accounts" else 9)
    assert report.tasks_created == (8 if route == "POST /Tasks" else 9)
    method, path = route.split()
    assert len(office.calls(method, path)) <= (2 if named else 1 + 14)
    heal(office)
    office.after(DAY)
    office.run()
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("H8")
def test_a_field_that_became_mandatory_stops_the_tasks_and_nothing_else(office: Office) -> None:
    office.standin.admin.require("Tasks", "Status")
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert (report.accounts_written, report.tasks_created) == (4, 0)
    assert report.refused == {"MANDATORY_NOT_FOUND": 2}
    written = len(office.standin.requests)
    office.run()
    assert not [
        s
        for s in office.standin.requests[written:]
        if s.path.endswith("/Tasks") and s.method == "POST"
    ], "not again on the same day"
    office.standin.admin.require("Tasks", "Status", on=False)
    office.after(DAY)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


def gone_choice(office: Office) -> None:
    office.standin.admin.remove_choice("Accounts", TIER, "large")


def renamed_choice(office: Office) -> None:
    office.standin.admin.rename_choice("Accounts", TIER, "large", "key account")


def dropped(office: Office) -> None:
    office.standin.admin.drop_field("Accounts", REASON)


def renamed(office: Office) -> None:
    office.standin.admin.rename_field("Accounts", REASON, "Begruendung")


def read_only(office: Office) -> None:
    office.standin.admin.read_only("Accounts", REASON)


STRICT = Switches(silent_read_only=False, unknown_fields="refused")
LENIENT = Switches(strict_picklists=False, silent_read_only=True)


@pytest.mark.parametrize(
    ("change", "switches", "during"),
    [
        case("H9", gone_choice, STRICT, True, name="a choice goes while we write"),
        case("H9 H10", gone_choice, LENIENT, True, name="a choice goes and is taken all the same"),
        case("H9", renamed_choice, STRICT, False, name="a choice is renamed"),
        case("H11", dropped, STRICT, True, name="a field goes while we write"),
        case("H12", renamed, STRICT, True, name="a field is renamed while we write"),
        case("H13", read_only, STRICT, True, name="a field becomes read-only while we write"),
        case("H13", read_only, LENIENT, False, name="a field becomes read-only and says nothing"),
    ],
)
def test_what_an_administrator_does_to_one_field_leaves_the_others_written(
    make_office: Callable[..., Office], change: Act, switches: Switches, during: bool
) -> None:
    office = make_office(switches=switches)
    office.run("backfill")
    office.after(3600)  # what Zoho told of its fields is still believed
    account = new_customer(office, "New Ltd")
    if not during:
        change(office)
    attempt(office, watch=meanwhile("fields" if during else "", lambda: change(office)))
    office.after(DAY)
    attempt(office)
    written = len(office.written())
    office.after(3600)
    office.run()
    record = office.standin.records("Accounts")[account]
    assert record[NAMES["loyalty"]]
    if change not in (gone_choice, renamed_choice):
        assert record[TIER] == tier(office, account) == "large"
    assert alive(office).count(account) == 1
    assert len(office.written()) == written, "it comes to rest"


@pytest.mark.fault("H13")
def test_a_class_that_zoho_did_not_keep_is_held_and_shown_until_somebody_clears_it(
    make_office: Callable[..., Office],
) -> None:
    """Our profile has lost a field since the morning: Zoho says yes to the write and stores nothing.

    What stands there then looks like a person's, who may have typed it in the very second of our write.
    """
    office = make_office(switches=Switches(silent_read_only=True))
    office.run("backfill")
    office.after(60)
    office.standin.admin.read_only("Accounts", TIER)
    office.buys(0, 5000)
    for _ in range(2):
        office.after(3600)
        report = office.run()
    assert report.held == 1
    with office.ledger() as ledger:
        assert [held.field for held in ledger.history.held()] == [TIER]
    office.standin.admin.read_only("Accounts", TIER, on=False)
    office.standin.rep.edit("Accounts", office.account_id(0), **{TIER: None})
    office.after(DAY)
    office.run()
    assert office.account(0)[TIER] == "large"


@pytest.mark.fault("H15")
def test_a_reason_that_no_longer_fits_is_refused_until_the_length_is_known_and_cut_from_then_on(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(DAY)
    office.standin.admin.shorten_field("Accounts", REASON, 10)
    account = new_customer(office, "New Ltd")
    attempt(office)
    office.after(DAY)
    heal(office)
    record = office.standin.records("Accounts")[account]
    assert record[TIER] == "large"
    assert len(record[REASON]) <= 10
    assert record[REASON].endswith("…")
    assert trouble(office) == []


def deletes(office: Office) -> None:
    office.standin.rep.delete("Accounts", office.account_id(2))


def merges(office: Office) -> None:
    office.standin.rep.merge("Accounts", office.account_id(3), office.account_id(2))


def restores(office: Office) -> None:
    victim = office.account_id(2)
    office.standin.rep.delete("Accounts", victim)
    office.standin.rep.restore("Accounts", victim)


@pytest.mark.parametrize(
    ("act", "moment", "left"),
    [
        case("H17", deletes, "fields", 3, name="deleted before its class is written"),
        case("H17", deletes, "tasks", 3, name="deleted before its task is opened"),
        case("H18", merges, "tasks", 3, name="merged before its task is opened"),
        case("H19", restores, "fields", 4, name="deleted and restored"),
    ],
)
def test_an_account_that_goes_while_we_write_takes_nobody_with_it(
    office: Office, act: Act, moment: str, left: int
) -> None:
    attempt(office, "backfill", watch=meanwhile(moment, lambda: act(office)))
    heal(office, allowed=Allowed.everything_asked(shrink=True))
    assert len(office.standin.records("Accounts")) == left
    assert trouble(office) == []
    opened = [(entry.after or {})["What_Id"]["id"] for entry in office.created()]
    assert len(set(opened)) == len(opened)


@pytest.mark.fault("H20", "W5")
def test_an_account_that_is_edited_in_every_round_is_left_to_the_next_run(office: Office) -> None:
    restless = office.account_id(1)
    office.standin.faults.add(
        "PUT /Accounts", kind="rows", ids=(restless,), code="ALREADY_MODIFIED", times=9
    )
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert (report.failed, report.accounts_written) == (1, 3)
    assert len(office.calls("PUT", "/Accounts")) == ROUNDS
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("H21", "H22")
def test_a_duplicate_of_somebody_elses_value_is_refused_and_may_go_again_tomorrow(
    office: Office,
) -> None:
    office.standin.faults.add(
        "POST /Tasks",
        kind="rows",
        rows=(0,),
        code="DUPLICATE_DATA",
        details={"api_name": "Invoice_Number", "id": "1"},
    )
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert (report.refused, report.tasks_created) == ({"DUPLICATE_DATA": 1}, 1)
    office.after(DAY)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("H23")
def test_a_full_organisation_gets_its_classes_now_and_its_tasks_when_there_is_room(
    office: Office,
) -> None:
    office.standin.faults.add(
        "POST /Tasks", kind="code", status=403, code="MAX_RECORDS_LIMIT_REACHED", times=9
    )
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert (report.status, report.accounts_written, report.tasks_created) == (Status.PAUSED, 4, 0)
    assert any("storage" in note for note in report.notes)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.parametrize(
    ("route", "name"),
    [
        case("H24", "POST /coql", "API_NOT_SUPPORTED"),
        case("H25", "PUT /Accounts", "NEVER_HEARD_OF"),
    ],
)
def test_a_call_that_zoho_refuses_whole_ends_the_run_with_nothing_applied(
    office: Office, route: str, name: str
) -> None:
    office.standin.faults.add(route, kind="code", status=400, code=name, times=9)
    assert isinstance(attempt(office, "backfill"), CrmError)
    assert office.written() == []
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("H25")
def test_a_row_with_an_unknown_code_is_refused_for_the_day_and_holds_up_nobody(
    office: Office,
) -> None:
    bad = office.account_id(2)
    office.standin.faults.add(
        "PUT /Accounts", kind="rows", ids=(bad,), code="NEVER_HEARD_OF", times=9
    )
    report = attempt(office, "backfill")
    assert isinstance(report, Report)
    assert (report.accounts_written, report.refused) == (3, {"NEVER_HEARD_OF": 1})
    office.run()
    assert len(office.calls("PUT", "/Accounts")) == 1
    office.after(DAY)
    heal(office)
    assert trouble(office) == []
