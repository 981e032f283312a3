"""Where there is no room for the two fields of a review, the command decides and the task says so."""

from __future__ import annotations

from prepared import PreparedOffice
from reviewing import GROWING, completes, review_tasks, reviews, shown, waiting_for_review

from sync.explain import explain
from sync.home import Home
from sync.review.command import Decision, decide
from sync.review.listing import listed
from sync.status import status_of
from sync.verdicts import classify_all


def test_completing_the_task_says_nothing_and_the_command_decides(office: PreparedOffice) -> None:
    office = waiting_for_review(office, status=False)
    [task] = review_tasks(office)
    account = office.account_id(GROWING)
    assert f"fenlei review accept {account}" in task["Description"]
    office.after(60)
    completes(office, task)
    office.run()
    assert (shown(office), len(review_tasks(office))) == ("medium", 1)
    with office.ledger() as ledger:
        home, now = Home(office.path), office.clock.now()
        found = status_of(ledger)
        assert found.as_json()["reviews"] == {"waiting": 1, "oldest_since": "2011-12-11"}
        assert "'fenlei review list'" in found.notes[-1]
        [row] = listed(home, ledger, office.policy, today=now.date()).rows
        assert row.sentence.startswith(
            f"客户 004 Ltd ({account}): Large, now Medium, since 2011-12-11."
        )
        found = decide(home, ledger, office.policy, Decision(("004",), accepts=True), now=now)
        assert found.sentences == (f"{account}: Large is final. It counts from the next run on.",)
    office.run()
    assert shown(office) == "large"
    assert [str(review.state) for review in reviews(office)] == ["final"]


def test_an_explanation_says_what_waits_and_what_counts_meanwhile(office: PreparedOffice) -> None:
    office = waiting_for_review(office, status=False)
    today = office.clock.now().date()
    with office.desk() as desk, desk.mirror:
        verdicts = classify_all(desk.mirror, desk.policy, today=today, currency="CNY")
        found = explain(
            desk.mirror,
            desk.ledger,
            desk.policy,
            verdicts,
            office.account_id(GROWING),
            columns=(),
            as_of=today,
        )
    assert found.reason.startswith("Proposed: Large, waiting for review since 2011-12-11.")
    assert (found.answers[0].code, found.playbooks) == ("large", ())
    [review] = found.as_json()["reviews"]
    assert (review["class"], review["before"], review["state"]) == ("large", "medium", "proposed")
