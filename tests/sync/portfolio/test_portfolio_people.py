"""Accounts belong to owners, owners to the team of the manager whom they report to."""

from __future__ import annotations

import pytest

from connector.model import User
from sync.portfolio.people import NOBODY, By, People

USERS = [
    User("1", "王经理", "wang@x.cn", active=True),
    User("2", "李芳", "li@x.cn", active=True, reports_to="1"),
    User("3", "", "gone@x.cn", active=False, reports_to="1"),
    User("4", "James Turner", "james@x.cn", active=True),
    User("5", "Ann", "ann@x.cn", active=True, reports_to="9"),
]


@pytest.mark.parametrize(
    ("by", "owner", "group"),
    [
        (By.OWNER, "2", "2"),
        (By.OWNER, "", ""),
        (By.TEAM, "2", "1"),
        (By.TEAM, "3", "1"),
        (By.TEAM, "1", "1"),  # leads the team that the others report to
        (By.TEAM, "4", ""),  # reports to nobody, and nobody to him
        (By.TEAM, "8", ""),  # nobody whom the CRM lists
        (By.TEAM, "5", "9"),
        (By.NONE, "2", ""),
    ],
)
def test_an_owner_belongs_to_one_group(by: By, owner: str, group: str) -> None:
    assert People(USERS, by).group(owner) == group


@pytest.mark.parametrize(
    ("group", "name"), [("1", "王经理"), ("3", "gone@x.cn"), ("9", "9"), ("", NOBODY)]
)
def test_a_group_has_the_name_that_people_know(group: str, name: str) -> None:
    assert People(USERS, By.TEAM).name(group) == name
