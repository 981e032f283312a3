"""What every command answers: its exit code, and its sentence."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner, Result

import cli
from connector.standin.server import StandIn
from sync.lock import run_lock

if TYPE_CHECKING:
    from conftest import DataFiles

ROOT = Path(__file__).resolve().parents[1]
RUN = ("run_id", "status", "pulled", "classified", "fields_written", "tasks_created", "held")
BILL = ("failed", "calls", "credits", "seconds")
Ask = Callable[..., Result]


def asked(env: Mapping[str, str], *words: str, answer: str = "") -> Result:
    """One command, as a shell would start it, in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["fenlei", *words])
        result = CliRunner().invoke(cli.main, words, input=answer, env=dict(env))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def environment(home: Path, server: StandIn | None = None) -> dict[str, str]:
    home_only = {"FENLEI_HOME": str(home), "FENLEI_ALLOW_LOOPBACK": "1"}
    connection = server.connection() if server else {}
    return home_only | {f"FENLEI_{key.upper()}": value for key, value in connection.items()}


@pytest.fixture(autouse=True)
def nobodys_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test uses the organisation of whoever runs it."""
    for name in ("HOME", "POLICY", "API_DOMAIN", "ACCOUNTS_URL", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.delenv(f"FENLEI_{name}", raising=False)
    monkeypatch.delenv("FENLEI_REFRESH_TOKEN", raising=False)


@pytest.fixture
def fenlei(tmp_path: Path) -> Ask:
    """Runs a command with an empty state folder and no organisation."""
    env = environment(tmp_path / "home")
    return lambda *words, **more: asked(env, *words, **more)


@dataclass(frozen=True)
class Office:
    """An organisation that is set up and backfilled, and a desk to run commands at."""

    server: StandIn
    home: Path
    account: str

    def fenlei(self, *words: str, answer: str = "") -> Result:
        return asked(environment(self.home, self.server), *words, answer=answer)


@pytest.fixture(scope="module")
def office(company_files: DataFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with StandIn(company_files.accounts, company_files.deals, today=date(2011, 12, 9)) as server:
        account = min(server.records("Accounts"))
        found = Office(server, tmp_path_factory.mktemp("office") / "home", account)
        for words in (("setup", "--yes"), ("backfill", "--yes")):
            assert found.fenlei(*words).exit_code == 0
        yield found


def commands(group: click.Group = cli.main, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        yield f"{path}{name}", command


# Help.


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_has_help(name: str, fenlei: Ask) -> None:
    result = fenlei(*name.split(), "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: main {name} ")


@pytest.mark.parametrize(
    "name", [name for name, command in commands() if not isinstance(command, click.Group)]
)
def test_every_commands_help_shows_an_example_to_paste(name: str, fenlei: Ask) -> None:
    example = fenlei(*name.split(), "--help").stdout.partition("Example:")[2]
    assert f"fenlei {name}" in example


@pytest.mark.parametrize("words", [["nosuch"], ["sync", "--nosuch"], ["policy", "nosuch"]])
def test_what_is_not_there_is_a_usage_error(words: list[str], fenlei: Ask) -> None:
    result = fenlei(*words)
    assert result.exit_code == 2
    assert "No such" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("standin", "--accounts", __file__, "--deals", __file__, "--port", "99999"),
        ("runs", "--limit", "-1"),
        ("plan", "--limit", "9" * 20),
        ("audit", "show", "--limit", "9" * 20),
    ],
)
def test_a_number_out_of_range_is_a_usage_error(words: tuple[str, ...], fenlei: Ask) -> None:
    result = fenlei(*words)
    assert (result.exit_code, "is not in the range" in result.stderr) == (2, True)


def test_from_a_checkout_it_runs_as_it_does_when_installed(tmp_path: Path) -> None:
    program = "import cli, sys; sys.argv = ['fenlei', '--help']; cli.main()"
    said = [
        subprocess.run(
            [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for words in (["cli.py", "--help"], ["-c", program])
    ]
    assert said[0].replace("cli.py", "fenlei") == said[1].replace("-c", "fenlei")


def test_what_the_terminal_cannot_write_is_written_another_way(tmp_path: Path) -> None:
    """As on Windows in Western Europe, or over a line that knows ASCII only."""
    command = [sys.executable, "cli.py", "policy", "playbooks", "--language", "zh-Hans"]
    env = {**os.environ, "FENLEI_HOME": str(tmp_path), "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "\\u" in done.stdout.decode("latin-1")


@pytest.mark.parametrize(
    "words",
    [
        ("explain",),
        ("plan", "--account"),
        ("backfill", "--yes", "--account"),
        ("backfill", "--yes", "--where"),
        ("undo", "--yes"),
        ("audit", "show", "--account"),
        ("audit", "show", "--run"),
        ("audit", "verify", "--head"),
        ("review", "accept"),
        ("review", "reject", "9100000000000000001", "--note"),
    ],
)
def test_a_name_in_another_encoding_than_the_machines_is_a_usage_error(
    words: tuple[str, ...], fenlei: Ask
) -> None:
    """A terminal in GBK on a machine in UTF-8; Python gives such bytes as lone surrogates."""
    name = "上海贸易".encode("gbk").decode("utf-8", "surrogateescape")
    result = fenlei(*words, name)
    assert result.exit_code == 2
    assert "is no text in the encoding" in result.stderr
    assert "LANG" in result.stderr


# Without an organisation.


@pytest.mark.parametrize(
    "words",
    [
        ("sync",),
        ("plan",),
        ("backfill", "--yes"),
        ("undo", "20111209-090000-k7q2", "--yes"),
    ],
)
def test_without_a_connection_a_run_says_what_to_do(words: tuple[str, ...], fenlei: Ask) -> None:
    result = fenlei(*words)
    assert result.exit_code == 1
    assert "Not connected to a CRM yet" in result.stderr
    assert result.stderr.rstrip().endswith("Run 'fenlei setup', or set these variables.")
    assert result.stdout == ""


def test_without_a_local_copy_there_is_nothing_to_explain(fenlei: Ask) -> None:
    result = fenlei("explain", "Acme")
    assert result.exit_code == 1
    assert result.stderr.rstrip().endswith("Run 'fenlei sync' first.")


def test_an_empty_home_has_no_runs_and_waits_for_nothing(fenlei: Ask) -> None:
    assert json.loads(fenlei("runs", "--json").stdout) == {"runs": []}
    found = json.loads(fenlei("status", "--json").stdout)
    assert (found["last_run"], found["waiting"], found["held"]) == (None, [], [])
    assert "none yet" in fenlei("status").stdout
    assert fenlei("runs").exit_code == 0


def test_status_says_that_a_stop_file_keeps_every_run_from_writing(
    fenlei: Ask, tmp_path: Path
) -> None:
    fenlei("status")
    stop = tmp_path / "home" / "STOP"
    stop.touch()
    assert "STOP is in the state folder" in " ".join(fenlei("status").stdout.split())
    [note] = json.loads(fenlei("status", "--json").stdout)["notes"]
    assert note.endswith(f"delete {stop} to let runs write again.")


def test_a_day_far_outside_of_business_is_refused_in_words(fenlei: Ask) -> None:
    result = fenlei("policy", "diff", "new.toml", "--as-of", "9999-12-31")
    assert (result.exit_code, "take one from 1900 to 2199" in result.stderr) == (2, True)


def test_the_doctor_names_what_is_missing(fenlei: Ask) -> None:
    result = fenlei("doctor", "--json")
    levels = {check["name"]: check["level"] for check in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 1
    assert levels == {
        "state folder": "ok",
        "policy": "ok",
        "ledger": "ok",
        "installation": "problem",
    }


def test_an_error_is_one_json_object_for_machines(fenlei: Ask) -> None:
    result = fenlei("sync", "--json")
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["status"] == "failed"
    assert said["error"].startswith("Not connected to a CRM yet")


def test_setup_asks_and_stops_where_nobody_answers(fenlei: Ask) -> None:
    result = fenlei("setup")
    assert result.exit_code == 1
    assert "Data centre" in result.output
    assert "fenlei: There was a question, and nobody to answer it.\n  → Run " in result.stderr


def test_a_wrong_data_centre_is_told_before_the_code_is_asked_for(fenlei: Ask) -> None:
    result = fenlei("setup", answer="zz\n1000.X\nsecret\ncode\n")
    assert (result.exit_code, "Client id" in result.output) == (1, False)
    assert "There is no data centre 'zz'." in result.stderr


@pytest.mark.parametrize(
    ("where", "advice"),
    [
        ("colour=red", "the dimensions are tier, loyalty, churn_risk"),
        ("loyalty=angry", "Choose from loyal, fairly_loyal, ordinary, at_risk, churned"),
    ],
)
def test_a_narrowing_that_is_not_understood_is_a_usage_error(
    where: str, advice: str, fenlei: Ask
) -> None:
    result = fenlei("backfill", "--where", where)
    assert result.exit_code == 2
    assert advice in result.stderr


def test_a_demo_in_a_language_that_we_do_not_speak_is_a_usage_error(fenlei: Ask) -> None:
    result = fenlei("demo", "--language", "fr")
    assert result.exit_code == 2
    assert "choose en, zh-Hans or zh-Hant" in result.stderr


def test_the_story_of_the_demo_is_for_people_and_not_for_machines(fenlei: Ask) -> None:
    result = fenlei("demo", "--json")
    assert result.exit_code == 2
    assert "--showroom" in result.stdout + result.stderr


def test_before_the_first_run_nothing_waits_for_a_review_and_nothing_can_be_accepted(
    fenlei: Ask,
) -> None:
    assert "Nothing waits" in fenlei("review", "list").stdout
    result = fenlei("review", "accept", "572576700")
    assert result.exit_code == 1
    assert "Run 'fenlei sync' first" in result.stderr


def test_a_stand_in_needs_its_files(fenlei: Ask) -> None:
    result = fenlei("standin", "--accounts", "nowhere.csv", "--deals", "nowhere.csv")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


# Policies and files.


def test_the_shipped_policy_can_be_printed_and_checked(tmp_path: Path, fenlei: Ask) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(fenlei("policy", "show").stdout, "utf-8")
    result = fenlei("policy", "check", str(file))
    assert result.exit_code == 0
    assert result.stdout.endswith("no problems.\n")
    assert json.loads(fenlei("policy", "check", "--json").stdout)["status"] == "ok"


def test_all_mistakes_of_a_policy_are_told_at_once_with_their_lines(
    tmp_path: Path, fenlei: Ask
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('language = "fr"\n\n[churn]\nhorizon_days = -1\n', "utf-8")
    result = fenlei("policy", "check", str(file), "--json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    assert [(p["line"], p["key"]) for p in problems] == [(1, "language"), (4, "churn.horizon_days")]
    assert "2 problems" in result.stderr
    assert result.stderr.rstrip().endswith("then run 'fenlei policy check'.")


def test_two_policies_are_compared_key_by_key(tmp_path: Path, fenlei: Ask) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text("version = 1\n", "utf-8")
    new.write_text("version = 2\n[churn]\nhorizon_days = 90\n", "utf-8")
    assert "decide alike" in fenlei("policy", "diff", str(old), str(old)).stdout
    result = fenlei("policy", "diff", str(old), str(new))
    assert result.exit_code == 0
    assert "churn.horizon_days" in result.stdout


def test_thresholds_are_proposed_from_files(company_files: DataFiles, fenlei: Ask) -> None:
    files = ("--accounts", str(company_files.accounts), "--deals", str(company_files.deals))
    result = fenlei("policy", "calibrate", *files)
    assert result.exit_code == 0
    assert "large_from = " in result.stdout
    half = fenlei("policy", "calibrate", *files[:2])
    assert half.exit_code == 2
    assert "--accounts and --deals go together" in half.stderr
    alone = fenlei("policy", "calibrate")
    assert alone.exit_code == 1
    assert "Run 'fenlei sync' first, or name files" in alone.stderr


def test_files_are_classified_into_the_columns_that_others_rely_on(
    company_files: DataFiles, tmp_path: Path, fenlei: Ask
) -> None:
    out = tmp_path / "verdicts.csv"
    files = ("--accounts", str(company_files.accounts), "--deals", str(company_files.deals))
    day = ("--as-of", "2011-12-09", "--horizon-days", "182")
    result = fenlei("classify", *files, *day, "--out", str(out))
    assert result.exit_code == 0
    assert "120 accounts classified as of 2011-12-09" in result.stdout
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first = ["account_id", "tier", "loyalty", "churn_risk", "churn_probability"]
    assert list(rows[0])[:5] == first
    assert len(rows) == 120
    assert {row["tier"] for row in rows} <= {"large", "medium", "small"}


def test_a_file_that_is_not_there_is_named(company_files: DataFiles, fenlei: Ask) -> None:
    files = ("--accounts", "nowhere.csv", "--deals", str(company_files.deals))
    result = fenlei("classify", *files, "--as-of", "2011-12-09", "--out", "verdicts.csv", "--json")
    assert result.exit_code == 1
    assert "nowhere.csv: there is no such file" in json.loads(result.stdout)["error"]
    assert result.stderr.rstrip().endswith("Check the path and try again.")


def test_what_is_odd_in_files_is_said_to_people_too(
    company_files: DataFiles, tmp_path: Path, fenlei: Ask
) -> None:
    """Else a stage in another language makes prospects of all customers without a word."""
    foreign = tmp_path / "deals.csv"
    foreign.write_text(
        company_files.deals.read_text("utf-8").replace("Closed Won", "成交"), "utf-8"
    )
    files = ("--accounts", str(company_files.accounts), "--deals", str(foreign))
    out = ("--out", str(tmp_path / "verdicts.csv"))
    said = " ".join(fenlei("classify", *files, "--as-of", "2011-12-09", *out).stdout.split())
    assert "unknown stage. Name the stage in the policy under [stages]" in said


# With an organisation.


def test_a_run_before_setup_says_so(standin: StandIn, tmp_path: Path) -> None:
    result = asked(environment(tmp_path / "home", standin), "sync")
    assert result.exit_code == 1
    assert result.stderr.rstrip().endswith("Run 'fenlei setup' first.")
    assert not standin.log


def test_setup_shows_the_fields_and_creates_none_without_a_yes(
    standin: StandIn, tmp_path: Path
) -> None:
    result = asked(environment(tmp_path / "home", standin), "setup", answer="n\n")
    assert result.exit_code == 0
    assert "Create these 11 fields in Zoho?" in result.stderr
    assert result.stdout == "Nothing was created.\n"
    assert not standin.log


def test_a_first_sync_stops_and_a_first_backfill_asks(standin: StandIn, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", standin)
    created = json.loads(asked(env, "setup", "--yes", "--json").stdout)
    assert (created["status"], created["fields_created"]) == ("done", 10)
    before = len(standin.log)
    result = asked(env, "sync", "--json")
    assert result.exit_code == 4
    braked = json.loads(result.stdout)
    assert (braked["brake"], braked["status"]) == ("first_run", "braked")
    assert [name for name in (*RUN, *BILL) if name not in braked] == []
    assert (braked["fields_written"], braked["classified"], braked["credits"] > 0) == (0, 120, True)
    assert json.loads(asked(env, "runs", "--json").stdout)["runs"][0]["run_id"] == braked["run_id"]
    assert "--yes" in result.stderr
    result = asked(env, "backfill", answer="n\n")
    assert "API credits. Go on?" in result.stderr
    assert "Stopped before anything was written." in result.stdout
    assert len(standin.log) == before


def test_a_run_reports_under_the_agreed_names(office: Office) -> None:
    result = office.fenlei("sync", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert [name for name in (*RUN, *BILL) if name not in report] == []
    assert (report["fields_written"], report["tasks_created"]) == (0, 0)


def test_what_is_not_zohos_is_told_beside_every_result_that_people_read(office: Office) -> None:
    for words in (("sync",), ("plan",), ("status",), ("runs",)):
        assert "a stand-in on this machine counts as Zoho" in office.fenlei(*words).stderr
        assert not office.fenlei(*words, "--json").stderr


def test_a_quiet_sync_says_nothing_when_all_is_well(office: Office) -> None:
    result = office.fenlei("sync", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.fault("K12")
def test_a_plan_shows_what_it_would_write_and_writes_nothing(office: Office) -> None:
    before = len(office.server.log)
    result = office.fenlei("plan", "--as-of", "2012-12-09", "--limit", "1", "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["status"] == "planned"
    assert report["fields_written"] > 0
    assert len(report["preview"]) == 1
    assert "would be written" in office.fenlei("plan", "--as-of", "2012-12-09").stdout
    assert len(office.server.log) == before


def test_the_days_behind_an_answer_are_dates(office: Office) -> None:
    deals = office.server.records("Deals").values()
    won = next(deal for deal in deals if deal["Stage"] == "Closed Won" and deal["Amount"])
    buyer = str(won["Account_Name"]["id"])
    found = json.loads(office.fenlei("explain", buyer, "--json").stdout)
    last_purchase = found["verdicts"][1]["facts"]["last_day"]
    assert str(won["Closing_Date"]) <= last_purchase <= "2011-12-09"
    assert f"last day: {last_purchase}" in office.fenlei("explain", buyer).stdout


def test_an_account_is_explained_by_id_and_by_name(office: Office) -> None:
    name = str(office.server.records("Accounts")[office.account]["Account_Name"])
    by_id = office.fenlei("explain", office.account, "--json")
    assert by_id.exit_code == 0
    found: dict[str, Any] = json.loads(by_id.stdout)
    asked_of_each = [verdict["dimension"] for verdict in found["verdicts"]]
    assert asked_of_each[:3] == ["tier", "loyalty", "churn_risk"]
    card = office.fenlei("explain", name)
    assert card.exit_code == 0
    assert name in card.stdout
    assert office.fenlei("explain", "Acme").exit_code == 1


@pytest.mark.fault("T6")
def test_runs_and_status_tell_of_the_last_success(office: Office) -> None:
    listed = json.loads(office.fenlei("runs", "--json").stdout)["runs"]
    assert "backfill" in {run["kind"] for run in listed}
    assert len(json.loads(office.fenlei("runs", "--limit", "1", "--json").stdout)["runs"]) == 1
    status = json.loads(office.fenlei("status", "--json").stdout)
    assert status["last_success"]["status"] == "done"
    assert "none yet" not in office.fenlei("status").stdout
    shown = office.fenlei("runs").stdout  # without a terminal it is 80 columns wide
    assert [run["run_id"] for run in listed if run["run_id"] not in shown] == []


def test_the_doctor_finds_a_healthy_installation_healthy(office: Office) -> None:
    result = office.fenlei("doctor", "--json")
    checks = json.loads(result.stdout)["checks"]
    assert [check for check in checks if check["level"] == "problem"] == []
    assert result.exit_code == 0


@pytest.mark.fault("T1", "T7")
def test_a_second_run_at_the_same_time_leaves_at_once(office: Office) -> None:
    with run_lock(office.home / "run.lock"):
        result = office.fenlei("sync")
    assert result.exit_code == 75
    assert "Another fenlei run is going on" in result.stderr


def test_an_unknown_run_cannot_be_undone(office: Office) -> None:
    result = office.fenlei("undo", "20000101-000000-none", "--yes")
    assert result.exit_code == 1
    assert result.stderr.rstrip().endswith("'fenlei runs' lists them.")


def test_a_record_that_refuses_makes_the_run_partial_and_undo_puts_the_rest_back(
    make_standin: Callable[..., StandIn], tmp_path: Path
) -> None:
    server = make_standin()
    env = environment(tmp_path / "home", server)
    assert asked(env, "setup", "--yes").exit_code == 0
    locked = min(server.records("Accounts"))
    server.locked.add(locked)
    result = asked(env, "backfill", "--yes", "--json")
    assert result.exit_code == 3
    report = json.loads(result.stdout)
    assert (report["status"], report["failed"], report["accounts_written"]) == ("partial", 1, 119)
    asks = asked(env, "undo", report["run_id"], answer="n\n")
    assert "119 accounts would get" in asks.stderr
    undone = asked(env, "undo", report["run_id"], "--yes", "--json")
    assert undone.exit_code == 0
    assert json.loads(undone.stdout)["accounts_written"] == 119
    values = [record.get("Customer_Tier") for record in server.records("Accounts").values()]
    assert set(values) == {None}
