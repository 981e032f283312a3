"""Reads the playbooks of the policy file: for whom each is, which task it opens, how often to follow up."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.policy.advice import not_among
from sync.policy.model import LONGEST_DAYS, PRIORITIES, Playbook, TaskPlan
from sync.policy.placeholders import misplaced
from sync.policy.sections import Catalogue
from sync.policy.table import Table
from sync.words import Language

_PLAYBOOK = ("purpose", "when", "follow_up_days", "task")
_TASK = ("subject", "checklist", "due_in_days", "priority", "remind_again_days", "at_first")
_LANGUAGES = tuple(Language)
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MOST_STEPS = 10
_LONGEST_LINE = 200
_LONGEST_DUE = 365


def read_playbooks(root: Table, catalogue: Catalogue) -> tuple[Playbook, ...]:
    """All ``[[playbook]]`` entries, each with a purpose of its own."""
    tables = root.sections("playbook", _PLAYBOOK)
    playbooks = tuple(_playbook(table, catalogue) for table in tables)
    first_with: dict[str, int] = {}
    for place, (table, playbook) in enumerate(zip(tables, playbooks, strict=True), start=1):
        first = first_with.setdefault(playbook.purpose, place)
        if playbook.purpose and first != place:
            table.notes.add(
                table.at("purpose"),
                f"Playbook {first} has the purpose {playbook.purpose!r} already. "
                "Give each playbook a name of its own.",
            )
    return playbooks


def _playbook(table: Table, catalogue: Catalogue) -> Playbook:
    table.require("purpose", 'purpose = "win-back"')
    table.require("when", '[playbook.when] and below it loyalty = ["at_risk"]')
    if not table.has("task") and not table.has("follow_up_days"):
        table.require("follow_up_days", "follow_up_days = 60, or a [playbook.task]")
    return Playbook(
        purpose=_purpose(table),
        when=_when(table, catalogue),
        follow_up_days=_days_if_given(table, "follow_up_days"),
        task=_task(table.section("task", _TASK)) if table.has("task") else None,
    )


def _purpose(table: Table) -> str:
    purpose = table.text("purpose")
    if table.has("purpose") and not _SLUG.fullmatch(purpose):
        table.notes.add(
            table.at("purpose"),
            f"{purpose!r} cannot serve as a key. Use up to 40 small letters, digits and hyphens, "
            'such as "win-back".',
        )
    return purpose


def _when(table: Table, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    if not table.has("when"):
        return {}
    when = table.section("when", tuple(catalogue))
    if table.value("when") == {}:
        table.notes.add(
            when.path, 'This names no class. Add at least one line, such as tier = ["large"]'
        )
    return {dimension: _classes(when, dimension, catalogue) for dimension in when.names()}


def _classes(when: Table, dimension: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The classes in the catalogue's order, so that the order in the file does not matter."""
    known = catalogue[dimension]
    given = when.texts(dimension)
    for code in given:
        if code not in known:
            when.notes.add(when.at(dimension), not_among(code, known))
    if not given and when.notes.is_clean(when.at(dimension)):
        when.refuse(dimension, "a list with at least one class", f'["{known[0]}"]')
    return tuple(code for code in known if code in given)


def _task(table: Table) -> TaskPlan:
    table.require("subject", '[playbook.task.subject] and below it en = "Call {account}"')
    table.require("checklist", '[playbook.task.checklist] and below it en = ["Call today"]')
    table.require("due_in_days", "due_in_days = 7")
    return TaskPlan(
        subject=_subject(table),
        checklist=_checklist(table),
        due_in_days=table.whole("due_in_days", 7, 0, _LONGEST_DUE),
        priority=table.choice("priority", "Normal", PRIORITIES),
        remind_again_days=_days_if_given(table, "remind_again_days"),
        at_first=table.flag("at_first", True),
    )


def _subject(task: Table) -> Mapping[Language, str]:
    table = _in_every_language(task, "subject")
    subject = {}
    for language in table.names():
        text = table.text(language)
        _check_lines(table, language, (text,))
        subject[Language(language)] = text
    return subject


def _checklist(task: Table) -> Mapping[Language, tuple[str, ...]]:
    table = _in_every_language(task, "checklist")
    lists = {}
    for language in table.names():
        steps = table.texts(language)
        _check_lines(table, language, steps)
        if not 0 < len(steps) <= _MOST_STEPS and table.notes.is_clean(table.at(language)):
            table.notes.add(
                table.at(language),
                f"A checklist has 1 to {_MOST_STEPS} steps, this has {len(steps)}. "
                "Keep the few that matter.",
            )
        lists[Language(language)] = steps
    return lists


def _in_every_language(task: Table, key: str) -> Table:
    """A table of texts by language; which of the three are missing is one problem, not three."""
    table = task.section(key, _LANGUAGES)
    missing = [language for language in _LANGUAGES if not table.stands_for(language)]
    if task.has(key) and missing and table.notes.is_clean(table.path):
        table.notes.add(
            table.path,
            f"The text in {' and '.join(missing)} is missing. Add it here: reps may read any of "
            "the three languages.",
        )
    return table


def _check_lines(table: Table, language: str, lines: tuple[str, ...]) -> None:
    """At most one problem a text: too long, several lines, or a wrong placeholder."""
    if not table.notes.is_clean(table.at(language)):
        return
    for line in lines:
        complaint = misplaced(line)
        if not line or len(line) > _LONGEST_LINE or len(line.splitlines()) > 1:
            complaint = f"Write one line of 1 to {_LONGEST_LINE} characters here."
        if complaint:
            table.notes.add(table.at(language), complaint)
            return


def _days_if_given(table: Table, key: str) -> int | None:
    return table.whole(key, 90, 1, LONGEST_DAYS) if table.has(key) else None
