"""What 'fenlei audit' shows and tells about the trail, in words and in files that do no harm."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.model import Json
from sync.audit import show_trail, verify_trail
from sync.ledger import FieldChange, Kind, Ledger, NewIntent, Settlement, State
from sync.mirror import FileProblem

NOW = datetime(2011, 12, 9, 1, 0, tzinfo=UTC)
ACCOUNT, TASK, RUN = "9100000000000000007", "9300000000000000001", "20111209-010000-k7q2"
FORMULA = '=HYPERLINK("http://example.com","致电")'


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in which one account got two values and a task."""
    changes = (FieldChange("Score", 3, 4), FieldChange("Tier", FORMULA, "large"))
    body: dict[str, Json] = {"id": ACCOUNT, "Tier": "large", "Score": 4}
    intents = (
        NewIntent("F", Kind.FIELDS, "Accounts", ACCOUNT, body, changes=changes),
        NewIntent("T", Kind.TASK, "Tasks", ACCOUNT, {"Subject": "Call"}, purpose="call-large"),
    )
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        opened.act_for("572576000000012345")
        opened.runs.begin(RUN, "sync", as_of=NOW.date(), policy="p", now=NOW)
        opened.intents.add(intents, run_id=RUN, now=NOW)
        opened.intents.mark_sent(["F", "T"], at=NOW, resolve_after=NOW)
        opened.intents.settle(
            [Settlement("F", State.DONE), Settlement("T", State.DONE, crm_id=TASK)], at=NOW
        )
        yield opened


def test_a_whole_trail_says_so_and_asks_for_a_head_noted_elsewhere(ledger: Ledger) -> None:
    verdict = verify_trail(ledger)
    assert verdict.sound
    assert f"3 rows, head {ledger.audit.head()}." in verdict.sentence
    assert "--head" in verdict.sentence
    compared = verify_trail(ledger, ledger.audit.head())
    assert "contains the head that you gave" in compared.sentence
    assert compared.as_json()["status"] == "ok"


@pytest.mark.parametrize(
    ("head", "status", "words"),
    [
        ("9-0123456789abcdef", "cut_off", "shorter than when the head that you gave was noted"),
        ("2-0123456789abcdef", "other", "does not contain the head that you gave"),
        ("yesterday's", "no_head", "is not a head as reports carry it"),
    ],
)
def test_a_head_that_does_not_fit_is_said_with_what_to_do(
    ledger: Ledger, head: str, status: str, words: str
) -> None:
    verdict = verify_trail(ledger, head)
    assert not verdict.sound
    assert words in verdict.sentence
    assert verdict.as_json()["status"] == status


def test_a_changed_row_is_named(ledger: Ledger) -> None:
    ledger._file.change("DROP TRIGGER audit_is_never_changed")
    ledger._file.change("UPDATE audit SET who = 'nobody' WHERE id = 2")
    verdict = verify_trail(ledger)
    assert verdict.sentence.startswith("Row 2 of the audit trail is not the one that was written")
    assert verdict.sentence.endswith("ask who can write the state folder.")
    assert (verdict.as_json()["row"], verdict.as_json()["rows"]) == (2, 1)


def test_a_cut_end_shows_by_the_head_that_the_last_run_noted(ledger: Ledger) -> None:
    summary: dict[str, Json] = {"audit_head": ledger.audit.head()}
    ledger.runs.finish(RUN, "done", summary, as_of=NOW.date(), now=NOW)
    assert verify_trail(ledger).sound
    ledger._file.change("DROP TRIGGER audit_is_never_shortened")
    ledger._file.change("DELETE FROM audit WHERE id > 2")
    verdict = verify_trail(ledger)
    assert f"shorter than when the head of run {RUN} was noted" in verdict.sentence
    assert verdict.as_json()["status"] == "cut_off"


def test_rows_are_shown_by_account_or_by_the_beginning_of_a_run(ledger: Ledger) -> None:
    assert [row.id for row in show_trail(ledger, account=ACCOUNT).rows] == [1, 2, 3]
    assert [row.id for row in show_trail(ledger, account=TASK).rows] == [3]
    assert show_trail(ledger, run="20111209").total == 3
    assert show_trail(ledger, limit=2).sentence == (
        "The newest 2 of 3 rows; --out FILE.csv writes all."
    )
    assert show_trail(ledger, run="2012").sentence == (
        "The audit trail has no such rows. 'fenlei runs' lists the runs."
    )


@pytest.mark.fault("K5")
def test_a_csv_file_holds_every_row_and_no_formula(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "trail.csv"
    assert show_trail(ledger, out=out).sentence == f"3 rows of the audit trail written to {out}."
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["id"], r["field"], r["old"], r["new"]) for r in rows] == [
        ("1", "Score", "3", "4"),
        ("2", "Tier", f"'{FORMULA}", "large"),
        ("3", "", "", "#call-large-t"),
    ]
    assert {(r["who"], r["account_id"]) for r in rows} == {("572576000000012345", ACCOUNT)}


def test_a_json_file_holds_values_as_they_are_and_is_for_its_owner_only(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "trail.json"
    show_trail(ledger, account=ACCOUNT, out=out)
    rows = json.loads(out.read_text(encoding="utf-8"))
    assert rows == show_trail(ledger).as_json()["rows"]
    told = [(row["old"], row["new"]) for row in rows]
    assert told == [(3, 4), (FORMULA, "large"), (None, "#call-large-t")]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["trail.csv", "trail.json"])
def test_no_rows_make_an_empty_file(ledger: Ledger, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    show_trail(ledger, run="none", out=out)
    assert out.read_text(encoding="utf-8").count("\n") <= 3


@pytest.mark.parametrize("name", ["trail.xlsx", "missing/trail.csv", "trail"])
def test_a_file_that_cannot_be_written_is_said(ledger: Ledger, tmp_path: Path, name: str) -> None:
    with pytest.raises(FileProblem):
        show_trail(ledger, out=tmp_path / name)
