"""Owners add up to teams and teams to the company, and shares follow from the counts."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.model import User
from sync.ledger.snapshots import Count
from sync.mirror.standing import Orders, Paused, Tally
from sync.portfolio.figures import Group, OnTime, share
from sync.portfolio.grouping import Counts, answered, class_figures
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.people import By, People

CLASSES = {
    "tier": ("large", "small"),
    "follow_status": ("won", "testing", "paused"),
    "satisfaction": ("satisfied", "neutral", "dissatisfied"),
}
JULY, AUGUST = date(2026, 7, 31), date(2026, 8, 31)
USERS = [
    User("7", "李芳", "", active=True, reports_to="9"),
    User("8", "陈明", "", active=True, reports_to="9"),
    User("9", "王经理", "", active=True),
]


def tally(dimension: str, code: str, owner: str, accounts: int, bought: int = 0) -> Tally:
    return Tally(dimension, code, owner, accounts, bought, bought // 2, 100.0 * bought)


EXAMPLE = Counts(
    tallies=[
        tally("tier", "large", "7", 4, 4),
        tally("tier", "small", "7", 6),
        tally("tier", "small", "8", 5, 1),
        tally("follow_status", "won", "7", 4, 4),
        tally("follow_status", "paused", "7", 5),
        tally("follow_status", "", "7", 1),
        tally("follow_status", "paused", "8", 1),
        tally("follow_status", "testing", "8", 4, 1),
        tally("satisfaction", "satisfied", "7", 1, 1),
        tally("satisfaction", "neutral", "7", 1, 1),
        tally("satisfaction", "", "7", 8),
    ],
    orders=[Orders("7", 4, 12, 3, 90.0), Orders("8", 1, 1, 0, 0.0)],
    paused=[
        Paused("1", "7", "", bought=False, has_resume_day=False),
        Paused("2", "7", "budget", bought=False, has_resume_day=False),
    ],
    on_time={"7": OnTime(4, 3, 1), "8": OnTime(1, 1, 0)},
    before=[Count("follow_status", "paused", "7", 2)],
    trend={
        JULY: [Count("follow_status", "paused", "7", 1), Count("follow_status", "won", "8", 4)],
        AUGUST: [Count("follow_status", "paused", "7", 2)],
    },
    classes=CLASSES,
)


def by_name(by: By) -> dict[str, Group]:
    return {group.name: group for group in EXAMPLE.groups(People(USERS, by))}


def test_an_owner_has_the_figures_of_its_accounts() -> None:
    group = by_name(By.OWNER)["李芳"]
    assert group.accounts == 10
    assert group.statuses == {"won": 4, "testing": 0, "paused": 5, "": 1}
    assert (group.win_ratio, group.paused_share, group.retained, group.satisfied) == (
        0.4,
        0.5,
        0.5,
        0.5,
    )
    assert (group.orders, group.orders_each, group.gap) == (12, 3.0, 30.0)
    assert (group.unexplained, group.on_time.rate) == (1, 0.75)
    assert group.before == {"won": 0, "testing": 0, "paused": 2}


def test_a_team_adds_up_its_owners() -> None:
    [team] = EXAMPLE.groups(People(USERS, By.TEAM))
    assert (team.name, team.accounts, team.bought) == ("王经理", 15, 5)
    assert team.statuses["paused"] == 6
    assert (team.orders_each, team.gap) == (2.6, 30.0)
    assert team.on_time == OnTime(5, 4, 1)


def test_a_trend_is_that_of_the_groups_own_accounts() -> None:
    assert [day.statuses["paused"] for day in by_name(By.OWNER)["李芳"].trend] == [1, 2]
    assert [day.accounts for day in by_name(By.OWNER)["陈明"].trend] == [4, 0]
    total = EXAMPLE.total("All").trend
    assert [(day.day, day.accounts) for day in total] == [(JULY, 5), (AUGUST, 2)]
    assert total[0].as_json()["paused_share"] == 0.2


def test_a_portfolio_is_in_danger_only_above_the_limit() -> None:
    group = by_name(By.OWNER)["李芳"]
    few = group.accounts
    assert group.alarming(PortfolioLimits(0.49, few))
    assert not group.alarming(PortfolioLimits(0.5, few))
    nothing = Group("", "—", 3, {"won": 0, "": 3})
    assert nothing.paused_share is None
    assert not nothing.alarming(PortfolioLimits(0.0, 1))


def test_of_few_accounts_a_share_says_too_little_to_warn() -> None:
    group = by_name(By.OWNER)["李芳"]
    assert not group.alarming(PortfolioLimits(0.0, group.accounts + 1))
    one = Group("9", "王", 1, {"paused": 1})
    assert not one.alarming(PortfolioLimits())


def test_whoever_has_tasks_but_no_accounts_is_shown_too() -> None:
    counts = Counts([], [], [], {"8": OnTime(2, 1, 1)}, None, {}, CLASSES)
    [group] = counts.groups(People(USERS, By.OWNER))
    assert (group.name, group.accounts, group.win_ratio, group.before) == ("陈明", 0, None, None)
    assert group.on_time.rate == 0.5


def test_classes_come_in_the_catalogues_order_with_their_sales() -> None:
    rows = [one for one in EXAMPLE.tallies if one.dimension == "follow_status"]
    found = class_figures(
        [*rows, tally("follow_status", "retired", "7", 1)], CLASSES["follow_status"], 16
    )
    assert [one.code for one in found] == ["won", "testing", "paused", "retired", ""]
    assert found[0].as_json() == {
        "accounts": 4,
        "share": 0.25,
        "sales_12m": 400.0,
        "churned_share": 0.5,
    }


def test_a_question_is_answered_if_anybody_has_an_answer() -> None:
    assert answered(EXAMPLE.tallies, "satisfaction")
    assert not answered([tally("need", "", "7", 3)], "need")


TALLIES = st.lists(
    st.builds(
        tally,
        st.sampled_from([*CLASSES]),
        st.sampled_from(["large", "won", "paused", "satisfied", ""]),
        st.sampled_from(["", "7", "8", "9", "gone"]),
        st.integers(1, 50),
        st.integers(0, 5),
    ),
    max_size=25,
)


@given(TALLIES, st.sampled_from([By.OWNER, By.TEAM]))
def test_the_groups_together_are_the_whole(tallies: list[Tally], by: By) -> None:
    counts = Counts(tallies, [], [], {}, None, {}, CLASSES)
    groups, total = counts.groups(People(USERS, by)), counts.total("All")
    assert sum(group.accounts for group in groups) == total.accounts
    assert sum(group.bought for group in groups) == total.bought
    for code, accounts in total.statuses.items():
        assert sum(group.statuses.get(code, 0) for group in groups) == accounts
    sizes = [group.accounts for group in groups]
    assert sizes == sorted(sizes, reverse=True)


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_share_is_of_something(part: int, rest: int) -> None:
    found = share(part, part + rest)
    assert (found is None) == (part + rest == 0)
    assert found is None or 0 <= found <= 1
