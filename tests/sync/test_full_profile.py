"""The full profile writes every class, several at once too, and keeps to all that holds for the ten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from full_profile import NEED, full_policy, held, says
from workbench import ALL_NAMES, DAY, Office, ledger_disagrees

from connector.standin.switches import Switches
from sync.ledger import State
from sync.order import Watch
from sync.report import Status
from sync.undo import undo
from sync.verdicts import CLASSES

MakeOffice = Callable[..., Office]


@pytest.fixture
def full(make_office: MakeOffice) -> Office:
    """An office with the full profile in which two customers have told what they need."""
    office = make_office()
    office.policy = full_policy()
    office.set_up()
    says(office, 2, "Wants a lower price and better after-sales service")
    says(office, 3, "客户关心价格")
    office.after(DAY)
    return office


def test_every_class_that_is_known_is_written(full: Office) -> None:
    report = full.run("backfill")
    assert (report.status, report.accounts_written, report.held) == (Status.DONE, 10, 0)
    for key in ("frequency", "lifecycle", "follow_status", "won_tier", "potential"):
        written = {held(full, number, key) for number in range(10)} - {None}
        assert written
        assert written <= set(CLASSES[key]), key
    assert held(full, 6, "value_score") > held(full, 1, "value_score") > 0
    assert ledger_disagrees(full) == []


def test_what_nothing_is_known_of_stays_empty(full: Office) -> None:
    full.run("backfill")
    for key in ("industry", "city_tier", "segment", "satisfaction"):
        assert [held(full, number, key) for number in range(10)] == [None] * 10


def test_the_full_profile_comes_to_rest(full: Office) -> None:
    full.run("backfill")
    written = len(full.written())
    again = full.run()
    assert (again.fields_written, again.held, len(full.written())) == (0, 0, written)


def test_a_customer_with_two_needs_carries_both(full: Office) -> None:
    full.run("backfill")
    assert sorted(held(full, 2, "need")) == ["price", "service"]
    assert held(full, 3, "need") == ["price"]
    assert not held(full, 4, "need")


def test_needs_in_another_order_are_the_same_needs(make_office: MakeOffice) -> None:
    office = make_office(switches=Switches(reorders_choices=True))
    office.policy = full_policy()
    office.set_up()
    says(office, 2, "price and service")
    office.after(DAY)
    office.run("backfill")
    assert held(office, 2, "need") == ["service", "price"], "the CRM turned them round"
    written = len(office.written())
    office.after(DAY)
    office.standin.rep.edit("Accounts", office.account_id(2), Phone="123")
    office.after(DAY)
    report = office.run()
    assert (report.held, len(office.written())) == (0, written)


def test_a_need_that_has_gone_is_taken_away_and_the_one_before_kept_for_the_undo(
    full: Office,
) -> None:
    first = full.run("backfill")
    full.after(DAY)
    says(full, 2, "Wants a lower price")
    says(full, 3, "")
    full.after(DAY)
    second = full.run()
    assert (held(full, 2, "need"), held(full, 3, "need") or None) == (["price"], None)
    with full.desk() as desk:
        undo(desk, second.run_id, confirm=lambda _plan: True)
    assert sorted(held(full, 2, "need")) == ["price", "service"]
    assert held(full, 3, "need") == ["price"]
    full.after(60)
    with full.desk() as desk:
        undo(desk, first.run_id, confirm=lambda _plan: True)
    assert not held(full, 2, "need")


def test_needs_that_a_person_chose_are_held_in_whatever_order(full: Office) -> None:
    run_id = full.run("backfill").run_id
    full.after(DAY)
    account = full.account_id(2)
    full.standin.rep.edit("Accounts", account, **{NEED: ["service", "function"]})
    full.after(DAY)
    report = full.run()
    assert report.held == 1
    with full.ledger() as ledger:
        (held_value,) = ledger.history.held()
    assert (held_value.field, held_value.value) == (NEED, ["service", "function"])
    assert sorted(held_value.wanted) == ["price", "service"]
    with full.desk() as desk:
        _, plan = undo(desk, run_id, confirm=lambda _plan: True)
    assert plan.left_fields == ((account, NEED),)
    assert held(full, 2, "need") == ["service", "function"]


def test_our_own_needs_that_a_person_chose_again_in_another_order_are_still_ours(
    full: Office,
) -> None:
    full.run("backfill")
    full.after(DAY)
    turned = held(full, 2, "need")[::-1]
    full.standin.rep.edit("Accounts", full.account_id(2), **{NEED: turned})
    full.after(DAY)
    assert full.run().held == 0
    says(full, 2, "Wants a lower price")
    full.after(DAY)
    full.run()
    assert held(full, 2, "need") == ["price"]


def test_a_need_that_the_picklist_no_longer_offers_leaves_the_account_alone(full: Office) -> None:
    field = full.standin.tenant.catalogue.named("Accounts", NEED)
    left = tuple(choice for choice in field.pick_list if choice.stored != "service")
    full.redefine("need", pick_list=left)
    report = full.run("backfill")
    assert (report.status, held(full, 2, "need") or None) == (Status.DONE, None)
    assert held(full, 3, "need") == ["price"]
    assert [note for note in report.notes if "no longer offers service" in note]
    assert full.run().fields_written == 0


def test_a_rep_who_edits_meanwhile_is_not_overwritten(full: Office) -> None:
    """The whole change is turned away, planned afresh, and the rep's choice then held."""
    account = full.account_id(2)

    def meddle(stage: str, _total: int | None) -> None:
        if stage == "fields":
            full.after(5)
            full.standin.rep.edit("Accounts", account, **{NEED: ["function"]})

    report = full.run("backfill", watch=Watch(stage=meddle))
    assert (report.status, report.failed) == (Status.DONE, 0)
    assert held(full, 2, "need") == ["function"]
    assert held(full, 2, "lifecycle"), "the other fields are planned afresh and written"
    assert full.run().held == 1


def test_after_a_lost_ledger_our_needs_are_ours_again(full: Office) -> None:
    full.run("backfill")
    full.after(DAY)
    for suffix in ("", "-wal", "-shm"):
        (full.path / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    full.set_up()
    written = len(full.written())
    report = full.run()
    assert (report.held, len(full.written())) == (0, written)
    full.after(DAY)
    says(full, 2, "Wants a lower price")
    full.after(DAY)
    assert full.run().held == 0
    assert held(full, 2, "need") == ["price"]
    with full.ledger() as ledger:
        codes = [c.code for c in ledger.history.of(full.account_id(2)) if c.dimension == "need"]
    assert codes == ["price;service", "price"]


def test_a_lost_answer_is_found_out_by_the_needs_too(full: Office) -> None:
    full.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    full.run("backfill")
    full.after(2 * DAY)
    written = len(full.written())
    report = full.run()
    assert (report.held, len(full.written())) == (0, written)
    assert full.intents(State.UNKNOWN, State.SENT) == []


def test_what_reps_entered_is_read_and_never_written(full: Office) -> None:
    pause, resume, given = (ALL_NAMES[key] for key in ("pause_reason", "resume_date", "need_given"))
    full.standin.rep.edit(
        "Accounts",
        full.account_id(4),
        **{pause: "budget", resume: "2012-03-01", given: ["performance", "function"]},
    )
    full.after(DAY)
    full.run("backfill")
    assert held(full, 4, "follow_status") == "paused"
    assert sorted(held(full, 4, "need")) == ["function", "performance"]
    account = full.account(4)
    assert (account[pause], account[resume]) == ("budget", "2012-03-01")
    sent = {
        name
        for entry in full.updated()
        for name, value in (entry.after or {}).items()
        if (entry.before or {}).get(name) != value
    }
    assert sent.isdisjoint({pause, resume, given})


def test_from_full_back_to_minimal_the_other_fields_are_left_as_they_are(full: Office) -> None:
    full.run("backfill")
    full.after(DAY)
    before = held(full, 6, "lifecycle")
    minimal = replace(full.policy, fields=replace(full.policy.fields, write=frozenset({"tier"})))
    with full.desk(policy=minimal):
        report = full.run(policy=minimal)
    assert report.fields_written == 0
    assert held(full, 6, "lifecycle") == before
