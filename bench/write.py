"""What writing our fields costs beside bare calls and beside Zoho's own kits.

Run it from a checkout::

    python bench/write.py [--accounts 1000] [--single 100] [--round-trip 0] [--rounds 3] [--json FILE]

Every side is a process of its own, in turns, timed without imports and signing in, and sets eight fields of
each account to other values, with ``trigger: []``:

- *bare, 100 a call*: one kept-alive session, answers parsed and dropped.
- *ours*: ``sync.sending`` with the ledger's protocol: intents planned, each batch on disk as sent before it
  leaves, ``If-Unmodified-Since``, an outcome for every row, settled on disk.
- *bare, one by one* and *kit, one by one*: one account a call, as many a program does; only ``--single``
  accounts of them, each of which is the same work.
- *zcrmsdk*, *zohocrmsdk8_0*: 100 a call.

Not even: only ours can tell afterwards what arrived, keeps what a rep changed meanwhile and can undo. Time is
taken a thousand accounts. The stand-in answers sooner than Zoho does.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from made_up_company import FIRST_ACCOUNT, company
from measuring.alone import Stopwatch, alone, worked
from measuring.crm import Till, bare_session, given, our_client, reached, served
from measuring.least import writing
from measuring.results import Cell, Result, Table, command_line, options, ratio
from measuring.sdks import KITS, kit

from connector.clock import SystemClock
from connector.model import Json, Module
from connector.port import WRITE_BATCH
from connector.standin.server import StandIn
from sync.ledger import FieldChange, Kind, Ledger, NewIntent, State
from sync.sending.send import Sender

BARE, OURS = "bare, 100 a call", "ours"
Row = dict[str, Json]
Costs = dict[str, list[dict[str, Any]]]


def main() -> None:
    """Print the table, and write it where asked."""
    parser = options(__doc__)
    parser.add_argument("--accounts", type=int, default=1_000)
    parser.add_argument("--single", type=int, default=100)
    parser.add_argument("--round-trip", type=float, default=0, metavar="MS")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    sides = dict(all_sides(chosen.accounts, min(chosen.single, chosen.accounts)))
    with (
        tempfile.TemporaryDirectory() as folder,
        served(*company(Path(folder), chosen.accounts, 1, "csv")) as standin,
    ):
        costs = measured(standin, Path(folder), sides, chosen.round_trip, chosen.rounds)
    table = as_table(costs, chosen.accounts, chosen.round_trip)
    Result("write", command_line(), [table], figures=costs).tell(chosen.json)


def all_sides(accounts: int, single: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each side's name, and its work with what that is told."""
    yield BARE, {"work": "bare", "count": accounts, "batch": WRITE_BATCH}
    yield OURS, {"work": "ours", "count": accounts}
    yield "bare, one by one", {"work": "bare", "count": single, "batch": 1}
    for name in KITS:
        yield (
            f"{name}, 100 a call",
            {
                "work": "kit",
                "name": name,
                "count": accounts,
                "batch": WRITE_BATCH,
            },
        )
        yield f"{name}, one by one", {"work": "kit", "name": name, "count": single, "batch": 1}


def measured(
    standin: StandIn,
    folder: Path,
    sides: Mapping[str, dict[str, Any]],
    added: float,
    rounds: int,
) -> Costs:
    """Every side's costs, round by round, with what the stand-in charged and really changed."""
    costs: Costs = {side: [] for side in sides}
    till = Till(standin)
    with reached(standin, added / 1000) as connection:
        for turn in range(rounds):
            for number, (side, work) in enumerate(sides.items()):
                place = folder / f"{turn}-{number}"
                place.mkdir()
                till.begin()
                before, reach = len(standin.log), json.dumps(connection)
                value = turn * len(sides) + number
                cost = alone(__file__, connection=reach, place=str(place), value=value, **work)
                spent, changed = till.since(), len(standin.log) - before
                counted = {"calls": spent.calls, "credits": spent.credits, "changed": changed}
                costs[side].append(cost | counted)
    return costs


def rows_of(count: int, value: int) -> list[Row]:
    """Eight fields of so many accounts, with values that depend on the round."""
    return [
        {
            "id": str(FIRST_ACCOUNT + number),
            "Phone": f"021-{value:04}",
            "Fax": f"010-{value:04}",
            "Website": f"https://customer-{value}.example",
            "Ticker_Symbol": f"T{value}",
            "Billing_City": f"City {value}",
            "Billing_Code": f"{value:05}",
            "Billing_Street": f"Street {value}",
            "Description": f"Silent {value} days; usually buys every 34. Bought again in spring.",
        }
        for number in range(count)
    ]


def batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """So many rows at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def bare(connection: str, place: str, count: int, batch: int, value: int) -> dict[str, Any]:
    """Write with nothing but a session."""
    del place
    reach = given(connection)
    url = f"{reach['api_domain']}/crm/v8/Accounts"
    with bare_session(reach) as session, Stopwatch() as watch:
        for rows in batches(rows_of(count, value), batch):
            answer = session.put(url, json={"data": rows, "trigger": []}, timeout=60)
            answer.raise_for_status()
            answer.json()
    return {"rows": count, **watch.told}


def ours(connection: str, place: str, count: int, value: int) -> dict[str, Any]:
    """Write as the product does, beginning with planned intents and ending with settled ones."""
    folder, clock = Path(place), SystemClock()
    intents = [
        NewIntent(
            key=f"{value}-{row['id']}",
            kind=Kind.FIELDS,
            module=Module.ACCOUNTS,
            record_id=str(row["id"]),
            body=row,
            changes=tuple(FieldChange(f, None, new) for f, new in row.items() if f != "id"),
        )
        for row in rows_of(count, value)
    ]
    with our_client(given(connection), folder) as crm, Ledger(folder / "ledger.sqlite") as ledger:
        read_at = crm.now()
        with Stopwatch() as watch:
            now = clock.now()
            with ledger.transaction():
                ledger.runs.begin(
                    "bench", "backfill", as_of=date(2011, 12, 9), policy="bench", now=now
                )
                ledger.intents.add(intents, run_id="bench", now=now)
            sender = Sender(
                crm=crm,
                ledger=ledger,
                clock=clock,
                quarantine=timedelta(minutes=15),
                run_workflows=False,
                may_go_on=lambda: "",
                progress=lambda _count: None,
            )
            waiting = ledger.intents.in_state(State.PLANNED, Kind.FIELDS)
            tally = sender.send_fields(waiting, read_at=read_at)
    return {"rows": tally.done, **watch.told}


def by_kit(
    connection: str, place: str, name: str, count: int, batch: int, value: int
) -> dict[str, Any]:
    """One of Zoho's kits, after it has fetched its metadata."""
    writer, all_rows = kit(name, given(connection), Path(place)), rows_of(count, value)
    writer.read(Module.ACCOUNTS, ("Account_Name",), 1)
    with Stopwatch() as watch:
        rows = sum(writer.update(part) for part in batches(all_rows, batch))
    return {"rows": rows, **watch.told}


WORKS: dict[str, Callable[..., dict[str, Any]]] = {"bare": bare, "ours": ours, "kit": by_kit}


def pace(rounds: Sequence[Mapping[str, float]], what: str = "seconds") -> list[float]:
    """Milliseconds a thousand accounts, round by round."""
    return [1e6 * one[what] / one["rows"] for one in rounds]


def as_table(costs: Costs, accounts: int, added: float) -> Table:
    """One line a side; credits are told a thousand accounts."""
    columns = (
        ("way", ""),
        ("accounts", ",.0f"),
        ("calls", ",.0f"),
        ("credits / 1,000", ",.0f"),
        ("credits × least", ".2f"),
        ("ms / 1,000", ",.0f"),
        ("CPU ms / 1,000", ",.0f"),
        ("× bare", ".2f"),
        ("CPU × bare", ".2f"),
        ("peak MB", ",.0f"),
    )
    rows: list[list[Cell]] = []
    notes: list[str] = ["The least is a credit for every ten accounts, 100 a call."]
    for side, rounds in costs.items():
        if missing := rounds[0].get("absent"):
            notes.append(f"{side}: not installed ({missing}).")
            continue
        last = rounds[-1]
        if last["changed"] != last["rows"]:
            notes.append(f"{side}: {last['rows']:,} told, {last['changed']:,} really changed.")
        wall, cpu = pace(rounds), pace(rounds, "cpu")
        times = ratio(wall, pace(costs[BARE])), ratio(cpu, pace(costs[BARE], "cpu"))
        credits = 1000 * last["credits"] / last["rows"]
        least = 1000 * writing(accounts).credits / accounts
        counted = last["rows"], last["calls"], credits, credits / least
        rows.append([side, *counted, median(wall), median(cpu), *times, last["peak_mb"]])
    line = f", {added:g} ms of added round trip" if added else ""
    return Table(f"Eight fields of {accounts:,} accounts{line}", columns, rows, notes)


if __name__ == "__main__" and not worked(WORKS):
    main()
