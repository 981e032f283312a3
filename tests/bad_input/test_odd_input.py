"""Odd records are counted with advice and the run goes on; a wrong file stops it with the line to mend."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from keyboard import Office, failed, told
from shell import environment

if TYPE_CHECKING:
    from tests.conftest import DataFiles


def odd_deals(deals: Path, folder: Path) -> Path:
    """The small company's deals, two in stages that nobody explains and one of nobody."""
    header, lost, won, third, *rest = deals.read_text("utf-8").splitlines()
    odd = [
        lost.replace("Closed Lost", "Gewonnen"),
        won.replace("Closed Won", "赢单"),
        re.sub(r",\d+,", ",,", third, count=1),
    ]
    file = folder / "odd-deals.csv"
    file.write_text("\n".join([header, *odd, *rest]), "utf-8")
    return file


@pytest.mark.fault("P15")
def test_unknown_stages_and_deals_without_account_are_counted_and_the_run_goes_on(
    make_office: Callable[..., Office], few_files: DataFiles, tmp_path: Path
) -> None:
    office = make_office(deals=odd_deals(few_files.deals, tmp_path)).set_up()
    result = office.fenlei("backfill", "--yes", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["findings"] == {"orphan_deal": 1, "unknown_stage": 2}
    assert (report["pulled"]["Deals"], report["classified"]) == (61, 24)
    assert "'fenlei doctor' tells more" in office.fenlei("sync").stdout
    checks = json.loads(office.fenlei("doctor", "--json").stdout)["checks"]
    advice = {check["text"]: check["advice"] for check in checks if check["name"] == "data"}
    assert len(advice) == 3
    for text, told_to in advice.items():
        orphans = "orphan" in text
        known = "These deals have no account" if orphans else "Name the stage in the policy"
        assert told_to.startswith(known)


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


def test_all_five_mistakes_of_a_policy_are_told_with_their_lines_before_any_call(
    office: Office, good_end: Any, policy_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(FIVE_MISTAKES, "utf-8")
    office.set_up()
    asked = len(office.server.requests)
    for words in (("sync",), ("plan",), ("backfill", "--yes"), ("policy", "check")):
        result = office.fenlei(*words, "--json", FENLEI_POLICY=str(file))
        assert failed(result).endswith("then run 'fenlei policy check'.")
        problems = json.loads(result.stdout)["problems"]
        assert [(problem["line"], problem["key"]) for problem in problems] == [
            (1, "language"),
            (4, "churn.horizon_days"),
            (7, "tier.large_from"),
            (10, "limits.max_tasks"),
            (13, "loyalty.loyal_beloww"),
        ]
    assert len(office.server.requests) == asked
    file.write_text(policy_file.read_text("utf-8"), "utf-8")
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
