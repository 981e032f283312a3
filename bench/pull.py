"""How long a first pull takes beside a bare session and beside Zoho's own kits, near by and far away.

Run it from a checkout::

    python bench/pull.py [--deals 50000] [--round-trips 0 40] [--at-once 1 8] [--kit-deals 5000]
        [--rounds 3] [--json FILE]

The stand-in holds so many deals, ten an account. Every side is a process of its own, in turns, timed without
imports and signing in, and reads accounts and deals with the same columns:

- *bare session*: one kept-alive connection asks COQL page by page (2,000 rows), parses each answer with
  ``.json()`` and drops it. No check, no retry, nothing kept.
- *our connector*: the same through ``crm.changed``, every record checked and made a ``Record``, then dropped.
- *our whole pull*: ``sync.pull.pull`` into an empty local copy: tasks, counts, checks and commit included.
- *our whole pull, in bulk*: the same, with accounts and deals as files that the CRM makes (bulk read), as a
  run reads a module of more than some 67,000 records. The stand-in makes its files at once, and making them
  is in the seconds; Zoho's own queue is not, where a job takes minutes.
- *zcrmsdk*, *zohocrmsdk8_0*: list pages of 200, as their samples read; COQL would give no typed records.

``--at-once`` is how many calls ours may have under way; the others have one.

Not even: the kits read only ``--kit-deals`` of each module, and their time is taken a thousand records, as
each page is the same work; the whole pull asks more. The stand-in is one process in Python: making the
answers is part of everybody's seconds and of no side's CPU, and calls at the same time wait for one another
there. An added round trip delays every question by so much, but not the opening of connections, which favours
the kits, who open one for each call.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from made_up_company import company
from measuring.alone import Stopwatch, alone, worked
from measuring.crm import Till, bare_session, given, our_client, reached, served
from measuring.results import Aim, Cell, Result, Table, command_line, options, ratio
from measuring.sdks import KITS, kit

from connector.clock import Clock, SystemClock
from connector.model import Module
from connector.port import Window
from connector.standin.server import StandIn
from connector.zoho import coql_text
from connector.zoho.coql_text import Cursor
from connector.zoho.values import record
from sync import facts as facts_of
from sync.mirror import Mirror
from sync.pace import set_pace
from sync.pull import READ, PullLimits, pull
from sync.ways.choice import Chosen, Situation, Way, choose, possible
from sync.ways.means import Means

DEALS_EACH = 10
MODULES = (Module.ACCOUNTS, Module.DEALS)
PAGE = 2_000
BARE, OLD_KIT = "bare session", "zcrmsdk"
IN_BULK = "our whole pull, in bulk"
NEAR_AT_MOST, FAR_AT_MOST, KIT_AT_LEAST = 1.3, 1.0, 30.0

Costs = dict[str, list[dict[str, Any]]]
"""Side → what each of its rounds cost."""


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = options(__doc__)
    parser.add_argument("--deals", type=int, default=50_000)
    parser.add_argument("--kit-deals", type=int, default=5_000)
    parser.add_argument("--round-trips", type=float, nargs="+", default=[0, 40], metavar="MS")
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sides = dict(all_sides(chosen.at_once, chosen.kit_deals))
    with tempfile.TemporaryDirectory() as folder:
        files = company(Path(folder), max(1, chosen.deals // DEALS_EACH), DEALS_EACH, "csv")
        with served(*files) as standin:
            standin.switches = replace(standin.switches, bulk_seconds=0.0)
            found = {
                added: measured(standin, Path(folder), sides, added, chosen.rounds)
                for added in chosen.round_trips
            }
    told(found, chosen.deals, chosen.at_once).tell(chosen.json)


def all_sides(at_once: Sequence[int], kit_deals: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each side's name, and its work with what that is told."""
    yield BARE, {"work": "bare"}
    for number in at_once:
        yield our_name("connector", number), {"work": "connector", "at_once": number}
        yield our_name("whole pull", number), {"work": "whole", "at_once": number}
    yield IN_BULK, {"work": "in_bulk"}
    for name in KITS:
        yield name, {"work": "kit", "name": name, "most": kit_deals}


def our_name(what: str, at_once: int) -> str:
    """How one of our sides is called."""
    return f"our {what}, {at_once} at once"


def measured(
    standin: StandIn, folder: Path, sides: Mapping[str, dict[str, Any]], added: float, rounds: int
) -> Costs:
    """Every side's costs, round by round; the kits, which are slow, take part in the first round only."""
    costs: Costs = {side: [] for side in sides}
    till = Till(standin)
    with reached(standin, added / 1000) as connection:
        for turn in range(rounds):
            for number, (side, work) in enumerate(sides.items()):
                if side in KITS and turn:
                    continue
                place = folder / f"{added:g}-{turn}-{number}"
                place.mkdir()
                till.begin()
                reach = json.dumps(connection)
                cost = alone(__file__, connection=reach, place=str(place), **work)
                spent = till.since()
                costs[side].append(cost | {"calls": spent.calls, "credits": spent.credits})
    return costs


def bare(connection: str, place: str) -> dict[str, Any]:
    """Read with nothing but a session."""
    del place
    reach = given(connection)
    window, rows = Window(None, datetime.now(UTC)), 0
    with bare_session(reach) as session, Stopwatch() as watch:
        for module in MODULES:
            after: Cursor | None = None
            while True:
                query = coql_text.changes(module, READ[module], window, after, PAGE)
                answer = session.post(
                    f"{reach['api_domain']}/crm/v8/coql", json={"select_query": query}, timeout=60
                )
                answer.raise_for_status()
                page = answer.json() if answer.content else {"data": [], "info": {}}
                rows += len(page["data"])
                if not page["info"].get("more_records"):
                    break
                last = record(page["data"][-1], READ[module])
                after = Cursor(last.modified_at, last.id)
    return {"rows": rows, **watch.told}


def connector(connection: str, place: str, at_once: int) -> dict[str, Any]:
    """Read through our connector alone."""
    set_pace()
    window = Window(None, datetime.now(UTC))
    with our_client(given(connection), Path(place), at_once=at_once) as crm:
        crm.now()  # signs in
        with Stopwatch() as watch:
            rows = sum(
                len(page)
                for module in MODULES
                for page in crm.changed(
                    module, READ[module], window, ordered=False, expected=crm.count(module)
                )
            )
    return {"rows": rows, **watch.told}


class Hurried(SystemClock):
    """A clock on which nobody waits: the stand-in's files are there once they are ordered."""

    def sleep(self, seconds: float) -> None:
        del seconds


def by_file(here: Situation) -> Chosen:
    """Bulk reading wherever there is anything to read, though it may not pay for so few."""
    ways = possible(here)
    if Way.BULK not in ways or not here.records:
        return choose(here)
    return Chosen(Way.BULK, here.records, ways[Way.BULK], ways[Way.QUERY])


def in_bulk(connection: str, place: str) -> dict[str, Any]:
    """The product's first pull, from files."""
    return whole(connection, place, 1, means=Means(choose=by_file), clock=Hurried())


def whole(
    connection: str,
    place: str,
    at_once: int,
    *,
    means: Means = Means(),  # noqa: B008 - a frozen value
    clock: Clock | None = None,
) -> dict[str, Any]:
    """The product's first pull, into a file."""
    set_pace()
    folder = Path(place)
    with our_client(given(connection), folder, clock=clock, at_once=at_once) as crm:
        facts = facts_of.ask(crm, SystemClock())
        with Mirror(folder / "mirror.duckdb") as mirror, Stopwatch() as watch:
            pulled = pull(
                crm,
                mirror,
                facts,
                ours=(),
                limits=PullLimits(max_shrink_percent=10),
                progress=lambda _module, _seen, _expected: None,
                further=(),
                means=means,
            )
    return {"rows": sum(count.read for count in pulled.counts.values()), **watch.told}


def kit_reads(connection: str, place: str, name: str, most: int) -> dict[str, Any]:
    """One of Zoho's kits, after it has fetched its metadata."""
    reader = kit(name, given(connection), Path(place))
    for module in MODULES:
        reader.read(module, READ[module], 1)
    with Stopwatch() as watch:
        rows = sum(reader.read(module, READ[module], most) for module in MODULES)
    return {"rows": rows, **watch.told}


WORKS: dict[str, Callable[..., dict[str, Any]]] = {
    "bare": bare,
    "connector": connector,
    "whole": whole,
    "in_bulk": in_bulk,
    "kit": kit_reads,
}


def told(found: Mapping[float, Costs], deals: int, at_once: Sequence[int]) -> Result:
    """One table for each round trip, and the aims."""
    tables = [table(costs, added, deals) for added, costs in found.items()]
    aims: list[Aim] = []
    for added, costs in found.items():
        ours = our_name("whole pull", max(at_once) if added else min(at_once))
        slower = ratio(pace(costs[ours]), pace(costs[BARE]))
        limit = FAR_AT_MOST if added else NEAR_AT_MOST
        aims.append(Aim(f"{ours}, over the bare session at + {added:g} ms", slower, limit))
        if "absent" not in costs[OLD_KIT][0]:
            faster = pace(costs[OLD_KIT])[0] / median(pace(costs[ours]))
            name = f"{OLD_KIT} over {ours}, at + {added:g} ms"
            aims.append(Aim(name, faster, KIT_AT_LEAST, at_most=False))
            faster = pace(costs[OLD_KIT])[0] / median(pace(costs[IN_BULK]))
            name = f"{OLD_KIT}, by list, over {IN_BULK}, without Zoho's queue, at + {added:g} ms"
            aims.append(Aim(name, faster, KIT_AT_LEAST, at_most=False))
    return Result("pull", command_line(), tables, aims, {str(a): c for a, c in found.items()})


def pace(rounds: Sequence[Mapping[str, float]], what: str = "seconds") -> list[float]:
    """Milliseconds a thousand records, round by round."""
    return [1e6 * one[what] / one["rows"] for one in rounds]


def table(costs: Costs, added: float, deals: int) -> Table:
    """One line a side."""
    columns = (
        ("way", ""),
        ("records", ",.0f"),
        ("calls", ",.0f"),
        ("credits", ",.0f"),
        ("ms / 1,000", ",.1f"),
        ("CPU ms / 1,000", ",.1f"),
        ("× bare", ".2f"),
        ("CPU × bare", ".2f"),
        ("peak MB", ",.0f"),
    )
    rows: list[list[Cell]] = []
    absent: list[str] = []
    for side, rounds in costs.items():
        if missing := rounds[0].get("absent"):
            absent.append(f"{side}: not installed ({missing}).")
            continue
        beside, last = costs[BARE][: len(rounds)], rounds[-1]
        wall, cpu = pace(rounds), pace(rounds, "cpu")
        times = ratio(wall, pace(beside)), ratio(cpu, pace(beside, "cpu"))
        counted = last["rows"], last["calls"], last["credits"]
        rows.append([side, *counted, median(wall), median(cpu), *times, last["peak_mb"]])
    line = f"{added:g} ms of added round trip" if added else "no added round trip"
    return Table(f"First pull of {deals:,} deals, {line}", columns, rows, absent)


if __name__ == "__main__" and not worked(WORKS):
    main()
