"""What cannot be classified on Spark is refused in a sentence that says what to do."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from sync.mirror import FileProblem
from sync.policy import load_policy
from sync.spark import NoSpark, SparkFailed, classify_on_spark
from sync.verdicts import CLASSES

ACCOUNTS = "id,Account_Name\n1,Acme\n2,Bolt\n"
DEALS = "id,Account_Id,Deal_Name,Stage,Amount,Closing_Date\n1,1,Order,Closed Won,{amount},{day}\n"


def classify(folder: Path, accounts: str, deals: str, master: str = "local[1]") -> None:
    (folder / "accounts.csv").write_text(accounts, encoding="utf-8")
    (folder / "deals.csv").write_text(deals, encoding="utf-8")
    classify_on_spark(
        load_policy(None, catalogue=CLASSES),
        accounts=str(folder / "accounts.csv"),
        deals=str(folder / "deals.csv"),
        as_of=date(2011, 12, 9),
        horizon_days=None,
        out=str(folder / "out.csv"),
        master=master,
    )


@pytest.mark.parametrize(
    ("accounts", "deals", "said"),
    [
        (ACCOUNTS, DEALS.format(amount="1'000", day="2011-01-01"), "is not a number"),
        (ACCOUNTS, DEALS.format(amount="1d", day="2011-01-01"), "is not a number"),
        (ACCOUNTS, DEALS.format(amount="1", day="2011-02-30"), "is not a date"),
        (ACCOUNTS + "1,Again\n", DEALS.format(amount="1", day=""), "stands in the file twice"),
        (ACCOUNTS + " ,Nobody\n", DEALS.format(amount="1", day=""), "is no id"),
        (ACCOUNTS + "9.3E+18,Big\n", DEALS.format(amount="1", day=""), "spreadsheet has rounded"),
        ("id,Name\n1,Acme\n", DEALS.format(amount="1", day=""), "there is no column Account_Name"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_nothing_written(
    spark: str, tmp_path: Path, accounts: str, deals: str, said: str
) -> None:
    with pytest.raises(FileProblem, match=said):
        classify(tmp_path, accounts, deals, spark)
    assert not (tmp_path / "out.csv").exists()


def test_a_row_that_does_not_fit_its_headings_is_refused(spark: str, tmp_path: Path) -> None:
    with pytest.raises(SparkFailed):
        classify(tmp_path, ACCOUNTS + "3,Cog,too much\n", DEALS.format(amount="1", day=""), spark)
    assert not (tmp_path / "out.csv").exists()


def test_without_java_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(NoSpark) as caught:
        classify(tmp_path, ACCOUNTS, DEALS)
    assert "Install a Java runtime" in caught.value.sentence().advice


@pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is not None, reason="PySpark is installed here"
)
def test_without_pyspark_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(NoSpark) as caught:
        classify(tmp_path, ACCOUNTS, DEALS)
    assert "requirements-spark.lock" in caught.value.sentence().advice


def test_a_master_without_spark_is_a_mistake_in_the_command() -> None:
    words = "classify --accounts a.csv --deals d.csv --as-of 2011-12-09 --out o.csv --master local"
    done = CliRunner().invoke(main, words.split())
    assert (done.exit_code, "--master is for --engine spark" in done.output) == (2, True)


@pytest.mark.parametrize(
    "failure",
    [
        SparkFailed(
            "An error occurred while calling o4.count.\n: java.lang.OutOfMemoryError: heap"
        ),
        SparkFailed("[Errno 111] Connection refused", gone=True),
        SparkFailed("An error occurred while calling o481.count."),
    ],
)
def test_who_ran_out_of_memory_is_told_how_to_give_more(failure: SparkFailed) -> None:
    assert "memory" in str(failure)
    assert "spark.driver.memory" in failure.sentence().advice
    assert "Errno" not in failure.sentence().text


def test_other_failures_are_told_in_sparks_first_line() -> None:
    failure = SparkFailed("It is no good.\n\tat org.apache.spark")
    assert str(failure) == "Spark could not finish: It is no good."
    assert "spark.driver.memory" not in failure.sentence().advice
