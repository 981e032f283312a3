"""The pages of playbooks for managers are those of the shipped policy."""

from dataclasses import replace
from pathlib import Path

import pytest

from sync.policy import Policy
from sync.policy.page import playbook_page
from sync.policy.page_words import FACT_WORDS, PAGE_WORDS
from sync.words import Language

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [("playbooks.md", Language.EN), ("playbooks.zh-CN.md", Language.ZH_HANS)]


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_the_page_is_what_the_shipped_policy_says(
    name: str, language: Language, shipped: Policy
) -> None:
    written = (DOCS / name).read_text("utf-8")
    assert written == playbook_page(shipped, language), f"write docs/{name} anew: playbook_page"


@pytest.mark.parametrize("language", list(Language))
def test_every_playbook_and_what_it_does_is_on_the_page(
    language: Language, shipped: Policy
) -> None:
    page = playbook_page(shipped, language)
    for place, playbook in enumerate(shipped.playbooks, start=1):
        entry = page.partition(f"\n### {place} {playbook.purpose}\n")[2].partition("\n## ")[0]
        entry = entry.partition("\n### ")[0]
        assert str(playbook.follow_up_days or "") in entry
        assert playbook.strategy.get(language, "") in entry
        assert all(shipped.marks[code][language] in entry for code in playbook.marks)
        assert all(number in entry for number in playbook.requirements)
        if playbook.task:
            assert playbook.task.subject[language] in entry
            assert all(f"- [ ] {step}" in entry for step in playbook.task.checklist[language])


def test_a_manager_s_own_words_for_classes_stand_on_the_page(shipped: Policy) -> None:
    own = replace(shipped, labels={("tier", "large"): {Language.EN: "Whale"}})
    assert "Tier: Whale or Medium" in playbook_page(own, Language.EN)


def test_a_policy_without_requirements_has_no_chapter_of_them(shipped: Policy) -> None:
    own = replace(shipped, playbooks=tuple(replace(p, requirements=()) for p in shipped.playbooks))
    assert "Requirement" not in playbook_page(own, Language.EN)


def test_the_words_of_the_page_are_there_in_three_languages(shipped: Policy) -> None:
    for words in [*PAGE_WORDS.values(), *FACT_WORDS.values()]:
        assert set(words) == set(Language)
        assert all(words.values())
    asked = {fact for playbook in shipped.playbooks for fact in (*playbook.has, *playbook.lacks)}
    assert asked <= set(FACT_WORDS)
