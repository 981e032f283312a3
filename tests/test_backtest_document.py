"""The figures in the manager's guide to looking back are those that the command gives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli

ROOT = Path(__file__).resolve().parents[1]
CDNOW = ROOT / "../shared/data/cdnow"
GUIDE = (ROOT / "docs/backtest.md").read_text("utf-8")
LABELS = {
    "loyal": "Loyal",
    "fairly_loyal": "Fairly loyal",
    "ordinary": "Ordinary",
    "at_risk": "At risk",
    "churned": "Churned",
}
MEANS = {
    "verdicts": "fenlei's verdicts",
    "recency": "silence alone",
    "rfm": "RFM points",
    "hiatus_rule": "own-gap rule",
    "chance": "chance",
}
FIGURES = ("auc", "average_precision", "brier", "calibration_error", "log_loss")


def test_the_example_of_the_guide_is_what_the_command_says(tmp_path: Path) -> None:
    if not CDNOW.exists():
        pytest.skip("the development data set cdnow is not beside this checkout")
    files = ["--accounts", str(CDNOW / "accounts.csv"), "--deals", str(CDNOW / "deals.csv")]
    day = ["--as-of", "1997-12-31", "--horizon-days", "182", "--out", str(tmp_path / "out")]
    env = {"FENLEI_HOME": str(tmp_path / "home"), "FENLEI_POLICY": ""}
    told = CliRunner().invoke(cli.main, ["backtest", *files, *day, "--json"], env=env)
    assert told.exit_code == 0
    record = json.loads(told.stdout)
    assert f"> {record['sentence']}\n" in GUIDE
    (cut,) = record["cut_offs"]
    for name, row in cut["methods"].items():
        cells = [MEANS[name], *(f"{row[figure]:.3f}" for figure in FIGURES)]
        assert f"| {' | '.join(cells)} | {row['top_decile_lift']:.2f} |\n" in GUIDE
    for row in cut["loyalty"]:
        if row["customers"]:
            share = f"{row['churn_rate']:.0%} ({row['low']:.0%} – {row['high']:.0%})"
            cells = [LABELS[row["class"]], f"{row['customers']:,}", f"{row['churned']:,}", share]
            assert f"| {' | '.join(cells)} |\n" in GUIDE


def test_the_guide_names_the_origin_of_its_figures() -> None:
    example = re.search(r"## An example.*?\n## ", GUIDE, re.DOTALL)
    assert example is not None
    assert "CDNOW panel of Fader and Hardie" in example[0]
    assert "`lifetimes`" in example[0]
