"""What goes wrong in an office: each time one clear sentence, what to do next, and nothing lost.

Every mistake is made, then mended, and the next run has to end where a run without it ends.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result
from conftest import TODAY, DataFiles, write_table
from shell import environment

import cli
from connector.clock import VirtualClock
from connector.errors import Unavailable
from connector.standin.oauth import DEFAULT_SCOPES
from connector.standin.server import StandIn
from sync.lock import run_lock
from sync.opening import opened
from sync.run import Order, Watch, run
from sync.sentences import sentence

DAY = 86_400
CLASSES = frozenset({"Customer_Tier", "Loyalty_Class", "Churn_Risk"})


@dataclass(frozen=True)
class Office:
    """An organisation, a state folder, and a person at the keyboard."""

    server: StandIn
    home: Path
    env: Mapping[str, str]

    def fenlei(self, *words: str, **variables: str) -> Result:
        """One command, as a shell would start it."""
        return told({**self.env, **variables}, *words)

    def set_up(self) -> Office:
        assert self.fenlei("setup", "--yes").exit_code == 0
        return self

    def backfilled(self) -> Office:
        assert self.set_up().fenlei("backfill", "--yes").exit_code == 0
        return self

    def state(self) -> dict[str, Any]:
        """What reps see: every account's classes, and every task's account, purpose and status."""
        accounts = {
            key: {name: value for name, value in record.items() if name in CLASSES}
            for key, record in self.server.records("Accounts").items()
        }
        tasks = [
            (task["What_Id"]["id"], task["Subject"].rpartition("-")[0], task["Status"])
            for task in self.server.records("Tasks").values()
        ]
        return {"accounts": accounts, "tasks": sorted(tasks)}


def told(env: Mapping[str, str], *words: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["fenlei", *words])
        result = CliRunner().invoke(cli.main, words, env=dict(env))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def failed(result: Result, *, code: int = 1) -> str:
    """The sentence of a command that could not do its work: one message, then what to do."""
    assert result.exit_code == code
    assert result.stderr.startswith("fenlei: ")
    assert result.stderr.count("fenlei: ") == 1
    assert "Traceback" not in result.output
    assert result.stderr.rstrip().endswith((".", "'"))
    return " ".join(result.stderr.split())


@pytest.fixture
def make_office(make_standin: Callable[..., StandIn], tmp_path: Path) -> Callable[..., Office]:
    """Opens offices of the small company, each with an organisation and a state folder of its own."""

    def make(**arguments: Any) -> Office:
        server = make_standin(**arguments)
        home = tmp_path / f"home-{server.api_domain.rpartition(':')[2]}"
        return Office(server, home, environment(home, server.connection()))

    return make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    return make_office()


@pytest.fixture(scope="module")
def good_end(company_files: DataFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """How the small company looks after a backfill in which nothing went wrong."""
    with StandIn(company_files.accounts, company_files.deals, today=TODAY) as server:
        home = tmp_path_factory.mktemp("good") / "home"
        yield Office(server, home, environment(home, server.connection())).backfilled().state()


# Addresses and sign-in.


@pytest.mark.parametrize(
    ("variables", "problem", "advice"),
    [
        (
            {"FENLEI_API_DOMAIN": "https://www.zohoapis.example"},
            "'www.zohoapis.example' is not an address of Zoho's.",
            "leave the addresses out and choose one.",
        ),
        (
            {"FENLEI_ACCOUNTS_URL": "https://accounts.zoho.example"},
            "'accounts.zoho.example' is not an address of Zoho's.",
            "leave the addresses out and choose one.",
        ),
        (
            {
                "FENLEI_API_DOMAIN": "https://www.zohoapis.eu",
                "FENLEI_ACCOUNTS_URL": "https://accounts.zoho.com",
            },
            "is in data centre EU, but https://accounts.zoho.com is not.",
            "choose the data centre that your Zoho address ends in.",
        ),
        (
            {"FENLEI_ALLOW_LOOPBACK": ""},
            "'127.0.0.1' is not an address of Zoho's.",
            "Set FENLEI_ALLOW_LOOPBACK=1 to use the stand-in.",
        ),
    ],
)
def test_no_call_goes_to_a_wrong_address(
    office: Office, variables: dict[str, str], problem: str, advice: str
) -> None:
    said = failed(office.fenlei("sync", **variables))
    assert problem in said
    assert said.endswith(advice)
    assert not office.server.requests


def test_a_token_of_another_data_centre_says_so(
    make_office: Callable[..., Office], good_end: Any
) -> None:
    here, elsewhere = make_office(), make_office()
    here.set_up()
    elsewhere.server.tenant.oauth.api_domain = here.server.api_domain
    foreign = {
        name: elsewhere.env[name]
        for name in (
            "FENLEI_ACCOUNTS_URL",
            "FENLEI_CLIENT_ID",
            "FENLEI_CLIENT_SECRET",
            "FENLEI_REFRESH_TOKEN",
        )
    }
    said = failed(here.fenlei("backfill", "--yes", **foreign))
    assert "fresh access token is not accepted" in said
    assert said.endswith("choose the data centre that your Zoho address ends in.")
    assert here.fenlei("backfill", "--yes").exit_code == 0
    assert here.state() == good_end


def test_a_client_of_another_data_centre_says_so(make_office: Callable[..., Office]) -> None:
    here, elsewhere = make_office(), make_office()
    client = {"FENLEI_CLIENT_ID": elsewhere.env["FENLEI_CLIENT_ID"]}
    said = failed(here.fenlei("setup", "--yes", **client))
    assert "does not accept the client id or secret in data centre" in said
    assert said.endswith("then run 'fenlei setup'.")


def test_a_revoked_token_stops_the_run_at_once(office: Office) -> None:
    office.backfilled()
    before, asked = office.state(), len(office.server.requests)
    office.server.revoke()
    said = failed(office.fenlei("sync"))
    assert "Zoho no longer accepts our code or refresh token." in said
    assert said.endswith("nothing that is waiting gets lost.")
    calls = [call.path for call in office.server.requests[asked:]]
    assert calls.count("/oauth/v2/token") == 1
    assert len(calls) == 2, "one call that showed it, one refresh that was refused"
    result = office.fenlei("sync", FENLEI_REFRESH_TOKEN=consent_again(office.server))
    assert result.exit_code == 0
    assert office.state() == before


def consent_again(server: StandIn) -> str:
    """What the administrator gets for a new self-client code."""
    form = {
        "grant_type": "authorization_code",
        "code": server.grant_code,
        "client_id": server.client_id,
        "client_secret": server.client_secret,
    }
    answer = requests.post(f"{server.accounts_url}/oauth/v2/token", data=form, timeout=10)
    return str(answer.json()["refresh_token"])


@pytest.mark.parametrize(
    ("scope", "route"),
    [
        ("modules.accounts.READ", "GET /Accounts/actions/count"),
        ("modules.deals.READ", "GET /Deals/actions/count"),
        ("modules.tasks.READ", "GET /Tasks/actions/count"),
        ("coql.READ", "POST /coql"),
        ("modules.accounts.UPDATE", "PUT /Accounts"),
        ("modules.tasks.CREATE", "POST /Tasks"),
        ("settings.fields.CREATE", "POST /settings/fields"),
        ("users.READ", "GET /users"),
    ],
)
def test_a_missing_scope_is_named_by_what_it_stops(
    make_office: Callable[..., Office], good_end: Any, scope: str, route: str
) -> None:
    granted = [given for given in DEFAULT_SCOPES if given != f"ZohoCRM.{scope}"]
    office = make_office(scopes=granted)
    first = office.fenlei("setup", "--yes")
    said = failed(first if first.exit_code else office.fenlei("backfill", "--yes"))
    assert f"The consent does not cover {route} (OAUTH_SCOPE_MISMATCH)." in said
    assert said.endswith("then run 'fenlei setup'.")
    office.server.scopes = DEFAULT_SCOPES
    assert office.backfilled().state() == good_end


# Odd data: counted with advice, and the run goes on.


def odd_deals(files: DataFiles, folder: Path) -> DataFiles:
    """The small company with two deals in stages that nobody explains and one deal of nobody."""
    with files.deals.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["Stage"], rows[1]["Stage"], rows[2]["Account_Id"] = "Gewonnen", "赢单", ""
    return replace(files, deals=write_table(folder / "odd-deals.csv", rows))


def test_unknown_stages_and_deals_without_account_are_counted_and_the_run_goes_on(
    make_office: Callable[..., Office], company_files: DataFiles, tmp_path: Path
) -> None:
    office = make_office(deals=odd_deals(company_files, tmp_path).deals).set_up()
    result = office.fenlei("backfill", "--yes", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["findings"] == {"orphan_deal": 1, "unknown_stage": 2}
    assert (report["pulled"]["Deals"], report["classified"]) == (300, 120)
    assert "'fenlei doctor' tells more" in office.fenlei("sync").stdout
    checks = json.loads(office.fenlei("doctor", "--json").stdout)["checks"]
    advice = {check["text"]: check["advice"] for check in checks if check["name"] == "data"}
    assert len(advice) == 3
    for text, told_to in advice.items():
        orphans = "orphan" in text
        known = "These deals have no account" if orphans else "Name the stage in the policy"
        assert told_to.startswith(known)


# Files of the customer's.

FIVE_MISTAKES = """\
language = "fr"

[churn]
horizon_days = -1

[tier]
large_from = "lots"

[limits]
max_tasks = "many"

[loyalty]
loyal_beloww = 0.1
"""


@pytest.mark.parametrize(
    "words", [("sync",), ("plan",), ("backfill", "--yes"), ("policy", "check")]
)
def test_all_five_mistakes_of_a_policy_are_told_with_their_lines(
    office: Office, good_end: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(FIVE_MISTAKES, "utf-8")
    office.set_up()
    asked = len(office.server.requests)
    result = office.fenlei(*words, "--json", FENLEI_POLICY=str(file))
    said = failed(result)
    assert said.endswith("then run 'fenlei policy check'.")
    problems = json.loads(result.stdout)["problems"]
    assert [(problem["line"], problem["key"]) for problem in problems] == [
        (1, "language"),
        (4, "churn.horizon_days"),
        (7, "tier.large_from"),
        (10, "limits.max_tasks"),
        (13, "loyalty.loyal_beloww"),
    ]
    assert len(office.server.requests) == asked
    file.write_text("", "utf-8")
    assert office.fenlei("backfill", "--yes", FENLEI_POLICY=str(file)).exit_code == 0
    assert office.state() == good_end


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("92000000077,91000001,Order,Closed Won,abc,2011-01-01", "line 4, column Amount"),
        ("92000000077,91000001,Order,Closed Won,10,2011-13-01", "line 4, column Closing_Date"),
        ("9200000000000000000,91000001,Order,Closed Won,10,2011-01-01", "line 4, column id"),
        ("92000000077,91000001,Order", "line 4"),
        ('92000000077,91000001,"Order,Closed Won,10,2011-01-01', "line 4"),
    ],
)
@pytest.mark.parametrize("command", ["classify", "standin"])
def test_a_broken_row_is_named_by_file_and_line_and_nothing_is_written(
    company_files: DataFiles, tmp_path: Path, row: str, place: str, command: str
) -> None:
    lines = company_files.deals.read_text("utf-8").splitlines()
    deals, out = tmp_path / "deals.csv", tmp_path / "verdicts.csv"
    deals.write_text("\n".join([*lines[:3], row, *lines[3:]]), "utf-8")
    words = [command, "--accounts", str(company_files.accounts), "--deals", str(deals)]
    if command == "classify":
        words += ["--as-of", "2011-12-09", "--out", str(out)]
    said = failed(told(environment(tmp_path / "home", {}), *words))
    line, _, column = place.partition(", column ")
    assert f"deals.csv, {line}" in said
    assert column in said
    assert not out.exists()


# The network and the organisation's credits.


@pytest.mark.parametrize("signed_in", [True, False])
def test_without_a_network_a_run_gives_up_within_a_minute(office: Office, signed_in: bool) -> None:
    office.set_up()
    office.server.close()
    if not signed_in:
        for file in (office.home / "tokens").iterdir():
            file.unlink()
    for _ in range(3):  # what cannot be sent uses up none of the few token refreshes
        clock = VirtualClock(datetime.now(UTC))
        error = broken_off(office, clock)
        assert clock.monotonic() < 60
        said = sentence(error)
        assert said is not None
        assert (said.exit_code, said.text) == (1, "127.0.0.1 cannot be reached.")
        assert said.advice.startswith("Check this machine's network")


def test_a_network_that_comes_back_finds_nothing_lost(office: Office, good_end: Any) -> None:
    office.set_up()
    office.server.faults.add("POST /coql", nth=2, kind="reset", times=6)
    error = broken_off(office, VirtualClock(datetime.now(UTC)))
    assert error.message == "The connection to 127.0.0.1 broke before a whole answer came."
    assert error.hint == "Nothing is lost: the next scheduled run carries on from here."
    assert office.fenlei("backfill", "--yes").exit_code == 0
    assert office.state() == good_end


def broken_off(office: Office, clock: VirtualClock) -> Unavailable:
    """The error that ends a run whose waits take no time."""
    with opened(office.env, clock) as desk, pytest.raises(Unavailable) as caught:
        run(desk, Order("sync"), Watch())
    return caught.value


def test_credits_that_run_out_while_reading_leave_nothing_half_done(
    office: Office, good_end: Any
) -> None:
    limits = office.set_up().server.tenant.limits
    enough, limits.allowed = limits.allowed, office.server.credits_spent + 3
    said = failed(office.fenlei("backfill", "--yes"))
    assert "API credits are used up for now." in said
    assert said.endswith("the next scheduled run carries on from here.")
    assert not office.server.records("Tasks")
    limits.allowed = enough
    assert office.fenlei("backfill", "--yes").exit_code == 0
    assert office.state() == good_end


def test_credits_that_run_low_while_writing_pause_the_run(office: Office, good_end: Any) -> None:
    """Zoho tells what is left once half is used, which here is after the first hundred accounts."""
    limits = office.set_up().server.tenant.limits
    enough, limits.allowed = limits.allowed, 60
    result = office.fenlei("backfill", "--yes", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["status"]) == (0, "paused")
    assert (report["accounts_written"], report["tasks_created"]) == (100, 0)
    assert report["notes"][0].endswith("The next scheduled run carries on from here.")
    limits.allowed = enough
    assert office.fenlei("sync").exit_code == 0
    assert office.state() == good_end


# Our own files.


def damaged(path: Path) -> None:
    """A file of which a disk has lost the middle."""
    content = path.read_bytes()
    third = len(content) // 3
    path.write_bytes(content[:third] + b"\x5a" * third + content[2 * third :])


@pytest.mark.parametrize("damage", [damaged, lambda path: path.write_bytes(b"not ours" * 999)])
def test_a_corrupt_local_copy_may_be_deleted(
    office: Office, good_end: Any, damage: Callable[[Path], None]
) -> None:
    mirror = office.backfilled().home / "mirror.duckdb"
    damage(mirror)
    written = len(office.server.log)
    said = failed(office.fenlei("sync"))
    assert "The local copy of the CRM cannot be used" in said
    assert f"Delete {mirror} and run 'fenlei sync'" in said
    mirror.unlink()
    assert office.fenlei("sync").exit_code == 0
    assert office.state() == good_end
    assert len(office.server.log) == written


@pytest.mark.parametrize("damage", [damaged, lambda path: path.write_bytes(b"not ours" * 999)])
def test_a_corrupt_ledger_stops_every_command_before_the_first_call(
    office: Office, good_end: Any, damage: Callable[[Path], None]
) -> None:
    ledger = office.backfilled().home / "ledger.sqlite"
    kept = ledger.read_bytes()
    damage(ledger)
    asked = len(office.server.requests)
    for words in (("sync",), ("status",), ("undo", "20111209-090000-k7q2", "--yes")):
        said = failed(office.fenlei(*words))
        assert "The ledger ledger.sqlite is damaged" in said
        assert "Restore it from a backup, or move it away" in said
    assert len(office.server.requests) == asked
    ledger.write_bytes(kept)
    assert office.fenlei("sync").exit_code == 0
    assert office.state() == good_end


def test_after_a_lost_ledger_nothing_is_written_or_opened_twice(
    office: Office, good_end: Any
) -> None:
    office.backfilled()
    written = len(office.server.log)
    (office.home / "ledger.sqlite").unlink()
    assert "Run 'fenlei setup' first." in failed(office.fenlei("sync"))
    office.set_up()
    assert office.fenlei("sync").exit_code == 0
    assert len(office.server.log) == written
    assert office.state() == good_end


def test_a_state_folder_that_cannot_be_made_is_named(office: Office, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    said = failed(office.fenlei("sync", FENLEI_HOME=str(tmp_path / "file" / "home")))
    assert said.endswith("Set FENLEI_HOME to a folder that this user may write.")
    assert not office.server.requests


def test_a_read_only_state_folder_is_named(office: Office) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere, so nothing is read-only to it")
    office.backfilled()
    written, asked = len(office.server.log), len(office.server.requests)
    office.home.chmod(0o500)
    said = failed(office.fenlei("sync"))
    office.home.chmod(0o700)
    assert said.endswith("Give this user the folder, or set FENLEI_HOME to another.")
    assert len(office.server.requests) == asked
    assert office.fenlei("sync").exit_code == 0
    assert len(office.server.log) == written


def test_a_run_beside_another_one_leaves_at_once_without_a_call(
    office: Office, good_end: Any
) -> None:
    office.set_up()
    asked = len(office.server.requests)
    with run_lock(office.home / "run.lock"):
        said = failed(office.fenlei("backfill", "--yes"), code=75)
    assert "Another fenlei run is going on. Wait for it to end" in said
    assert len(office.server.requests) == asked
    assert office.fenlei("backfill", "--yes").exit_code == 0
    assert office.state() == good_end
