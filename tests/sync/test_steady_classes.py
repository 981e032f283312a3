"""Over the days a class changes when the customer does, and the reason tells what it was before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from workbench import DAY, NAMES, TODAY, Office, simple_policy

from classifiers.stability import WITHIN_MARGIN
from sync.bindings import remember_ids
from sync.explaining import explain_account
from sync.home import Home
from sync.policy import Policy
from sync.policy.model import FieldPlan


def policy(**settings: Any) -> Policy:
    shipped = simple_policy()
    steady = {"amount_margin": 0.05, "probability_margin": 0.03}
    return replace(shipped, settings=replace(shipped.settings, **(steady | settings)))


def explained(office: Office, number: int) -> dict[str, Any]:
    with office.ledger() as ledger:
        found, _ = explain_account(
            {}, Home(office.path), ledger, office.account_id(number), as_of=None
        )
    return found.as_json()


def answers(office: Office, number: int) -> dict[str, tuple[str, str]]:
    return {
        str(answer["dimension"]): (str(answer["code"]), str(answer["rule"]))
        for answer in explained(office, number)["verdicts"]
    }


@pytest.mark.parametrize(
    ("large_from", "tier"), [(2050, "large"), (2150, "medium")], ids=["within", "beyond"]
)
def test_who_is_just_below_a_limit_stays_where_it_was(
    office: Office, large_from: float, tier: str
) -> None:
    office.run("backfill")
    assert office.account(7)[NAMES["tier"]] == "large", "it bought for 2,000"
    office.after(DAY)
    office.run(policy=policy(tier_large_from=large_from))
    assert office.account(7)[NAMES["tier"]] == tier
    assert office.run(policy=policy(tier_large_from=large_from)).accounts_written == 0


def test_an_override_of_a_rep_is_no_class_that_the_account_had(office: Office) -> None:
    office.run("backfill", policy=policy(tier_large_from=2050))
    assert office.account(7)[NAMES["tier"]] == "medium"
    office.standin.rep.edit("Accounts", office.account_id(7), Tier_Override="large")
    office.after(DAY)
    office.run(policy=policy(tier_large_from=2050))
    assert office.account(7)[NAMES["tier"]] == "medium"


def test_a_field_that_was_emptied_is_filled_by_the_limit_itself(office: Office) -> None:
    office.run("backfill")
    office.after(DAY)
    office.standin.rep.edit("Accounts", office.account_id(7), **{NAMES["tier"]: None})
    office.run(policy=policy(tier_large_from=2050))
    assert office.account(7)[NAMES["tier"]] == "medium"


def test_a_purchase_is_judged_by_the_limit_itself(office: Office) -> None:
    office.run("backfill")
    office.after(2 * DAY)
    office.buys(7, 10.0)
    office.run(policy=policy(tier_large_from=2050))
    assert office.account(7)[NAMES["tier"]] == "medium"


def test_looking_back_to_a_day_before_the_classes_were_written_takes_no_notice_of_them(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(DAY)
    before = TODAY - timedelta(days=1)
    office.run("backfill", as_of=before, policy=policy(tier_large_from=2050))
    assert office.account(7)[NAMES["tier"]] == "medium"


def test_an_explanation_says_that_the_margin_keeps_a_class(office: Office) -> None:
    office.run("backfill")
    office.run()
    (office.path / "policy.toml").write_text("[tier]\nlarge_from = 2050\nmedium_from = 300\n")
    assert answers(office, 7)["tier"] == ("large", WITHIN_MARGIN)
    (office.path / "policy.toml").write_text(
        "[tier]\nlarge_from = 2050\nmedium_from = 300\n[stability]\namount_margin = 0\n"
    )
    assert answers(office, 7)["tier"] == ("medium", "sales_reach_medium")


def test_the_reason_tells_what_the_customer_was_before_and_the_history_for_how_long(
    office: Office,
) -> None:
    office.run("backfill")
    was = office.account(6)[NAMES["loyalty"]]
    assert "until" not in office.account(6)[NAMES["reason"]]
    office.after(200 * DAY)
    office.run()
    day = (TODAY + timedelta(days=200)).isoformat()
    now = office.account(6)[NAMES["loyalty"]]
    assert (was, now) == ("ordinary", "churned")
    assert office.account(6)[NAMES["reason"]].endswith(f" Was ordinary until {day}.")
    told = explained(office, 6)
    assert told["reason"] == office.account(6)[NAMES["reason"]]
    assert [
        (c["class"], c["before"], c["days"]) for c in told["history"] if c["dimension"] == "loyalty"
    ] == [(was, "", 200), (now, was, 0)]
    assert office.run().accounts_written == 0, "what is said of a change is no reason to write"
    office.after(10 * DAY)
    assert f"until {day}" in explained(office, 6)["reason"]


# The field for the value.


def test_the_value_is_written_and_a_second_run_writes_nothing(office: Office) -> None:
    office.run("backfill")
    shown = [office.account(number).get(NAMES["value"]) for number in range(10)]
    assert shown[0] is None, "who never bought has no value yet"
    assert set(shown[1:]) == {"low", "middle", "high"}
    assert office.run().accounts_written == 0


def test_an_organisation_set_up_before_the_field_existed_is_told_how_to_get_it(
    office: Office,
) -> None:
    office.redefine("value", gone=True)
    ids = office.field_ids
    with office.ledger() as ledger:
        remember_ids(ledger, {key: field for key, field in ids.items() if key != "value"})
    report = office.run("backfill")
    assert (report.status, report.accounts_written) == ("done", 10)
    assert list(report.notes) == [
        (
            "This organisation has no field 'Customer Value' yet: 'fenlei setup' would add it. "
            "Or take 'value' out of [fields] in the policy."
        )
    ]
    shipped = simple_policy()
    without = replace(shipped, fields=FieldPlan(shipped.fields.write - {"value"}))
    assert office.run(policy=without).notes == ()
    office.set_up()
    report = office.run()
    assert (report.notes, report.accounts_written) == ((), 9)
    assert office.account(7)[NAMES["value"]] == "high"
    assert office.run().accounts_written == 0


def test_the_amounts_of_value_are_proposed_once_and_kept(office: Office) -> None:
    asked = policy(value_high_from=None, value_middle_from=None)
    first = office.run("backfill", policy=asked).thresholds
    assert first["value_high_from"] >= first["value_middle_from"] > 0
    office.after(DAY)
    office.buys(5, 50_000)
    second = office.run(policy=asked).thresholds
    assert second["value_high_from"] == first["value_high_from"]


def test_the_churn_model_that_spoke_is_kept_for_the_next_run(office: Office) -> None:
    office.run("backfill")
    with office.ledger() as ledger:
        kept = json.loads(ledger.fact("churn_model"))
    assert kept == {"kind": "prior", "horizon_days": 182}
