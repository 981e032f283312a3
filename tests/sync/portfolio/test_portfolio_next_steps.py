"""What reps have planned is held against the day on which the policy wants a customer followed up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from connector.model import Field, Json, Record, User
from sync.mirror import Mirror
from sync.mirror.days import keep_time_zone
from sync.mirror.next_steps import NextSteps, next_steps
from sync.portfolio.next_steps import Planned, plans
from sync.portfolio.people import By, People

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
TODAY = (NOW.date() - date(1970, 1, 1)).days
FIELDS = {
    "Accounts": {"Owner": "ownerlookup", "Next_Follow_Up": "date"},
    "Tasks": {"What_Id": "lookup", "Status": "picklist", "Due_Date": "date"},
    "Events": {"What_Id": "lookup", "Start_DateTime": "datetime"},
}


def day(days: int) -> str:
    return (NOW.date() + timedelta(days=days)).isoformat()


def account(owner: str, follow_up: int | None) -> dict[str, Json]:
    return {"Owner": owner, "Next_Follow_Up": None if follow_up is None else day(follow_up)}


def task(about: str, due: int | None, status: str = "Not Started") -> dict[str, Json]:
    return {"What_Id": about, "Status": status, "Due_Date": None if due is None else day(due)}


def counted(records: dict[str, list[dict[str, Json]]], follow_up: str = "Next_Follow_Up") -> object:
    with Mirror(None) as mirror:
        keep_time_zone(mirror, "Asia/Shanghai")
        for module, rows in records.items():
            kinds = FIELDS[module].items()
            mirror.prepare(module, [Field("", name, name, kind) for name, kind in kinds])
            with mirror.pulling(module) as pulling:
                pulling.stage([Record(str(n), NOW, row) for n, row in enumerate(rows)])
                pulling.commit(NOW, NOW, full=True)
        return next_steps(mirror, follow_up, TODAY)


def test_a_step_counts_for_the_first_day_from_today_on_that_is_planned() -> None:
    accounts = [
        account("7", 10),  # 0: a task on the very day
        account("7", 10),  # 1: a task too late
        account("7", 10),  # 2: too late a task, but a meeting in time
        account("7", 10),  # 3: done, without a day, or overdue: nothing is planned
        account("8", -5),  # 4: the day has passed, and something is planned for today
        account("8", None),  # 5: no day was asked for
    ]
    tasks = [
        task("0", 10),
        task("1", 11),
        task("2", 30),
        task("3", 3, "Completed"),
        task("3", None),
        task("3", -1),
        task("4", 0),
        task("5", 1),
    ]
    # Eleven in the evening by UTC is the next day in Shanghai, and that is the last one in time.
    meetings: list[dict[str, Json]] = [
        {"What_Id": "2", "Start_DateTime": "2026-09-24T23:00:00+00:00"}
    ]
    found = counted({"Accounts": accounts, "Tasks": tasks, "Events": meetings})
    assert found == [NextSteps("7", 2, 1, 1), NextSteps("8", 1, 0, 0)]


def test_without_tasks_everything_is_missing_and_without_the_field_nothing_is_said() -> None:
    accounts = {"Accounts": [account("7", 1)]}
    assert counted(accounts) == [NextSteps("7", 0, 0, 1)]
    assert counted(accounts, "") == []


def test_the_team_with_most_accounts_without_a_step_comes_first() -> None:
    users = [User("7", "Ann", "", active=True, reports_to="9"), User("8", "Bo", "", active=True)]
    rows = [NextSteps("7", 1, 0, 5), NextSteps("9", 2, 1, 0), NextSteps("8", 9, 0, 6)]
    found = plans(rows, People(users, By.TEAM), "All")
    assert found.total == Planned("", "All", 12, 1, 11)
    assert [(one.id, one.missing) for one in found.groups] == [("", 6), ("9", 5)]
    assert found.total.rate == 0.5
    assert Planned("", "All").rate is None
