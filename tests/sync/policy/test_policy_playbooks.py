"""Which playbook speaks for a customer, how soon to follow up, and what the task says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.policy import Playbook, Policy, TaskPlan, follow_up_days, matching, task_text
from sync.policy.playbooks import LONGEST_SUBJECT
from sync.words import FIELD_LABELS, FIELD_TOOLTIPS, WORDS, Language, field_label, word

WORDS_OF_ACME = {"account": "Acme", "tier": "Large", "loyalty": "At risk", "risk": "High"}


def playbook(subject: str = "Call {account}") -> Playbook:
    everywhere = dict.fromkeys(Language, subject)
    steps = dict.fromkeys(Language, ("Ask {account}", "Rate: {tier}/{risk}"))
    task = TaskPlan(everywhere, steps, 1)
    return Playbook("call", {"loyalty": ("at_risk", "churned")}, None, task)


@pytest.mark.parametrize(
    ("tier", "loyalty", "risk", "purposes", "days"),
    [
        ("large", "at_risk", "high", ["urgent-contact"], 14),
        ("medium", "at_risk", "high", ["urgent-contact"], 14),
        ("small", "at_risk", "high", ["at-risk-small"], 45),
        ("large", "churned", "churned", ["loss-analysis", "win-back"], 90),
        ("small", "churned", "churned", ["churned-small"], 180),
        ("large", "loyal", "low", ["executive-visit"], 30),
        ("large", "fairly_loyal", "medium", ["early-check-in", "consolidate"], 21),
        ("large", "ordinary", "medium", ["early-check-in", "large-rhythm"], 21),
        ("small", "prospect", None, ["prospect"], 60),
        (None, None, None, [], 90),
    ],
)
def test_the_shipped_playbooks_speak_for_each_kind_of_customer(
    tier: str, loyalty: str, risk: str, purposes: list[str], days: int, shipped: Policy
) -> None:
    classes = {"tier": tier, "loyalty": loyalty, "churn_risk": risk}
    assert [found.purpose for found in matching(shipped, classes)] == purposes
    assert follow_up_days(shipped, classes) == days


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
