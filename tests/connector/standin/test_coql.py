from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.standin.coql import CoqlAnswer, CoqlError, run
from connector.standin.fields import FieldCatalogue

Record = dict[str, Any]
_IDS = count(1)
_CATALOGUE = FieldCatalogue("enterprise", lambda: str(next(_IDS)))

ACCOUNTS = [
    {"id": "71", "Account_Name": "北京星河科技", "Industry": "ERP", "Employees": 40},
    {"id": "72", "Account_Name": "O'Hara & Sons", "Industry": None, "Employees": None},
]


def deal(record_id: int, **values: Any) -> Record:
    owner = {"id": "9", "name": "Wei Zhang", "email": "wei@example.com"}
    return {"id": str(record_id), "Deal_Name": f"Deal {record_id}", "Owner": owner, **values}


DEALS = [
    deal(
        1,
        Stage="Closed Won",
        Amount=100.0,
        Closing_Date="2011-01-05",
        Account_Name={"id": "71", "name": "北京星河科技"},
        Modified_Time="2011-12-01T08:00:00+08:00",
    ),
    deal(
        2,
        Stage="Closed Won",
        Amount=50,
        Closing_Date="2011-02-05",
        Account_Name={"id": "72", "name": "O'Hara & Sons"},
        Modified_Time="2011-12-01T00:00:01+00:00",
    ),
    deal(
        10,
        Stage="Qualification",
        Amount=None,
        Closing_Date=None,
        Account_Name=None,
        Modified_Time="2011-11-30T23:59:59Z",
    ),
]
TASKS = [
    {
        "id": "301",
        "Subject": "Call",
        "What_Id": {"id": "71", "name": "北京星河科技"},
        "$se_module": "Accounts",
        "Description": "ring them",
    }
]
TABLES: Mapping[str, Sequence[Record]] = {"Accounts": ACCOUNTS, "Deals": DEALS, "Tasks": TASKS}


def ask(query: str, **more: Any) -> CoqlAnswer:
    return run(query, rows=lambda module: TABLES[module], fields=_CATALOGUE.fields, **more)


def ids(query: str, **more: Any) -> list[str]:
    return [row["id"] for row in ask(query, **more).rows]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("Amount > 50", ["1"]),
        ("Amount >= '50'", ["1", "2"]),
        ("Amount != 100", ["2"]),
        ("Amount is null", ["10"]),
        ("Amount is not null", ["1", "2"]),
        ("Amount between 50 and 99.5", ["2"]),
        ("Amount not between 50 and 99.5", ["1"]),
        ("Amount not in (100)", ["2"]),
        ("Stage = 'closed won'", ["1", "2"]),
        ("Stage like 'Closed%'", ["1", "2"]),
        ("Stage not like '%won'", ["10"]),
        ("Stage in ('Qualification', 'Closed Lost')", ["10"]),
        ("Closing_Date < '2011-02-01'", ["1"]),
        ("Account_Name = 71", ["1"]),
        ("Account_Name in ('71', '72')", ["1", "2"]),
        ("Account_Name.id = '72'", ["2"]),
        ("Account_Name.Account_Name = 'O''Hara & Sons'", ["2"]),
        (r"Account_Name.Account_Name = 'O\'Hara & Sons'", ["2"]),
        ("Account_Name.Account_Name like '%星河%'", ["1"]),
        ("id > 2", ["10"]),
        ("id = '10'", ["10"]),
        ("Modified_Time > '2011-12-01T00:00:00+00:00'", ["2"]),
        ("Modified_Time = '2011-12-01T01:00:00+01:00'", ["1"]),
        ("Stage = 'Closed Won' or Amount is null", ["1", "2", "10"]),
        ("((Stage = 'Closed Won' and Amount > 60) or Amount is null)", ["1", "10"]),
        ("(Stage = 'Closed Won' AND (Amount > 60 OR Amount is NULL))", ["1"]),
    ],
)
def test_criteria_keep_the_records_that_zoho_would_keep(criteria: str, expected: list[str]) -> None:
    assert ids(f"SELECT id FROM Deals WHERE {criteria}") == expected


def test_a_lookup_comes_back_as_its_id_and_a_dotted_name_as_a_flat_key() -> None:
    answer = ask(
        "select Account_Name, Account_Name.Account_Name, Owner, Owner.last_name from Deals "
        "where Account_Name is not null limit 1"
    )
    assert answer.rows == [
        {
            "Account_Name": {"id": "71"},
            "Account_Name.Account_Name": "北京星河科技",
            "Owner": {"id": "9"},
            "Owner.last_name": "Zhang",
            "id": "1",
        }
    ]
    assert (answer.more_records, answer.limit) == (True, 1)


def test_a_task_is_followed_to_its_account() -> None:
    query = (
        "select Subject, 'What_Id->Accounts.Industry' from Tasks where '$se_module' = 'Accounts'"
    )
    assert ask(query).rows == [
        {"Subject": "Call", "What_Id->Accounts.Industry": "ERP", "id": "301"}
    ]


def test_groups_are_counted_and_summed() -> None:
    answer = ask(
        "select Stage, COUNT(id) as deals, SUM(Amount), max(Closing_Date) from Deals "
        "where id is not null group by Stage order by deals desc, Stage"
    )
    assert answer.rows == [
        {
            "Stage": "Closed Won",
            "deals": 2,
            "SUM(Amount)": 150.0,
            "MAX(Closing_Date)": "2011-02-05",
        },
        {"Stage": "Qualification", "deals": 1, "SUM(Amount)": None, "MAX(Closing_Date)": None},
    ]


def test_an_aggregate_over_nothing_is_one_row() -> None:
    answer = ask("select COUNT(id) as n, AVG(Amount) as mean from Deals where Amount > 1000")
    assert answer.rows == [{"n": 0, "mean": None}]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", ["1", "2", "10"]),
        ("order by Amount", ["10", "2", "1"]),
        ("order by Amount desc", ["1", "2", "10"]),
        ("order by Stage desc, Amount asc", ["10", "2", "1"]),
        ("order by Modified_Time", ["10", "1", "2"]),
        ("limit 2", ["1", "2"]),
        ("limit 2 offset 2", ["10"]),
    ],
)
def test_the_order_is_by_id_unless_the_query_says_otherwise(rest: str, expected: list[str]) -> None:
    assert ids(f"select Deal_Name from Deals where id is not null {rest}") == expected


_THREE = "Amount = 1 and Amount = 2 and Amount = 3"
_TOO_MANY_CRITERIA = "Amount = 0"
for _ in range(25):
    _TOO_MANY_CRITERIA = f"({_TOO_MANY_CRITERIA}) or Amount = 0"


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        ("select id from Deals", "SYNTAX_ERROR", {"clause": "where"}),
        ("select id from Deals order by id", "SYNTAX_ERROR", {"clause": "where"}),
        ("select id where id = 1", "SYNTAX_ERROR", {"clause": "from"}),
        ("delete from Deals where id = 1", "SYNTAX_ERROR", {}),
        (
            "select id,\nfrom Deals",
            "SYNTAX_ERROR",
            {"line": 2, "column": 6, "near": "Deals"},
        ),
        ("select * from Deals where id = 1", "SYNTAX_ERROR", {"near": "*"}),
        (f"select id from Deals where {_THREE}", "SYNTAX_ERROR", {"near": "and"}),
        ("select id from Deals where not Amount = 1", "SYNTAX_ERROR", {"operator": "not"}),
        ("select id from Deals where Stage = 'Won", "SYNTAX_ERROR", {"near": "'"}),
        ("select id from Deals where (Amount = 1", "SYNTAX_ERROR", {"near": ""}),
        ("select id from Dealz where id = 1", "INVALID_MODULE", {}),
        ("select Nope from Deals where id = 1", "INVALID_QUERY", {"column_name": "Nope"}),
        ("select id from Deals where Nope = 1", "INVALID_QUERY", {"column_name": "Nope"}),
        (
            "select Owner.Nope from Deals where id = 1",
            "INVALID_QUERY",
            {"column_name": "Owner.Nope"},
        ),
        (
            "select id from Deals where Stage > 'A'",
            "INVALID_QUERY",
            {"column_name": "Stage", "operator": ">", "reason": "invalid operator found"},
        ),
        (
            "select id from Tasks where Description like 'ring%'",
            "INVALID_QUERY",
            {"column_name": "Description"},
        ),
        (
            "select id from Deals where Closing_Date = '05/01/2011'",
            "INVALID_QUERY",
            {"column_name": "Closing_Date"},
        ),
        (
            "select id from Deals where Modified_Time > '2011-12-01T00:00:00'",
            "INVALID_QUERY",
            {"column_name": "Modified_Time"},
        ),
        ("select id from Deals where id = 1 limit x", "INVALID_QUERY", {"limit": "x"}),
        ("select id from Deals where id = 1 limit 0", "INVALID_DATA", {}),
        ("select id from Deals where id = 1 limit 2001", "LIMIT_EXCEEDED", {"limit": 2000}),
        (
            "select id from Deals where id = 1 limit 2000 offset 98001",
            "LIMIT_EXCEEDED",
            {"limit": 100_000},
        ),
        (f"select id from Deals where {_TOO_MANY_CRITERIA}", "LIMIT_EXCEEDED", {"limit": 25}),
        (
            f"select id from Deals where id in ({','.join(['1'] * 51)})",
            "LIMIT_EXCEEDED",
            {"limit": 50},
        ),
        ("select id, id from Deals where id = 1", "DUPLICATE_DATA", {"column_name": "id"}),
        ("select id from Deals where id = 1 order by id, id", "DUPLICATE_DATA", {}),
        ("select Stage as '' from Deals where id = 1", "INVALID_ALIAS", {"alias": ""}),
        (
            "select Stage as x, Amount as x from Deals where id = 1",
            "DUPLICATE_ALIAS",
            {"referred_columns": ["Stage", "Amount"], "alias": "x"},
        ),
        (
            "select MEDIAN(Amount) from Deals where id = 1",
            "INVALID_DATA",
            {"column": "MEDIAN(Amount)"},
        ),
        ("select SUM(Stage) from Deals where id = 1", "INVALID_QUERY", {"column_name": "Stage"}),
        (
            "select Stage, SUM(Amount) from Deals where id = 1",
            "INVALID_QUERY",
            {"column_name": "Stage"},
        ),
    ],
)
def test_a_wrong_query_gets_the_error_that_zoho_gives(
    query: str, code: str, details: dict[str, Any]
) -> None:
    with pytest.raises(CoqlError) as refusal:
        ask(query)
    assert refusal.value.code == code
    assert details.items() <= refusal.value.details.items()


def test_version_2_gives_at_most_200_rows_a_call() -> None:
    with pytest.raises(CoqlError) as refusal:
        ask("select id from Deals where id is not null limit 201", max_rows=200)
    assert refusal.value.code == "LIMIT_EXCEEDED"


# ---- any query, against plain Python -------------------------------------------------------------

Truth = Callable[[Record], bool]
_START = datetime(2011, 12, 1, tzinfo=UTC)


def _stamp(second: int, hours: int) -> str:
    zone = timezone(timedelta(hours=hours))
    return (_START + timedelta(seconds=second)).astimezone(zone).isoformat()


_SECOND = st.integers(0, 4)
_TIMES = st.builds(_stamp, _SECOND, st.sampled_from([0, 8, -5]))
_STAGES = st.sampled_from(["Closed Won", "Closed Lost", "Qualification"])


@st.composite
def tables(draw: st.DrawFn) -> list[Record]:
    keys = draw(st.lists(st.integers(1, 120), max_size=12, unique=True))
    return [
        deal(
            key,
            Amount=draw(st.none() | st.integers(0, 3)),
            Stage=draw(st.none() | _STAGES),
            Modified_Time=draw(_TIMES),
        )
        for key in keys
    ]


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}
_PLAIN: dict[str, tuple[Callable[[Any], Any], st.SearchStrategy[Any]]] = {
    "Amount": (lambda value: value, st.integers(0, 3)),
    "id": (int, st.integers(0, 120).map(str)),
    "Modified_Time": (datetime.fromisoformat, _TIMES),
    "Stage": (str, _STAGES),
}


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Truth]:
    column = draw(st.sampled_from(sorted(_PLAIN)))
    convert, values = _PLAIN[column]
    signs = ["=", "!="] if column == "Stage" else sorted(_COMPARE)
    sign = draw(st.sampled_from([*signs, "is null", "is not null"]))
    if sign in _COMPARE:
        wanted = draw(values)

        def compare(record: Record) -> bool:
            found = record[column]
            return found is not None and _COMPARE[sign](convert(found), convert(wanted))

        return f"{column} {sign} '{wanted}'", compare
    return f"{column} {sign}", lambda record: (record[column] is None) == (sign == "is null")


def _join(left: tuple[str, Truth], joiner: str, right: tuple[str, Truth]) -> tuple[str, Truth]:
    first, second = left[1], right[1]
    if joiner == "and":
        return f"({left[0]} and {right[0]})", lambda record: first(record) and second(record)
    return f"({left[0]} or {right[0]})", lambda record: first(record) or second(record)


_CRITERIA = st.recursive(
    comparisons(),
    lambda inner: st.builds(_join, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=6,
)


def _by_change(records: list[Record]) -> list[tuple[str, str, Record]]:
    return sorted(
        (
            datetime.fromisoformat(record["Modified_Time"])
            .astimezone(UTC)
            .strftime("%Y-%m-%dT%H:%M:%SZ"),
            record["id"].zfill(20),
            record,
        )
        for record in records
    )


@settings(max_examples=40)
@given(tables(), _CRITERIA)
def test_any_criteria_keep_what_plain_python_keeps(
    table: list[Record], criteria: tuple[str, Truth]
) -> None:
    text, truth = criteria
    answer = run(
        f"select id from Deals where {text}", rows=lambda _: table, fields=_CATALOGUE.fields
    )
    expected = sorted((record["id"] for record in table if truth(record)), key=int)
    assert [row["id"] for row in answer.rows] == expected


@settings(max_examples=40)
@given(tables(), _CRITERIA, st.integers(1, 5), st.integers(0, 3))
def test_reading_in_order_of_change_gives_what_sorting_gives(
    table: list[Record], criteria: tuple[str, Truth], limit: int, offset: int
) -> None:
    query = (
        f"select id from Deals where {criteria[0]} order by Modified_Time, id "
        f"limit {limit} offset {offset}"
    )
    sort = run(query, rows=lambda _: table, fields=_CATALOGUE.fields)
    walk = run(
        query,
        rows=lambda _: table,
        fields=_CATALOGUE.fields,
        ordered=lambda _: _by_change(table),
    )
    assert walk == sort


@settings(max_examples=40)
@given(tables(), st.integers(1, 4))
def test_paging_by_time_and_id_meets_every_record_once(table: list[Record], page: int) -> None:
    met: list[str] = []
    time, last, more = "2011-01-01T00:00:00+00:00", "0", True
    while more:
        answer = run(
            f"select id, Modified_Time from Deals where ((Modified_Time >= '{time}' and "
            f"Modified_Time <= '2012-01-01T00:00:00+00:00') and (Modified_Time > '{time}' or "
            f"id > '{last}')) order by Modified_Time asc, id asc limit {page}",
            rows=lambda _: table,
            fields=_CATALOGUE.fields,
            ordered=lambda _: _by_change(table),
        )
        met += [row["id"] for row in answer.rows]
        more = answer.more_records
        if more:
            time, last = answer.rows[-1]["Modified_Time"], answer.rows[-1]["id"]
    assert met == [record["id"] for _, _, record in _by_change(table)]
