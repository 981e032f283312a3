"""A manager asks for the figures of the office: they come from what is known here, without asking Zoho."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from prepared import bring, open_office
from remembered import remembered
from rich.console import Console
from workbench import DAY, SALES, TODAY, Office, simple_policy

from sync.bindings import bind, remembered_ids
from sync.facts import last_known
from sync.home import Home
from sync.ledger import ClassChange
from sync.ledger.snapshots import Count
from sync.machine_fields import MACHINE_FIELDS
from sync.mirror import Mirror, NothingPulled
from sync.policy.model import FieldPlan
from sync.portfolio.export import figures, write_figures
from sync.portfolio.limits import PortfolioLimits
from sync.portfolio.looking_over import look_over
from sync.portfolio.past import note_standing
from sync.portfolio.pauses import Side
from sync.portfolio.people import By
from sync.portfolio.period import OutsidePeriod, Period
from sync.portfolio.record import Portfolio, alarms
from sync.portfolio.table import shown
from sync.portfolio.words import NOTES, WORDS
from sync.report import Report
from sync.undo import undo
from sync.verdicts import CLASSES, classify_all
from sync.words import Language

OWNER = "Owner"


def looked_over(office: Office, **asked: Any) -> Portfolio:
    with remembered(), office.ledger() as ledger:
        return look_over(Home(office.path), ledger, office.policy, **asked)


def noted(office: Office, day: date) -> None:
    """Keep the counts of a day, as a run does."""
    home = Home(office.path)
    with remembered(), office.ledger() as ledger, Mirror(home.mirror) as mirror:
        facts = last_known(ledger)
        assert facts is not None
        keys = [machine.key for machine in MACHINE_FIELDS]
        bound = bind(facts.fields["Accounts"], remembered_ids(ledger), CLASSES, keys)
        classify_all(mirror, office.policy, today=day, currency="CNY", ledger=ledger)
        note_standing(ledger, mirror, bound.columns, day)


def printed(found: Portfolio) -> str:
    page = io.StringIO()
    shown(Console(file=page, width=250), found)
    return page.getvalue()


def codes(found: Portfolio) -> set[str]:
    return {note.code for note in found.notes}


def run_once(office: Office) -> None:
    office.policy = replace(office.policy, left_out=frozenset())
    office.run()


@pytest.fixture
def managed(office: Office) -> Office:
    """An office in which every question is asked, and everything was read and written once."""
    bring(office, run_once)
    return office


def run_again_when_late(office: Office) -> Report:
    """Five days later, when two tasks are late and get another day."""
    run_once(office)
    office.after(5 * DAY)
    return office.run()


@dataclass(frozen=True)
class Looked:
    """An office as ``managed`` that nobody changes, what was found when it was looked over, and the calls."""

    office: Office
    found: Portfolio
    calls: int


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Looked]:
    with ExitStack() as running:
        folder = tmp_path_factory.mktemp("looked")
        office = open_office(running, folder, sales=SALES, policy=simple_policy())
        bring(office, run_once)
        before = len(office.standin.requests)
        found = looked_over(office)
        yield Looked(office, found, len(office.standin.requests) - before)


def test_nothing_is_said_before_the_first_run(office: Office) -> None:
    with pytest.raises(NothingPulled):
        looked_over(office)


def test_no_call_goes_to_zoho(looked: Looked) -> None:
    assert looked.calls == 0


def test_the_whole_company_is_what_its_owners_have(looked: Looked) -> None:
    found = looked.found
    assert found.total.accounts == 10
    assert sum(group.accounts for group in found.groups) == 10
    assert found.total.win_ratio == 0.9
    assert found.total.orders == 36
    owners = {
        account[OWNER]["id"] for account in looked.office.standin.records("Accounts").values()
    }
    assert {group.id for group in found.groups} == owners


def test_large_customers_are_counted_with_what_they_brought(looked: Looked) -> None:
    tier = next(one for one in looked.found.dimensions if one.dimension == "tier")
    large = tier.now[0]
    assert (large.code, large.accounts, large.sales) == ("large", 2, 3500.0)
    assert tier.earlier("large") == large, "nobody has bought since the end of November"


def test_a_reps_override_counts_before_the_verdict(managed: Office) -> None:
    managed.standin.rep.edit("Accounts", managed.account_id(6), Tier_Override="small")
    managed.after(DAY)
    managed.run()
    tier = next(one for one in looked_over(managed).dimensions if one.dimension == "tier")
    assert {one.code: one.accounts for one in tier.now} == {"large": 1, "medium": 4, "small": 5}


def test_a_question_that_the_policy_leaves_out_is_not_answered(managed: Office) -> None:
    managed.policy = replace(managed.policy, left_out=frozenset({"follow_status"}))
    found = looked_over(managed)
    assert "follow_status" in found.unanswered
    assert "statuses_left_out" in codes(found)
    assert found.total.paused_share is None
    assert WORDS["standing"][Language.EN] not in printed(found)


def test_without_snapshots_no_trend_is_invented(managed: Office) -> None:
    with managed.ledger() as ledger:
        ledger._file.change("DELETE FROM snapshot")
    found = looked_over(managed)
    assert found.total.trend == ()
    assert found.total.before is None
    assert "no_snapshot" in codes(found)
    noted(managed, TODAY)
    found = looked_over(managed)
    assert [day.day for day in found.total.trend] == [TODAY]
    assert found.total.trend[0].statuses["won"] == 9
    assert f"{TODAY}" in printed(found)
    assert "snapshots_since" in codes(found)


def test_the_end_of_the_month_before_is_what_statuses_are_compared_with(managed: Office) -> None:
    owner = managed.account(6)[OWNER]["id"]
    with managed.ledger() as ledger:
        for day, paused in ((date(2011, 10, 31), 3), (date(2011, 11, 29), 4)):
            ledger.snapshots.note(day, [Count("follow_status", "paused", owner, paused)])
    noted(managed, TODAY)
    found = looked_over(managed)
    assert found.total.before is not None
    assert found.total.before["paused"] == 4
    assert [day.statuses["paused"] for day in found.total.trend] == [3, 4, 0]
    assert "snapshots_since" not in codes(found)
    assert "-4" in printed(found)


def test_moves_are_those_of_the_history(managed: Office) -> None:
    first, second = managed.account_id(6), managed.account_id(7)
    with managed.ledger() as ledger:
        ledger.history.note(
            [
                ClassChange(first, "tier", "medium", date(2011, 10, 5)),
                ClassChange(second, "tier", "large", date(2011, 10, 5)),
                ClassChange("a deleted account", "tier", "small", date(2011, 10, 5)),
            ],
            run_id="r",
        )
    found = looked_over(managed)
    assert found.migration is not None
    assert found.migration.complete
    assert found.migration.of("tier")["medium", "large"] == 1
    assert found.migration.of("tier")["large", "large"] == 1
    assert found.migration.moved("tier") == 1
    assert sum(found.migration.of("tier").values()) == 10
    assert "tier" in found.migration.noted_at_once
    assert "Tier: from 2011-11-30 (rows) to 2011-12-09 (columns), 1 moved" in printed(found)


def test_a_short_history_says_since_when(looked: Looked) -> None:
    found = looked.found
    assert {"history_since", "no_moves"} <= codes(found)
    assert any(TODAY.isoformat() in sentence for sentence in found.sentences)


def test_tests_and_what_became_of_them_come_from_the_history(managed: Office) -> None:
    account = managed.account_id(1)
    with managed.ledger() as ledger:
        ledger.history.note(
            [
                ClassChange("long ago", "follow_status", "testing", date(2011, 1, 1)),
                ClassChange(account, "follow_status", "testing", date(2011, 4, 10)),
                ClassChange(managed.account_id(0), "follow_status", "testing", date(2011, 4, 11)),
            ],
            run_id="r",
        )
    found = looked_over(managed, limits=PortfolioLimits(conversion_days=120))
    [april] = found.trials
    assert (april.month, april.began, april.won, april.conversion) == ("2011-04", 2, 1, 0.5)


def test_follow_ups_are_kept_or_not_by_rep(managed: Office) -> None:
    rep = managed.standin.rep
    owner = managed.account(6)[OWNER]
    late, today = TODAY - timedelta(days=3), TODAY.isoformat()
    rep.add("Tasks", Subject="Call", Owner=owner, Due_Date=late.isoformat(), Status="Not Started")
    for subject, due in (("Visit", late.isoformat()), ("Write", today)):
        done = rep.add("Tasks", Subject=subject, Owner=owner, Due_Date=due)
        rep.edit("Tasks", done["id"], Status="Completed")
    managed.after(60)
    managed.run()
    found = looked_over(managed)
    group = next(group for group in found.groups if group.id == owner["id"])
    assert group.on_time.as_json() == {
        "due": 3,
        "done_on_time": 1,
        "rate": 0.3333,
        "overdue_open": 1,
        "moved": 0,
    }


def test_a_playbook_is_judged_by_its_tasks(office: Office) -> None:
    bring(office, run_again_when_late)
    found = looked_over(office)
    opened = len(office.created())
    assert opened == 2
    assert found.playbooks["call-large"].as_json() == {
        "due": 2,
        "done_on_time": 0,
        "rate": 0.0,
        "overdue_open": 2,
        "moved": 2,
    }
    assert WORDS["playbooks"][Language.EN] in printed(found)


def test_a_task_that_was_moved_and_then_done_was_late_all_the_same(office: Office) -> None:
    assert bring(office, run_again_when_late).tasks_moved == 2
    for task in office.created():
        office.standin.rep.edit("Tasks", task.id, Status="Completed")
    office.after(3600)
    office.run()
    found = looked_over(office)
    on_time = found.total.on_time
    assert (on_time.due, on_time.done, on_time.overdue, on_time.moved) == (2, 0, 0, 2)
    assert sum(group.on_time.moved for group in found.groups) == 2


def test_a_move_that_was_undone_is_none(office: Office) -> None:
    moved = bring(office, run_again_when_late)
    office.after(3600)
    with office.desk() as desk:
        undo(desk, moved.run_id, confirm=lambda _plan: True)
    assert looked_over(office).total.on_time.moved == 0


def test_a_pause_that_a_rep_enters_is_counted_with_its_reason(managed: Office) -> None:
    with_statuses = FieldPlan(write=managed.policy.fields.write | {"follow_status"})
    managed.policy = replace(managed.policy, fields=with_statuses)
    managed.set_up()
    managed.run()
    rep = managed.standin.rep
    rep.edit("Accounts", managed.account_id(3), Pause_Reason="our_price")
    rep.edit("Accounts", managed.account_id(0), Pause_Reason="budget", Resume_Date="2012-03-01")
    managed.after(DAY)
    managed.run()
    found = looked_over(managed)
    assert found.total.statuses["paused"] == 2
    assert [(one.reason, one.side, one.won, one.not_won) for one in found.pauses.reasons] == [
        ("budget", Side.CUSTOMER, 0, 1),
        ("our_price", Side.OURS, 1, 0),
    ]
    assert (found.total.unexplained, found.pauses.without_resume_day) == (0, 1)
    assert found.migration is not None
    assert found.migration.of("follow_status")["won", "paused"] == 1
    assert "follow_status" in found.migration.noted_at_once
    page = printed(found)
    assert "Our price" in page
    assert "Follow-up status: from" in page


def test_teams_are_those_of_the_managers(looked: Looked) -> None:
    found = looked_over(looked.office, by=By.TEAM)
    assert sum(group.accounts for group in found.groups) == 10
    assert len(found.groups) < len(looked.found.groups)
    assert looked_over(looked.office, by=By.NONE).groups == ()


def test_an_earlier_month_is_worked_out_from_the_deals_of_then(looked: Looked) -> None:
    found = looked_over(looked.office, period=Period.parse("2011-06"))
    assert found.as_of == date(2011, 6, 30)
    assert found.total.orders == 9
    assert "worked_out_today" in codes(found)
    assert found.migration is None


def test_a_quarter_that_has_not_begun_is_refused(looked: Looked) -> None:
    with pytest.raises(OutsidePeriod, match="begins after the last run"):
        looked_over(looked.office, period=Period.parse("2012-Q1"))


def test_the_manager_is_warned_above_the_limit_alone(looked: Looked) -> None:
    found = looked_over(looked.office, limits=PortfolioLimits(paused_share_limit=0.0))
    assert "paused_alarm" not in codes(found), "nobody is in pause"
    total = replace(found.total, statuses={"won": 6, "paused": 4})
    in_danger = replace(found, total=total, notes=alarms([total], PortfolioLimits()))
    [sentence] = in_danger.sentences
    assert sentence.startswith("All: 40% of 10 accounts are paused, more than 30%.")
    assert alarms([total], PortfolioLimits(paused_share_limit=0.4)) == ()
    assert alarms([total], PortfolioLimits(paused_share_from_accounts=11)) == ()


@pytest.mark.parametrize("language", Language)
def test_people_read_it_in_their_language(looked: Looked, language: Language) -> None:
    policy = replace(looked.found.policy, language=language)
    page = printed(replace(looked.found, policy=policy))
    assert WORDS["standing"][language] in page
    assert WORDS["performance"][language] in page
    assert "{" not in page


@pytest.mark.parametrize("table", [WORDS, NOTES], ids=["words", "notes"])
def test_every_word_is_there_in_three_languages_with_the_same_gaps(table: Any) -> None:
    for key, texts in table.items():
        assert set(texts) == set(Language), key
        gaps = [sorted(_gaps(text)) for text in texts.values()]
        assert gaps[0] == gaps[1] == gaps[2], key


def _gaps(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]


def test_machines_read_the_same_keys_every_month(looked: Looked) -> None:
    told = json.loads(json.dumps(looked.found.as_json()))
    assert set(told) == {
        *("status", "as_of", "period", "by", "currency", "total", "groups", "dimensions"),
        *(
            "unanswered",
            "pauses",
            "playbooks",
            "trials",
            "sales",
            "won_by",
            "next_steps",
            "complaints",
            "migration",
            "paused_share_limit",
            "paused_share_from_accounts",
            "notes",
        ),
    }
    assert told["period"] == {"name": "2011-12", "first": "2011-12-01", "last": "2011-12-31"}
    assert set(told["total"]) == set(told["groups"][0])
    assert set(told["dimensions"]["loyalty"]) >= set(CLASSES["loyalty"])


def test_a_spreadsheet_computes_nothing_of_it(office: Office, tmp_path: Path) -> None:
    office.run("backfill")
    with Mirror(Home(office.path).mirror) as mirror:
        mirror.run("UPDATE state.users SET name = '=1+1 ' || name")
    found = looked_over(office)
    assert found.groups[0].name.startswith("=1+1")
    out = tmp_path / "figures.csv"
    assert write_figures(found, out) == len(list(figures(found)))
    with out.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["place"][:5] for row in rows if row["section"] == "owner"} == {"'=1+1"}
    total = {row["figure"]: row["value"] for row in rows if row["section"] == "total"}
    assert float(total["win_ratio"]) == 0.9
