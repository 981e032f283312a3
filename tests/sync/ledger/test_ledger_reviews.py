"""Reviews stand beside everything else in the ledger: in its trail, through upgrades, without old words."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from ledger_rows import NOW, a_change, forged

from sync.ledger import Ledger, LedgerUnusable, Settlement, State
from sync.ledger.reviews import Review, ReviewChange, ReviewState, Step, Via, What, shown

SCHEMAS = Path(__file__).parents[3] / "sync" / "ledger"
LARGE = Review("1", "tier", "large", "medium", date(2011, 12, 9))
NAME = "晨光科技 Canary"


def proposed(ledger: Ledger, review: Review = LARGE) -> Review:
    ledger.reviews.write([ReviewChange(review, (Step(What.PROPOSED),))], run_id="r1", now=NOW)
    return ledger.reviews.of(review.record_id)[-1]


def test_a_ledger_of_version_3_gets_room_for_reviews_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number in (1, 2, 3):
            connection.executescript((SCHEMAS / f"schema_{number}.sql").read_text("utf-8"))
        connection.execute(
            "INSERT INTO class_history VALUES ('1', 'tier', '2011-12-01', 'medium', '', 'r0')"
        )
        connection.execute("PRAGMA user_version = 3")
    with Ledger(path) as ledger:
        assert not ledger.reviews.any_standing()
        assert ledger.history.current(["1"])["1"]["tier"].code == "medium"
        assert proposed(ledger).state is ReviewState.PROPOSED


def test_every_step_is_kept_and_told_in_the_trail_but_for_the_note(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        review = proposed(ledger)
        step = Step(What.ACCEPTED, Via.COMMAND, "7", note=f"{NAME} pays well")
        final = replace(review, state=ReviewState.FINAL)
        ledger.reviews.write([ReviewChange(final, (step,))], run_id="", now=NOW)
        assert ledger.reviews.open() == []
        assert ledger.reviews.all() == [final]
        [past] = ledger.reviews.steps([review]).values()
        assert [one.step for one in past] == [Step(What.PROPOSED), step]
        rows = [row.entry for row in ledger.audit.rows(record="1")]
        assert [(row.outcome, row.old) for row in rows] == [
            ("proposed", "medium"),
            ("accepted", "medium"),
        ]
        assert rows[1].new == {"class": "large", "state": "final", "by": "7", "via": "command"}
        ledger.retention.forget_texts(NOW + timedelta(days=1))
        assert ledger.reviews.steps([review])[review.id][1].step.note == ""
        assert ledger.audit.verify(ledger.audit.head()).flaw is None
    assert NAME.encode() not in b"".join(one.read_bytes() for one in tmp_path.iterdir())


def test_a_class_stands_for_review_once(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        first = proposed(ledger)
        with pytest.raises(LedgerUnusable):
            proposed(ledger)
        ended = replace(first, state=ReviewState.WITHDRAWN, ended=LARGE.since)
        ledger.reviews.write([ReviewChange(ended)], run_id="r2", now=NOW)
        assert proposed(ledger).id != first.id
        assert len(ledger.reviews.all()) == 2


def test_a_review_that_is_missing_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        proposed(ledger)
    forged(path, "DELETE FROM review")
    with pytest.raises(LedgerUnusable, match="a review is missing"):
        Ledger(path)


def test_the_last_write_to_an_account_is_known_by_the_crms_clock(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.intents.add([a_change()], run_id="r1", now=NOW)
        assert ledger.reviews.last_writes(["1"]) == {}
        arrived = Settlement("FIELDS", State.DONE, crm_modified=NOW)
        ledger.intents.settle([arrived], at=NOW)
        assert ledger.reviews.last_writes(["1", "2"]) == {"1": NOW}


def test_people_see_the_oldest_review_that_waits_or_else_the_newest() -> None:
    final = replace(LARGE, state=ReviewState.FINAL)
    gone = replace(LARGE, state=ReviewState.WITHDRAWN)
    rejected = replace(LARGE, state=ReviewState.REJECTED)
    once = replace(LARGE, state=ReviewState.REVIEWED)
    assert shown([gone]) == {}
    assert shown([final, rejected, gone]) == {"1": ReviewState.REJECTED}
    assert shown([final, once, LARGE]) == {"1": ReviewState.REVIEWED}
