"""Whatever the network does to a call, everything arrives once: whole runs, judged by the CRM's own log."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from whole_runs import (
    SETTLING,
    Loss,
    attempt,
    case,
    heal,
    live_through,
    new_customer,
    one_task_each,
    trouble,
)
from workbench import QUARANTINE, Office

from connector.errors import CrmError, Unavailable
from connector.standin.switches import Switches
from sync.ledger import Kind, State
from sync.order import Watch
from sync.report import Report

BOMB = 65 * 1024 * 1024
"""Bytes that an answer unpacks to; one megabyte more than we take."""


@pytest.mark.parametrize(
    "losses",
    [
        case(
            "N5 N16",
            [
                ("reset_request", {"k": 0}),
                ("reset", {"when": "after"}),
                ("reset_request", {"k": 40}),
                ("idle_close", {"when": "after"}),
                ("idle_close", {"when": "before"}),
            ],
            name="the connection ends",
        ),
        case(
            "N6 N8 N10 N11",
            [
                ("lost_after_apply", {}),
                ("reset", {"k": 1}),
                ("truncated", {"k": 100}),
                ("gzip_cut", {"k": 60}),
                ("gzip_bomb", {"when": "after", "size": BOMB}),
            ],
            name="the answer is lost or cut",
        ),
        case(
            "N12 N13 N14 N15",
            [
                ("html_502", {"when": "before"}),
                ("html_502", {"when": "after"}),
                ("html_200", {"when": "before"}),
                ("html_200", {"when": "after"}),
                ("cached", {}),
                ("redirect", {"when": "after"}),
            ],
            name="somebody else answers",
        ),
    ],
)
def test_a_write_whose_answer_is_no_answer_arrives_once_in_the_end(
    office: Office, losses: list[Loss]
) -> None:
    """Applied or not, by turns: a task that is lost three times in a row is shown to a person instead."""
    live_through(office, losses)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)


@pytest.mark.fault("N8", "N10", "N11", "N12", "N13", "N14", "N15", "N16")
def test_a_page_that_never_comes_whole_is_no_page(office: Office) -> None:
    """What cannot be read stops the run before it decides anything; it is never taken for no rows."""
    office.run("backfill")
    new_customer(office, "New Ltd")
    written = len(office.written())
    unread: list[Loss] = [
        ("reset", {"k": 10}),
        ("gzip_cut", {"k": 10}),
        ("gzip_bomb", {"size": BOMB}),
        ("html_502", {}),
        ("html_200", {}),
        ("redirect", {}),
        ("idle_close", {}),
    ]
    for route, losses in {"POST /coql": unread, "GET /Tasks/deleted": unread[3:]}.items():
        for kind, params in losses:
            office.after(SETTLING)
            office.standin.faults.add(route, kind=kind, times=99, **params)
            assert isinstance(attempt(office), CrmError), f"{route} {kind}"
            office.standin.faults.clear()
    office.after(SETTLING)
    office.standin.faults.add("POST /coql", nth=2, kind="stale_date", seconds=600)
    assert isinstance(attempt(office), Report), "one old answer is asked for again"
    assert len(office.written()) > written
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("N1", "N2", "N3")
def test_while_zoho_cannot_be_reached_nothing_counts_as_sent(office: Office) -> None:
    """A refused connection here; names that mean nothing and black holes are in the transport's tests."""
    with office.standin.unplugged():
        assert isinstance(attempt(office, "backfill"), Unavailable)
    assert office.intents() == []
    cut = office.standin.unplugged()

    def pull_the_plug(name: str, _total: int | None) -> None:
        if name == "tasks":
            cut.__enter__()

    report = attempt(office, "backfill", watch=Watch(stage=pull_the_plug))
    cut.__exit__(None, None, None)
    assert isinstance(report, Report)
    assert report.status == "paused"
    assert len(office.intents(State.PLANNED, kind=Kind.TASK)) == 2
    assert office.created() == []
    heal(office)
    assert trouble(office) == []


@pytest.mark.fault("N7")
@pytest.mark.parametrize(("late", "unique"), [(QUARANTINE - 1, False), (QUARANTINE + 3600, True)])
def test_a_request_that_zoho_applies_late_makes_one_task(
    make_office: Callable[..., Office], late: float, unique: bool
) -> None:
    """The quarantine outwaits it; where it is later still, the enforced key keeps the second one out."""
    office = make_office(switches=Switches(unique_on_tasks=unique))
    office.standin.faults.add("POST /Tasks", kind="delayed_apply", seconds=late)
    office.run("backfill")
    office.after(QUARANTINE + 0.5)
    office.run()
    office.after(2 * 3600)
    heal(office)
    assert trouble(office) == []
    assert one_task_each(office)
