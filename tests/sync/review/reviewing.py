"""An office in which somebody must accept that a customer is large, and what people do in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

from photograph import Photo
from prepared import PreparedOffice, develop, photographed
from workbench import ALL_NAMES, DAY, Office, playbook, simple_policy

from connector.model import Module
from sync.ledger.reviews import Review
from sync.policy import Playbook, Policy
from sync.policy.model import FieldPlan
from sync.policy.review_section import STATUS_FIELD
from sync.review.rules import ReviewRules, guarded

GROWING = 4
"""A medium customer, who becomes large as soon as it buys for 2,000."""

BOSS, REVIEWER, SECOND, REP = range(4)
"""Places among the users; the boss is the user whom we act for."""

DECISION, STATUS = ALL_NAMES["review_decision"], ALL_NAMES["class_status"]


def reviewing(*playbooks: Playbook, status: bool = True, **rules: Any) -> Policy:
    """The simple policy in which one person has to accept that a customer is large."""
    simple = simple_policy(*(playbooks or (playbook(),)))
    asked = ReviewRules(**({"classes": {"tier": ("large",)}, "reviewer": mail(REVIEWER)} | rules))
    return replace(
        simple,
        fields=FieldPlan(simple.fields.write | ({STATUS_FIELD} if status else set())),
        playbooks=guarded(simple.playbooks, asked),
        review=asked,
    )


def mail(who: int) -> str:
    """The address of one of the stand-in's people."""
    names = ("chen.ming", "patricia.boyle", "wang.xiuying", "james.turner")
    return f"{names[who]}@standin.example"


def open_for_review(office: Office, **rules: Any) -> Office:
    """The office after its first backfill, on the day on which the growing customer has become large."""
    office.policy = reviewing(**rules)
    office.set_up()
    office.run("backfill")
    office.after(DAY)
    office.buys(GROWING, 2000)
    office.after(DAY)
    return office


_PHOTOS: dict[tuple[int, str], Photo] = {}


def waiting_for_review(office: PreparedOffice, **rules: Any) -> Office:
    """The same after one more run, in which the growing customer's class was proposed.

    Getting there is photographed once for each stand-in, because most tests begin there.
    """
    stage = office.stage
    key = (id(stage), repr(sorted(rules.items())))
    if stage is None or key not in _PHOTOS:
        open_for_review(office, **rules).run()
        if stage is not None:
            _PHOTOS[key] = photographed(office)
    else:
        shutil.rmtree(office.path)
        develop(office, _PHOTOS[key])
        office.policy = reviewing(**rules)
    return office


def person(office: Office, who: int) -> str:
    """The id of one of the people."""
    return str(office.standin.tenant.people.users[who]["id"])


def says(office: Office, word: str | None, who: int = REVIEWER) -> None:
    """Somebody chooses a decision on the growing customer."""
    office.standin.rep.as_user(who).edit("Accounts", office.account_id(GROWING), **{DECISION: word})
    office.after(60)


def refunds(office: Office, amount: float) -> None:
    """The growing customer sends back what made it large."""
    office.buys(GROWING, -amount)
    office.after(DAY)


def review_tasks(office: Office, number: int = GROWING) -> list[dict[str, Any]]:
    """The tasks that ask for a decision about a customer, oldest first."""
    account = office.account_id(number)
    tasks = office.standin.records(Module.TASKS).values()
    return [
        dict(task)
        for task in sorted(tasks, key=lambda one: int(one["id"]))
        if task["What_Id"]["id"] == account and "review-" in task["Subject"]
    ]


def completes(office: Office, task: dict[str, Any], who: int = REVIEWER) -> None:
    """Somebody completes a task."""
    office.standin.rep.as_user(who).edit("Tasks", task["id"], Status="Completed")
    office.after(600)


def shown(office: Office, key: str = "tier", number: int = GROWING) -> Any:
    """What the CRM holds in one of our fields."""
    return office.account(number).get(ALL_NAMES[key])


def reviews(office: Office) -> list[Review]:
    """Every review in the ledger."""
    with office.ledger() as ledger:
        return ledger.reviews.all()
