"""A policy is calibrated by an organisation's own figures, and what is printed can be pasted as it is."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workbench import TODAY, playbook

from connector.model import Field
from sync.calibrating import calibrate
from sync.calibration.proposal import Proposal
from sync.calibration.work import goes_by_worth, in_order, propose_capacities
from sync.mirror import Mirror
from sync.policy import as_document, check_text
from sync.policy.load import load_text
from sync.policy.model import LONGEST_DAYS
from sync.verdicts import CLASSES


@pytest.fixture(scope="module")
def proposal(tmp_path_factory: pytest.TempPathFactory) -> Proposal:
    """Of 400 customers, number n of whom bought n % 8 + 1 times, each 20 days after the other."""
    folder = tmp_path_factory.mktemp("calibration")
    accounts, deals = folder / "accounts.csv", folder / "deals.csv"
    sold = ["id,Account_Id,Deal_Name,Stage,Amount,Closing_Date"]
    for n in range(400):
        for back in range(n % 8 + 1):
            day = TODAY - timedelta(days=20 * back + n % 3)
            sold.append(f"{1000 * n + back},{n},Order,Closed Won,{100 + 7 * n},{day}")
    accounts.write_text(
        "\n".join(["id,Account_Name", *(f"{n},No {n}" for n in range(400))]), "utf-8"
    )
    deals.write_text("\n".join(sold), "utf-8")
    env = {"FENLEI_HOME": str(folder / "home")}
    return calibrate(env, files=(accounts, deals), as_of=TODAY, keep=False)


def test_the_printed_lines_are_a_policy_with_just_these_limits(proposal: Proposal) -> None:
    assert proposal.lines in proposal.text
    assert {"tier", "value", "frequency", "churn", "intervals"} <= set(proposal.sections)
    assert check_text(proposal.lines, catalogue=CLASSES) == []
    assert tomllib.loads(proposal.lines) == proposal.sections
    loaded = load_text(proposal.lines, catalogue=CLASSES)
    document = as_document(loaded)
    for section, limits in proposal.sections.items():
        if section != "intervals":
            found = document[section]
            assert isinstance(found, dict)
            assert limits.items() <= found.items()
    days = {one.purpose: one.follow_up_days for one in loaded.playbooks}
    assert proposal.sections["intervals"].items() <= days.items()


def test_the_json_tells_who_falls_where_and_how_each_limit_was_found(proposal: Proposal) -> None:
    told = json.loads(json.dumps(proposal.as_json()))
    assert all(one["how"].endswith(".") for one in told["limits"])
    for shares in told["who_falls_where"].values():
        for side in ("now", "proposed"):
            assert sum(share["accounts"] for share in shares[side]) in (0, 400)
    assert told["lines"] == proposal.lines


def test_what_was_kept_is_said(proposal: Proposal) -> None:
    assert "The amounts of tier and value are used" in replace(proposal, kept=True).text
    assert "Put these lines into your policy" in proposal.text


def test_a_day_holds_as_many_tasks_as_reps_complete_on_most_days(proposal: Proposal) -> None:
    fields = {"Owner": "text", "Status": "text", "Closed_Time": "datetime"}
    with Mirror(None) as mirror:
        mirror.prepare("Tasks", [Field(name, name, name, kind) for name, kind in fields.items()])
        # Two reps complete two tasks a day on 14 days, five on the last 6; an open one does not count.
        mirror.run(
            """INSERT INTO crm."Tasks" BY NAME
            SELECT format('{}-{}-{}', rep, day, n) AS id, now() AS _modified_at, FALSE AS _unseen,
                rep AS "Owner", if(n = 5, 'Not Started', 'Completed') AS "Status",
                TIMESTAMPTZ '2011-11-20 12:00:00+00' + to_days(CAST(day AS INTEGER)) AS "Closed_Time"
            FROM unnest(['a', 'b']) r (rep), range(20) d (day), range(6) t (n)
            WHERE n < if(day < 14, 2, 5) OR n = 5"""
        )
        policy = proposal.policy
        tasks, paused = propose_capacities(mirror, policy, date(2011, 12, 9))
        before = propose_capacities(mirror, policy, date(2011, 11, 25))[0]
    assert (tasks.speaking, tasks.proposed, tasks.over_now) == (40, 5, 0)
    assert (before.speaking, before.proposed) == (12, None), "too few days to tell"
    assert paused.proposed is None


RUNGS = ("key", "ordinary", "minor")


@settings(max_examples=25)
@given(
    own=st.lists(st.integers(1, LONGEST_DAYS), min_size=3, max_size=3),
    wanted=st.dictionaries(st.sampled_from(RUNGS), st.integers(7, LONGEST_DAYS)),
)
def test_who_matters_less_is_never_called_more_often(
    own: list[int], wanted: dict[str, int]
) -> None:
    text = "\n".join(f"{name} = {days}" for name, days in zip(RUNGS, own, strict=True))
    books = [playbook(name, when={"won_tier": (name,)}) for name in RUNGS]
    assert all(map(goes_by_worth, books)), text
    found = in_order(books, wanted)
    days = [
        found.get(name, book.follow_up_days or 0) for name, book in zip(RUNGS, books, strict=True)
    ]
    assert wanted.keys() <= found.keys()
    assert days[0] < days[1] < days[2] <= LONGEST_DAYS or not wanted
    assert days[0] >= 1


def test_an_urgent_matter_has_no_rhythm_of_its_own() -> None:
    assert not goes_by_worth(playbook(when={"loyalty": ("at_risk",), "tier": ("large",)}))
    assert not goes_by_worth(playbook(when={"satisfaction": ("dissatisfied",)}))
    assert goes_by_worth(playbook(when={"loyalty": ("loyal",), "tier": ("large",)}))
