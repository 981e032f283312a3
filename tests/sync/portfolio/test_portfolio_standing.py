"""The local copy counts who has how many accounts of which class, as one would count them by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model import Field, Json, Record
from sync.day_numbers import day_number
from sync.mirror import Mirror, keep_time_zone
from sync.mirror.our_columns import Column
from sync.mirror.standing import (
    DueTask,
    Orders,
    Paused,
    Tally,
    account_ids,
    due_tasks,
    first_purchases,
    orders,
    paused,
    tallies,
    tells_when_closed,
)

DAY = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = day_number(date(2026, 3, 1))
ACCOUNTS = [
    Field("1", "Account_Name", "Name", "text"),
    Field("2", "Owner", "Owner", "ownerlookup"),
    Field("3", "Loyalty_Override", "Override", "picklist"),
    Field("4", "Created_Time", "Created", "datetime"),
]
TASKS = [
    Field("1", "Status", "Status", "picklist"),
    Field("2", "Due_Date", "Due", "date"),
    Field("3", "Owner", "Owner", "ownerlookup"),
    Field("4", "Created_Time", "Created", "datetime"),
    Field("5", "Modified_Time", "Modified", "datetime"),
]
OVERRIDE = Column("loyalty_override", "Loyalty_Override", "override", {"churned": "Lost"})
DIMENSIONS = ("tier", "loyalty", "need", "follow_status")
VERDICT: Mapping[str, Any] = {
    "tier": "small",
    "loyalty": "ordinary",
    "need": None,
    "follow_status": "won",
    "purchases": 2,
    "won_deals": 3,
    "first_day": TODAY - 100,
    "mean_gap": 40.0,
    "spend_12m": 250.0,
    "pause_reason": None,
    "resume_day": None,
}
KINDS = (
    *("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "BIGINT"),
    *("DOUBLE", "DOUBLE", "VARCHAR", "BIGINT"),
)


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as opened:
        opened.prepare("Accounts", ACCOUNTS)
        opened.prepare("Tasks", TASKS)
        yield opened


def hold(mirror: Mirror, module: str, records: Mapping[str, Mapping[str, Json]]) -> None:
    with mirror.pulling(module) as pulling:
        pulling.stage([Record(key, DAY, values) for key, values in records.items()])
        pulling.commit(DAY, DAY, full=True)


def put(
    mirror: Mirror, accounts: Sequence[tuple[Mapping[str, Json], Mapping[str, Any]]]
) -> list[str]:
    """Accounts with verdicts as if classified just now; gives back their ids."""
    ids = [f"{place:03d}" for place in range(len(accounts))]
    hold(mirror, "Accounts", {key: held for key, (held, _) in zip(ids, accounts, strict=True)})
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(VERDICT, KINDS, strict=True))
    mirror.run(f"CREATE OR REPLACE TEMP TABLE kept_verdicts (account_id VARCHAR, {columns})")
    for key, (_, verdict) in zip(ids, accounts, strict=True):
        row = [key, *{**VERDICT, **verdict}.values()]
        mirror.run(f"INSERT INTO kept_verdicts VALUES ({', '.join('?' * len(row))})", row)
    return ids


LOYALTIES = ["loyal", "churned", "prospect", None]
VERDICTS = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["large", "small"]),
        "loyalty": st.sampled_from(LOYALTIES),
        "need": st.sampled_from([None, "price", "price;service"]),
        "purchases": st.integers(0, 3),
        "spend_12m": st.sampled_from([None, 0.0, 100.0]),
    }
)
HELD = st.fixed_dictionaries(
    {
        "Owner": st.sampled_from(["", "7", "8"]),
        "Loyalty_Override": st.sampled_from([None, "Lost", "whatever"]),
    }
)


@settings(max_examples=25)
@given(accounts=st.lists(st.tuples(HELD, VERDICTS), max_size=12))
def test_counts_agree_with_counting_by_hand(
    mirror: Mirror, accounts: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    put(mirror, accounts)
    expected: dict[tuple[str, str, str], list[float]] = {}
    for held, verdict in accounts:
        loyalty = "churned" if held["Loyalty_Override"] == "Lost" else verdict["loyalty"]
        answers = {
            "tier": verdict["tier"],
            "loyalty": loyalty,
            "need": verdict["need"],
            "follow_status": VERDICT["follow_status"],
        }
        bought = verdict["purchases"] > 0
        counts = (1, bought, bought and loyalty == "churned", verdict["spend_12m"] or 0)
        for name, answer in answers.items():
            for code in (answer or "").split(";"):
                row = expected.setdefault((name, code, held["Owner"]), [0.0] * 4)
                for place, count in enumerate(counts):
                    row[place] += count
    found = {tuple(one[:3]): list(one[3:]) for one in tallies(mirror, [OVERRIDE], DIMENSIONS)}
    assert found == expected


def test_an_account_that_was_entered_later_was_not_there_unless_it_had_bought(
    mirror: Mirror,
) -> None:
    later = {"Owner": "7", "Created_Time": "2026-03-02T09:00:00+00:00"}
    prospect: dict[str, Any] = {"purchases": 0, "spend_12m": 0.0, "follow_status": "paused"}
    put(mirror, [(later, prospect), (later, {}), ({"Owner": "7"}, prospect)])
    assert tallies(mirror, [], ["tier"], TODAY) == [Tally("tier", "small", "7", 2, 1, 0, 250.0)]
    assert tallies(mirror, [], ["tier"], TODAY + 1)[0].accounts == 3
    assert [one.account_id for one in paused(mirror, TODAY)] == ["002"]


def test_orders_and_gaps_are_those_of_customers(mirror: Mirror) -> None:
    once = {"purchases": 1, "won_deals": 1, "mean_gap": None}
    never = {"purchases": 0, "won_deals": 0, "mean_gap": None}
    ids = put(
        mirror,
        [({"Owner": "7"}, {}), ({"Owner": "7"}, once), ({"Owner": "7"}, never), ({}, never)],
    )
    assert orders(mirror, TODAY) == [Orders("", 0, 0, 0, 0.0), Orders("7", 2, 4, 1, 40.0)]
    assert account_ids(mirror) == ids
    assert first_purchases(mirror, ["000", "nobody"]) == {"000": TODAY - 100}


def test_a_pause_tells_why_and_until_when(mirror: Mirror) -> None:
    by_hand = {"follow_status": "paused", "pause_reason": "budget", "resume_day": TODAY + 30}
    silent = {"follow_status": "paused", "purchases": 0}
    put(mirror, [({"Owner": "7"}, by_hand), ({}, silent), ({}, {})])
    assert paused(mirror, TODAY) == [
        Paused("000", "7", "budget", bought=True, has_resume_day=True),
        Paused("001", "", "", bought=False, has_resume_day=False),
    ]


def test_a_task_is_closed_on_the_day_of_the_organisations_calendar(mirror: Mirror) -> None:
    keep_time_zone(mirror, "Asia/Shanghai")
    late = "2026-02-27T17:30:00+00:00"  # the next day in Shanghai
    common: dict[str, Json] = {"Due_Date": "2026-02-27", "Owner": "7", "Created_Time": late}
    hold(
        mirror,
        "Tasks",
        {
            "1": {**common, "Status": "Completed", "Modified_Time": late},
            "2": {**common, "Status": "In Progress", "Modified_Time": late},
            "3": {**common, "Status": "Completed", "Due_Date": "2026-03-02"},
            "4": {**common, "Status": "Completed", "Due_Date": None},
        },
    )
    due, next_day = TODAY - 2, TODAY - 1
    assert due_tasks(mirror, TODAY) == [
        DueTask("7", due, next_day, next_day),
        DueTask("7", due, next_day, None),
    ]
    assert not tells_when_closed(mirror)
    assert due_tasks(mirror, due - 1) == []


def test_zohos_own_word_goes_before_the_last_change() -> None:
    with Mirror(None) as mirror:
        mirror.prepare("Tasks", [*TASKS, Field("6", "Closed_Time", "Closed", "datetime")])
        closed, touched = DAY - timedelta(days=5), DAY - timedelta(days=1)
        task: dict[str, Json] = {
            "Status": "Completed",
            "Due_Date": "2026-02-27",
            "Closed_Time": closed.isoformat(),
            "Modified_Time": touched.isoformat(),
        }
        hold(mirror, "Tasks", {"1": task, "2": {**task, "Closed_Time": None}})
        assert [one.closed for one in due_tasks(mirror, TODAY)] == [TODAY - 5, TODAY - 1]
        assert tells_when_closed(mirror)


def test_without_due_dates_nothing_is_known_of_follow_ups() -> None:
    with Mirror(None) as mirror:
        assert due_tasks(mirror, TODAY) == []
        mirror.prepare("Tasks", [TASKS[0]])
        assert due_tasks(mirror, TODAY) == []
