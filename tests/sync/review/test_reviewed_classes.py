"""A class that somebody must accept is not written before, and the account keeps the one that it had."""

from __future__ import annotations

import pytest
from prepared import PreparedOffice
from reviewing import (
    DECISION,
    GROWING,
    REVIEWER,
    completes,
    open_for_review,
    person,
    refunds,
    review_tasks,
    reviewing,
    reviews,
    says,
    shown,
    waiting_for_review,
)
from workbench import ALL_NAMES, DAY, LARGE_ONES, Office, ledger_disagrees

from sync.ledger import Kind, State
from sync.ledger.reviews import ReviewState


@pytest.fixture
def waiting(office: PreparedOffice) -> Office:
    """An office whose growing customer waits for a review."""
    return waiting_for_review(office)


def test_a_class_that_needs_review_is_not_written_before(waiting: Office) -> None:
    assert (shown(waiting), shown(waiting, "class_status")) == ("medium", "proposed")
    assert "waiting for review since 2011-12-11" in shown(waiting, "reason")
    [task] = review_tasks(waiting)
    assert task["Owner"]["id"] == person(waiting, REVIEWER)
    assert "instead of “Medium”" in task["Description"]
    assert "(large from 1,000)" in task["Description"], "the reason is that of the proposal"
    purposes = {i.purpose for i in waiting.intents() if i.record_id == waiting.account_id(GROWING)}
    assert purposes == {"", "review"}, "nothing happens yet for a large customer"
    assert [shown(waiting, number=one) for one in LARGE_ONES] == ["large", "large"]
    written = len(waiting.written())
    waiting.after(3600)
    report = waiting.run()
    assert (report.reviews_waiting, len(waiting.written())) == (1, written)
    assert ledger_disagrees(waiting) == []


def test_accepted_in_the_field_the_class_is_written_and_the_task_closed(waiting: Office) -> None:
    waiting.after(3600)
    says(waiting, "accept")
    report = waiting.run()
    assert (shown(waiting), shown(waiting, "class_status")) == ("large", "final")
    assert shown(waiting, "review_decision") == "accept", "their field stays as it is"
    assert (report.tasks_closed, review_tasks(waiting)[0]["Status"]) == (1, "Completed")
    assert {i.purpose for i in waiting.intents() if i.crm_id} >= {"call-large"}
    written = len(waiting.written())
    waiting.after(3600)
    waiting.run()
    assert len(waiting.written()) == written
    with waiting.ledger() as ledger:
        told = [r.entry for r in ledger.audit.rows() if r.entry.field == "tier"]
        assert [one.outcome for one in told] == ["proposed", "accepted"]
        assert told[1].new["by"] == person(waiting, REVIEWER)
        assert ledger.audit.verify().flaw is None


def test_what_an_earlier_decision_left_in_the_field_counts_only_with_the_task(
    office: Office,
) -> None:
    open_for_review(office)
    says(office, "accept")
    office.run()
    assert shown(office) == "medium", "nobody has decided about this proposal"
    office.after(60)
    completes(office, review_tasks(office)[0])
    office.run()
    assert (shown(office), shown(office, "class_status")) == ("large", "final")


def test_a_rejected_class_is_not_proposed_again_while_the_verdict_is_the_same(
    waiting: Office,
) -> None:
    says(waiting, "reject")
    waiting.run()
    assert (shown(waiting), shown(waiting, "class_status")) == ("medium", "rejected")
    assert shown(waiting, "reason").startswith("Proposed: Large, but rejected.")
    written = len(waiting.written())
    waiting.after(3600)
    assert (waiting.run().reviews_waiting, len(waiting.written())) == (0, written)


def test_a_proposal_whose_verdict_goes_away_is_withdrawn_and_its_task_closed(
    waiting: Office,
) -> None:
    refunds(waiting, 2000)
    report = waiting.run()
    assert (shown(waiting), shown(waiting, "class_status")) == ("medium", None)
    assert (report.reviews_waiting, report.tasks_closed) == (0, 1)
    [task] = review_tasks(waiting)
    assert task["Description"].startswith("Closed by fenlei: no longer needed")
    assert [review.state for review in reviews(waiting)] == [ReviewState.WITHDRAWN]


def test_a_class_that_a_person_chose_needs_no_review_and_its_touched_task_stays(
    waiting: Office,
) -> None:
    account = waiting.account_id(GROWING)
    waiting.after(60)
    waiting.standin.rep.edit("Tasks", review_tasks(waiting)[0]["id"], Description="I am on it")
    waiting.standin.rep.edit("Accounts", account, **{ALL_NAMES["tier_override"]: "small"})
    waiting.after(60)
    report = waiting.run()
    assert (report.reviews_waiting, report.tasks_closed) == (0, 0)
    assert shown(waiting) == "small", "what nobody has accepted is not shown either"
    written = len(waiting.written())
    waiting.after(3600)
    waiting.run()
    assert len(waiting.written()) == written


def test_who_was_never_classified_before_is_reviewed_only_where_the_policy_says_so(
    office: Office,
) -> None:
    office.policy = reviewing(at_first=True)
    office.set_up()
    assert office.run("plan").reviews_waiting == 2
    assert reviews(office) == [], "a plan decides nothing"
    office.run("backfill")
    assert [shown(office, number=one) for one in LARGE_ONES] == [None, None]
    assert shown(office, "class_status", LARGE_ONES[0]) == "proposed"
    office.after(3600)
    office.standin.rep.edit("Accounts", office.account_id(LARGE_ONES[0]), **{DECISION: "reject"})
    office.after(60)
    office.run()
    assert shown(office, number=LARGE_ONES[0]) is None
    assert review_tasks(office, LARGE_ONES[0])[0]["Status"] == "Completed"


def test_a_run_that_dies_after_it_proposed_opens_no_second_task(office: Office) -> None:
    open_for_review(office)
    office.standin.faults.add("POST /Tasks", kind="lost_after_apply")
    office.run()
    assert len(office.intents(State.UNKNOWN, kind=Kind.TASK)) == 1
    office.after(DAY)
    office.run()
    assert (len(review_tasks(office)), len(reviews(office))) == (1, 1)
    assert ledger_disagrees(office) == []


def test_after_a_lost_ledger_it_is_proposed_anew_and_the_task_found(waiting: Office) -> None:
    for suffix in ("", "-wal", "-shm"):
        (waiting.path / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    waiting.set_up()
    waiting.after(60)
    report = waiting.run()
    assert (shown(waiting), report.reviews_waiting) == ("medium", 1)
    assert len(review_tasks(waiting)) == 1
    waiting.after(60)
    says(waiting, "accept")
    waiting.run()
    assert shown(waiting) == "large"
