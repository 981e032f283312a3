"""The policy says what is reviewed and by whom; what makes no sense there is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.machine_fields import wanted_keys
from sync.policy import Policy, as_document, check_text, load_policy
from sync.review.finding import reviewed_in
from sync.review.words import CHOICES, turned_down, waiting, without_review
from sync.verdicts import CLASSES
from sync.words import FIELD_LABELS, Language

OWN = """
[review]
classes = { tier = ["large"] }
reviewer = "ann@example.com"
"""


def loaded(folder: Path, text: str) -> Policy:
    path = folder / "policy.toml"
    path.write_text(text, "utf-8")
    return load_policy(path, catalogue=CLASSES)


def test_as_shipped_only_giving_up_is_reviewed_and_only_where_marks_are_written(
    tmp_path: Path,
) -> None:
    shipped = load_policy(None, catalogue=CLASSES)
    assert reviewed_in(shipped) == {}
    assert {"class_status", "review_decision"}.isdisjoint(wanted_keys(shipped.fields.write))
    full = loaded(tmp_path, '[fields]\nprofile = "full"\n')
    assert reviewed_in(full) == {"marks": ("given_up",)}
    [give_up] = [one for one in full.playbooks if "given_up" in one.marks]
    assert give_up.has == ("accepted_given_up",)
    assert "R002-61" in give_up.requirements
    assert full.review.people("marks", "given_up") == 2


def test_a_reviewed_class_brings_its_two_fields_along(tmp_path: Path) -> None:
    own = loaded(tmp_path, OWN)
    assert reviewed_in(own) == {"tier": ("large",)}
    keys = wanted_keys(own.fields.write, own.inputs)
    assert keys[-2:] == ["class_status", "review_decision"]
    named = loaded(tmp_path, OWN + '[fields]\nwrite = ["tier"]\n')
    assert "class_status" not in wanted_keys(named.fields.write)


def test_what_was_decided_about_reviews_is_part_of_the_policy(tmp_path: Path) -> None:
    own, shipped = loaded(tmp_path, OWN), load_policy(None, catalogue=CLASSES)
    assert own.fingerprint != shipped.fingerprint
    document = as_document(own)
    assert document["review"] == {
        "classes": {"tier": ["large"]},
        "two_people": {"marks": ["given_up"]},
        "reviewer": "ann@example.com",
        "second_reviewer": "",
        "at_first": False,
        "due_in_days": 5,
    }
    assert "accepted_given_up" not in str(document["playbook"]), "it follows from the section"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[review]\nclasses = { tier = ["big"] }', "large"),
        ('[review]\nclasses = { teir = ["large"] }', "'tier'"),
        ('[review]\nclasses = { need = ["price"] }', "Nothing here is called 'need'"),
        ('[review]\ntwo_people = { marks = ["gone"] }', "given_up"),
        ("[review]\ndue_in_days = -1", "whole number"),
        ("[review]\nrevewer = 'x'", "'reviewer'"),
    ],
)
def test_a_mistake_in_the_section_is_named(text: str, words: str) -> None:
    [problem] = check_text(text, catalogue=CLASSES)
    assert words in problem.message
    assert problem.line == 2


def test_a_playbook_may_not_be_called_as_our_own_tasks_are() -> None:
    text = '[[playbook]]\npurpose = "review"\nfollow_up_days = 9\nwhen.tier = ["large"]\n'
    [problem] = check_text(text, catalogue=CLASSES)
    assert "another purpose" in problem.message


@pytest.mark.parametrize("language", list(Language))
def test_our_own_words_about_a_review_are_known_again(language: Language) -> None:
    for told in (waiting("大型 Large", "2026-03-01", language), turned_down("Large", language)):
        assert without_review(f"{told} Silent 9 days.") == "Silent 9 days."
    assert without_review("Called them, all well.") == "Called them, all well."
    for field, choices in CHOICES.items():
        assert FIELD_LABELS[field][language]
        assert len({choice.words[language] for choice in choices}) == len(choices)
