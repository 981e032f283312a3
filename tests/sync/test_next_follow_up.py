"""The next follow-up counts from the last dealing, waits for the end of a pause, and is never restless."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from full_profile import full_policy
from hypothesis import given, settings
from hypothesis import strategies as st
from workbench import ALL_NAMES, DAY, NAMES, TODAY, Office, simple_policy

from sync.mirror import Mirror
from sync.mirror.follow_up_day import next_day
from sync.next_follow_up import next_follow_up
from sync.policy.model import LONGEST_DAYS
from sync.policy.questions import ALWAYS_ASKED
from sync.verdicts import CLASSES

NOW = (TODAY - date(1970, 1, 1)).days
PAUSED = {"follow_status": "paused"}

CASES: list[tuple[str, dict[str, Any], dict[str, str | None], date | None, int]] = [
    ("bought lately", {"last_day": NOW - 10}, {}, None, 20),
    ("bought long ago", {"last_day": NOW - 70}, {}, None, 20),
    ("due today", {"last_day": NOW - 30}, {}, None, 0),
    ("bought today", {"last_day": NOW}, {}, None, 30),
    ("called after buying", {"last_day": NOW - 10, "last_touch_day": NOW - 2}, {}, None, 28),
    ("bought after a call", {"last_day": NOW - 1, "last_touch_day": NOW - 9}, {}, None, 29),
    ("called, never bought", {"last_touch_day": NOW - 5}, {}, None, 25),
    ("nothing yet", {}, {}, None, 30),
    ("a day stands already", {}, {}, TODAY + timedelta(days=9), 9),
    ("the day has passed", {}, {}, TODAY - timedelta(days=1), 30),
    ("the day is too far", {}, {}, TODAY + timedelta(days=31), 30),
    ("paused until then", {"last_day": NOW - 10, "resume_day": NOW + 90}, PAUSED, None, 90),
    ("the pause is over", {"last_day": NOW - 10, "resume_day": NOW}, PAUSED, None, 20),
    ("not paused any more", {"last_day": NOW - 10, "resume_day": NOW + 90}, {}, None, 20),
    ("paused for ever", {"last_day": NOW - 10, "resume_day": NOW + 800}, PAUSED, None, 20),
]


@pytest.mark.parametrize(
    ("verdict", "classes", "standing", "days"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_day_counts_from_the_last_dealing(
    verdict: dict[str, Any], classes: dict[str, str | None], standing: date | None, days: int
) -> None:
    found = next_follow_up(verdict, classes, 30, standing=standing, today=TODAY)
    assert (found - TODAY).days == days


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as opened:
        yield opened


NUMBERS = st.none() | st.integers(NOW - 900, NOW)


@settings(max_examples=25)
@given(
    last=NUMBERS,
    touch=NUMBERS,
    resume=st.none() | st.integers(NOW - 5, NOW + 800),
    status=st.sampled_from([None, "paused", "won"]),
    standing=st.integers(-5, 120).map(lambda n: TODAY + timedelta(days=n)),
    interval=st.integers(1, LONGEST_DAYS),
)
def test_the_local_copy_comes_to_the_same_day(
    mirror: Mirror,
    last: int | None,
    touch: int | None,
    resume: int | None,
    status: str | None,
    standing: date,
    interval: int,
) -> None:
    """An account in which it differed would be looked at every hour, or never."""
    verdict = {"last_day": last, "last_touch_day": touch, "resume_day": resume}
    wanted = next_follow_up(
        verdict, {"follow_status": status}, interval, standing=standing, today=TODAY
    )
    if wanted == TODAY + timedelta(days=interval) and standing < TODAY and not (last or touch):
        return  # a day that has passed is noticed by itself
    sql = next_day("Next", str(interval), TODAY, LONGEST_DAYS)
    [(found,)] = mirror.rows(
        f"""SELECT {sql} FROM (SELECT CAST(? AS BIGINT) AS last_day, CAST(? AS BIGINT) AS last_touch_day,
        CAST(? AS BIGINT) AS resume_day, CAST(? AS VARCHAR) AS follow_status) v, (SELECT ? AS "Next") a""",
        [last, touch, resume, status, standing],
    )
    assert found == wanted


def follow_up(office: Office, number: int) -> date:
    return date.fromisoformat(str(office.account(number)[NAMES["next_follow_up"]]))


def test_a_logged_call_moves_the_next_follow_up_at_once_and_once(office: Office) -> None:
    simple = simple_policy()
    steady = replace(simple.settings, value_high_from=900.0)  # days alone change no class
    office.policy = replace(simple, settings=steady, further_modules=("Calls",))
    office.run("backfill")
    before, others = follow_up(office, 3), follow_up(office, 4)
    office.after(2 * DAY)
    office.standin.rep.add(
        "Calls",
        Subject="Asked how things are",
        Call_Type="Outbound",
        Call_Start_Time=office.clock.now().isoformat(timespec="seconds"),
        What_Id={"id": office.account_id(3)},
        **{"$se_module": "Accounts"},
    )
    office.after(DAY)
    report = office.run()
    called = TODAY + timedelta(days=2)
    assert report.accounts_written == 1
    assert follow_up(office, 3) == called + timedelta(days=90) != before
    assert follow_up(office, 4) == others
    written = len(office.written())
    office.after(3600)
    office.run()
    assert len(office.written()) == written


def test_who_has_paused_is_followed_up_on_the_day_to_resume(
    make_office: Callable[..., Office],
) -> None:
    office = make_office()
    office.policy = full_policy(left_out=frozenset(CLASSES) - {*ALWAYS_ASKED, "follow_status"})
    office.set_up()
    office.run("backfill")
    why, until = ALL_NAMES["pause_reason"], ALL_NAMES["resume_date"]
    for resume in ("2012-03-01", "2012-02-01"):
        office.after(DAY)
        typed = {why: "budget", until: resume}
        office.standin.rep.edit("Accounts", office.account_id(4), **typed)
        office.after(60)
        assert office.run().accounts_written == 1
        assert follow_up(office, 4).isoformat() == resume
    assert office.run().accounts_written == 0
