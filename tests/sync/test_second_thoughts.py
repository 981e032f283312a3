"""A class that a person typed is theirs, even where it is the very one that we had written before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from workbench import DAY, LARGE_ONES, NAMES, Office

from connector.errors import CrmError
from sync.undo import undo

TIER = NAMES["tier"]
NUMBER = LARGE_ONES[0]


def typed(office: Office, code: str) -> None:
    office.standin.rep.edit("Accounts", office.account_id(NUMBER), **{TIER: code})


def buys_nothing_any_more(office: Office) -> None:
    account = office.account_id(NUMBER)
    for deal, record in list(office.standin.records("Deals").items()):
        if record["Account_Name"]["id"] == account:
            office.standin.rep.delete("Deals", deal)


def test_a_class_of_ours_that_a_person_types_again_after_another_is_theirs(office: Office) -> None:
    office.run("backfill")
    typed(office, "small")
    office.after(DAY)
    assert office.run().held == 1
    typed(office, "large")
    buys_nothing_any_more(office)
    office.after(DAY)
    assert office.run().held == 1
    assert office.account(NUMBER)[TIER] == "large"


def test_a_field_that_the_person_clears_is_ours_to_fill_and_to_change_again(office: Office) -> None:
    office.run("backfill")
    typed(office, "small")
    office.after(DAY)
    office.run()
    typed(office, "")
    office.after(DAY)
    assert office.run().held == 0
    assert office.account(NUMBER)[TIER] == "large"
    buys_nothing_any_more(office)
    office.after(DAY)
    office.run()
    assert office.account(NUMBER)[TIER] == "small"


def test_a_reading_from_before_our_last_write_takes_nothing_from_us(office: Office) -> None:
    office.run("backfill")
    account = office.account_id(NUMBER)
    with office.ledger() as ledger:
        [wrote] = {
            intent.crm_modified
            for intent in office.intents()
            if intent.record_id == account and intent.body.get(TIER)
        }
        assert wrote is not None
        ledger.ours.disown([(account, TIER, wrote - timedelta(seconds=1))])
        assert ledger.ours.known_values([account])[account][TIER] == ["large"]
        ledger.ours.disown([(account, TIER, wrote)])
        assert TIER not in ledger.ours.known_values([account])[account]


def test_a_lost_answer_and_then_a_list_that_lags_behind_take_nothing_from_us(
    office: Office,
) -> None:
    office.run("backfill")
    office.after(DAY)
    office.buys(0, 2000.0)
    office.standin.faults.add("PUT /Accounts", kind="lost_after_apply")
    office.run()
    usual = office.standin.switches
    office.standin.switches = replace(usual, coql_lag_seconds=600)
    office.after(60)
    office.run()
    office.standin.switches = usual
    office.after(DAY)
    report = office.run()
    assert (report.held, office.account(0)[TIER]) == (0, "large")
    with office.ledger() as ledger:
        account = office.account_id(0)
        assert ledger.ours.known_values([account])[account][TIER] == ["large"]


def test_what_we_wrote_into_other_fields_since_does_not_make_a_class_ours_that_a_person_types_again(
    office: Office,
) -> None:
    """Undoing puts the other fields back; the list lags behind that and still shows what the person typed."""
    run_id = office.run("backfill").run_id
    office.after(3600)
    typed(office, "small")
    office.after(3600)
    office.standin.faults.add("GET /Tasks/deleted", kind="html_502", times=9)
    with pytest.raises(CrmError):
        office.run()
    office.standin.faults.clear()
    with office.desk() as desk:
        undo(desk, run_id, confirm=lambda _plan: True)
    office.standin.switches = replace(office.standin.switches, coql_lag_seconds=600)
    assert office.run().held == 1
    typed(office, "large")
    with office.desk() as desk:
        report, plan = undo(desk, run_id, confirm=lambda _plan: True)
    assert (office.account_id(NUMBER), TIER) in plan.left_fields
    assert (report.fields_written, office.account(NUMBER)[TIER]) == (0, "large")
