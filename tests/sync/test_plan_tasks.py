"""Which tasks an account gets: one a purpose, once an occasion, for somebody who can do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbench import MORNING, TODAY, playbook, simple_policy

from sync.keys import read_mark
from sync.ledger import ClassChange, Intent, Kind, NewIntent, State
from sync.plan import (
    SUBJECT_LENGTH,
    AccountView,
    TaskContext,
    TaskDecision,
    decide_tasks,
    task_key,
)
from sync.policy import Playbook

ACCOUNT = AccountView(
    "1", "Zylker", "7", {}, {}, {"tier": "large"}, {"tier": "Large"}, "Bought a lot."
)
CONTEXT = TaskContext(
    organisation="org",
    today=TODAY,
    inactive_users=frozenset({"9"}),
    fallback_owner="8",
    priorities=frozenset({"High", "Normal"}),
    retry_before=MORNING - timedelta(hours=20),
    open_tasks=frozenset(),
    open_marks=frozenset(),
)


def since(day: date, before: str = "") -> dict[str, ClassChange]:
    return {"tier": ClassChange("1", "tier", "large", day, before)}


def earlier(
    key: str, state: State = State.DONE, *, crm_id: str = "77", hours_ago: float = 0.0, **more: Any
) -> Intent:
    made = MORNING - timedelta(hours=hours_ago)
    values: dict[str, Any] = {
        "kind": Kind.TASK,
        "module": "Tasks",
        "record_id": "1",
        "purpose": "call-large",
        "body": {},
        "run_id": "r",
        "attempt": 1,
        "sent_at": made,
        "resolve_after": made,
        "crm_modified": made,
        "error_code": "",
        "error_text": "",
        "created_at": made,
    }
    return Intent(key=key, state=state, crm_id=crm_id, **(values | more))


def decide(
    book: Playbook,
    *,
    entered: dict[str, ClassChange] | None = None,
    before: Sequence[Intent] = (),
    account: AccountView = ACCOUNT,
    **context: Any,
) -> TaskDecision:
    return decide_tasks(
        account,
        [book],
        since(TODAY) if entered is None else entered,
        before,
        replace(CONTEXT, **context),
        simple_policy(book),
    )


def key_of(book: Playbook, day: date = TODAY, today: date = TODAY) -> str:
    return task_key("org", "1", book, since(day), today)


def only(decision: TaskDecision) -> NewIntent:
    (intent,) = decision.intents
    return intent


def test_a_task_names_the_account_its_owner_and_why() -> None:
    intent = only(decide(playbook()))
    subject = str(intent.body["Subject"])
    assert subject.startswith("Call Zylker #call-large-")
    assert read_mark(subject) == ("call-large", intent.key[:8].lower())
    assert intent.body["What_Id"] == "1"
    assert intent.body["Owner"] == "7"
    assert intent.body["Due_Date"] == "2011-12-12"
    assert intent.body["Priority"] == "High"
    assert str(intent.body["Description"]).startswith("Bought a lot.\n")


def test_the_same_occasion_has_the_same_key_on_every_day() -> None:
    entered = since(TODAY - timedelta(days=5))
    keys = {
        only(decide(playbook(), entered=entered, today=TODAY + timedelta(days=n))).key
        for n in range(9)
    }
    assert len(keys) == 1


@pytest.mark.parametrize(
    "state",
    [State.DONE, State.CANCELLED, State.SUPERSEDED, State.PARKED, State.UNKNOWN],
)
def test_an_occasion_that_had_its_task_gets_no_other(state: State) -> None:
    assert decide(playbook(), before=[earlier(key_of(playbook()), state)]).intents == ()


def refused(hours_ago: float = 1.0, **body: Any) -> Intent:
    """The task of today's occasion, which the CRM refused; ``body`` says what was different then."""
    planned = only(decide(playbook()))
    was = {name: value for name, value in (planned.body | body).items() if value is not None}
    return earlier(planned.key, State.REJECTED, hours_ago=hours_ago, body=was)


@pytest.mark.parametrize(("hours", "again"), [(19, False), (21, True)])
def test_a_task_that_was_refused_is_planned_again_the_next_day(hours: float, again: bool) -> None:
    assert bool(decide(playbook(), before=[refused(hours)]).intents) is again


@pytest.mark.parametrize(
    ("different", "again"),
    [
        ({}, False),
        ({"Description": "Bought a lot until yesterday.", "Due_Date": "2011-12-11"}, False),
        pytest.param({"Owner": "9"}, True, marks=pytest.mark.fault("W14")),
        pytest.param({"Sync_Key": "X"}, True, marks=pytest.mark.fault("H11")),
        pytest.param({"Priority": None}, True, marks=pytest.mark.fault("H9")),
    ],
)
def test_a_task_that_was_refused_is_planned_again_at_once_where_the_cause_is_mended(
    different: dict[str, Any], again: bool
) -> None:
    assert bool(decide(playbook(), before=[refused(**different)]).intents) is again


@pytest.mark.fault("H21")
def test_the_whole_key_stands_in_the_field_for_it() -> None:
    intent = only(decide(playbook(), key_field="Sync_Key"))
    assert (intent.body["Sync_Key"], len(intent.key)) == (intent.key, 26)
    assert "Sync_Key" not in only(decide(playbook())).body


def test_a_task_that_was_adopted_is_known_by_the_beginning_of_its_key() -> None:
    assert decide(playbook(), before=[earlier(key_of(playbook())[:8])]).intents == ()


def test_a_class_that_is_left_and_entered_anew_is_a_new_occasion() -> None:
    old = earlier(key_of(playbook(), TODAY - timedelta(days=40)))
    assert len(decide(playbook(), entered=since(TODAY, "medium"), before=[old]).intents) == 1


@pytest.mark.parametrize(
    ("state", "crm_id", "opens"),
    [
        (State.DONE, "77", False),
        (State.DONE, "78", True),  # closed in the CRM meanwhile
        (State.PLANNED, "", False),
        (State.SENT, "", False),
        (State.UNKNOWN, "", False),
        (State.PARKED, "", False),
        (State.CANCELLED, "", True),
    ],
)
def test_an_account_has_one_open_task_a_purpose(state: State, crm_id: str, opens: bool) -> None:
    of_another_occasion = earlier("ELSE", state, crm_id=crm_id)
    decision = decide(playbook(), before=[of_another_occasion], open_tasks=frozenset({"77"}))
    assert bool(decision.intents) is opens
    other_purpose = replace(of_another_occasion, purpose="visit")
    assert decide(playbook(), before=[other_purpose], open_tasks=frozenset({"77"})).intents


def test_an_open_task_with_our_mark_counts_whoever_remembers_it() -> None:
    assert decide(playbook(), open_marks=frozenset({("1", "call-large")})).intents == ()
    assert decide(playbook(), open_marks=frozenset({("2", "call-large"), ("1", "call")})).intents


@pytest.mark.parametrize(
    ("owner", "fallback", "gets", "left_out"),
    [
        ("7", "8", "7", ()),
        ("10", "8", "10", ()),  # new since we asked who works here
        ("9", "8", "8", ()),
        ("9", "", None, ("call-large",)),
        ("", "8", "8", ()),
    ],
)
def test_a_task_goes_to_somebody_who_is_active_or_is_left_out_and_counted(
    owner: str, fallback: str, gets: str | None, left_out: tuple[str, ...]
) -> None:
    decision = decide(playbook(), account=replace(ACCOUNT, owner=owner), fallback_owner=fallback)
    assert [intent.body["Owner"] for intent in decision.intents] == ([gets] if gets else [])
    assert decision.without_owner == left_out


@pytest.mark.parametrize(
    ("at_first", "before", "opens"),
    [(True, "", True), (True, "medium", True), (False, "", False), (False, "medium", True)],
)
def test_accounts_that_were_in_the_class_from_the_first_get_a_task_only_where_asked(
    at_first: bool, before: str, opens: bool
) -> None:
    book = playbook(at_first=at_first)
    assert bool(decide(book, entered=since(TODAY, before)).intents) is opens


@pytest.mark.parametrize(
    ("days", "opens"), [(0, False), (29, False), (30, True), (59, True), (60, True)]
)
def test_a_reminder_comes_when_its_days_are_over(days: int, opens: bool) -> None:
    book = playbook(remind_again_days=30)
    first = earlier(key_of(book), crm_id="closed")
    decision = decide(
        book, entered=since(TODAY), before=[first], today=TODAY + timedelta(days=days)
    )
    assert bool(decision.intents) is opens


def test_without_reminders_a_task_is_not_opened_again_however_long_ago() -> None:
    first = earlier(key_of(playbook()), crm_id="closed")
    later = TODAY + timedelta(days=1000)
    assert decide(playbook(), before=[first], today=later).intents == ()


def test_a_playbook_without_a_task_opens_none() -> None:
    assert decide(replace(playbook(), task=None)) == TaskDecision((), ())


def test_a_priority_that_the_crm_does_not_offer_is_left_to_its_default() -> None:
    assert "Priority" not in only(decide(playbook(), priorities=frozenset({"Hoch"}))).body
    assert only(decide(playbook(), priorities=frozenset())).body["Priority"] == "High"


@settings(max_examples=30)
@given(st.text(max_size=400))
def test_the_mark_survives_names_of_any_length(name: str) -> None:
    subject = str(only(decide(playbook(), account=replace(ACCOUNT, name=name))).body["Subject"])
    assert len(subject) <= SUBJECT_LENGTH
    assert read_mark(subject) is not None


DAYS = st.lists(st.tuples(st.integers(1, 40), st.booleans(), st.booleans()), max_size=12)


@settings(max_examples=20)
@given(DAYS, st.sampled_from([None, 30]))
def test_over_the_months_no_occasion_has_two_tasks(
    steps: list[tuple[int, bool, bool]], remind: int | None
) -> None:
    """Days pass, the account leaves and enters its class, reps close tasks; every run plans."""
    book = playbook(remind_again_days=remind)
    today, inside, entered = TODAY, True, since(TODAY)
    made: list[Intent] = []
    still_open: set[str] = set()
    for days, flips, closes in steps:
        today += timedelta(days=days)
        if closes:
            still_open.clear()
        if flips:
            inside = not inside
            entered = since(today, "medium") if inside else entered
        if not inside:
            continue
        for _ in range(2):  # the second run of the same day must change nothing
            decision = decide(
                book,
                entered=entered,
                before=made,
                today=today,
                open_tasks=frozenset(still_open),
            )
            for intent in decision.intents:
                made.append(earlier(intent.key, crm_id=str(len(made))))
                still_open.add(made[-1].crm_id)
        assert len(still_open) <= 1
        assert len({intent.key for intent in made}) == len(made)
