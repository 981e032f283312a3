"""How long a first pull takes beside the least that any client must do: read the same pages and parse them.

Run it from a checkout::

    python bench/pull.py [--rounds N]

The stand-in runs in a process of its own. Both sides send it the same questions in the same order
over one kept-alive connection, in turns: the bare session parses each answer with ``.json()`` and
drops it; ours is :func:`sync.pull.pull` into an empty local copy, checks, counts and commit included.
For comparison the deals are also read bare by list pages, which is how most clients read them.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import requests
from classify import DATA, made_up_set

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from connector.clock import SystemClock  # noqa: E402
from connector.model import Json, Module  # noqa: E402
from connector.zoho.crm import ZohoCrm  # noqa: E402
from connector.zoho.hosts import hosts_from_urls  # noqa: E402
from connector.zoho.oauth import Credentials, Tokens  # noqa: E402
from connector.zoho.transport import Answer, Transport  # noqa: E402
from sync import facts as facts_of  # noqa: E402
from sync.facts import Facts  # noqa: E402
from sync.mirror import Mirror  # noqa: E402
from sync.pull import READ, PullLimits, pull  # noqa: E402

AT_MOST = 3.0
"""The ratio above which this bench fails."""

DEALS_HEADER = ["id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one reading took: seconds, rows, and the calls and credits that the stand-in counted."""

    seconds: float
    rows: int
    calls: int
    credits: int


class Listening(Transport):
    """Our transport, remembering its questions so that the bare session can ask the same."""

    asked: list[Json]

    def query(self, path: str, *, json: Json, credits: int) -> Answer:
        """Ask as always."""
        self.asked.append(json)
        return super().query(path, json=json, credits=credits)


def main() -> None:
    """Print the ratio and what each way of reading costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as folder,
        served(*data_files(Path(folder))) as connection,
        closing(transport_to(connection, Path(folder))) as transport,
        bare_session(connection) as session,
    ):
        crm = ZohoCrm(transport)
        facts = facts_of.ask(crm, SystemClock())
        with Mirror(None) as mirror:
            first_pull(crm, facts, mirror)
        statements = list(transport.asked)
        costs: dict[str, list[Cost]] = {"bare": [], "ours": [], "list": []}
        for n in range(rounds):
            with Mirror(Path(folder) / f"{n}.duckdb") as mirror:
                sides: dict[str, Callable[[], int]] = {
                    "bare": partial(bare_pages, session, connection, statements),
                    "ours": partial(first_pull, crm, facts, mirror),
                    "list": partial(list_pages, session, connection),
                }
                for name, read in sides.items():
                    costs[name].append(measured(connection, read))
    report(costs)


def first_pull(crm: ZohoCrm, facts: Facts, mirror: Mirror) -> int:
    """Our pull of accounts, deals and tasks into a local copy that is still empty; the rows read."""
    pulled = pull(
        crm,
        mirror,
        facts,
        ours=(),
        limits=PullLimits(max_shrink_percent=10),
        progress=lambda _module, _seen, _expected: None,
    )
    return sum(count.read for count in pulled.counts.values())


def bare_pages(
    session: requests.Session, connection: Mapping[str, str], statements: list[Json]
) -> int:
    """The same questions in the same order, each answer parsed and dropped; the rows read."""
    rows = 0
    for statement in statements:
        answer = session.post(f"{connection['api_domain']}/crm/v8/coql", json=statement, timeout=60)
        answer.raise_for_status()
        rows += len(answer.json()["data"]) if answer.content else 0
    return rows


def list_pages(session: requests.Session, connection: Mapping[str, str]) -> int:
    """The deals by list pages of 200, following the page tokens; the rows read."""
    params = {"fields": ",".join(READ[Module.DEALS]), "per_page": "200"}
    rows = 0
    while True:
        answer = session.get(f"{connection['api_domain']}/crm/v8/Deals", params=params, timeout=60)
        answer.raise_for_status()
        page = answer.json()
        rows += len(page["data"])
        token = page["info"]["next_page_token"]
        if not token:
            return rows
        params["page_token"] = token


def measured(connection: Mapping[str, str], read: Callable[[], int]) -> Cost:
    """One reading, timed, with the calls and credits that the stand-in counted for it."""
    calls, credits = counted(connection)
    started = time.perf_counter()
    rows = read()
    seconds = time.perf_counter() - started
    calls_after, credits_after = counted(connection)
    return Cost(seconds, rows, calls_after - calls, credits_after - credits)


def counted(connection: Mapping[str, str]) -> tuple[int, int]:
    """The stand-in's own count of calls and credits so far."""
    lines = requests.get(f"{connection['api_domain']}/standin/requests", timeout=60).text
    seen = [json.loads(line) for line in lines.splitlines()]
    return len(seen), sum(call["credits"] for call in seen)


def report(costs: Mapping[str, list[Cost]]) -> None:
    """One line a side, then the ratio; fails where it is above the limit."""
    words = {"bare": "bare session", "ours": "our pull", "list": "bare, deals by list pages"}
    for name, found in costs.items():
        last, seconds = found[-1], median(cost.seconds for cost in found)
        print(
            f"{words[name]:26} {last.rows:>7,} rows  {last.calls:>4} calls  {last.credits:>4} credits  "
            f"{seconds:6.2f} s"
        )
    pairs = zip(costs["ours"], costs["bare"], strict=True)
    ratio = median(ours.seconds / bare.seconds for ours, bare in pairs)
    print(f"ratio ours/bare {ratio:.2f} (median of {len(costs['ours'])} rounds, at most {AT_MOST})")
    if ratio > AT_MOST:
        sys.exit(1)


def transport_to(connection: Mapping[str, str], folder: Path) -> Listening:
    """Our transport to the stand-in."""
    hosts = hosts_from_urls(
        connection["api_domain"], connection["accounts_url"], allow_loopback=True
    )
    names = ("client_id", "client_secret", "refresh_token")
    credentials = Credentials(*(connection[name] for name in names))
    clock, rng = SystemClock(), random.Random(1)
    tokens = Tokens(hosts, credentials, directory=folder / "tokens", clock=clock, rng=rng)
    transport = Listening(hosts, tokens, clock=clock, rng=rng)
    transport.asked = []
    return transport


@contextmanager
def bare_session(connection: Mapping[str, str]) -> Iterator[requests.Session]:
    """A kept-alive session that is signed in."""
    form = {key: connection[key] for key in ("client_id", "client_secret", "refresh_token")}
    with requests.Session() as session:
        answer = session.post(
            f"{connection['accounts_url']}/oauth/v2/token",
            data={"grant_type": "refresh_token", **form},
            timeout=60,
        )
        session.headers["Authorization"] = f"Zoho-oauthtoken {answer.json()['access_token']}"
        yield session


@contextmanager
def served(accounts: Path, deals: Path) -> Iterator[dict[str, str]]:
    """A stand-in in a process of its own; what a client needs to reach it."""
    files = ["--accounts", str(accounts), "--deals", str(deals), "--today", "2011-12-09"]
    command = [sys.executable, str(ROOT / "cli.py"), "standin", *files]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def data_files(folder: Path) -> tuple[Path, Path]:
    """The development set online_retail_ii, or a made-up one of its size where it is absent."""
    if DATA.exists():
        return DATA / "accounts.csv", DATA / "deals.csv"
    accounts, deals = made_up_set(size=10_240)
    named = [[account, f"Customer {account[-5:]}"] for account in accounts]
    return (
        written(folder / "accounts.csv", [["id", "Account_Name"], *named]),
        written(folder / "deals.csv", [DEALS_HEADER, *deals]),
    )


def written(path: Path, rows: list[list[str]]) -> Path:
    """The rows as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


if __name__ == "__main__":
    main()
