"""What becomes of a review by what people have said since, without any CRM."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sync.keys import intent_key
from sync.ledger import ClassChange, Intent, Kind, State
from sync.ledger.reviews import Review, ReviewState, What
from sync.plan import TaskContext
from sync.review.asking import ADOPTED, begun, key_of, round_due, rounds
from sync.review.deciding import Done, Said, enough, found_in_place, gone, heard, proposal
from sync.review.finding import Found
from sync.review.rules import ReviewRules

TODAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
RULES = ReviewRules(classes={"tier": ("large",)})
FOUND = Found("1", "tier", "large")
MEDIUM = {"tier": ClassChange("1", "tier", "medium", date(2026, 1, 1))}
ASKED = Review("1", "tier", "large", "medium", TODAY, id=7, first_round=0)
ONCE = replace(ASKED, state=ReviewState.REVIEWED, seen="accept", accepted_by="ann")


@pytest.mark.parametrize(
    ("found", "classes", "rules", "before"),
    [
        (FOUND, MEDIUM, RULES, "medium"),
        (FOUND, {"tier": replace(MEDIUM["tier"], code="large")}, RULES, None),
        (FOUND._replace(override="small"), MEDIUM, RULES, None),
        (FOUND, {}, RULES, None),
        (FOUND, {}, replace(RULES, at_first=True), ""),
        (Found("1", "marks", "given_up"), {}, RULES, ""),
    ],
    ids=["moves in", "is there", "a rep decided", "first", "first, reviewed", "a mark"],
)
def test_what_moves_into_a_reviewed_class_is_proposed(
    found: Found, classes: dict[str, ClassChange], rules: ReviewRules, before: str | None
) -> None:
    change = proposal(found, classes, rules, TODAY)
    assert (change.review.before if change else None) == before


@pytest.mark.parametrize(
    ("review", "found", "rules", "state"),
    [
        (ASKED, None, RULES, ReviewState.WITHDRAWN),
        (ASKED, FOUND._replace(override="small"), RULES, ReviewState.WITHDRAWN),
        (ASKED, FOUND, ReviewRules(), ReviewState.WITHDRAWN),
        (replace(ASKED, state=ReviewState.FINAL), None, RULES, ReviewState.FINAL),
        (ASKED, FOUND, RULES, None),
    ],
    ids=["another verdict", "a rep decided", "no review any more", "accepted before", "stands"],
)
def test_a_review_ends_with_the_verdict(
    review: Review, found: Found | None, rules: ReviewRules, state: ReviewState | None
) -> None:
    change = gone(review, found, rules, TODAY)
    assert (change.review.state if change else None) is state
    assert change is None or change.review.ended == TODAY


@pytest.mark.parametrize(
    ("review", "said", "done", "needed", "what", "state"),
    [
        (ASKED, Said("accept", "ann"), [], 1, What.ACCEPTED, ReviewState.FINAL),
        (ASKED, Said("reject", "ann"), [], 2, What.REJECTED, ReviewState.REJECTED),
        (ASKED, Said("accept", "ann"), [], 2, What.ACCEPTED, ReviewState.REVIEWED),
        (ONCE, Said("accept", "bob"), [], 2, None, ReviewState.REVIEWED),
        (ONCE, Said("accept", "x"), [Done("9", "bob")], 2, What.ACCEPTED, ReviewState.FINAL),
        (ONCE, Said("accept", "x"), [Done("9", "ann")], 2, What.REPEATED, ReviewState.REVIEWED),
        (replace(ONCE, seen=""), Said("accept", "ann"), [], 2, What.REPEATED, ONCE.state),
        (replace(ONCE, seen=""), Said("accept", ""), [], 2, What.REPEATED, ONCE.state),
        (replace(ONCE, seen=""), Said("accept", "bob"), [], 2, What.ACCEPTED, ReviewState.FINAL),
        (ONCE, Said("reject", "bob"), [], 2, What.REJECTED, ReviewState.REJECTED),
        (ASKED, Said("", "x"), [Done("9", "ann")], 1, What.UNDECIDED, ReviewState.PROPOSED),
        (ASKED, None, [Done("9", "ann")], 1, None, ReviewState.PROPOSED),
    ],
    ids=[
        *("accepted", "rejected", "the first of two", "nothing new", "the second, by the task"),
        *("the first again, by the task", "the first again", "nobody knows who", "the second"),
        *("rejected by the second", "done, undecided", "no such field"),
    ],
)
def test_a_word_counts_once_and_of_two_people(
    review: Review,
    said: Said | None,
    done: list[Done],
    needed: int,
    what: What | None,
    state: ReviewState,
) -> None:
    change = heard(review, said, done, needed=needed, reviewer="ann")
    assert ([step.what for step in change.steps] if change else []) == ([what] if what else [])
    assert (change.review if change else review).state is state
    assert change is None or change.review.accepted_by in ("", "ann")


def test_where_one_person_is_enough_after_all_the_first_word_is_the_last() -> None:
    change = enough(ONCE, 1)
    assert change is not None
    assert change.review.state is ReviewState.FINAL
    assert enough(ONCE, 2) is None


def test_what_a_later_run_has_finished_is_known_from_the_class_history() -> None:
    """An old copy of the ledger takes up the class that the CRM shows, and the review ends with it."""
    there = {"tier": replace(MEDIUM["tier"], code="large")}
    change = found_in_place(ASKED, there)
    assert change is not None
    assert (change.review.state, change.steps[0].what) == (ReviewState.FINAL, What.FOUND)
    assert found_in_place(ASKED, MEDIUM) is None


def a_task(number: int, state: State = State.DONE, run_id: str = "run") -> Intent:
    """The task that asked for the decision for this time."""
    key = key_of("org", ASKED, number)
    return Intent(
        *(
            key,
            Kind.TASK,
            "Tasks",
            "1",
            "review",
            {},
            run_id,
            state,
            1,
            None,
            None,
            f"task-{number}",
        ),
        *(None, "", "", NOW),
    )


def context(*open_tasks: str) -> TaskContext:
    """What the CRM shows."""
    return TaskContext(
        "org", TODAY, frozenset(), "", frozenset(), NOW, frozenset(open_tasks), frozenset()
    )


@pytest.mark.parametrize(
    ("tasks", "open_tasks", "days", "due"),
    [
        ([], [], 0, 0),
        ([a_task(0)], ["task-0"], 90, None),
        ([a_task(0)], [], 4, None),
        ([a_task(0)], [], 5, 1),
        ([a_task(0), a_task(1, State.UNKNOWN)], [], 90, None),
        ([a_task(0), a_task(1, State.REJECTED)], [], 1, 1),
        ([a_task(0, State.CANCELLED)], [], 5, 1),
    ],
    ids=["first", "open", "too early", "reminder", "in doubt", "refused", "deleted"],
)
def test_one_task_at_a_time_asks_and_the_next_some_days_later(
    tasks: list[Intent], open_tasks: list[str], days: int, due: int | None
) -> None:
    now = NOW + timedelta(days=days)
    later = replace(context(*open_tasks), retry_before=now)
    known = rounds("org", ASKED, tasks)
    assert known == tasks
    assert round_due(ASKED, known, later, now=now, days=5) == due


def test_a_new_proposal_asks_anew_and_a_lost_ledger_takes_the_open_task_over() -> None:
    new = replace(ASKED, id=0, first_round=-1)
    assert begun(new, [a_task(0)], "accept", [])[0] == replace(new, first_round=1, seen="accept")
    assert begun(new, [a_task(0)], "", ["task-0"])[0].first_round == 0
    taken, steps = begun(new, [a_task(0, run_id=ADOPTED)], "", [])
    assert (taken.first_round, [step.task_id for step in steps]) == (0, ["task-0"])


def test_an_adopted_task_is_known_by_the_beginning_of_its_key() -> None:
    found = replace(a_task(0), key=key_of("org", ASKED, 0)[:8])
    assert rounds("org", ASKED, [found]) == [found]
    other = replace(ASKED, state=ReviewState.REVIEWED)
    assert rounds("org", other, [found]) == [], "the second person's tasks are others"
    assert key_of("org", ASKED, 0) == intent_key("task", "org", "review", "1", "tier=large+0")
