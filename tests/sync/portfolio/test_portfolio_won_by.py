"""Won deals are counted by the fields that the manager names, and nothing is said of what was not read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from prepared import bring
from remembered import remembered
from rich.console import Console
from workbench import DAY, Office

from connector.model import Currency, Field, Json, Record, User
from sync.home import Home
from sync.mirror import Mirror
from sync.mirror.sales import sales_by_value
from sync.mirror.tables import make_views
from sync.policy import PolicyError
from sync.policy.load import load_text
from sync.portfolio.export import write_figures
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.looking_over import look_over
from sync.portfolio.outlook import MOST_VALUES
from sync.portfolio.people import By, People
from sync.portfolio.record import Portfolio
from sync.portfolio.table import shown
from sync.portfolio.won_by import WonBy, WonValue, won_by
from sync.verdicts import CLASSES
from sync.words import Language

NOW = datetime(2026, 9, 15, tzinfo=UTC)
TODAY = (NOW.date() - date(1970, 1, 1)).days
DEAL = {
    "Account_Name": "lookup",
    "Stage": "picklist",
    "Amount": "currency",
    "Closing_Date": "date",
}
NAMED = {
    "Price_List": "picklist",
    "Through": "lookup",
    "Sold_By": "userlookup",
    "Contract": "boolean",
    "Discount": "percent",
}


def fields(kinds: dict[str, str]) -> list[Field]:
    return [Field("", name, name.replace("_", " "), kind) for name, kind in kinds.items()]


def hold(mirror: Mirror, module: str, records: list[dict[str, Json]]) -> None:
    with mirror.pulling(module) as pulling:
        pulling.stage([Record(str(n), NOW, values) for n, values in enumerate(records)])
        pulling.commit(NOW, NOW, full=True)


def won(amount: float, **values: Json) -> dict[str, Json]:
    deal: dict[str, Json] = {"Account_Name": "0", "Stage": "Won", "Closing_Date": "2026-09-01"}
    return {**deal, "Amount": amount, **values}


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    """A company with two customers and three won deals, in whose fields different things stand."""
    with Mirror(None) as opened:
        opened.prepare("Accounts", fields({"Account_Name": "text", "Owner": "ownerlookup"}))
        opened.prepare("Deals", fields({**DEAL, **NAMED}))
        opened.replace_users([User("7", "Ann", "", active=True)])
        opened.replace_currencies([Currency("CNY", 1.0, is_home=True)], "CNY")
        hold(opened, "Accounts", [{"Account_Name": "Acme", "Owner": "7"}])
        hold(
            opened,
            "Deals",
            [
                won(100.0, Price_List="A", Through="0", Sold_By="7", Contract=True, Discount=5),
                won(250.0, Price_List="B", Through="99", Sold_By="8", Contract=False, Discount=7.5),
                won(300.0, Discount=5.0),
                won(-30.0, Price_List="A"),
            ],
        )
        make_views(opened, {"Won": "won"})
        yield opened


def counted(mirror: Mirror, field: str, by: By = By.OWNER) -> WonBy:
    asked: dict[str, Any] = {"today": TODAY, "language": Language.EN}
    people = People(mirror.users(), by)
    [found] = won_by(mirror, [field], people, fields=fields(NAMED), **asked)
    return found


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("Price_List", [("B", 1, 250.0), ("A", 1, 70.0), ("Not given", 1, 300.0)]),
        ("Through", [("99", 1, 250.0), ("Acme", 1, 100.0), ("Not given", 1, 270.0)]),
        ("Sold_By", [("8", 1, 250.0), ("Ann", 1, 100.0), ("Not given", 1, 270.0)]),
        ("Contract", [("No", 1, 250.0), ("Yes", 1, 100.0), ("Not given", 1, 270.0)]),
        ("Discount", [("5", 2, 400.0), ("7.5", 1, 250.0), ("Not given", 0, -30.0)]),
    ],
)
def test_a_value_is_called_as_people_call_it(
    mirror: Mirror, field: str, told: list[tuple[str, int, float]]
) -> None:
    found = counted(mirror, field)
    assert [(one.name, one.deals, one.sales) for one in found.total.values] == told
    assert (found.label, found.total.deals, found.total.sales) == (
        field.replace("_", " "),
        3,
        620.0,
    )
    [ann] = found.groups
    assert (ann.id, ann.name, ann.values) == ("7", "Ann", found.total.values)
    assert counted(mirror, field, By.NONE).groups == ()


def test_of_a_field_that_was_not_read_since_it_was_named_nothing_is_said() -> None:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", fields({"Owner": "ownerlookup"}))
        mirror.prepare("Deals", fields(DEAL))
        hold(mirror, "Deals", [won(100.0)])
        make_views(mirror, {"Won": "won"})
        assert sales_by_value(mirror, "Price_List", TODAY) is None
        mirror.prepare("Deals", fields({**DEAL, "Price_List": "picklist"}))  # and no further
        assert sales_by_value(mirror, "Price_List", TODAY) is None


def looked_over(office: Office, by: By = By.OWNER) -> Portfolio:
    with remembered(), office.ledger() as ledger:
        return look_over(Home(office.path), ledger, office.policy, by=by)


def page(found: Portfolio) -> str:
    text = io.StringIO()
    shown(Console(file=text, width=250), found)
    return text.getvalue()


def count_by(office: Office, *names: str) -> None:
    limits = PortfolioLimits(count_won_by=names)
    office.policy = replace(office.policy, portfolio=limits)


def read_without_next_steps(office: Office) -> None:
    office.buys(6, 500.0)
    office.buys(7, 300.0)
    first, second = sorted(office.standin.records("Deals"))[-2:]
    office.standin.rep.edit("Deals", first, Next_Step="Advertisement")
    office.standin.rep.edit("Deals", second, Next_Step="=1+1")
    office.run()
    office.after(DAY)


@pytest.fixture
def sold(office: Office) -> Office:
    """An office in which it is noted of two deals what comes next; it was read without that."""
    bring(office, read_without_next_steps)
    return office


def test_a_field_that_is_named_later_is_read_of_all_deals_once(sold: Office) -> None:
    deals = len(sold.standin.records("Deals"))
    sold.run()
    count_by(sold, "Next_Step")
    early = looked_over(sold)
    assert early.won_by == ()
    assert [note.code for note in early.notes if note.filled == {"field": "Next_Step"}]
    sold.after(3600)
    before = len(sold.written())
    assert sold.run().pulled["Deals"] == deals
    sold.after(3600)
    assert sold.run().pulled["Deals"] == 0
    assert len(sold.written()) == before
    looked = looked_over(sold)
    [found], sales = looked.won_by, looked.sales.total
    assert (found.total.deals, found.total.sales) == (sales.deals, sales.sales)
    named = [(one.name, one.deals, one.sales) for one in found.total.values]
    assert named[:2] == [("Advertisement", 1, 500.0), ("=1+1", 1, 300.0)]
    assert sum(group.deals for group in found.groups) == sales.deals


def test_everybody_reads_the_same_figures(sold: Office, tmp_path: Path) -> None:
    count_by(sold, "Next_Step", "Closing_Date", "Nowhere")
    told = sold.run().notes
    assert [note for note in told if "'Closing_Date', which is of the kind date" in note]
    assert [note for note in told if "'Nowhere', which Deals do not have" in note]
    found = looked_over(sold)
    told_json: Any = found.as_json()["won_by"]
    assert list(told_json) == ["Next_Step"]
    total = told_json["Next_Step"]["total"]
    assert {one["value"]: one["share"] for one in total["values"]}["=1+1"] == round(
        1 / total["deals"], 4
    )
    assert "Won deals of these months by Next Step" in page(found)
    assert "Not given" in page(found)
    out = tmp_path / "figures.csv"
    write_figures(found, out)
    with out.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["section"] == "won_by"]
    assert {row["code"] for row in rows} == {"'=1+1", "Advertisement", ""}
    sales = [row["value"] for row in rows if (row["place"], row["figure"]) == ("All", "sales")]
    assert [float(value) for value in sales] == [one["sales"] for one in total["values"]]
    [one] = found.won_by
    most = [WonValue(str(n), f"Line {n}", 1, 9.0) for n in range(MOST_VALUES + 2)]
    many = replace(one.total, values=(*most, WonValue("", "Not given", 1, 9.0)))
    shortened = page(replace(found, won_by=(replace(one, total=many),)))
    assert "Not given" in shortened, "however many values there are"
    assert "2 further values are in --json and --csv." in shortened


def test_the_policy_names_fields_by_their_api_names() -> None:
    def read(names: str) -> tuple[str, ...]:
        text = f"[portfolio]\ncount_won_by = {names}"
        return load_text(text, catalogue=CLASSES).portfolio.count_won_by

    assert read('["Price_List", "Line", "Price_List"]') == ("Price_List", "Line")
    assert read('"Line"') == ("Line",)
    with pytest.raises(PolicyError, match="'Price List' is no API name"):
        read('["Price List"]')
