"""What ``fenlei backtest`` answers: its exit code, and its sentence."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import cli

Ask = Callable[..., Result]


@pytest.fixture
def fenlei(tmp_path: Path) -> Ask:
    """Runs the command with an empty state folder."""
    env = {"FENLEI_HOME": str(tmp_path / "home"), "FENLEI_POLICY": ""}
    return lambda *words: CliRunner().invoke(cli.main, ["backtest", *words], env=env)


def files(folder: Path, days: int) -> list[str]:
    """Made-up sales without any pattern: any of 300 customers buys on any day."""
    dice = random.Random(3)  # noqa: S311 - guards nothing
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        rows = [(str(n), f"Customer {n}") for n in range(300)]
        csv.writer(file).writerows([("id", "Account_Name"), *rows])
    with deals.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("id", "Account_Id", "Deal_Name", "Stage", "Amount", "Closing_Date"))
        for number in range(days * 4):
            day = date(2024, 1, 1) + timedelta(days=dice.randrange(days))
            who = str(dice.randrange(300))
            table.writerow((str(number), who, "Order", "Closed Won", "100", day.isoformat()))
    return ["--accounts", str(accounts), "--deals", str(deals)]


def test_made_up_sales_end_in_no_usable_signal(fenlei: Ask, tmp_path: Path) -> None:
    given = files(tmp_path, 500)
    told = fenlei(*given, "--horizon-days", "120", "--out", str(tmp_path / "out"))
    assert told.exit_code == 0
    assert told.stdout.startswith("No usable signal")
    assert "backtest.svg" in told.stdout.replace("\n", "")
    assert told.stderr == ""


def test_for_machines_there_is_json_alone(fenlei: Ask, tmp_path: Path) -> None:
    options = ("--as-of", "2025-01-31", "--horizon-days", "60", "--language", "zh-CN", "--json")
    told = fenlei(*files(tmp_path, 500), *options)
    assert told.exit_code == 0
    record = json.loads(told.stdout)
    assert record["finding"] == "no_signal"
    assert record["sentence"].startswith("没有可用的信号")
    assert [cut["as_of"] for cut in record["cut_offs"]] == ["2025-01-31"]


def test_too_little_past_is_an_answer(fenlei: Ask, tmp_path: Path) -> None:
    told = fenlei(*files(tmp_path, 100))
    assert told.exit_code == 0
    assert " ".join(told.stdout.split()).startswith(
        "Too little past to judge: won deals span 99 days, and to look 182 days ahead 455 are needed; "
        "try a shorter horizon, of 39 days or less."
    )


def test_a_horizon_that_is_not_over_is_said_and_earlier_days_are_judged(
    fenlei: Ask, tmp_path: Path
) -> None:
    told = fenlei(*files(tmp_path, 100), "--as-of", "2024-04-01", "--horizon-days", "30", "--json")
    assert told.exit_code == 0
    record = json.loads(told.stdout)
    assert record["notes"][0].startswith("The 30 days after 2024-04-01 are not over")
    assert max(cut["until"] for cut in record["cut_offs"]) <= "2024-04-01"


def test_without_a_pull_it_says_what_to_do(fenlei: Ask) -> None:
    told = fenlei()
    assert told.exit_code == 1
    assert "Run 'fenlei sync' first" in told.stderr


@pytest.mark.parametrize(
    "words", [("--accounts", "accounts.csv"), ("--language", "fr"), ("--horizon-days", "0")]
)
def test_what_cannot_be_understood_is_a_matter_of_usage(
    fenlei: Ask, words: tuple[str, ...]
) -> None:
    assert fenlei(*words).exit_code == 2
