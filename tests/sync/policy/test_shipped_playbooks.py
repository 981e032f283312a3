"""What the shipped playbooks promise: nobody is forgotten, flooded, or told two things that quarrel."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.policy import Playbook, Policy, follow_up_days, matching
from sync.policy.model import LONGEST_DAYS
from sync.policy.playbooks import in_any, marks, strategy
from sync.words import Language

Catalogue = Mapping[str, tuple[str, ...]]
Classes = dict[str, str | None]

HEALTHY = ("loyal", "fairly_loyal", "ordinary")
SELLING = {
    "win_back",
    "wake_up",
    "upgrade_candidate",
    "loyalty_programme",
    "reward_eligible",
    "reference_candidate",
    "brand_invite",
    "event_invite",
    "price_offer",
    "holiday_greeting",
    "batch_mailing",
    "general_marketing",
}
"""Marks by which a customer would be sold to, or asked for a favour."""

REWARDING = {"reward_eligible", "loyalty_programme", "upgrade_candidate", "reference_candidate"}
"""Marks that would be odd on a customer who is leaving."""

THANKING = {
    "executive-visit",
    "dedicated-team",
    "personal-care",
    "frequent-buyer",
    "loyal",
    "loyal-rewards",
    "deeper-cooperation",
}
WINNING_BACK = {"loss-analysis", "win-back", "worth-keeping", "churned-small"}

URGENT = (
    {"satisfaction": ("dissatisfied",)},
    {"loyalty": ("at_risk",)},
    {"follow_status": ("testing", "paused")},
)
WORTH_IT = {"tier": ("large", "medium"), "won_tier": ("key",), "potential": ("high",)}

REPORTS = {"R002-45", "R002-46", "R002-82"}
"""Counted by the portfolio; playbooks see to it that there is something to count."""

CLASSES_THEMSELVES = {
    "R001-09", "R001-10", "R001-15", "R001-16", "R001-17", "R001-18", "R001-22", "R001-23",
}  # fmt: skip
"""How customers are classified, which the classifiers do."""


def numbers(document: str, first: int, last: int) -> set[str]:
    return {f"R{document}-{number:02}" for number in range(first, last + 1)}


ASKED_FOR = (
    numbers("004", 34, 89)
    | numbers("001", 7, 26)
    | {"R001-37"}
    | numbers("002", 42, 84)
    | numbers("002", 26, 36)
    | {"R000-06", "R000-07", "R000-19", "R000-20", "R000-31", "R000-39", "R000-41"}
) - CLASSES_THEMSELVES


@st.composite
def customers(draw: st.DrawFn, catalogue: Catalogue) -> Classes:
    """Classes that go together: who never bought has no churn risk, who complains is dissatisfied."""
    chosen: Classes = {
        name: draw(st.sampled_from([None, *codes])) for name, codes in catalogue.items()
    }
    chosen["tier"] = draw(st.sampled_from(catalogue["tier"]))
    loyalty = chosen["loyalty"] = draw(st.sampled_from(catalogue["loyalty"]))
    needs = draw(st.lists(st.sampled_from(catalogue["need"]), unique=True))
    chosen["need"] = ";".join(needs) or None
    if loyalty == "prospect":
        chosen["tier"] = "small"
        nothing: Classes = dict.fromkeys(("churn_risk", "value", "frequency", "growth", "won_tier"))
        chosen |= nothing
        chosen["lifecycle"] = draw(st.sampled_from(["first_contact", "intent"]))
        if chosen["follow_status"] == "won":
            chosen["follow_status"] = None
    else:
        chosen["lifecycle"] = draw(st.sampled_from(["purchase", "loyal"]))
        chosen["follow_status"] = draw(st.sampled_from(["won", "paused"]))
        for name in ("value", "frequency", "won_tier"):
            chosen[name] = draw(st.sampled_from(catalogue[name]))
    return chosen


FACTS = st.fixed_dictionaries(
    {
        "open_complaints": st.sampled_from([0, 0, 2]),
        "contacts": st.sampled_from([0, 3]),
        "decision_makers": st.sampled_from([0, 1]),
        "pause_reason": st.sampled_from([None, "no_need"]),
        "resume_day": st.sampled_from([None, 15_000]),
    }
)


@given(data=st.data())
def test_every_customer_has_an_interval_and_one_piece_of_advice(
    shipped: Policy, catalogue: Catalogue, data: st.DataObject
) -> None:
    classes, facts = data.draw(customers(catalogue)), data.draw(FACTS)
    given_by = [p for p in matching(shipped, classes, facts) if p.follow_up_days]
    assert given_by
    assert 7 <= follow_up_days(shipped, classes, facts) <= LONGEST_DAYS
    assert 20 <= len(strategy(shipped, classes, facts)) <= 200


@given(data=st.data())
def test_nobody_is_told_to_apologise_and_to_sell_at_once(
    shipped: Policy, catalogue: Catalogue, data: st.DataObject
) -> None:
    facts = data.draw(FACTS)
    classes = data.draw(customers(catalogue)) | {"satisfaction": "dissatisfied"}
    found = matching(shipped, classes, facts)
    assert found[0].purpose == "complaint"
    assert follow_up_days(shipped, classes, facts) == 7
    assert strategy(shipped, classes, facts) == found[0].strategy[Language.EN]
    assert not [playbook.purpose for playbook in found if playbook.promotion]
    assert not SELLING.intersection(marks(shipped, classes, facts))


@given(data=st.data())
def test_nobody_is_won_back_and_thanked_at_once(
    shipped: Policy, catalogue: Catalogue, data: st.DataObject
) -> None:
    classes, facts = data.draw(customers(catalogue)), data.draw(FACTS)
    found = {playbook.purpose for playbook in matching(shipped, classes, facts)}
    assert not (found & THANKING and found & WINNING_BACK)
    if classes["loyalty"] in ("at_risk", "churned"):
        assert not found & THANKING
        assert not REWARDING.intersection(marks(shipped, classes, facts))
    assert not {"win_back", "keep_review"} <= set(marks(shipped, classes, facts))


def test_every_mark_that_sells_is_given_by_promotions_alone(shipped: Policy) -> None:
    assert set(shipped.marks) >= SELLING
    for playbook in shipped.playbooks:
        if SELLING.intersection(playbook.marks):
            assert playbook.promotion, playbook.purpose


def test_every_mark_is_given_to_somebody(shipped: Policy) -> None:
    given_to = set(chain.from_iterable(playbook.marks for playbook in shipped.playbooks))
    assert given_to == set(shipped.marks)


def barely(playbook: Playbook) -> tuple[Classes, dict[str, object]]:
    """An account of which no more is known than what the playbook asks for."""
    classes: Classes = {name: codes[0] for name, codes in playbook.when.items()}
    facts = dict.fromkeys(playbook.has, 1) | dict.fromkeys(playbook.lacks, 0)
    return classes, dict(facts)


def test_every_playbook_has_its_say_for_some_account(shipped: Policy) -> None:
    for playbook in shipped.playbooks:
        classes, facts = barely(playbook)
        found = matching(shipped, classes, facts)
        assert playbook in found
        if playbook.follow_up_days:
            assert next(p for p in found if p.follow_up_days) is playbook
        if playbook.strategy:
            assert next(p for p in found if p.strategy) is playbook


def test_the_less_a_won_customer_matters_the_longer_it_waits_but_never_for_ever(
    shipped: Policy,
) -> None:
    days = [
        follow_up_days(shipped, {"won_tier": won_tier}) for won_tier in ("key", "ordinary", "minor")
    ]
    assert days == sorted(set(days))
    promising = {"won_tier": "ordinary", "potential": "high", "loyalty": "ordinary"}
    assert follow_up_days(shipped, promising) == days[0]
    longest = max(playbook.follow_up_days or 0 for playbook in shipped.playbooks)
    assert days[-1] < longest <= LONGEST_DAYS


def test_a_paused_customer_is_looked_at_again(shipped: Policy) -> None:
    assert follow_up_days(shipped, {"follow_status": "paused"}) == 90


def test_a_task_is_due_on_the_day_itself_where_its_words_say_so_and_nowhere_else(
    shipped: Policy,
) -> None:
    tasks = [(p.purpose, p.task) for p in shipped.playbooks if p.task is not None]
    at_once = {purpose for purpose, task in tasks if task.due_in_days == 0}
    said = {
        purpose
        for purpose, task in tasks
        if re.search(r"\b(today|now)\b", task.subject[Language.EN])
    }
    assert at_once == said == {"complaint", "urgent-contact"}


def test_what_opens_at_once_is_urgent_or_for_customers_worth_it(shipped: Policy) -> None:
    for playbook in shipped.playbooks:
        if playbook.task and playbook.task.at_first:
            asked: Classes = {name: codes[0] for name, codes in playbook.when.items()}
            urgent = any(in_any(asked, why) for why in URGENT)
            assert urgent or in_any(asked, WORTH_IT), playbook.purpose


def test_no_task_is_for_accounts_that_need_it_no_more(shipped: Policy) -> None:
    for playbook in shipped.playbooks:
        if playbook.task:
            for name, codes in playbook.task.until.items():
                assert not set(codes) & set(playbook.when.get(name, ())), playbook.purpose


def test_purposes_that_tasks_carry_already_keep_their_names(shipped: Policy) -> None:
    with_task = {playbook.purpose for playbook in shipped.playbooks if playbook.task}
    assert with_task >= {
        "urgent-contact",
        "loss-analysis",
        "win-back",
        "early-check-in",
        "executive-visit",
        "consolidate",
    }


def test_every_requirement_that_asks_for_a_playbook_has_one(shipped: Policy) -> None:
    met = set(chain.from_iterable(playbook.requirements for playbook in shipped.playbooks))
    assert sorted(ASKED_FOR - met) == []
    assert met >= REPORTS
    assert all(playbook.requirements for playbook in shipped.playbooks)


def texts(policy: Policy, language: Language) -> Iterator[str]:
    for playbook in policy.playbooks:
        if playbook.strategy:
            yield playbook.strategy[language]
        if playbook.task:
            yield playbook.task.subject[language]
            yield from playbook.task.checklist[language]
    yield from (words[language] for words in policy.marks.values())


@pytest.mark.parametrize(
    ("language", "encoding"), [(Language.ZH_HANS, "gb2312"), (Language.ZH_HANT, "cp950")]
)
def test_each_chinese_is_written_in_its_own_characters(
    language: Language, encoding: str, shipped: Policy
) -> None:
    for text in texts(shipped, language):
        text.encode(encoding)
        words = text.replace("{account}", "")
        assert not re.search("[,;:?!](?! )", words), text
        assert not re.search("[a-zA-Z]", words), text


def test_no_two_playbooks_say_the_same(shipped: Policy) -> None:
    for language in Language:
        said = [p.strategy[language] for p in shipped.playbooks if p.strategy]
        subjects = [p.task.subject[language] for p in shipped.playbooks if p.task]
        assert len(set(said)) == len(said)
        assert len(set(subjects)) == len(subjects)


def test_tasks_name_the_account_and_have_the_same_few_steps_in_every_language(
    shipped: Policy,
) -> None:
    for playbook in shipped.playbooks:
        if playbook.task:
            assert all("{account}" in text for text in playbook.task.subject.values())
            assert len({len(steps) for steps in playbook.task.checklist.values()}) == 1
            assert 3 <= len(playbook.task.checklist[Language.EN]) <= 6


def test_every_shipped_task_tells_how_it_is_done(shipped: Policy) -> None:
    assert {p.purpose for p in shipped.playbooks if p.task and not p.task.kind} == set()
