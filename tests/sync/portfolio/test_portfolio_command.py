"""What ``fenlei portfolio`` answers: its exit code, its tables, and its file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from prepared import open_office
from remembered import remembered
from workbench import SALES, simple_policy

import cli

Ask = Callable[..., Result]


@pytest.fixture(scope="module")
def fenlei(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Runs the command in an office in which everything was read and written once."""
    with ExitStack() as running:
        folder = tmp_path_factory.mktemp("office")
        office = open_office(running, folder, sales=SALES, policy=simple_policy())
        office.run()
        env = {"FENLEI_HOME": str(office.path), "FENLEI_POLICY": ""}

        def asked(*words: str) -> Result:
            with remembered():
                return CliRunner().invoke(cli.main, ["portfolio", *words], env=env)

        yield asked


def test_a_manager_sees_the_tables(fenlei: Ask) -> None:
    told = fenlei("--by", "team")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("Portfolio 2011-12, as of 2011-12-09")
    assert "Where the accounts stand" in told.stdout


def test_a_machine_reads_json_alone_and_a_spreadsheet_its_file(fenlei: Ask, tmp_path: Path) -> None:
    out = tmp_path / "figures.csv"
    told = fenlei("--by", "none", "--quarter", "2011-Q4", "--json", "--csv", str(out))
    assert told.exit_code == 0, told.stderr
    record = json.loads(told.stdout)
    assert (record["by"], record["groups"], record["total"]["accounts"]) == ("none", [], 10)
    assert record["period"]["name"] == "2011-Q4"
    with out.open(encoding="utf-8", newline="") as lines:
        assert {row["section"] for row in csv.DictReader(lines)} >= {"total", "classes"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--month", "2011-13"), "not in any calendar"),
        (("--quarter", "last"), "no quarter such as 2026-Q3"),
        (("--month", "2011-12", "--quarter", "2011-Q4"), "exclude each other"),
        (("--by", "moon"), "is not one of"),
    ],
)
def test_what_makes_no_sense_is_refused(fenlei: Ask, words: tuple[str, ...], said: str) -> None:
    told = fenlei(*words)
    assert told.exit_code == 2
    assert said in told.stderr


def test_a_period_that_has_not_begun_ends_in_what_to_do(fenlei: Ask) -> None:
    told = fenlei("--month", "2012-05")
    assert told.exit_code == 1
    assert "run 'fenlei sync' first" in told.stderr
