"""Reads the playbooks of the policy file: for whom each is, what it advises, marks and opens, how often."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from classifiers.dealings import DEALINGS
from classifiers.profile import PROFILE, PROSE
from sync.policy.advice import not_among
from sync.policy.model import LONGEST_DAYS, PRIORITIES, Conditions, Playbook, TaskKind, TaskPlan
from sync.policy.placeholders import misplaced
from sync.policy.sections import Catalogue
from sync.policy.table import Table
from sync.words import Language

FACTS = ("overdue_deals", *DEALINGS, *(name for name in PROFILE if name not in PROSE))
"""What a playbook may ask for, or for the lack of, beside the classes."""

_PLAYBOOK = (
    "purpose",
    "requirements",
    "when",
    "has",
    "lacks",
    "promotion",
    "follow_up_days",
    "strategy",
    "marks",
    "task",
)
_TASK = (
    "kind",
    "for_manager",
    "subject",
    "checklist",
    "due_in_days",
    "priority",
    "at_first",
    "came_from",
    "remind_again_days",
    "last_round",
    "until",
)
_KINDS: Mapping[str, TaskKind] = {
    "call": "call",
    "email": "email",
    "visit": "visit",
    "internal": "internal",
}
_DOES = ("follow_up_days", "strategy", "marks", "task")
_LANGUAGES = tuple(Language)
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_MARK = re.compile(r"[a-z][a-z0-9_]{0,39}")
_REQUIREMENT = re.compile(r"R\d{3}-\d{2}")
_LONGEST_MARK = 40
_MOST_MARKS = 100
_MOST_ROUNDS = 100
_MOST_STEPS = 10
_LONGEST_LINE = 200
_LONGEST_DUE = 365


Marks = dict[str, dict[Language, str]]
"""Code → what people read for the mark."""


def read_marks(root: Table) -> Marks:
    """``[marks.<code>]``: what a playbook may mark accounts with, each in three languages."""
    written = root.value("marks")
    codes = tuple(written) if isinstance(written, dict) else ()
    table = root.section("marks", codes)
    for code in codes:
        if not _MARK.fullmatch(code):
            table.notes.add(
                table.at(code),
                f"{code!r} cannot serve as a code. Use up to 40 small letters, digits and _, such "
                "as price_offer.",
            )
    if len(codes) > _MOST_MARKS:
        advice = f"These are more than {_MOST_MARKS} marks, which nobody can tell apart. Drop some."
        table.notes.add(table.path, advice)
    marks = {code: _words(table, code, _LONGEST_MARK) for code in codes}
    _check_distinct(table, marks)
    return marks


def read_playbooks(
    root: Table, catalogue: Catalogue, marks: Mapping[str, object]
) -> tuple[Playbook, ...]:
    """All ``[[playbook]]`` entries, each with a purpose of its own."""
    tables = root.sections("playbook", _PLAYBOOK)
    playbooks = tuple(_playbook(table, catalogue, marks) for table in tables)
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


def _playbook(table: Table, catalogue: Catalogue, marks: Mapping[str, object]) -> Playbook:
    table.require("purpose", 'purpose = "win-back"')
    table.require("when", '[playbook.when] and below it loyalty = ["at_risk"]')
    if not any(table.has(name) for name in _DOES):
        table.require("follow_up_days", "follow_up_days = 60, or a [playbook.task]")
    return Playbook(
        purpose=_purpose(table),
        when=_conditions(table, "when", catalogue),
        follow_up_days=_days_if_given(table, "follow_up_days"),
        task=_task(table.section("task", _TASK), catalogue) if table.has("task") else None,
        strategy=_words(table, "strategy", _LONGEST_LINE) if table.has("strategy") else {},
        marks=_codes(table, "marks", marks),
        promotion=table.flag("promotion", False),
        has=_codes(table, "has", FACTS),
        lacks=_codes(table, "lacks", FACTS),
        requirements=_requirements(table),
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


def _conditions(table: Table, key: str, catalogue: Catalogue) -> Conditions:
    if not table.has(key):
        return {}
    found = table.section(key, tuple(catalogue))
    if table.value(key) == {}:
        table.notes.add(
            found.path, 'This names no class. Add at least one line, such as tier = ["large"]'
        )
    return {dimension: _classes(found, dimension, catalogue) for dimension in found.names()}


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


def _codes(table: Table, key: str, known: Collection[str]) -> tuple[str, ...]:
    """Words of a list that is known, in the order of that list."""
    given = table.texts(key)
    for code in given:
        if code not in known and table.notes.is_clean(table.at(key)):
            table.notes.add(table.at(key), not_among(code, known))
    return tuple(code for code in known if code in given)


def _requirements(table: Table) -> tuple[str, ...]:
    numbers = table.texts("requirements")
    for number in numbers:
        if not _REQUIREMENT.fullmatch(number) and table.notes.is_clean(table.at("requirements")):
            advice = (
                f"{number!r} is no number of a requirement. Write it like R004-36, or leave it out."
            )
            table.notes.add(table.at("requirements"), advice)
    return numbers


def _task(table: Table, catalogue: Catalogue) -> TaskPlan:
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
        kind=_KINDS[table.choice("kind", "call", tuple(_KINDS))] if table.has("kind") else None,
        for_manager=table.flag("for_manager", False),
        last_round=_last_round(table),
        until=_conditions(table, "until", catalogue),
        came_from=_conditions(table, "came_from", catalogue),
    )


def _last_round(table: Table) -> int | None:
    """How often to open it again at most; a number without a rhythm would do nothing."""
    if not table.has("last_round"):
        return None
    if not table.stands_for("remind_again_days"):
        advice = (
            "This counts repetitions, but there are none. Add remind_again_days = 30, or delete it."
        )
        table.notes.add(table.at("last_round"), advice)
    return table.whole("last_round", 3, 1, _MOST_ROUNDS)


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


def _words(around: Table, key: str, longest: int) -> dict[Language, str]:
    """One line in every language, in which nothing is filled in."""
    table = _in_every_language(around, key)
    words = {}
    for language in table.names():
        text = words[Language(language)] = table.text(language)
        if not table.notes.is_clean(table.at(language)):
            continue
        if not 0 < len(text) <= longest or len(text.splitlines()) > 1 or set("{}") & set(text):
            advice = f"Write one line of 1 to {longest} characters here, without braces."
            table.notes.add(table.at(language), advice)
    return words


def _check_distinct(table: Table, marks: Marks) -> None:
    """Two marks under one label could not be told apart."""
    owner: dict[tuple[Language, str], str] = {}
    for code, words in marks.items():
        for language, text in words.items():
            first = owner.setdefault((language, text.casefold()), code)
            if text and first != code:
                table.notes.add(
                    (*table.at(code), language),
                    f"The mark {first!r} reads {text!r} already. Choose another label.",
                )


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
