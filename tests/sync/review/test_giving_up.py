"""A customer is given up only by two people, on evidence, and for as long as nobody takes it back."""

from __future__ import annotations

from dataclasses import replace

from full_profile import MARKS, in_all
from reviewing import REP, REVIEWER, SECOND, mail, review_tasks, reviewing, shown
from workbench import Office

from sync.home import Home
from sync.policy import Playbook, Policy
from sync.policy.model import FieldPlan
from sync.review.command import Decision, decide
from sync.review.rules import guarded
from sync.undo import undo

HOPELESS = 1
GIVE_UP = Playbook(
    "give-up",
    {"tier": ("small",)},
    follow_up_days=730,
    marks=("given_up",),
    strategy=in_all("Let it be."),
)
OTHERWISE = Playbook("keep", {"tier": ("small",)}, follow_up_days=30, strategy=in_all("Look."))


def giving_up() -> Policy:
    """Two people must accept that a small customer is given up."""
    rules = {"classes": {}, "two_people": {"marks": ("given_up",)}}
    policy = reviewing(GIVE_UP, OTHERWISE, **rules, second_reviewer=mail(SECOND))
    return replace(
        policy,
        fields=FieldPlan(policy.fields.write | {"marks", "strategy"}),
        marks={"given_up": in_all("Given up")},
    )


def decided(office: Office, who: int, *, accepts: bool = True) -> None:
    """Somebody decides from the command line."""
    decision = Decision((office.account_id(HOPELESS),), accepts, "marks", mail(who))
    with office.ledger() as ledger:
        decide(Home(office.path), ledger, office.policy, decision, now=office.clock.now())


def given(office: Office) -> tuple[object, object, object]:
    """Marks, strategy and status of the customer."""
    account = office.account(HOPELESS)
    return account.get(MARKS) or None, *(
        shown(office, key, HOPELESS) for key in ("strategy", "class_status")
    )


def test_two_people_give_a_customer_up_and_an_undo_takes_it_back(office: Office) -> None:
    office.policy = giving_up()
    office.set_up()
    office.run("backfill")
    assert given(office) == (None, "Look.", "proposed")
    [task] = review_tasks(office, HOPELESS)
    assert "Last purchase: 2011-11-18.\nSales of the last 365 days: CNY 100" in task["Description"]
    decided(office, REVIEWER)
    decided(office, REP)
    office.after(60)
    written = office.run().run_id
    assert given(office) == (["given_up"], "Let it be.", "final")
    assert shown(office, "next_follow_up", HOPELESS) > "2013-11"
    with office.desk() as desk:
        undo(desk, written, confirm=lambda _plan: True)
    office.after(60)
    office.run()
    assert given(office) == (None, "Look.", "proposed"), "it waits for people again"
    [task] = review_tasks(office, HOPELESS)
    assert task["Status"] == "Not Started", "the task that the run had closed is open again"


def test_a_reviewer_gets_no_more_tasks_than_a_day_holds(office: Office) -> None:
    office.policy = replace(giving_up(), tasks_per_day=2)
    office.set_up()
    report = office.run("backfill")
    assert (report.reviews_waiting, report.tasks_created) == (4, 2)


def test_the_playbook_that_gives_up_says_nothing_before() -> None:
    [guard, plain] = guarded((GIVE_UP, OTHERWISE), giving_up().review)
    assert guard.has == ("accepted_given_up",)
    assert plain == OTHERWISE
