"""Setup creates our ten fields once, under names that people can read, and knows them by id afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from workbench import MORNING, NAMES, Office, simple_policy, write_company

from connector.clock import VirtualClock
from connector.errors import Refused, Uncertain
from connector.model import FieldSpec
from connector.standin.server import StandIn
from sync.lock import LockHeld, run_lock
from sync.machine_fields import MINIMAL
from sync.policy import Policy
from sync.policy.model import FieldPlan
from sync.setup import Provision, SetUp, set_up
from sync.words import FIELD_LABELS, Language


@pytest.fixture
def bare(tmp_path: Path) -> Any:
    """An office that is not set up yet."""
    clock = VirtualClock(MORNING)
    with StandIn(*write_company(tmp_path / "company"), clock=clock) as standin:
        yield Office(standin, tmp_path / "home", clock)


def setting_up(
    office: Office,
    policy: Policy | None = None,
    confirm: Callable[[Provision], bool] = lambda _: True,
) -> SetUp:
    with office.desk(policy=policy) as desk:
        return set_up(desk, confirm=confirm)


def fields(office: Office) -> dict[str, Any]:
    custom = office.standin.tenant.catalogue.fields("Accounts").values()
    return {field.api_name: field for field in custom if field.custom}


def test_ten_fields_on_accounts_and_one_on_tasks_are_created_in_three_calls(bare: Office) -> None:
    done = setting_up(bare)
    assert (done.created, set(fields(bare))) == (10, set(NAMES.values()))
    assert dict(done.fields) == NAMES
    assert len(bare.calls("POST", "/settings/fields")) == 3
    assert fields(bare)["Churn_Probability"].data_type == "percent"
    assert [v.stored for v in fields(bare)["Customer_Tier"].pick_list][-3:] == [
        "large",
        "medium",
        "small",
    ]


@pytest.mark.parametrize("language", list(Language))
def test_people_see_the_fields_in_the_language_of_the_policy(
    bare: Office, language: Language
) -> None:
    setting_up(bare, replace(simple_policy(), language=language))
    labels = {name: field.label for name, field in fields(bare).items()}
    assert labels == {m.api_name: FIELD_LABELS[m.key][language] for m in MINIMAL}


def test_reps_choose_from_the_policys_own_words(bare: Office) -> None:
    own = {("tier", "large"): {Language.EN: "Key account"}}
    setting_up(bare, replace(simple_policy(), labels=own))
    shown = {v.stored: v.shown for v in fields(bare)["Customer_Tier"].pick_list}
    assert shown["large"] == "Key account"


def test_a_second_setup_creates_nothing(bare: Office) -> None:
    first = setting_up(bare)
    log = len(bare.standin.log)
    second = setting_up(bare)
    assert (second.created, second.fields) == (0, first.fields)
    assert len(bare.standin.log) == log


def test_a_field_that_was_renamed_is_found_again_by_its_id(bare: Office) -> None:
    setting_up(bare)
    bare.redefine("tier", api_name="Kundengroesse", label="Kundengröße")
    second = setting_up(bare)
    assert (second.created, second.fields["tier"]) == (0, "Kundengroesse")


def test_a_field_that_was_deleted_is_created_again(bare: Office) -> None:
    setting_up(bare)
    bare.redefine("reason", gone=True)
    again = setting_up(bare)
    assert (again.created, again.fields["reason"]) == (1, "Class_Reason")
    assert bare.run("backfill").notes == ()


def test_a_field_of_ours_that_has_become_another_type_is_refused_before_anything_is_created(
    bare: Office,
) -> None:
    setting_up(bare)
    for key in NAMES:
        bare.redefine(
            key, **({"data_type": "text", "pick_list": ()} if key == "tier" else {"gone": True})
        )
    (bare.path / "ledger.sqlite").unlink()
    log = len(bare.standin.log)
    with pytest.raises(
        Refused, match="was made by fenlei but is text now, not picklist"
    ) as refused:
        setting_up(bare)
    assert "Delete it in Zoho" in refused.value.message
    assert len(bare.standin.log) == log


def test_a_field_of_the_organisations_own_that_has_our_name_is_left_alone(bare: Office) -> None:
    own = FieldSpec("Next Follow Up", "Next Follow Up", "date", tooltip="Filled in by the reps")
    with bare.desk() as desk:
        (theirs,) = desk.crm.create_fields("Accounts", [own])
    done = setting_up(bare)
    assert (done.created, done.fields["next_follow_up"]) == (10, "Fenlei_Next_Follow_Up")
    rep_filled = bare.account_id(3)
    bare.standin.rep.edit("Accounts", rep_filled, Next_Follow_Up="2012-01-01")
    bare.after(300)
    bare.run("backfill")
    records = bare.standin.records("Accounts")
    assert records[rep_filled]["Next_Follow_Up"] == "2012-01-01"
    assert all(r.get("Next_Follow_Up") is None for key, r in records.items() if key != rep_filled)
    assert all(r["Fenlei_Next_Follow_Up"] for r in records.values())
    (bare.path / "ledger.sqlite").unlink()
    assert setting_up(bare).fields == done.fields, "known again by its tooltip"
    assert theirs.id not in bare.field_ids.values()


def test_fields_that_the_policy_does_not_write_are_not_created(bare: Office) -> None:
    few = replace(simple_policy(), fields=FieldPlan(frozenset({"tier", "reason"})))
    assert setting_up(bare, few).created == 4
    assert set(fields(bare)) == {
        NAMES[k] for k in ("tier", "reason", "tier_override", "loyalty_override")
    }


def test_what_is_shown_is_what_is_created_and_no_means_no(bare: Office) -> None:
    shown: list[list[str]] = []

    def decline(plan: Provision) -> bool:
        assert plan.task_key is not None
        labels = [spec.english_label for spec in plan.create.values()]
        shown.append([*labels, plan.task_key.english_label])
        return False

    declined = setting_up(bare, confirm=decline)
    assert (declined.declined, declined.created) == (True, 0)
    assert fields(bare) == {}
    assert shown == [[*(machine.english_label for machine in MINIMAL), "Sync Key"]]


def test_what_was_created_before_a_failure_is_found_again(bare: Office) -> None:
    bare.standin.faults.add("POST /settings/fields*", nth=2, kind="throttled", times=9)
    with pytest.raises(Exception, match=r"\w"):
        setting_up(bare)
    assert len(fields(bare)) == 5
    bare.standin.faults.clear()
    assert setting_up(bare).created == 5
    assert set(fields(bare)) == set(NAMES.values())


def test_a_lost_answer_is_told_as_such_and_what_was_created_is_found_again(bare: Office) -> None:
    bare.standin.faults.add("POST /settings/fields*", kind="lost_after_apply")
    with pytest.raises(Uncertain, match="5 of 10 fields is not known") as lost:
        setting_up(bare)
    assert lost.value.hint.startswith("Run 'fenlei setup' again")
    assert setting_up(bare).created == 0


def test_setup_beside_a_run_makes_no_call(bare: Office) -> None:
    bare.path.mkdir(mode=0o700)
    with run_lock(bare.path / "run.lock"), pytest.raises(LockHeld):
        setting_up(bare)
    assert list(bare.standin.requests) == []


def test_another_language_relabels_our_fields_but_not_those_that_people_renamed(
    bare: Office,
) -> None:
    setting_up(bare)
    bare.redefine("loyalty", label="Ours now")
    chinese = replace(simple_policy(), language=Language.ZH_HANS)
    assert setting_up(bare, chinese).other_labels == ()
    with bare.desk() as desk:
        labels = {field.name: field.label for field in desk.crm.fields("Accounts")}
    assert labels[NAMES["tier"]] == FIELD_LABELS["tier"][Language.ZH_HANS]
    assert labels[NAMES["loyalty"]] == "Ours now"
