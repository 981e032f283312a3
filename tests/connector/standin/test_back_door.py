"""What the page about the stand-in says is so: its calls, what people can do there, and every example."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import requests

from connector.standin import control
from connector.standin.admin import Admin
from connector.standin.rep import Rep
from connector.standin.server import StandIn

PAGE = (Path(__file__).resolve().parents[3] / "docs/standin.md").read_text("utf-8")
EXAMPLES = re.findall(r"curl -X POST http://127\.0\.0\.1:8765(/\S+) -d '(.*)'", PAGE)


@pytest.fixture
def server(tmp_path: Path) -> StandIn:
    accounts, deals = tmp_path / "accounts.csv", tmp_path / "deals.csv"
    accounts.write_text("id,Account_Name,Customer_Tier\n1,One,small\n2,Two,small\n", "utf-8")
    deals.write_text("id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n", "utf-8")
    return StandIn(accounts, deals)


def done_by(who: type[Rep | Admin]) -> set[str]:
    """What can be asked of somebody, without what only the code uses."""
    found = inspect.getmembers(who, inspect.isfunction)
    return {name for name, _ in found if name[0] != "_"} - {"act", "as_user"}


def test_the_page_names_every_call() -> None:
    told = re.findall(r"^\| `(GET|POST) (/standin/\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(control._DESKS)


@pytest.mark.parametrize(("name", "who"), [("rep", Rep), ("admin", Admin)])
def test_the_page_names_all_that_people_can_do(name: str, who: type[Rep | Admin]) -> None:
    [told] = re.findall(rf"^\| {name} \| (.*) \|$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", told)) == done_by(who)


@pytest.mark.parametrize(("path", "body"), EXAMPLES)
def test_every_example_works(server: StandIn, path: str, body: str) -> None:
    with server:
        answer = requests.post(server.connection()["api_domain"] + path, data=body, timeout=10)
    assert answer.status_code in {200, 201}, answer.text


def test_there_are_examples() -> None:
    assert {path for path, _ in EXAMPLES} == {
        path for verb, path in control._DESKS if verb == "POST"
    }
