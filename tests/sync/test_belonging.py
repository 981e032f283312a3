"""A state folder serves one organisation: what is known of one is never written into another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from workbench import NAMES, Office, simple_policy

from sync import facts as facts_of
from sync.belonging import WrongMachine, WrongOrganisation, belongs_here, notice_connection
from sync.connection.credentials import Credentials
from sync.doctor import Level, examine
from sync.host import Host, this_host
from sync.ledger import Ledger
from sync.undo import undo

CREDENTIALS = Credentials(
    "https://accounts.zoho.com", "https://www.zohoapis.com", "id", "s", "token"
)


def another_organisation(office: Office) -> None:
    """The same credentials' variables now lead somewhere else."""
    office.standin.tenant.organisation["zgid"] = "70000000001"
    with office.ledger() as ledger:
        facts_of.forget(ledger)


def test_a_run_for_another_organisation_reads_and_writes_nothing(office: Office) -> None:
    run_id = office.run("backfill").run_id
    written = len(office.written())
    another_organisation(office)
    with pytest.raises(WrongOrganisation, match="Set FENLEI_HOME to a folder of its own"):
        office.run()
    with office.desk() as desk, pytest.raises(WrongOrganisation):
        undo(desk, run_id, confirm=lambda _plan: True)
    with pytest.raises(WrongOrganisation):
        office.set_up()
    assert len(office.written()) == written


def test_the_doctor_says_so_and_claims_nothing(office: Office, tmp_path: Path) -> None:
    connection = office.standin.connection()
    env = {f"FENLEI_{key.upper()}": value for key, value in connection.items()}
    env |= {"FENLEI_ALLOW_LOOPBACK": "1"}
    levels = {
        check.name: check.level
        for check in examine(env | {"FENLEI_HOME": str(tmp_path / "new")}, office.clock)
    }
    assert levels["organisation"] is Level.OK
    another_organisation(office)
    found = {
        check.name: check
        for check in examine(env | {"FENLEI_HOME": str(office.path)}, office.clock)
    }
    assert found["organisation"].level is Level.PROBLEM


@pytest.mark.parametrize(
    "other",
    [
        replace(CREDENTIALS, refresh_token="another"),
        replace(CREDENTIALS, api_domain="https://sandbox.zohoapis.com"),
    ],
)
def test_other_credentials_ask_anew_whose_they_are(office: Office, other: Credentials) -> None:
    with office.ledger() as ledger:
        notice_connection(ledger, CREDENTIALS)
        with office.desk() as desk:
            facts_of.remember(ledger, facts_of.ask(desk.crm, office.clock))
        notice_connection(ledger, CREDENTIALS)
        assert facts_of.last_known(ledger) is not None
        notice_connection(ledger, other)
        assert facts_of.last_known(ledger) is None


def test_no_secret_is_kept_in_the_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        notice_connection(ledger, replace(CREDENTIALS, refresh_token="1000.canary"))
    assert b"canary" not in path.read_bytes()


def test_after_a_sandbox_was_refreshed_everything_is_read_and_written_again(office: Office) -> None:
    office.run("backfill")
    for record in office.standin.records("Accounts").values():
        for name in NAMES.values():
            record.pop(name, None)
    for key in NAMES:
        office.redefine(key, gone=True)
    office.set_up()
    office.after(600)
    report = office.run()
    assert (report.pulled["Accounts"], report.accounts_written) == (10, 10)


def test_what_was_deleted_before_a_field_was_made_anew_is_gone_and_not_just_out_of_sight(
    office: Office,
) -> None:
    office.policy = simple_policy(max_shrink_percent=10.0)
    office.run("backfill")
    deleted = {"Accounts": office.account_id(6), "Deals": min(office.standin.records("Deals"))}
    for module, record in deleted.items():
        office.standin.rep.delete(module, record)
    office.redefine("reason", gone=True)
    office.set_up()
    office.after(600)
    office.run()
    with office.desk() as desk, desk.mirror as mirror:
        for module, record in deleted.items():
            assert mirror.rows(f'FROM crm."{module}" WHERE id = ?', [record]) == []


def test_what_a_rep_types_into_a_field_made_anew_is_theirs_though_we_wrote_the_same_into_the_old_one(
    office: Office,
) -> None:
    backfilled = office.run("backfill")
    ours = office.account(3)[NAMES["tier"]]
    office.redefine("tier", gone=True)
    office.set_up()
    office.standin.rep.edit("Accounts", office.account_id(3), **{NAMES["tier"]: ours})
    office.buys(3, 5000.0)
    office.after(600)
    report = office.run()
    assert (office.account(3)[NAMES["tier"]], report.held) == (ours, 1)
    assert office.account(4)[NAMES["tier"]] == "medium", "nobody typed there, so it is filled again"
    with office.desk() as desk:
        undo(desk, backfilled.run_id, confirm=lambda _plan: True)
    assert office.account(3)[NAMES["tier"]] == ours


@pytest.mark.fault("C12")
def test_a_folder_that_was_copied_to_another_machine_is_refused_until_somebody_says_it_moved(
    tmp_path: Path,
) -> None:
    here, there = Host("aaaa", "office-pc"), Host("bbbb", "laptop")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        belongs_here(ledger, here)
        belongs_here(ledger, here)
        with pytest.raises(WrongMachine, match=r"office-pc.*setup --moved.*FENLEI_HOME"):
            belongs_here(ledger, there)
        belongs_here(ledger, there, moved=True)
        with pytest.raises(WrongMachine, match="laptop"):
            belongs_here(ledger, here)


def test_where_machines_cannot_be_told_apart_nothing_is_refused(tmp_path: Path) -> None:
    nowhere = this_host({}, id_files=(tmp_path / "none",))
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        belongs_here(ledger, Host("aaaa", "office-pc"))
        belongs_here(ledger, nowhere)
    assert nowhere is None


def test_a_machine_is_known_by_its_id_or_by_the_name_that_the_scheduler_gives_it(
    tmp_path: Path,
) -> None:
    one, two, blank = tmp_path / "one", tmp_path / "two", tmp_path / "blank"
    one.write_text("4c5d\n")
    two.write_text("77aa\n")
    blank.write_text("uninitialized\n")
    first = this_host({}, id_files=(blank, one))
    assert first == this_host({}, id_files=(one,)) != this_host({}, id_files=(two,))
    assert first is not None
    assert "4c5d" not in f"{first}"
    named = this_host({"FENLEI_HOST": "crm-jobs"}, id_files=(one,))
    assert named is not None
    assert named == this_host({"FENLEI_HOST": "crm-jobs"}, id_files=(two,))
    assert named.name == "crm-jobs"
