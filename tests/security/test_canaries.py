"""Whatever goes wrong, no secret leaves its store, no customer is in a log, nobody else is called."""

from __future__ import annotations

import base64
import csv
import json
import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import duckdb
import pytest
from workbench import POLICY_FILE, TODAY
from worker import Worker, worker

from connector.standin.faults import KINDS
from connector.standin.server import StandIn

CUSTOMER = "Canary顾客{}公司"
CUSTOMERS = 40
HOME = "home"

PARAMETERS: dict[str, dict[str, Any]] = {
    "code": {"status": 400, "code": "INVALID_DATA", "message": "Canary顾客1公司 is wrong"},
    "redirect": {"location": "http://canary.example/elsewhere"},
    "truncated": {"k": 20},
    "gzip_cut": {"k": 20},
    "reset_request": {"k": 10},
    "gzip_bomb": {"size": 70_000_000},
    "deep_json": {"depth": 5_000},
    "hang": {"seconds": 0.05},
    "slow": {"k": 400, "seconds": 0.001},
    "stale_date": {"seconds": 900},
    "answer_rows": {"how": "short"},
    "rows": {"rows": (0,), "code": "INVALID_DATA"},
    "batch_refused": {"rows": (0,), "named": True, "code": "INVALID_DATA"},
    "delayed_apply": {"seconds": 60},
}
AT_THE_DOOR = {"html_200", "code", "gzip_cut", "empty_200", "slow"}
WRITING = {"rows", "batch_refused", "answer_rows", "lost_after_apply", "delayed_apply"} | {
    "reset_request",
    "idle_close",
    "reset",
}
"""Kinds of faults that strike the token call, and those that strike a write; all others strike a read."""

FATAL = {"gzip_bomb", "repeated_rows", "unauthorized"}
"""Kinds after which a run is over, so that no other could strike it."""


class House:
    """An organisation with canaries in it, and a worker beside it."""

    def __init__(self, folder: Path, server: StandIn, hand: Worker) -> None:
        self.home = folder / HOME
        self.policy = folder / "policy.toml"
        self.server = server
        self.hand = hand
        self.secrets: set[str] = {server.client_secret, server.refresh_token}
        self.days = 0

    def does(self, *words: object) -> int:
        code = self.hand.does(*words)
        for token, standing in self.server.tenant.oauth._refresh.items():
            self.secrets |= {token, *standing.live}
        return code

    def next_day(self) -> None:
        """Time passes and somebody buys for the first time, so that there is something to write."""
        self.server.clock.advance(24 * 3600)
        self.does("@later", 24 * 3600)
        self.days += 1
        self.server.rep.add(
            "Deals",
            Deal_Name="CanaryOrder",
            Account_Name={"id": sorted(self.server.records("Accounts"))[-self.days]},
            Stage="Closed Won",
            Amount=5_000,
            Closing_Date=TODAY.isoformat(),
        )


def write_canaries(folder: Path) -> tuple[Path, Path]:
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Name"))
        writer.writerows(
            (9_100_000_000_000_000_000 + n, CUSTOMER.format(n)) for n in range(CUSTOMERS)
        )
    with deals.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"))
        for n in range(24):
            account = 9_100_000_000_000_000_000 + n % 5
            day = (TODAY - timedelta(days=30 + 11 * n)).isoformat()
            writer.writerow(
                (9_200_000_000_000_000_000 + n, account, "CanaryOrder", "Closed Won", 100 + n, day)
            )
    return accounts, deals


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A life from the first connection to the last, with every kind of fault in between."""
    folder = tmp_path_factory.mktemp("house")
    accounts, deals = write_canaries(folder)
    env = {
        "FENLEI_HOME": str(folder / HOME),
        "FENLEI_ALLOW_LOOPBACK": "1",
        "FENLEI_DEBUG": "1",
        "FENLEI_POLICY": str(folder / "policy.toml"),
    }
    with (
        StandIn(accounts, deals, today=TODAY) as server,
        worker(folder / "work", env, umask=0) as hand,
    ):
        house = House(folder, server, hand)
        live(house)
        yield house


def live(house: House) -> None:
    code = house.server.grant_code
    house.secrets.add(code)
    house.policy.write_text("", "utf-8")  # the shipped one
    house.does("@connect", house.server.connection(), code)
    assert house.does("setup", "--yes") == 0
    assert house.does("backfill", "--yes") == 0
    house.next_day()
    assert house.does("sync", "--json") == 0
    suffer(house)
    last = json.loads(house.hand.stdout.splitlines()[-1])
    for words in (["status"], ["runs"], ["doctor"], ["undo", last["run_id"], "--yes"]):
        house.does(*words)
    house.does("@stage")


def suffer(house: House) -> None:
    """Every kind of fault strikes: while reading, while writing, while a token is asked for.

    Fewer questions are asked meanwhile, since how many do not matter to what is said of a fault.
    """
    house.policy.write_text(POLICY_FILE, "utf-8")
    reads = batched(sorted(KINDS - AT_THE_DOOR - WRITING - FATAL), 6)
    writes = batched(sorted(WRITING & KINDS), 2)
    for reading, writing in zip_longest(reads, writes):
        for nth, kind in enumerate(reading or (), 1):
            house.server.faults.add("POST /coql", nth, kind, **PARAMETERS.get(kind, {}))
        for path, kind in zip(("PUT /Accounts*", "POST /Tasks*"), writing or (), strict=False):
            house.server.faults.add(path, kind=kind, **PARAMETERS.get(kind, {}))
        a_day(house)
    for kind in sorted(FATAL & KINDS):
        house.server.faults.add("POST /coql", times=2, kind=kind, **PARAMETERS.get(kind, {}))
        a_day(house)
    for kinds in batched(sorted(AT_THE_DOOR & KINDS), 2):
        house.server.expire_tokens()
        for path in (house.home / "tokens").glob("*.json"):
            path.unlink()
        for nth, kind in enumerate(kinds, 1):
            parameters = PARAMETERS.get(kind, {})
            house.server.faults.add("POST /oauth/v2/token", nth, kind, **parameters)
        a_day(house)
    a_day(house)


def batched(kinds: list[str], size: int) -> list[list[str]]:
    return [kinds[at : at + size] for at in range(0, len(kinds), size)]


def a_day(house: House) -> None:
    house.next_day()
    house.does("sync", "--json", "--yes")
    house.server.faults.clear()


def forms(secret: str) -> set[bytes]:
    """A secret as it could have got out: whole, in halves, coded for addresses, in Base64 at any place."""
    found = {secret, quote(secret, safe=""), *(p for p in secret.split(".") if len(p) > 12)}
    for before in range(3):
        coded = base64.b64encode(b"x" * before + secret.encode()).decode()
        found |= {coded[4:-4], coded[4:-4].replace("+", "-").replace("/", "_")}
    return {form.encode() for form in found}


def leaks(house: House, content: bytes) -> set[bytes]:
    return {form for secret in house.secrets for form in forms(secret) if form in content}


def tables(path: Path) -> str:
    """Everything that a database holds, as text, however it is packed on disk."""
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as ledger:
            text = "\n".join(ledger.iterdump())
        ledger.close()
        return text
    with duckdb.connect(str(path), read_only=True) as mirror:
        names = mirror.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        return repr(
            [
                mirror.execute(f'SELECT COLUMNS(*)::VARCHAR FROM "{s}"."{n}"').fetchall()
                for s, n in names
            ]
        )


def test_the_life_was_as_hard_as_it_was_meant_to_be(house: House) -> None:
    struck = {fired.fault.kind for fired in house.server.faults.fired}
    assert struck == KINDS
    assert "Traceback" not in house.hand.stderr
    assert len(house.secrets) > 8
    assert len(house.hand.log) > 10_000, "debugging was on"


@pytest.mark.fault("K6")
def test_no_secret_is_printed_or_logged(house: House) -> None:
    for text in (house.hand.stdout, house.hand.stderr, house.hand.log):
        assert leaks(house, text.encode()) == set()
    assert leaks(house, (house.hand.folder / "notes").read_bytes()) == set()


@pytest.mark.fault("K6")
def test_no_secret_is_in_any_file_but_its_own(house: House) -> None:
    stores = {house.home / "credentials.json", *(house.home / "tokens").glob("token-*.json")}
    files = [path for path in house.home.rglob("*") if path.is_file()]
    assert stores < set(files)
    for path in files:
        assert path in stores or leaks(house, path.read_bytes()) == set(), path
        if path.suffix in (".sqlite", ".duckdb"):
            assert leaks(house, tables(path).encode()) == set(), path


@pytest.mark.fault("K6")
def test_no_secret_is_in_a_command_line_or_an_environment_and_there_are_no_children(
    house: House,
) -> None:
    assert leaks(house, house.hand.seen) == set()
    assert house.hand.notes("subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn") == []
    assert house.hand.notes("os.forkpty", "os.spawn", "os.system", "pty.spawn") == []


def test_secrets_reach_zoho_in_bodies_and_headers_only(house: House) -> None:
    for seen in house.server.requests:
        assert leaks(house, f"{seen.path}?{seen.query}".encode()) == set()


def test_no_customer_is_named_in_a_log(house: House) -> None:
    names = ["Canary", "顾客", *(str(user["email"]) for user in house.server.users)]
    for text in (house.hand.stderr, house.hand.log):
        assert [name for name in names if name in text] == []


def test_nobody_but_zoho_is_ever_called_or_looked_up(house: House) -> None:
    port = urlsplit(house.server.api_domain).port
    called = {tuple(what[0]) for what in house.hand.notes("socket.connect")}  # type: ignore[index]
    assert called == {("127.0.0.1", port)}
    asked = house.hand.notes("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
    assert {what[0] for what in asked} == {"127.0.0.1"}  # type: ignore[index]


@pytest.mark.fault("K1", "K2", "K3", "K4")
def test_no_command_can_be_called_by_anybody_so_that_no_notification_is_believed_or_missed(
    house: House,
) -> None:
    tried = [["::1", 0]]  # urllib3, when it is loaded: whether the machine knows IPv6
    doors = [door for door in house.hand.notes("socket.bind") if door != tried]
    assert doors == [[["127.0.0.1", 0]]], "the demo's stand-in alone, and on this machine alone"
    assert not [seen for seen in house.server.requests if "watch" in seen.path]


@pytest.mark.fault("K9")
def test_nothing_of_it_can_be_read_by_others(house: House) -> None:
    places = [house.home, *house.home.rglob("*")]
    assert {path.name for path in places} >= {"ledger.sqlite", "mirror.duckdb", "run.lock"}
    for path in places:
        wanted = 0o700 if path.is_dir() else 0o600
        assert (path.is_symlink(), stat.S_IMODE(path.stat().st_mode)) == (False, wanted), path
    gone = house.hand.notes("temporary")
    assert ["0o600", False, "deals.csv"] in gone
    for mode, is_folder, name in gone:  # type: ignore[misc]
        assert mode == ("0o700" if is_folder else "0o600"), name
