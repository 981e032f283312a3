"""Which of the tasks that playbooks give come due for an account, for whom, and how many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from workbench import MORNING, TODAY, playbook, simple_policy

from sync.ledger import ClassChange, Intent, Kind, NewIntent, State
from sync.plan import AccountView, TaskContext, decide_tasks
from sync.policy import Playbook

ACCOUNT = AccountView("1", "Zylker", "7", {}, {}, {"tier": "large", "loyalty": "ordinary"}, {}, "")
CONTEXT = TaskContext(
    organisation="org",
    today=TODAY,
    inactive_users=frozenset({"9"}),
    fallback_owner="8",
    priorities=frozenset(),
    retry_before=MORNING,
    open_tasks=frozenset(),
    open_marks=frozenset(),
    managers={"7": "5"},
)


def entered(days_ago: int, before: str = "", dimension: str = "tier") -> dict[str, ClassChange]:
    code = str(ACCOUNT.classes[dimension])
    day = TODAY - timedelta(days=days_ago)
    return {dimension: ClassChange("1", dimension, code, day, before)}


def opened(
    *playbooks: Playbook,
    since: Mapping[str, ClassChange],
    earlier: tuple[Intent, ...] = (),
    context: TaskContext = CONTEXT,
    on: date = TODAY,
) -> tuple[NewIntent, ...]:
    policy = simple_policy(*playbooks)
    there = replace(context, today=on)
    return decide_tasks(ACCOUNT, playbooks, since, earlier, there, policy).intents


def done(intent: NewIntent, crm_id: str) -> Intent:
    return Intent(
        **{name: getattr(intent, name) for name in ("key", "kind", "module", "record_id", "body")},
        purpose=intent.purpose,
        run_id="r",
        state=State.DONE,
        attempt=1,
        crm_id=crm_id,
        created_at=MORNING,
        sent_at=MORNING,
        resolve_after=MORNING,
        crm_modified=MORNING,
        error_code="",
        error_text="",
    )


def test_a_sequence_ends_after_its_last_round() -> None:
    book = playbook(remind_again_days=30, last_round=2)
    due = [bool(opened(book, since=entered(days))) for days in (0, 30, 60, 89, 90, 400)]
    assert due == [True, True, True, True, False, False]


def test_nothing_is_opened_for_who_has_what_the_task_is_for() -> None:
    wanted, other = {"loyalty": ("ordinary",)}, {"loyalty": ("loyal",)}
    for until, is_due in ((wanted, False), (other, True)):
        book = playbook(remind_again_days=30, until=until)
        assert {bool(opened(book, since=entered(days))) for days in (0, 30)} == {is_due}


@pytest.mark.parametrize(("before", "is_due"), [("churned", True), ("loyal", False), ("", False)])
def test_a_task_for_those_who_came_back_is_for_them_alone(before: str, is_due: bool) -> None:
    book = playbook(came_from={"loyalty": ("churned",)})
    assert bool(opened(book, since=entered(3, before, "loyalty"))) is is_due


def test_growing_meanwhile_does_not_begin_the_sequence_anew() -> None:
    when = {"tier": ("large",), "loyalty": ("ordinary",)}
    book = playbook(when=when, came_from={"loyalty": ("churned",)})
    back = entered(20, "churned", "loyalty")
    (before,) = opened(book, since=back | entered(20, "medium"))
    (after,) = opened(book, since=back | entered(1, "medium"))
    assert before.key == after.key


@pytest.mark.parametrize(
    ("managers", "inactive", "owner"),
    [({"7": "5"}, set(), "5"), ({}, set(), "8"), ({"7": "5"}, {"5"}, "8")],
)
def test_a_manager_s_task_goes_to_the_owner_s_manager(
    managers: dict[str, str], inactive: set[str], owner: str
) -> None:
    context = replace(CONTEXT, managers=managers, inactive_users=frozenset(inactive))
    book = playbook(for_manager=True)
    (task,) = opened(book, since=entered(0), context=context)
    assert task.body["Owner"] == owner
    (other,) = opened(playbook(), since=entered(0), context=context)
    assert other.body["Owner"] == "7"


def test_without_manager_and_fallback_the_owner_takes_it() -> None:
    context = replace(CONTEXT, managers={}, fallback_owner="")
    (task,) = opened(playbook(for_manager=True), since=entered(0), context=context)
    assert task.body["Owner"] == "7"


def test_only_the_first_two_are_opened_and_the_third_waits_until_one_is_closed() -> None:
    books = [playbook(purpose) for purpose in ("first", "second", "third")]
    since = entered(0)
    both = opened(*books, since=since)
    assert [task.purpose for task in both] == ["first", "second"]
    earlier = tuple(done(task, str(place)) for place, task in enumerate(both))
    still_open = replace(CONTEXT, open_tasks=frozenset({"0", "1"}))
    assert opened(*books, since=since, earlier=earlier, context=still_open) == ()
    one_closed = replace(CONTEXT, open_tasks=frozenset({"1"}))
    (third,) = opened(*books, since=since, earlier=earlier, context=one_closed)
    assert third.purpose == "third"


def test_what_comes_first_is_opened_beside_two_that_are_open() -> None:
    later = [playbook(purpose) for purpose in ("second", "third")]
    since = entered(0)
    earlier = tuple(
        done(task, str(place)) for place, task in enumerate(opened(*later, since=since))
    )
    context = replace(CONTEXT, open_tasks=frozenset({"0", "1"}))
    found = opened(playbook("urgent"), *later, since=since, earlier=earlier, context=context)
    assert [task.purpose for task in found] == ["urgent"]
    assert {task.kind for task in found} == {Kind.TASK}
