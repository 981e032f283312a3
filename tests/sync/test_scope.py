"""A backfill can be narrowed to named accounts and classes, and nothing else is touched."""

from __future__ import annotations

import pytest
from workbench import LARGE_ONES, NAMES, Office

from sync.explain import NoSuchAccount
from sync.scope import ScopeProblem, chosen


def written(office: Office) -> set[str]:
    return {entry.id for entry in office.written() if entry.module == "Accounts"}


def test_only_accounts_of_the_class_are_written_and_get_tasks(office: Office) -> None:
    report = office.run("backfill", scope=chosen([], ["tier=large"]))
    large = {office.account_id(number) for number in LARGE_ONES}
    assert written(office) == large
    assert (report.accounts_written, report.tasks_created) == (2, 2)
    assert office.account(0).get(NAMES["tier"]) is None


def test_an_account_is_named_by_its_id_its_name_or_a_part_of_it(office: Office) -> None:
    by_id, by_name, by_part = office.account_id(1), "客户 003 Ltd", "004"
    office.run("backfill", scope=chosen([by_id, by_name, by_part], []))
    assert written(office) == {office.account_id(number) for number in (1, 3, 4)}


def test_accounts_and_classes_narrow_each_other(office: Office) -> None:
    both = chosen(
        ["客户 006 Ltd", "客户 001 Ltd"], ["tier=large", "loyalty=loyal,fairly_loyal,ordinary"]
    )
    office.run("backfill", scope=both)
    assert written(office) <= {office.account_id(6)}


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("tier", "Write DIMENSION=CLASS"),
        ("size=large", "the dimensions are tier, loyalty, churn_risk"),
        ("tier=huge", "tier has no class 'huge'. Choose from large, medium, small."),
    ],
)
def test_a_condition_that_makes_no_sense_is_said_at_once(where: str, says: str) -> None:
    with pytest.raises(ScopeProblem, match=r".") as told:
        chosen([], [where])
    assert says in str(told.value)


@pytest.mark.parametrize(("text", "says"), [("Nobody", "No account 'Nobody'"), ("客户", "Several")])
def test_a_name_that_means_none_or_several_writes_nothing(
    office: Office, text: str, says: str
) -> None:
    with pytest.raises(NoSuchAccount, match=says):
        office.run("backfill", scope=chosen([text], []))
    assert office.written() == []
