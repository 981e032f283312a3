"""Before a policy goes live, a manager sees whom it moves and what lands on the reps' desks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from workbench import DAY, NAMES, POLICY_FILE, TODAY, Office

from sync.brakes import Allowed, Brake
from sync.comparing import NotYet, Question, compare
from sync.mirror import Mirror
from sync.opening import read_policy
from sync.policy import Policy
from sync.what_if.comparison import Comparison
from sync.what_if.history import monthly
from sync.what_if.outlook import MONTH

OLD = POLICY_FILE
NEW = "version = 2\n" + POLICY_FILE.replace("large_from = 1000", "large_from = 310").replace(
    "[questions]", "[intervals]\ncall-large = 30\n[questions]"
)
"""Four more customers are large, and large ones are to be called every month."""


def policies(office: Office, old: str = OLD, new: str = NEW) -> tuple[Path, Path]:
    first, second = office.path.parent / "old.toml", office.path.parent / "new.toml"
    first.write_text(old, encoding="utf-8")
    second.write_text(new, encoding="utf-8")
    return first, second


def compared(office: Office, *files: Path, **question: object) -> Comparison:
    env = {"FENLEI_HOME": str(office.path)}
    asked = Question(**question)  # type: ignore[arg-type]
    return compare(env, *files, clock=office.clock, question=asked)


def in_use(path: Path) -> Policy:
    """The policy of a file, with which an office may do what it likes in one run."""
    found = read_policy(path)
    return replace(found, limits=replace(found.limits, max_changed_percent=100.0))


def test_what_is_foretold_is_what_the_next_run_does(office: Office) -> None:
    old, new = policies(office)
    office.run("backfill", policy=in_use(old))
    office.after(DAY)
    calls = len(office.standin.requests)
    found = compared(office, old, new, accounts=1)
    assert len(office.standin.requests) == calls, "asking costs no credit"
    with Mirror(office.path / "mirror.duckdb") as mirror:
        tagged = mirror.rows(f'SELECT count("{NAMES["tier"]}") FROM crm."Accounts"')
    assert tagged == [(0,)], "what the run wrote was laid over the copy, and not into it"
    assert {(c.key, c.old, c.new) for c in found.changes} >= {("tier.large_from", 1000, 310)}
    assert found.looked is not None
    assert found.looked.outlooks is not None
    now, then = found.looked.outlooks
    assert (now.accounts, now.tasks, now.brakes) == (0, 0, {}), "an unchanged policy writes nothing"
    tiers = [move for move in found.looked.moves if move.dimension == "tier"]
    assert [(m.before, m.after, m.accounts) for m in tiers] == [("medium", "large", 4)]
    [example] = tiers[0].examples
    assert example.account_id == office.account_id(3)
    assert example.why == "Sales of 400 in the last 365 days (large from 310)."
    assert list(then.brakes) == ["mass_change"]
    assert then.follow_ups == pytest.approx(MONTH * (6 / 30 + 4 / 90))
    days = [day for rep in then.reps for day in rep.due]
    assert all(day.weekday() < 5 and day >= TODAY for day in days)
    with pytest.raises(Brake):
        office.run(policy=read_policy(new), allowed=Allowed())
    report = office.run(policy=in_use(new))
    assert report.as_of > found.looked.as_of.isoformat(), "a day later, when nothing else has moved"
    assert (report.accounts_written, report.tasks_created) == (then.accounts, then.tasks)
    assert then.accounts >= then.tasks == 4
    assert 0 < report.credits <= then.credits


def test_a_rep_s_choice_and_the_margin_keep_customers_where_they_are(office: Office) -> None:
    office.standin.rep.edit("Accounts", office.account_id(6), Tier_Override="large")
    margins = POLICY_FILE.replace("amount_margin = 0", "amount_margin = 0.05")
    for before, moves in ((POLICY_FILE, 1), (margins, 0)):
        after = before.replace("large_from = 1000", "large_from = 2090")
        old, new = policies(office, before, after)
        if before == POLICY_FILE:
            office.run("backfill", policy=in_use(old))
        found = compared(office, old, new)
        assert found.looked is not None
        assert sum(move.accounts for move in found.looked.moves) == moves, (
            "number 7 bought for 2,000"
        )
    assert "no account would move" in found.text


def test_fields_that_no_run_has_read_yet_are_named_instead_of_counted_as_unchanged(
    office: Office,
) -> None:
    few = POLICY_FILE + '[fields]\nwrite = ["tier", "reason"]\n'
    old, new = policies(office, few, POLICY_FILE)
    office.run("backfill", policy=in_use(old))
    outlooks = compared(office, old, new).looked.outlooks  # type: ignore[union-attr]
    assert outlooks is not None
    assert outlooks[0].notes == ()
    (note,) = outlooks[1].notes
    assert "Loyalty_Class" in note
    assert "Customer_Tier" not in note
    assert "'fenlei plan'" in note


def test_an_earlier_day_is_judged_by_the_deals_of_then_and_plans_nothing(office: Office) -> None:
    old, new = policies(office)
    office.run("backfill", policy=in_use(old))
    found = compared(office, old, new, as_of=date(2011, 11, 1), since=date(2011, 9, 30))
    looked = found.looked
    assert looked is not None
    assert looked.outlooks is None
    assert "industry" in looked.left_out
    assert {m.dimension for m in looked.moves} == {"tier"}
    assert sum(looked.new["tier"].values()) == 9, "who had bought by then"
    assert looked.past is not None
    assert looked.past.days == (date(2011, 10, 1), date(2011, 11, 1))
    assert {one.dimension for one in looked.past.new.restless} >= {"tier", "loyalty"}
    assert found.as_json()["history"]
    with pytest.raises(NotYet):
        compared(office, old, new, as_of=date(2012, 1, 1))
    with pytest.raises(NotYet):
        compared(office, old, new, since=TODAY)


def test_without_a_local_copy_only_the_rules_are_compared(office: Office) -> None:
    (office.path / "mirror.duckdb").unlink(missing_ok=True)
    found = compared(office, *policies(office))
    assert found.looked is None
    assert "Run 'fenlei sync' or 'fenlei plan' once" in found.text
    assert found.as_json()["moves"] is None


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ((2011, 1, 31), (2011, 3, 31), [(2011, 1, 31), (2011, 2, 28), (2011, 3, 31)]),
        ((2010, 11, 30), (2011, 1, 15), [(2010, 12, 15), (2011, 1, 15)]),
        ((2011, 1, 14), (2011, 1, 15), [(2011, 1, 15)]),
    ],
)
def test_the_days_lie_a_month_apart_and_end_with_the_last(
    since: tuple[int, int, int], until: tuple[int, int, int], days: list[tuple[int, int, int]]
) -> None:
    assert monthly(date(*since), date(*until)) == tuple(date(*day) for day in days)


def test_of_a_long_past_few_enough_days_are_looked_at() -> None:
    days = monthly(date(2000, 1, 1), date(2011, 12, 9))
    assert len(days) <= 24
    assert days[-1] == date(2011, 12, 9)
