"""Which playbook speaks for a customer, how soon to follow up, and what the task says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.policy import Playbook, Policy, TaskPlan, follow_up_days, matching, task_text
from sync.policy.playbooks import (
    HOW,
    LONGEST_SUBJECT,
    due_round,
    marks,
    occasion_dimensions,
    strategy,
    suppressed,
    takers,
)
from sync.words import FIELD_LABELS, FIELD_TOOLTIPS, WORDS, Language, field_label, word

WORDS_OF_ACME = {"account": "Acme", "tier": "Large", "loyalty": "At risk", "risk": "High"}


def task_plan(subject: str = "Call {account}", **more: Any) -> TaskPlan:
    steps = dict.fromkeys(Language, ("Ask {account}", "Rate: {tier}/{risk}"))
    return TaskPlan(dict.fromkeys(Language, subject), steps, 1, **more)


def playbook(subject: str = "Call {account}") -> Playbook:
    return Playbook("call", {"loyalty": ("at_risk", "churned")}, None, task_plan(subject))


@pytest.mark.parametrize(
    ("tier", "loyalty", "risk", "tasks", "days"),
    [
        ("large", "at_risk", "high", ["urgent-contact", "retention-offer"], 14),
        ("medium", "at_risk", "high", ["urgent-contact"], 14),
        ("small", "at_risk", "high", [], 45),
        ("large", "churned", "churned", ["loss-analysis", "win-back"], 90),
        ("small", "churned", "churned", [], 180),
        ("large", "loyal", "low", ["recovered", "executive-visit"], 30),
        ("large", "fairly_loyal", "medium", ["recovered", "early-check-in", "consolidate"], 21),
        ("large", "ordinary", "medium", ["recovered", "early-check-in"], 21),
        ("small", "prospect", None, [], 60),
        (None, None, None, [], 90),
    ],
)
def test_the_shipped_playbooks_speak_for_each_kind_of_customer(
    tier: str, loyalty: str, risk: str, tasks: list[str], days: int, shipped: Policy
) -> None:
    classes = {"tier": tier, "loyalty": loyalty, "churn_risk": risk}
    assert [found.purpose for found in matching(shipped, classes) if found.task] == tasks
    assert follow_up_days(shipped, classes) == days


def policy_of(shipped: Policy, *playbooks: Playbook) -> Policy:
    marked = {code: dict.fromkeys(Language, code) for code in ("second", "first")}
    return replace(shipped, playbooks=playbooks, marks=marked)


def advice(text: str) -> dict[Language, str]:
    return {language: f"{text} {language}" for language in Language}


LARGE = {"tier": ("large",)}


def test_the_first_strategy_is_given_and_all_marks(shipped: Policy) -> None:
    policy = policy_of(
        shipped,
        Playbook("silent", LARGE, marks=("first",)),
        Playbook("small", {"tier": ("small",)}, strategy=advice("no")),
        Playbook("speaks", LARGE, strategy=advice("yes"), marks=("second",)),
        Playbook("late", LARGE, strategy=advice("late"), marks=("first",)),
    )
    chinese = replace(policy, language=Language.ZH_HANT)
    assert strategy(policy, {"tier": "large"}) == "yes en"
    assert strategy(chinese, {"tier": "large"}) == "yes zh-Hant"
    assert marks(policy, {"tier": "large"}) == ("second", "first")
    assert (strategy(policy, {"tier": "medium"}), marks(policy, {"tier": None})) == ("", ())


def test_an_account_with_several_needs_matches_by_any_of_them(shipped: Policy) -> None:
    policy = policy_of(shipped, Playbook("price", {"need": ("price",)}, 5))
    assert follow_up_days(policy, {"need": "function;price"}) == 5
    assert follow_up_days(policy, {"need": "function;service"}) == policy.otherwise_days


@pytest.mark.parametrize(
    ("classes", "facts", "is_sold_to"),
    [
        ({"satisfaction": "satisfied"}, {"open_complaints": 0}, True),
        ({"satisfaction": None}, {"open_complaints": None}, True),
        ({}, {}, True),
        ({"satisfaction": "dissatisfied"}, {}, False),
        ({"satisfaction": None}, {"open_complaints": 1}, False),
    ],
)
def test_nobody_is_sold_to_while_a_complaint_is_open(
    classes: Mapping[str, str | None],
    facts: Mapping[str, object],
    is_sold_to: bool,
    shipped: Policy,
) -> None:
    customer = {"tier": "large", **classes}
    offer = Playbook("offer", LARGE, 5, marks=("first",), promotion=True)
    policy = policy_of(shipped, offer, Playbook("rhythm", LARGE, 30))
    assert suppressed(offer, customer, facts) is not is_sold_to
    assert follow_up_days(policy, customer, facts) == (5 if is_sold_to else 30)
    assert marks(policy, customer, facts) == (("first",) if is_sold_to else ())


@pytest.mark.parametrize(
    ("facts", "fits"),
    [
        ({"contacts": 3, "decision_makers": 0}, True),
        ({"contacts": 3, "decision_makers": None}, True),
        ({"contacts": 3, "decision_makers": 1}, False),
        ({"contacts": 0, "decision_makers": 0}, False),
        ({"contacts": 3}, False),
        ({}, False),
    ],
)
def test_a_fact_is_missing_only_where_it_was_looked_for(
    facts: Mapping[str, object], fits: bool, shipped: Policy
) -> None:
    asks = Playbook("ask", LARGE, 5, has=("contacts",), lacks=("decision_makers",))
    policy = policy_of(shipped, asks)
    assert bool(matching(policy, {"tier": "large"}, facts)) is fits


def test_a_task_without_a_rhythm_has_one_round_only() -> None:
    task = task_plan()
    assert {due_round(task, {}, {}, days) for days in (0, 1, 900)} == {0}


@given(st.integers(0, 2000), st.integers(1, 400), st.none() | st.integers(1, 5))
def test_rounds_follow_the_rhythm_and_end_after_the_last(
    days: int, again: int, last: int | None
) -> None:
    number = due_round(task_plan(remind_again_days=again, last_round=last), {}, {}, days)
    if last is not None and days >= again * (last + 1):
        assert number is None
    else:
        assert number is not None
        assert again * number <= days < again * (number + 1)


def test_a_task_is_not_opened_for_who_has_what_it_is_for() -> None:
    task = task_plan(remind_again_days=30, until={"loyalty": ("loyal", "ordinary")})
    stable, unstable = {"loyalty": "ordinary"}, {"loyalty": "at_risk"}
    assert [due_round(task, unstable, {}, days) for days in (0, 30, 60)] == [0, 1, 2]
    assert [due_round(task, stable, {}, days) for days in (0, 30, 60)] == [None, None, None]


def test_a_task_may_be_for_those_alone_who_came_back() -> None:
    task = task_plan(came_from={"loyalty": ("churned",)})
    ordinary = {"loyalty": "ordinary"}
    assert due_round(task, ordinary, {"loyalty": "churned"}, 0) == 0
    for before in ("loyal", "", None):
        assert due_round(task, ordinary, {"loyalty": before}, 0) is None
    assert due_round(task, ordinary, {}, 0) is None


def test_the_day_that_counts_is_the_one_on_which_a_customer_came_back() -> None:
    both = {"loyalty": ("ordinary",), "tier": ("large",)}
    assert occasion_dimensions(Playbook("call", both, task=task_plan())) == ("loyalty", "tier")
    back = task_plan(came_from={"loyalty": ("churned",)})
    assert occasion_dimensions(Playbook("call", both, task=back)) == ("loyalty",)


@pytest.mark.parametrize(
    ("for_manager", "owner", "fallback", "people"),
    [
        (False, "li", "desk", ("li", "desk")),
        (False, "", "", ()),
        (True, "li", "desk", ("wang", "desk", "li")),
        (True, "li", "", ("wang", "li")),
        (True, "chen", "desk", ("desk", "chen")),
        (True, "li", "wang", ("wang", "li")),
        (True, "", "desk", ("desk",)),
    ],
)
def test_a_task_goes_to_the_owner_or_to_the_owner_s_manager(
    for_manager: bool, owner: str, fallback: str, people: tuple[str, ...]
) -> None:
    task = task_plan(for_manager=for_manager)
    assert takers(task, owner, {"li": "wang"}, fallback) == people


@pytest.mark.parametrize("language", list(Language))
def test_how_a_task_is_done_stands_above_its_checklist(language: Language) -> None:
    for kind in ("call", "email", "visit", "internal"):
        visit = Playbook("call", LARGE, None, task_plan(kind=kind))
        _, description = task_text(visit, language, WORDS_OF_ACME, "Why.")
        assert description == f"Why.\n\n{HOW[kind][language]}\n☐ Ask Acme\n☐ Rate: Large/High"


def test_a_playbook_without_a_task_has_no_text() -> None:
    silent = Playbook("wait", {"tier": ("large",)}, 30)
    with pytest.raises(ValueError, match="opens no task"):
        task_text(silent, Language.EN, {}, "")


def test_the_description_is_the_reason_and_the_checklist() -> None:
    subject, description = task_text(
        playbook(), Language.EN, WORDS_OF_ACME, "No order for 90 days."
    )
    assert subject == "Call Acme"
    assert description == "No order for 90 days.\n\n☐ Ask Acme\n☐ Rate: Large/High"


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("{tier} & {nobody}", "Call {tier} & {nobody}"),
        ("100 % {0} \\1 \\g<1>", "Call 100 % {0} \\1 \\g<1>"),
        (" Two\n\tlines\x00 ", "Call Two lines"),
        ("", "Call –"),
    ],
)
def test_an_account_s_name_is_only_ever_text(name: str, subject: str) -> None:
    assert task_text(playbook(), Language.EN, {"account": name}, "")[0] == subject


def test_a_long_name_is_cut_before_the_words_behind_it() -> None:
    subject, _ = task_text(playbook("Call {account} now"), Language.EN, {"account": "é" * 900}, "")
    assert subject == f"Call {'é' * 79}… now"


def test_a_name_is_never_cut_within_a_character_that_is_composed() -> None:
    subject, _ = task_text(playbook(), Language.EN, {"account": "e\u0301" * 300}, "")
    assert subject.removesuffix("…").endswith("e\u0301")


@settings(max_examples=40)
@given(st.text(max_size=300), st.text("ab {}\n", max_size=300))
def test_a_subject_is_one_line_of_limited_length(name: str, template: str) -> None:
    filled = playbook("{account} {account} " + " ".join(template.split()))
    subject, _ = task_text(filled, Language.EN, {"account": name}, "")
    assert len(subject) <= LONGEST_SUBJECT
    assert len(subject.splitlines()) == 1


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", Language.EN),
        ("en_GB.UTF-8", Language.EN),
        ("zh", Language.ZH_HANS),
        ("zh-CN", Language.ZH_HANS),
        ("ZH-hans-cn", Language.ZH_HANS),
        ("zh_TW", Language.ZH_HANT),
        ("zh-Hant-HK", Language.ZH_HANT),
    ],
)
def test_common_tags_and_locales_name_a_language(tag: str, language: Language) -> None:
    assert Language.parse(tag) is language


@pytest.mark.parametrize("tag", ["", "de", "english", "zh-Hanz", "zh-Hans-TW", "en-"])
def test_other_tags_are_refused_with_the_choices(tag: str) -> None:
    with pytest.raises(ValueError, match="choose en, zh-Hans or zh-Hant"):
        Language.parse(tag)


def test_every_word_is_there_in_three_languages_and_fits_the_crm() -> None:
    for text in [*FIELD_LABELS.values(), *FIELD_TOOLTIPS.values(), *WORDS.values()]:
        assert set(text) == set(Language)
        assert all(text.values())
    assert all(len(label) <= 25 for text in FIELD_LABELS.values() for label in text.values())
    assert all(len(tip) <= 255 for text in FIELD_TOOLTIPS.values() for tip in text.values())
    for language in Language:
        assert len({field_label(name, language) for name in FIELD_LABELS}) == len(FIELD_LABELS)
        assert word("due", language) == WORDS["due"][language]
