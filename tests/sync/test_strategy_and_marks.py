"""What playbooks advise, and the marks that they give, are written, changed and taken away again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from full_profile import MARKS, STRATEGY, full_policy, held, in_all, says
from hypothesis import given, settings
from hypothesis import strategies as st
from workbench import DAY, LARGE_ONES, NAMES, Office, ledger_disagrees

from connector.model import Field, Record
from sync.adopt import RUN
from sync.advice import advised, wishes
from sync.ledger import State
from sync.mirror import Column, Mirror, candidates
from sync.policy import Playbook
from sync.words import Language

CARE = "Call the owner every month."
GROW = "Show them what else we make."
LARGE = Playbook(
    "care", {"tier": ("large",)}, follow_up_days=30, strategy=in_all(CARE), marks=("vip", "mail")
)
MEDIUM = Playbook(
    "grow", {"tier": ("medium",)}, follow_up_days=60, strategy=in_all(GROW), marks=("mail",)
)
PRICE = Playbook("price", {"need": ("price",)}, strategy=in_all("Talk about cost."))


@pytest.fixture
def advising(make_office: Callable[..., Office]) -> Office:
    """An office whose large customers get care, and whose medium ones shall grow."""
    office = make_office()
    office.policy = full_policy(LARGE, MEDIUM)
    office.set_up()
    office.after(DAY)
    office.run("backfill")
    office.after(DAY)
    return office


def test_the_first_playbook_that_matches_advises_and_every_one_gives_its_marks(
    advising: Office,
) -> None:
    for number in LARGE_ONES:
        assert held(advising, number, "strategy") == CARE
        assert sorted(held(advising, number, "marks")) == ["mail", "vip"]
    assert (held(advising, 4, "strategy"), held(advising, 4, "marks")) == (GROW, ["mail"])
    assert (held(advising, 1, "strategy"), held(advising, 1, "marks")) == (None, None)
    assert ledger_disagrees(advising) == []


def test_another_policy_alone_changes_the_advice(advising: Office) -> None:
    written = len(advising.written())
    other = replace(LARGE, strategy=in_all("Visit them."), marks=("vip",))
    policy = replace(advising.policy, playbooks=(other, MEDIUM))
    report = advising.run(policy=policy)
    assert len(advising.written()) == written + len(LARGE_ONES)
    assert report.held == 0
    assert {held(advising, n, "strategy") for n in LARGE_ONES} == {"Visit them."}
    assert [held(advising, n, "marks") for n in LARGE_ONES] == [["vip"], ["vip"]]
    advising.run(policy=policy)
    assert len(advising.written()) == written + len(LARGE_ONES), "it comes to rest"


def test_what_no_playbook_says_any_more_is_cleared(advising: Office) -> None:
    advising.run(policy=replace(advising.policy, playbooks=(MEDIUM,)))
    for number in LARGE_ONES:
        assert held(advising, number, "strategy") is None
        assert not held(advising, number, "marks")
    assert held(advising, 4, "strategy") == GROW


def test_a_customer_that_becomes_large_gets_the_other_advice(advising: Office) -> None:
    advising.buys(4, 2000)
    advising.run()
    assert (held(advising, 4, "strategy"), sorted(held(advising, 4, "marks"))) == (
        CARE,
        ["mail", "vip"],
    )


def test_a_reps_override_decides_the_advice(advising: Office) -> None:
    advising.standin.rep.edit(
        "Accounts", advising.account_id(1), **{NAMES["tier_override"]: "large"}
    )
    advising.after(DAY)
    advising.run()
    assert held(advising, 1, "strategy") == CARE


def test_one_of_several_needs_is_enough(advising: Office) -> None:
    says(advising, 1, "price and service")
    advising.after(DAY)
    policy = replace(advising.policy, playbooks=(PRICE, LARGE, MEDIUM))
    advising.run(policy=policy)
    assert held(advising, 1, "strategy") == "Talk about cost."


def test_advice_that_a_person_wrote_is_held(advising: Office) -> None:
    account = advising.account_id(6)
    advising.standin.rep.edit("Accounts", account, **{STRATEGY: "Leave to me", MARKS: ["vip"]})
    advising.after(DAY)
    other = replace(LARGE, strategy=in_all("Visit them."))
    report = advising.run(policy=replace(advising.policy, playbooks=(other, MEDIUM)))
    assert report.held == 2
    assert (held(advising, 6, "strategy"), held(advising, 6, "marks")) == ("Leave to me", ["vip"])


def test_advice_follows_the_language_of_the_policy(advising: Office) -> None:
    told = {Language.EN: CARE, Language.ZH_HANS: "每月致电。", Language.ZH_HANT: "每月致電。"}
    policy = replace(
        advising.policy,
        playbooks=(replace(LARGE, strategy=told), MEDIUM),
        language=Language.ZH_HANT,
    )
    advising.run(policy=policy)
    assert held(advising, 6, "strategy") == "每月致電。"


def test_a_mark_that_the_picklist_does_not_offer_is_left_out(advising: Office) -> None:
    new = replace(LARGE, marks=("vip", "brand_new"))
    policy = replace(
        advising.policy,
        playbooks=(new, MEDIUM),
        marks={**advising.policy.marks, "brand_new": in_all("Brand new")},
    )
    report = advising.run(policy=policy)
    assert (report.failed, held(advising, 6, "marks")) == (0, ["vip"])
    written = len(advising.written())
    advising.run(policy=policy)
    assert len(advising.written()) == written


def test_after_a_lost_ledger_advice_is_ours_again(advising: Office) -> None:
    advising.standin.rep.edit("Accounts", advising.account_id(7), **{STRATEGY: "Leave to me"})
    for suffix in ("", "-wal", "-shm"):
        (advising.path / f"ledger.sqlite{suffix}").unlink(missing_ok=True)
    advising.set_up()
    advising.after(DAY)
    assert advising.run().held == 1
    assert {intent.run_id for intent in advising.intents(State.DONE)} <= {RUN}
    advising.run(policy=replace(advising.policy, playbooks=(MEDIUM,)))
    assert held(advising, 6, "strategy") is None
    assert not held(advising, 6, "marks")
    assert held(advising, 7, "strategy") == "Leave to me"


# The query that finds who needs other advice, beside the words that decide it.

FIELDS = [
    Field("1", "Account_Name", "Name", "text"),
    Field("2", STRATEGY, "S", "text"),
    Field("3", MARKS, "M", "multiselectpicklist"),
    Field("4", "Tier_Override", "O", "picklist"),
]
TIERS = {"large": "large", "small": "small"}
COLUMNS = (
    Column("strategy", STRATEGY, "strategy"),
    Column("marks", MARKS, "marks", {"vip": "vip", "mail": "Rock 'n' mail"}),
    Column("tier_override", "Tier_Override", "override", TIERS),
)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
FACTS = ("tier", "need", "satisfaction", "open_complaints", "open_deals", "pause_reason")
TEXTS = ("One.", "It's two.")
CODES = ("vip", "mail", "unknown")


@pytest.fixture(scope="module")
def mirror() -> Any:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", FIELDS)
        yield mirror


PLAYBOOKS = st.builds(
    Playbook,
    purpose=st.just("p"),
    when=st.dictionaries(
        st.sampled_from(["tier", "need", "satisfaction"]),
        st.lists(
            st.sampled_from(["large", "small", "price", "service", "dissatisfied"]),
            min_size=1,
            unique=True,
        ).map(tuple),
        min_size=1,
    ),
    strategy=st.sampled_from([{}, *map(in_all, TEXTS)]),
    marks=st.lists(st.sampled_from(CODES), unique=True).map(tuple),
    promotion=st.booleans(),
    has=st.sampled_from([(), ("open_deals",), ("nobody_knows",)]),
    lacks=st.sampled_from([(), ("pause_reason",), ("nobody_knows",)]),
)
VERDICTS = st.fixed_dictionaries(
    {
        "tier": st.sampled_from(["large", "small"]),
        "need": st.sampled_from([None, "price", "price;service"]),
        "satisfaction": st.sampled_from([None, "dissatisfied"]),
        "open_complaints": st.integers(0, 1),
        "open_deals": st.sampled_from([None, 0, 2]),
        "pause_reason": st.sampled_from([None, "", "budget"]),
    }
)
HELD = st.fixed_dictionaries(
    {
        STRATEGY: st.sampled_from([None, "", *TEXTS]),
        MARKS: st.sampled_from([None, [], ["vip"], ["Rock 'n' mail", "vip"], ["strange"]]),
        "Tier_Override": st.sampled_from([None, "large", "small"]),
    }
)


@settings(max_examples=60)
@given(
    playbooks=st.lists(PLAYBOOKS, max_size=4),
    accounts=st.lists(st.tuples(VERDICTS, HELD), min_size=1, max_size=5),
)
def test_the_query_finds_exactly_those_whose_advice_differs(
    mirror: Mirror, playbooks: list[Playbook], accounts: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    policy = full_policy(*playbooks, marks=dict.fromkeys(CODES, in_all("")))
    policy = replace(policy, playbooks=tuple(playbooks))
    put(mirror, accounts)
    wanted = wishes(mirror, policy, COLUMNS)
    found = candidates(mirror, COLUMNS, probability_step=5, wanted=wanted)
    expected = []
    for number, (verdict, now) in enumerate(accounts):
        classes = {name: verdict[name] for name in ("tier", "need", "satisfaction")}
        classes["tier"] = now["Tier_Override"] or verdict["tier"]
        texts = [advised(column, policy, classes, verdict) for column in COLUMNS[:2]]
        held_marks = set(now[MARKS] or ())
        if (now[STRATEGY] or None) != texts[0] or held_marks != set(texts[1] or ()):
            expected.append(str(number))
    assert [candidate.account_id for candidate in found] == expected


def put(mirror: Mirror, accounts: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Bring accounts and their verdicts into the local copy."""
    with mirror.pulling("Accounts") as pulling:
        pulling.stage([Record(str(n), NOON, now) for n, (_, now) in enumerate(accounts)])
        pulling.commit(NOON, NOON, full=True)
    mirror.run(
        """CREATE OR REPLACE TEMP TABLE kept_verdicts (account_id VARCHAR, tier VARCHAR,
        need VARCHAR, satisfaction VARCHAR, open_complaints BIGINT, open_deals BIGINT,
        pause_reason VARCHAR)"""
    )
    for number, (verdict, _) in enumerate(accounts):
        row = [str(number), *(verdict[name] for name in FACTS)]
        mirror.run("INSERT INTO kept_verdicts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
