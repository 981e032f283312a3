"""What walking the requirements brought to light: advice that reaches somebody, and deals past their day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from full_profile import full_policy, held
from workbench import DAY, LARGE_ONES, Office, playbook, tasks_by_account

from sync.policy import Playbook, Policy, follow_up_days, load_policy, matching
from sync.policy.playbooks import marks, strategy
from sync.verdicts import CLASSES
from sync.words import Language

Classes = dict[str, str | None]

CUSTOMER: Classes = {
    "tier": "small",
    "loyalty": "ordinary",
    "lifecycle": "loyal",
    "value": "middle",
    "potential": "medium",
    "won_tier": "ordinary",
    "follow_status": "won",
    "frequency": "medium",
}
KNOWN = {"city": "成都", "industry_given": "trade", "overdue_deals": 0}


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return load_policy(None, catalogue=CLASSES)


def advice_of(policy: Policy, purpose: str) -> str:
    [found] = [one for one in policy.playbooks if one.purpose == purpose]
    return found.strategy[Language.EN]


@pytest.mark.parametrize("won_tier", ["key", "ordinary", "minor"])
def test_whatever_a_new_customer_is_worth_it_is_asked_how_the_first_order_went(
    shipped: Policy, won_tier: str
) -> None:
    new = CUSTOMER | {"loyalty": "new", "lifecycle": "purchase", "won_tier": won_tier}
    assert follow_up_days(shipped, new, KNOWN) == 14
    assert strategy(shipped, new, KNOWN) == advice_of(shipped, "welcome")


@pytest.mark.parametrize("loyalty", ["fairly_loyal", "ordinary"])
@pytest.mark.parametrize("frequency", ["medium", "low"])
def test_after_one_purchase_the_advice_is_about_the_next(
    shipped: Policy, loyalty: str, frequency: str
) -> None:
    once = CUSTOMER | {"loyalty": loyalty, "frequency": frequency, "lifecycle": "purchase"}
    assert strategy(shipped, once, KNOWN) == advice_of(shipped, "first-purchase")


def test_a_satisfied_customer_is_thanked_for_being_so_and_no_leaving_one(shipped: Policy) -> None:
    satisfied = CUSTOMER | {"satisfaction": "satisfied"}
    assert strategy(shipped, satisfied, KNOWN) == advice_of(shipped, "satisfied")
    leaving = satisfied | {"loyalty": "at_risk"}
    assert strategy(shipped, leaving, KNOWN) == advice_of(shipped, "at-risk-small")


@pytest.mark.parametrize(
    ("missing", "marked"),
    [((), False), (("city",), True), (("industry_given",), True), (("overdue_deals",), False)],
)
def test_a_customer_worth_it_of_whom_something_is_not_known_is_on_the_list(
    shipped: Policy, missing: tuple[str, ...], marked: bool
) -> None:
    facts = KNOWN | dict.fromkeys(missing)
    large = CUSTOMER | {"tier": "large"}
    assert ("incomplete_record" in marks(shipped, large, facts)) is marked
    assert "incomplete_record" not in marks(shipped, CUSTOMER, facts)


def test_a_test_with_an_open_case_and_a_decider_nobody_spoke_with_are_work(shipped: Policy) -> None:
    def purposes(classes: Classes, **facts: Any) -> set[str]:
        return {one.purpose for one in matching(shipped, classes, KNOWN | facts)}

    testing = {"loyalty": "prospect", "follow_status": "testing"}
    assert "test-problem" in purposes(testing, open_cases=1)
    assert "test-problem" not in purposes(testing, open_cases=0)
    key = CUSTOMER | {"won_tier": "key"}
    silent: dict[str, Any] = {"decision_makers": 1, "last_decision_touch_day": None}
    assert "decision-maker-silent" in purposes(key, touches=3, **silent)
    assert "decision-maker-silent" not in purposes(key, touches=0, **silent)


SETTLE = Playbook(
    "settle",
    {"tier": ("large",)},
    task=playbook().task,
    marks=("mail",),
    has=("overdue_deals",),
)


def test_a_deal_past_its_closing_date_is_a_mark_a_task_and_a_line_of_the_report(
    make_office: Callable[..., Office],
) -> None:
    office = make_office()
    office.policy = full_policy(SETTLE)
    office.set_up()
    late, other = LARGE_ONES[:2]
    office.standin.rep.add(
        "Deals",
        Deal_Name="Renewal",
        Account_Name={"id": office.account_id(late)},
        Stage="Negotiation/Review",
        Amount=100,
        Closing_Date="2011-01-31",
    )
    office.after(DAY)
    report = office.run("backfill")
    assert report.findings["open_deal_overdue"] == 1
    assert (held(office, late, "marks"), held(office, other, "marks")) == (["mail"], None)
    assert tasks_by_account(office.created()) == {office.account_id(late): 1}
    office.after(DAY)
    assert office.run().fields_written == 0, "the same deal is no news on the next day"
