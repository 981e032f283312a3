"""The stand-in also takes files of contacts, cases, calls, meetings, tasks and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from csv_files import write_csv

from connector.standin.answers import RowRefused
from connector.standin.load_error import LoadError
from connector.standin.rep import Rep
from connector.standin.server import StandIn

FILES: dict[str, list[dict[str, object]]] = {
    "Accounts": [{"id": 1, "Account_Name": "Ann"}, {"id": 2, "Account_Name": "Bo"}],
    "Deals": [
        {
            "id": 20,
            "Account_Id": 2,
            "Deal_Name": "Order",
            "Stage": "Closed Won",
            "Amount": 5,
            "Closing_Date": "2011-01-01",
        }
    ],
    "Contacts": [{"id": 30, "Account_Id": 1, "Last_Name": "Wang", "Title": "CEO"}],
    "Cases": [{"id": 40, "Account_Id": 2, "Subject": "It broke", "Status": "New"}],
    "Calls": [
        {
            "id": 50,
            "What_Id": 1,
            "Who_Id": 30,
            "Subject": "Call",
            "Call_Start_Time": "2011-12-01T09:00:00+08:00",
        }
    ],
    "Events": [
        {
            "id": 60,
            "What_Id": 20,
            "Event_Title": "Visit",
            "Start_DateTime": "2011-12-01T09:00:00+08:00",
        }
    ],
    "Tasks": [{"id": 70, "What_Id": 2, "Subject": "Write", "Status": "Completed"}],
    "Notes": [{"id": 80, "Parent_Id": 30, "Note_Title": "Met"}],
}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., StandIn]]:
    """Starts a stand-in on these files of further modules, with two accounts and a deal."""
    with ExitStack() as running:

        def start(*modules: str, **files: list[dict[str, object]]) -> StandIn:
            chosen = {module: FILES[module] for module in ("Accounts", "Deals", *modules)} | files
            paths: dict[str, Any] = {
                module: write_csv(tmp_path / f"{module}.csv", rows)
                for module, rows in chosen.items()
            }
            accounts, deals = paths.pop("Accounts"), paths.pop("Deals")
            return running.enter_context(StandIn(accounts, deals, more=paths))

        yield start


def test_records_point_at_what_their_files_name(serve: Callable[..., StandIn]) -> None:
    standin = serve("Notes", "Tasks", "Events", "Calls", "Cases", "Contacts")
    assert standin.records("Contacts")["30"]["Account_Name"] == {"name": "Ann", "id": "1"}
    assert standin.records("Cases")["40"]["Account_Name"] == {"name": "Bo", "id": "2"}
    call, event = standin.records("Calls")["50"], standin.records("Events")["60"]
    assert (call["What_Id"], call["$se_module"]) == ({"name": "Ann", "id": "1"}, "Accounts")
    assert call["Who_Id"] == {"name": "Wang", "id": "30"}
    assert (event["What_Id"], event["$se_module"]) == ({"name": "Order", "id": "20"}, "Deals")
    assert standin.records("Tasks")["70"]["$se_module"] == "Accounts"
    note = standin.records("Notes")["80"]
    assert (note["Parent_Id"], note["$se_module"]) == ({"name": "Wang", "id": "30"}, "Contacts")


def test_they_can_be_queried_counted_and_listed(
    serve: Callable[..., StandIn], make_caller: Callable[[StandIn], Any]
) -> None:
    caller = make_caller(serve("Calls", "Contacts"))
    query = "select What_Id, Who_Id, Call_Start_Time from Calls where id is not null"
    (found,) = caller.query(query).json()["data"]
    assert (found["What_Id"]["id"], found["Who_Id"]["id"]) == ("1", "30")
    assert caller("GET", "/Calls/actions/count").json()["count"] in (1, "1")
    assert caller("GET", "/Contacts", fields="Title").json()["data"][0]["Title"] == "CEO"


def test_a_file_of_another_module_is_refused_by_name(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "leads.csv", [{"id": 1}])
    with pytest.raises(ValueError, match="not Leads"):
        StandIn(more={"Leads": path})


def test_a_file_without_the_lookup_says_which_column_it_lacks(
    serve: Callable[..., StandIn],
) -> None:
    with pytest.raises(LoadError, match="has no column Parent_Id"):
        serve(Notes=[{"id": 1, "Note_Title": "x"}])


def test_a_rep_logs_a_call_and_writes_a_note(serve: Callable[..., StandIn]) -> None:
    rep: Rep = serve().rep
    call = rep.add(
        "Calls",
        Subject="Call",
        Call_Type="Outbound",
        Call_Start_Time="2011-12-01T09:00:00+08:00",
        What_Id={"id": "2"},
        **{"$se_module": "Accounts"},
    )
    parent = {"id": "1", "module": {"api_name": "Accounts"}}
    note = rep.add("Notes", Note_Title="Met", Parent_Id=parent)
    assert (call["What_Id"]["name"], note["Parent_Id"]["name"]) == ("Bo", "Ann")
    with pytest.raises(RowRefused):
        rep.add("Notes", Note_Title="Met", Parent_Id={"id": "1"})
