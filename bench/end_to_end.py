"""What the whole job takes in an office of any size: setup, first run, a sync with changes, an idle one.

Run it from a checkout::

    python bench/end_to_end.py [--accounts 100000] [--deals-each 5] [--changed 1] [--policy FILE]
        [--json FILE]

The stand-in runs here; every stage is a process of its own, as a scheduler would start it, an hour after the
one before, with the shipped policy: its fields, playbooks and tasks. CPU is that process's alone, all its
threads together, after its imports; seconds contain the stand-in's answers. Beside it stands the least that
any program could do with the same deals: read them over one bare session and group them once in DuckDB, in a
process of its own as well. Not even: that one writes nothing, keeps nothing and checks nothing.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from made_up_company import company
from measuring.alone import Stopwatch, alone, worked
from measuring.crm import bare_session, given, served
from measuring.office import IDLE, Stage, stages
from measuring.results import Aim, Cell, Result, Table, command_line, options

PEAK_MB, IDLE_CPU, IDLE_CALLS = 512, 2.0, 6
PAGE = 2_000
LEAST = "bare reading and one group-by"


def main() -> None:
    """Print the table, and write it where asked."""
    parser = options(__doc__)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--deals-each", type=int, default=5)
    parser.add_argument("--changed", type=float, default=1.0, metavar="PERCENT")
    parser.add_argument("--policy", type=Path, help="another policy than the shipped one")
    chosen = parser.parse_args()
    done = stages(
        chosen.accounts, chosen.deals_each, changed=chosen.changed / 100, policy=chosen.policy
    )
    least = bare_look(chosen.accounts, chosen.deals_each)
    table = as_table(done, least, f"{chosen.accounts:,} accounts, {chosen.deals_each} deals each")
    figures = {"stages": [one.as_json() for one in done], "bare": least}
    Result("end_to_end", command_line(), [table], aims(done), figures).tell(chosen.json)


def bare_look(accounts: int, deals_each: int) -> dict[str, Any]:
    """What the least costs that any program would do with these records."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(*company(Path(folder), accounts, deals_each, "csv")) as standin,
    ):
        return alone(__file__, "bare", connection=json.dumps(standin.connection()))


def bare(connection: str) -> Mapping[str, Any]:
    """Read all deals by COQL over one session, into a table, and group them by account."""
    reach, last, rows = given(connection), "0", 0
    columns = "id, Account_Name, Closing_Date, Amount"
    with bare_session(reach) as session, Stopwatch() as watch, duckdb.connect() as engine:
        engine.execute("CREATE TABLE deals (account VARCHAR, day VARCHAR, amount DOUBLE)")
        while True:
            query = f"select {columns} from Deals where id > {last} order by id limit {PAGE}"
            answer = session.post(
                f"{reach['api_domain']}/crm/v8/coql", json={"select_query": query}, timeout=60
            )
            answer.raise_for_status()
            page = answer.json()["data"] if answer.content else []
            if page:
                found = [
                    (one["Account_Name"]["id"], one["Closing_Date"], one["Amount"]) for one in page
                ]
                accounts, days, amounts = (list(column) for column in zip(*found, strict=True))
                engine.execute(
                    "INSERT INTO deals SELECT unnest(?), unnest(?), unnest(?)",
                    [accounts, days, amounts],
                )
                rows, last = rows + len(page), page[-1]["id"]
            if len(page) < PAGE:
                break
        engine.execute(
            "SELECT account, count(*), max(day), sum(amount) FROM deals GROUP BY account"
        ).fetchnumpy()
    return {"rows": rows, **watch.told}


WORKS: dict[str, Callable[..., Mapping[str, Any]]] = {"bare": bare}


def as_table(done: Sequence[Stage], least: Mapping[str, Any], company_: str) -> Table:
    """One line a stage, and the bare look below."""
    columns = (
        ("stage", ""),
        ("seconds", ",.1f"),
        ("CPU s", ",.1f"),
        ("CPU × bare", ",.2f"),
        ("peak MB", ",.0f"),
        ("calls", ",.0f"),
        ("credits", ",.0f"),
        ("records written", ",.0f"),
        ("tasks opened", ",.0f"),
    )
    rows: list[list[Cell]] = [
        [
            *(one.name, one.seconds, one.cpu, one.cpu / least["cpu"], one.peak_mb),
            *(one.cost.calls, one.cost.credits, one.written, one.tasks),
        ]
        for one in done
    ]
    rows.append(
        [LEAST, least["seconds"], least["cpu"], 1.0, least["peak_mb"], None, None, None, None]
    )
    unfinished = [f"{one.name}: ended as {one.status}." for one in done if one.status != "done"]
    return Table(f"From setup to an idle sync, {company_}", columns, rows, unfinished)


def aims(done: Sequence[Stage]) -> list[Aim]:
    """Memory of every stage, and the idle run."""
    by_name = {stage.name: stage for stage in done}
    idle = by_name[IDLE]
    peaks = max(stage.peak_mb for stage in done)
    return [
        Aim("most memory of a stage, MB", peaks, PEAK_MB),
        Aim("idle sync: seconds of CPU beyond imports", idle.cpu, IDLE_CPU),
        Aim("idle sync: calls", idle.cost.calls, IDLE_CALLS),
        Aim("idle sync: records written", idle.written + idle.tasks, 0),
    ]


if __name__ == "__main__" and not worked(WORKS):
    main()
