"""The full profile writes every class, several at once too, and keeps to all that holds for the ten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from full_profile import NEED, full_policy, held, says
from prepared import bring
from workbench import ALL_NAMES, DAY, Office, ledger_disagrees

from connector.standin.switches import Switches
from sync.ledger import State
from sync.order import Watch
from sync.report import Report, Status
from sync.undo import undo
from sync.verdicts import CLASSES

MakeOffice = Callable[..., Office]


def begun(office: Office) -> None:
    office.policy = full_policy()
    office.set_up()
    says(office, 2, "Wants a lower price and better after-sales service")
    says(office, 3, "客户关心价格")
    office.after(DAY)


def filled(office: Office) -> Report:
    begun(office)
    return office.run("backfill")


@pytest.fixture
def full(office: Office) -> Office:
    """An office with the full profile in which two customers have told what they need."""
    bring(office, begun)
    return office


@pytest.fixture
def at_rest(office: Office) -> Office:
    """The same after its first backfill."""
    bring(office, filled)
    return office


def test_every_class_that_is_known_is_written(office: Office) -> None:
    report = bring(office, filled)
    assert (report.status, report.accounts_written, report.held) == (Status.DONE, 10, 0)
    for key in ("frequency", "lifecycle", "follow_status", "won_tier", "potential"):
        written = {held(office, number, key) for number in range(10)} - {None}
        assert written
        assert written <= set(CLASSES[key]), key
    assert held(office, 6, "value_score") > held(office, 1, "value_score") > 0
    assert ledger_disagrees(office) == []


def test_what_nothing_is_known_of_stays_empty(at_rest: Office) -> None:
    for key in ("industry", "city_tier", "segment", "satisfaction"):
        assert [held(at_rest, number, key) for number in range(10)] == [None] * 10


def test_the_full_profile_comes_to_rest(at_rest: Office) -> None:
    written = len(at_rest.written())
    again = at_rest.run()
    assert (again.fields_written, again.held, len(at_rest.written())) == (0, 0, written)


def test_a_customer_with_two_needs_carries_both(at_rest: Office) -> None:
    assert sorted(held(at_rest, 2, "need")) == ["price", "service"]
    assert held(at_rest, 3, "need") == ["price"]
    assert not held(at_rest, 4, "need")


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
    office: Office,
) -> None:
    first = bring(office, filled)
    office.after(DAY)
    says(office, 2, "Wants a lower price")
    says(office, 3, "")
    office.after(DAY)
    second = office.run()
    assert (held(office, 2, "need"), held(office, 3, "need") or None) == (["price"], None)
    with office.desk() as desk:
        undo(desk, second.run_id, confirm=lambda _plan: True)
    assert sorted(held(office, 2, "need")) == ["price", "service"]
    assert held(office, 3, "need") == ["price"]
    office.after(60)
    with office.desk() as desk:
        undo(desk, first.run_id, confirm=lambda _plan: True)
    assert not held(office, 2, "need")


def test_needs_that_a_person_chose_are_held_in_whatever_order(office: Office) -> None:
    run_id = bring(office, filled).run_id
    office.after(DAY)
    account = office.account_id(2)
    office.standin.rep.edit("Accounts", account, **{NEED: ["service", "function"]})
    office.after(DAY)
    report = office.run()
    assert report.held == 1
    with office.ledger() as ledger:
        (held_value,) = ledger.history.held()
    assert (held_value.field, held_value.value) == (NEED, ["service", "function"])
    assert sorted(held_value.wanted) == ["price", "service"]
    with office.desk() as desk:
        _, plan = undo(desk, run_id, confirm=lambda _plan: True)
    assert plan.left_fields == ((account, NEED),)
    assert held(office, 2, "need") == ["service", "function"]


def test_our_own_needs_that_a_person_chose_again_in_another_order_are_still_ours(
    at_rest: Office,
) -> None:
    at_rest.after(DAY)
    turned = held(at_rest, 2, "need")[::-1]
    at_rest.standin.rep.edit("Accounts", at_rest.account_id(2), **{NEED: turned})
    at_rest.after(DAY)
    assert at_rest.run().held == 0
    says(at_rest, 2, "Wants a lower price")
    at_rest.after(DAY)
    at_rest.run()
    assert held(at_rest, 2, "need") == ["price"]


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


def test_after_a_lost_ledger_our_needs_are_ours_again(at_rest: Office) -> None:
    at_rest.after(DAY)
    for suffix in ("", "-wal", "-shm"):
        (at_rest.path / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    at_rest.set_up()
    written = len(at_rest.written())
    report = at_rest.run()
    assert (report.held, len(at_rest.written())) == (0, written)
    at_rest.after(DAY)
    says(at_rest, 2, "Wants a lower price")
    at_rest.after(DAY)
    assert at_rest.run().held == 0
    assert held(at_rest, 2, "need") == ["price"]
    with at_rest.ledger() as ledger:
        codes = [c.code for c in ledger.history.of(at_rest.account_id(2)) if c.dimension == "need"]
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


def test_from_full_back_to_minimal_the_other_fields_are_left_as_they_are(at_rest: Office) -> None:
    at_rest.after(DAY)
    before = held(at_rest, 6, "lifecycle")
    minimal = replace(
        at_rest.policy, fields=replace(at_rest.policy.fields, write=frozenset({"tier"}))
    )
    with at_rest.desk(policy=minimal):
        report = at_rest.run(policy=minimal)
    assert report.fields_written == 0
    assert held(at_rest, 6, "lifecycle") == before
