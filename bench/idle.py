"""What an hourly run costs on which nothing has changed, stage by stage, beside one bare look at the deals.

Run it from a checkout::

    python bench/idle.py [--accounts 5000 20000 100000] [--json FILE]

A stand-in runs here with so many accounts and five deals each. Everything else is a process of its own,
as a scheduler would start it: one sets up and backfills through the product, tasks of the shipped playbooks
included; one syncs until our own writes have come back; the last one is measured: a sync that finds nothing.
CPU is that process's alone, all its threads together, after its imports. The bare look is DuckDB's
count, max and sum of the deals an account, in the same process on the same file. Time is virtual: nobody
waits for the two minutes by which two readings overlap.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from connector.clock import VirtualClock  # noqa: E402
from connector.standin.server import StandIn  # noqa: E402
from connector.zoho.connect import connect  # noqa: E402
from connector.zoho.hosts import hosts_from_urls  # noqa: E402
from sync import run as running  # noqa: E402
from sync.brakes import Allowed  # noqa: E402
from sync.decide import Planner  # noqa: E402
from sync.desk import Desk  # noqa: E402
from sync.home import Home  # noqa: E402
from sync.ledger import Ledger  # noqa: E402
from sync.mirror import Mirror  # noqa: E402
from sync.order import Order, Watch  # noqa: E402
from sync.policy import load_policy  # noqa: E402
from sync.reading import Reader  # noqa: E402
from sync.report import Report  # noqa: E402
from sync.setup import set_up  # noqa: E402
from sync.verdicts import CLASSES  # noqa: E402

MORNING = datetime(2011, 12, 9, 1, 0, tzinfo=UTC)
HOUR = 3600.0
DEALS_EACH = 5
ROUNDS = 3
CREDITS = 10_000_000
"""More than a day's backfill of the largest set takes, so that it is done in one go."""

BARE = 'SELECT "Account_Name", count(*), max("Closing_Date"), sum("Amount") FROM crm."Deals" GROUP BY 1'
STAGES = ("pull", "classify", "review", "plan", "follow-up", "report", "standing", "ledger")
STEPS = (
    (Reader, "read", "pull"),
    (running, "classify_all", "classify"),
    (running, "look", "review"),
    (running, "ask", "review"),
    (Planner, "plan", "plan"),
    (running, "plan_follow_up", "follow-up"),
    (running._Run, "_described", "report"),
    (running, "note_standing", "standing"),
    (running._Run, "_recover", "ledger"),
    (running, "catch_up", "ledger"),
    (running, "sign_copy", "ledger"),
    (running._Run, "_write_down", "ledger"),
    (running._Run, "_write", "ledger"),
    (running._Run, "_close", "ledger"),
)
"""Where each step of a run is found, and the stage that its CPU is counted for."""


@dataclass(frozen=True, slots=True)
class Idle:
    """One idle run: seconds of CPU by stage, its own peak memory, and what it did."""

    accounts: int
    tasks_there: int
    stages: dict[str, float]
    cpu: float
    bare: float
    wall: float
    peak_mb: float
    calls: int
    written: int

    @property
    def ratio(self) -> float:
        """How many bare looks at the deals the run is worth."""
        return self.cpu / self.bare


def main() -> None:
    """Print a table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, nargs="+", default=[5_000, 20_000])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        print(json.dumps(work(*options.work)))
        return
    found = [measured(count) for count in options.accounts]
    report(found)
    if options.json:
        rows = [asdict(one) | {"ratio": one.ratio} for one in found]
        options.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def measured(accounts: int) -> Idle:
    """Fill an office of this size and measure its idle run."""
    with tempfile.TemporaryDirectory() as place, office(Path(place), accounts) as ask:
        filled = ask("fill")
        for _ in range(2):  # the first reads what the backfill wrote, the second may look once more
            ask("sync")
        idle = ask("idle")
    return Idle(accounts=accounts, tasks_there=filled["tasks_created"], **idle)


@contextmanager
def office(place: Path, accounts: int) -> Iterator[Callable[[str], dict[str, Any]]]:
    """A stand-in with a company in it; what it gives starts one process at work on it, an hour later."""
    clock = VirtualClock(MORNING)
    with StandIn(*company(place, accounts), clock=clock, credits_a_day=CREDITS) as standin:
        (place / "connection.json").write_text(json.dumps(standin.connection()))

        def ask(what: str) -> dict[str, Any]:
            clock.advance(HOUR)
            (place / "now").write_text(clock.now().isoformat())
            command = [sys.executable, __file__, "--work", what, str(place)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            return dict(json.loads(done.stdout))

        yield ask


def work(what: str, place: str) -> dict[str, Any]:
    """What one process does: ``fill``, ``sync`` or ``idle``."""
    folder = Path(place)
    if what == "idle":
        return idle_run(folder)
    with desk(folder) as ready:
        if what == "fill":
            set_up(ready, confirm=lambda _plan: True)
        kind = "backfill" if what == "fill" else "sync"
        return job(ready, kind).as_json() | {"peak_mb": peak_mb()}


def job(ready: Desk, kind: str) -> Report:
    """One run of the product that nobody stops."""
    return running.run(ready, Order(kind, allowed=Allowed.everything_asked()), Watch())


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """Everything that a run works with, opened as the command line does."""
    connection = json.loads((folder / "connection.json").read_text())
    clock = VirtualClock(datetime.fromisoformat((folder / "now").read_text()))
    home = Home(folder / "home")
    home.prepare()
    hosts = hosts_from_urls(
        connection["api_domain"], connection["accounts_url"], allow_loopback=True
    )
    names = ("client_id", "client_secret", "refresh_token")
    with ExitStack() as stack:
        crm = connect(
            hosts=hosts,
            **{name: connection[name] for name in names},
            token_dir=home.tokens,
            clock=clock,
            rng=random.Random(7),
            edition="enterprise",
        )
        stack.callback(crm.close)
        ledger = stack.enter_context(Ledger(home.ledger))
        policy = load_policy(None, catalogue=CLASSES)
        yield Desk(home, crm, ledger, Mirror(home.mirror), policy, clock)


def idle_run(folder: Path) -> dict[str, Any]:
    """The measured one: a sync on which nothing has changed, then the bare look at the same file."""
    meter = Meter()
    for owner, name, stage in STEPS:
        meter.watch(owner, name, stage)
    started, cpu = time.perf_counter(), time.process_time()
    with desk(folder) as ready:
        meter.seconds["ledger"] += time.process_time() - cpu  # opening it checks every page
        told = job(ready, "sync")
    spent, wall = time.process_time() - cpu, time.perf_counter() - started
    peak = peak_mb()
    return {
        "stages": {**meter.seconds, "other": spent - sum(meter.seconds.values())},
        "cpu": spent,
        "bare": bare(Home(folder / "home").mirror),
        "wall": wall,
        "peak_mb": peak,
        "calls": told.calls,
        "written": told.fields_written + told.tasks_created + told.tasks_moved + told.tasks_closed,
    }


def peak_mb() -> float:
    """The most memory that this process has had; a process that another one starts inherits its maxrss."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


class Meter:
    """Adds up the CPU that chosen steps of a run take, without changing what they do."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)

    def watch(self, owner: object, name: str, stage: str) -> None:
        """Count every call of a function for a stage."""
        step: Callable[..., object] = getattr(owner, name)

        def counted(*given: object, **named: object) -> object:
            before = time.process_time()
            try:
                return step(*given, **named)
            finally:
                self.seconds[stage] += time.process_time() - before

        setattr(owner, name, counted)


def bare(path: Path) -> float:
    """Seconds of CPU of the bare look, the median of a few."""
    seconds = []
    with Mirror(path) as mirror:
        for _ in range(ROUNDS):
            before = time.process_time()
            mirror.relation(BARE).fetchnumpy()
            seconds.append(time.process_time() - before)
    return median(seconds)


def report(found: list[Idle]) -> None:
    """One line a size, and CPU by stage below it."""
    for one in found:
        print(
            f"{one.accounts:>8,} accounts, {one.tasks_there:,} tasks opened before: idle run "
            f"{one.cpu:6.2f} s CPU ({one.ratio:.0f} bare looks of {1e3 * one.bare:.0f} ms), "
            f"{one.wall:.2f} s, {one.peak_mb:.0f} MB, {one.calls} calls, {one.written} writes"
        )
        print("         " + "  ".join(f"{name} {spent:.2f}" for name, spent in one.stages.items()))


def company(folder: Path, accounts: int) -> tuple[Path, Path]:
    """Customers who buy at a pace of their own; three in ten have stopped at some time."""
    chance = random.Random(accounts)
    first, order = 9_100_000_000_000_000_000, 9_200_000_000_000_000_000
    today = MORNING.date()
    files = folder / "accounts.csv", folder / "deals.csv"
    with files[0].open("w", newline="", encoding="utf-8") as a:
        names = csv.writer(a)
        names.writerow(["id", "Account_Name"])
        names.writerows([first + n, f"Customer {n:06}"] for n in range(accounts))
    with files[1].open("w", newline="", encoding="utf-8") as d:
        deals = csv.writer(d)
        deals.writerow(["id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"])
        for n in range(accounts):
            for day in days(chance, today):
                order += 1
                amount = f"{chance.lognormvariate(5.5, 1):.2f}"
                deals.writerow([order, first + n, f"Order {order}", "Closed Won", amount, day])
    return files


def days(chance: random.Random, today: date) -> Iterator[date]:
    """The days of one customer's purchases, the last one first."""
    pace = chance.uniform(15, 120)
    stopped = chance.random() < 0.3
    back = chance.uniform(0, 600) if stopped else chance.uniform(0, pace)
    for _ in range(DEALS_EACH):
        yield today - timedelta(days=int(back))
        back += chance.expovariate(1 / pace) + 1


if __name__ == "__main__":
    main()
