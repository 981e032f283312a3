"""What two people must accept counts only when two different people have, in whatever way they say it."""

from __future__ import annotations

import pytest
from prepared import PreparedOffice
from reviewing import (
    GROWING,
    REP,
    REVIEWER,
    SECOND,
    completes,
    mail,
    person,
    review_tasks,
    says,
    shown,
    waiting_for_review,
)
from workbench import Office

from sync.home import Home
from sync.ledger.reviews import ReviewState
from sync.review.command import Decision, NothingToReview, WhoDecides, decide
from sync.review.listing import Listing, listed

TWO = {"classes": {}, "two_people": {"tier": ("large",)}, "second_reviewer": mail(SECOND)}


@pytest.fixture
def two(office: PreparedOffice) -> Office:
    """An office in which two people must accept the growing customer's class."""
    return waiting_for_review(office, **TWO)


def listing(office: Office) -> Listing:
    """The list of reviews that wait."""
    with office.ledger() as ledger:
        today = office.clock.now().date()
        return listed(Home(office.path), ledger, office.policy, today=today)


def test_a_second_person_is_asked_and_the_first_does_not_count_twice(two: Office) -> None:
    assert "Two different people" in review_tasks(two)[0]["Description"]
    says(two, "accept", REVIEWER)
    two.run()
    assert (shown(two), shown(two, "class_status")) == ("medium", "reviewed")
    first, second = review_tasks(two)
    assert (first["Status"], second["Status"]) == ("Completed", "Not Started")
    assert second["Owner"]["id"] == person(two, SECOND)
    two.after(60)
    completes(two, second, REVIEWER)
    two.run()
    [row] = listing(two).rows
    assert row.missing == "Accepted by Patricia Boyle; somebody else has to accept as well."
    assert "again, which does not count" in row.steps[-1]
    assert shown(two) == "medium"
    says(two, "reject", SECOND)
    two.run()
    assert (shown(two), shown(two, "class_status")) == ("medium", "rejected")


def test_by_command_the_two_have_to_differ_as_well(two: Office) -> None:
    requests = len(two.standin.requests)

    def word(by: int, accepts: bool = True) -> ReviewState:
        account = two.account_id(GROWING)
        decision = Decision((account,), accepts=accepts, by=mail(by), note="Seen their orders")
        with two.ledger() as ledger:
            home, now = Home(two.path), two.clock.now()
            [change] = decide(home, ledger, two.policy, decision, now=now).changes
        return change.review.state

    assert word(REP) is ReviewState.REVIEWED
    with pytest.raises(WhoDecides, match="another one has to accept"):
        word(REP)
    assert word(SECOND) is ReviewState.FINAL
    with pytest.raises(NothingToReview, match="accepted already"):
        word(SECOND)
    assert len(two.standin.requests) == requests, "the CRM is not called"
    two.run()
    assert shown(two) == "large"
    assert word(REP, accepts=False) is ReviewState.REJECTED
    two.after(60)
    two.run()
    assert (shown(two), shown(two, "class_status")) == ("medium", "rejected"), "it is taken back"
