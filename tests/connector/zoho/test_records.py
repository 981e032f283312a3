from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Unintelligible
from connector.model import Record
from connector.zoho.records import records
from connector.zoho.values import record

FIELDS = ["Owner", "Amount", "Modified_Time"]
IDS = st.sampled_from(
    ["5725767000000524157", "7", "1" * 20, "1" * 21, "", "七", "-1", 7, None, True]
)
LINKS = st.none() | st.fixed_dictionaries({"id": IDS}, optional={"name": st.just("陈")})
ODD = st.sampled_from(
    [[], ["a"], [{"name": "重点", "color_code": "#1"}], {}, {"a": {"id": "7"}}, "x", 0]
)
TIMES = st.sampled_from(["2026-02-01T08:00:00+08:00", "2026-02-01T00:00:01Z", "soon"])
USUAL = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["5725767000000524157", "7", 7]),
        "Owner": LINKS | ODD,
        "Amount": st.sampled_from([None, 1.5, "NaN"]),
        "Modified_Time": TIMES,
    }
)
UNUSUAL = st.fixed_dictionaries(
    {"Modified_Time": TIMES}, optional={"id": IDS, "Owner": LINKS, "Amount": ODD, "More": ODD}
)


@given(st.lists(USUAL, max_size=3) | st.lists(USUAL | UNUSUAL, max_size=3))
def test_a_page_read_by_columns_gives_what_its_rows_give_one_by_one(rows: list[Any]) -> None:
    def one_by_one() -> list[Record]:
        return [record(row, FIELDS) for row in rows]

    def by_columns() -> list[Record]:
        return records(deepcopy(rows), FIELDS)

    assert _told(by_columns) == _told(one_by_one)


def _told(reading: Any) -> list[Record] | str:
    try:
        return list(reading())
    except Unintelligible:
        return "unintelligible"
