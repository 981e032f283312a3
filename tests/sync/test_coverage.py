"""Every requirement is accounted for, and each place that is named for one is really there."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path

import click
import pytest

from classifiers.catalogue import CATALOGUE
from cli import main
from sync.coverage import (
    REQUIREMENTS,
    CoverageProblem,
    Kind,
    Place,
    Status,
    cited,
    coverage_section,
    placed,
    read_requirements,
)
from sync.machine_fields import MACHINE_FIELDS
from sync.policy import Policy, load_policy
from sync.portfolio.figures import Group
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.migration import Migration
from sync.portfolio.next_steps import Planned, Plans
from sync.portfolio.pauses import Pauses
from sync.portfolio.people import By
from sync.portfolio.period import Period
from sync.portfolio.record import Portfolio
from sync.portfolio.sales import Sales, Seller
from sync.report import Report
from sync.verdicts import CLASSES

ROOT = Path(__file__).resolve().parents[2]
THEIR_LIST = ROOT.parent / "shared" / "reference" / "requirements.md"

SHIPPED = load_policy(None, catalogue=CLASSES)
CITED = cited(CATALOGUE, SHIPPED.playbooks)
ROWS = placed(read_requirements(), CITED)
BY_ID = {row.id: row for row in ROWS}


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        yield before + name
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")


def paths(told: object, before: str = "") -> Iterator[str]:
    if isinstance(told, Mapping):
        for key, value in told.items():
            yield f"{before}{key}"
            yield from paths(value, f"{before}{key}.")


def portfolio(policy: Policy) -> Portfolio:
    """Figures of nobody: only what they are called matters."""
    month = Period.parse("2026-09")
    return Portfolio(
        policy=policy,
        limits=PortfolioLimits(),
        period=month,
        as_of=month.last,
        by=By.OWNER,
        total=Group("", "all", 0),
        groups=(),
        dimensions=(),
        unanswered=(),
        pauses=Pauses(),
        playbooks={},
        trials=(),
        migration=Migration(date(2026, 8, 31), month.last, ()),
        notes=(),
        sales=Sales(Seller("", "all", {})),
        plans=Plans(Planned("", "all")),
        complaints=(),
    )


def policy_keys() -> Iterator[str]:
    for name in ("default", "words"):
        text = (ROOT / "sync" / "policy" / f"{name}.toml").read_text("utf-8")
        yield from paths(tomllib.loads(text))


KNOWN: Mapping[str, Callable[[], set[str]]] = {
    "dimension": lambda: {dimension.column for dimension in CATALOGUE},
    "playbook": lambda: {playbook.purpose for playbook in SHIPPED.playbooks},
    "field": lambda: {machine.key for machine in MACHINE_FIELDS},
    "mark": lambda: set(SHIPPED.marks),
    "command": lambda: set(commands(main)),
    "figure": lambda: set(paths(portfolio(SHIPPED).as_json())),
    "policy": lambda: set(policy_keys()),
    "report": lambda: {item.name for item in fields(Report)},
    "doc": lambda: {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")},
}


@pytest.mark.parametrize("kind", KNOWN)
def test_every_place_that_is_named_for_a_requirement_is_there(kind: str) -> None:
    named = {(name, row.id) for row in ROWS for name in row.named(kind)}
    assert named
    there = KNOWN[kind]()
    assert [pair for pair in sorted(named) if pair[0] not in there] == []


def test_what_the_code_says_that_it_is_there_for_is_met() -> None:
    assert [number for number in CITED if number not in BY_ID] == []
    advice = {row.id for row in ROWS if row.kind is Kind.NEITHER}
    assert [number for number in CITED if not (BY_ID[number].met or number in advice)] == []


def test_what_is_met_is_met_somewhere() -> None:
    assert [row.id for row in ROWS if row.met and not row.where] == []


def test_nothing_repeats_a_place_that_the_code_names_itself() -> None:
    twice = [(row.id, place) for row in read_requirements() for place in row.where]
    assert [(number, str(place)) for number, place in twice if place in CITED.get(number, ())] == []


def test_a_requirement_has_a_short_name_of_its_own() -> None:
    names = [(row.document, row.name) for row in ROWS]
    assert [name for _, name in names if not 1 <= len(name.split()) <= 6] == []
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_the_page_counts_what_stands_in_its_table() -> None:
    page = coverage_section(ROWS)
    table = re.findall(
        r"^\| (R\d{3}-\d{2}) \| ([SPN]) \| .+ \| ([a-z ]+) \| .*\|$", page, re.MULTILINE
    )
    assert [row[0] for row in table] == [row.id for row in ROWS]
    counts = Counter(status for _, _, status in table)
    assert f"| all |  | {' | '.join(str(counts[status]) for status in Status)} |" in page
    wanted = [row for row in ROWS if row.in_scope]
    met = sum(counts[status] for status in (Status.DONE, Status.ASSISTED))
    assert f"In scope: {met} of {len(wanted)}." in page


def test_ids_and_kinds_are_those_of_the_documents() -> None:
    if not THEIR_LIST.exists():
        pytest.skip("the list of requirements lies beside the project, and it is not there")
    rows = re.findall(
        r"^\| (R\d{3}-\d{2}) \|[^|]*\|[^|]*\| ([SPN]) \|",
        THEIR_LIST.read_text("utf-8"),
        re.MULTILINE,
    )
    assert [(row.id, row.kind) for row in ROWS] == rows


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("R000-01,S,x,assisted,command:sync", "cannot be assisted"),
        ("R000-01,N,x,later,put_off:x", "cannot be later"),
        ("R000-1,S,x,done,command:sync", "R000-1"),
        ("R000-01,S,x,done,missing:something", "exactly what comes later"),
        ("R000-01,S,x,later,command:sync", "exactly what comes later"),
        ("R000-01,S,x,done,somewhere:else", "no place"),
        ("R000-01,S,x,perhaps,command:sync", "perhaps"),
        ("R000-01,S,x,done,command:sync\nR000-01,S,y,done,command:sync", "twice"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(tmp_path: Path, row: str, said: str) -> None:
    file = tmp_path / "requirements.csv"
    file.write_text(f"id,kind,name,status,where\n{row}\n", "utf-8")
    with pytest.raises(CoverageProblem, match=re.escape(said)):
        read_requirements(file)


def test_a_place_reads_as_it_is_written() -> None:
    for row in read_requirements(REQUIREMENTS):
        assert [Place.parse(str(place)) for place in row.where] == list(row.where)
