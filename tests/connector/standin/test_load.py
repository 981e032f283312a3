from __future__ import annotations

import codecs
from itertools import count
from pathlib import Path

import pytest

from connector.standin.fields import FieldCatalogue
from connector.standin.load import accounts, deals, read_table
from connector.standin.load_error import LoadError

_IDS = count(1)
_CATALOGUE = FieldCatalogue("enterprise", lambda: str(next(_IDS)))
_DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "accounts.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_spreadsheet_with_quotes_and_line_breaks_is_read(tmp_path: Path, mark: bytes) -> None:
    text = 'id,Account_Name,Description\r\n1,"北京, ""星河""","two\nlines"\r\n\r\n2,Zylker,\r\n'
    rows = read_table(write(tmp_path, mark + text.encode()), ("id", "Account_Name"))
    assert rows == [
        {"id": "1", "Account_Name": '北京, "星河"', "Description": "two\nlines"},
        {"id": "2", "Account_Name": "Zylker", "Description": ""},
    ]
    assert [row.line for row in rows] == [2, 5]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("id,Name\n1,Zylker\n", 1, "has no column Account_Name (found: id, Name)"),
        ("", 1, "has no column id, Account_Name (found: nothing)"),
        ("id,Account_Name,id\n", 1, "has the column id twice"),
        ("id,Account_Name\n1,Zylker\n2,Acme, Inc.\n", 3, "has 3 cells where the first line has 2"),
        ('id,Account_Name\n1,"a\nb"\n2\n', 4, "has 1 cells where the first line has 2"),
        ("id,Account_Name\n,Zylker\n", 2, "the id is empty"),
        ("id,Account_Name\nA7,Zylker\n", 2, "the id 'A7' is no number"),
        ("id,Account_Name\n7,Zylker\n8,Acme\n7,Again\n", 4, "the id 7 is already on line 2"),
        ('id,Account_Name\n1,"Zylker\n', 2, "is no CSV"),
        ("id,Account_Name\n1,客户\n".encode("gb18030"), 2, "is not UTF-8"),
        (b"PAR1\x00\x00", 0, "is a Parquet file"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_what_to_do(
    tmp_path: Path, content: str | bytes, line: int, words: str
) -> None:
    with pytest.raises(LoadError) as refusal:
        read_table(write(tmp_path, content), ("id", "Account_Name"))
    message = str(refusal.value)
    assert words in message
    assert "accounts.csv" in message
    assert refusal.value.line == line
    assert not line or f"line {line}: " in message
    assert message.endswith(".")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"none\.csv: cannot be read"):
        read_table(tmp_path / "none.csv", ())


def test_cells_become_the_values_that_the_crm_would_hold() -> None:
    _CATALOGUE.adopt("Accounts", "Vip", ["true", "false"])
    cells = {"id": "1", "Account_Name": "007", "Employees": "12", "Annual_Revenue": "1.5e3"}
    more = {"Vip": "Yes", "Parent_Account": "12", "Industry": "", "Unknown": "kept", "Owner": "9"}
    assert accounts([cells | more], _CATALOGUE.fields("Accounts")) == [
        {
            "id": "1",
            "Account_Name": "007",
            "Employees": 12,
            "Annual_Revenue": 1500.0,
            "Vip": True,
            "Parent_Account": {"id": "12"},
            "Industry": None,
            "Unknown": "kept",
            "Owner": "9",
        }
    ]


def test_the_account_of_a_deal_becomes_a_lookup() -> None:
    row = {"id": "1", "Amount": "505.3", "Closing_Date": "2009-12-01"}
    loaded = deals(
        [row | {"Account_Id": "13085"}, row | {"Account_Id": ""}], _CATALOGUE.fields("Deals")
    )
    assert [deal["Account_Name"] for deal in loaded] == [{"id": "13085"}, None]
    assert (loaded[0]["Amount"], loaded[0]["Closing_Date"]) == (505.3, "2009-12-01")
    assert "Account_Id" not in loaded[0]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Amount", "1,200"),
        ("Amount", "nan"),
        ("Amount", "¥5"),
        ("Closing_Date", "2011-02-29"),
        ("Closing_Date", "9/12/2011"),
        ("Modified_Time", "2011-12-09 09:00:00"),
        ("Account_Id", "Zylker"),
        ("Contact_Name", "Wei"),
    ],
)
def test_a_cell_that_does_not_fit_is_named_with_its_line(
    tmp_path: Path, column: str, cell: str
) -> None:
    path = write(tmp_path, f'id,Note,{column}\n1,"a\nb",\n2,,"{cell}"\n')
    with pytest.raises(LoadError) as refusal:
        deals(read_table(path, ("id",)), _CATALOGUE.fields("Deals"))
    assert refusal.value.line == 4
    assert f"{cell!r} in column {column} is not" in str(refusal.value)


def test_real_purchase_histories_load() -> None:
    path = _DATA / "online_retail_ii" / "deals.csv"
    if not path.exists():
        pytest.skip("the development data is not on this machine")
    rows = read_table(path, ("id", "Account_Id", "Stage", "Amount", "Closing_Date"))
    loaded = deals(rows, _CATALOGUE.fields("Deals"))
    assert len(loaded) == 44_876
    assert {type(deal["Amount"]) for deal in loaded} == {float}
