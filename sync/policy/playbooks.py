"""Which playbooks apply to an account, what they advise, how soon to follow up, and what a task says.

Pure functions over a policy and what is known of an account; nothing here knows the CRM or today's date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from sync.policy.model import Conditions, Playbook, Policy, TaskPlan
from sync.policy.placeholders import fill
from sync.words import Language

Classes = Mapping[str, str | None]
"""Dimension → the account's class, None where it has none (a prospect has no churn risk).

Where a dimension allows several classes, their codes stand in one text, separated by ``;``.
"""

Facts = Mapping[str, object]
"""Verdict column → what is known of the account, such as ``open_complaints`` or ``pause_reason``."""

NO_FACTS: Facts = {}
"""Nothing is known; playbooks that ask for a fact, or for the lack of one, then say nothing."""

DISSATISFIED: Conditions = {"satisfaction": ("dissatisfied",)}
"""Who is to be apologised to, and therefore is not sold to."""

LONGEST_SUBJECT = 200
"""Characters of a subject, which leaves room for a suffix within Zoho's 255."""

HOW: Mapping[str, Mapping[Language, str]] = {
    "call": {
        Language.EN: "By phone:",
        Language.ZH_HANS: "方式：电话",
        Language.ZH_HANT: "方式：電話",
    },
    "email": {
        Language.EN: "By e-mail:",
        Language.ZH_HANS: "方式：邮件",
        Language.ZH_HANT: "方式：電子郵件",
    },
    "visit": {
        Language.EN: "In person:",
        Language.ZH_HANS: "方式：面谈",
        Language.ZH_HANT: "方式：當面拜訪",
    },
    "internal": {
        Language.EN: "Among ourselves:",
        Language.ZH_HANS: "方式：内部处理",
        Language.ZH_HANT: "方式：內部作業",
    },
}
"""The line above the checklist, by the task's kind."""

_LONGEST_NAME = 80
_JOINER = "\u200d"


def matching(policy: Policy, classes: Classes, facts: Facts = NO_FACTS) -> tuple[Playbook, ...]:
    """The playbooks for such an account, in the order of the file; no promotion for who complains."""
    return tuple(_matching(policy, classes, facts))


def _matching(policy: Policy, classes: Classes, facts: Facts) -> Iterator[Playbook]:
    for playbook in policy.playbooks:
        if not in_every(classes, playbook.when) or not _facts_fit(playbook, facts):
            continue
        if not suppressed(playbook, classes, facts):
            yield playbook


def suppressed(playbook: Playbook, classes: Classes, facts: Facts = NO_FACTS) -> bool:
    """Whether a playbook sells to somebody who waits for an apology."""
    if not playbook.promotion:
        return False
    return in_any(classes, DISSATISFIED) or _is_known(facts.get("open_complaints"))


def follow_up_days(policy: Policy, classes: Classes, facts: Facts = NO_FACTS) -> int:
    """Days until the next follow-up: of the first matching playbook that gives an interval."""
    given = (playbook.follow_up_days for playbook in _matching(policy, classes, facts))
    return next((days for days in given if days is not None), policy.otherwise_days)


def strategy(policy: Policy, classes: Classes, facts: Facts = NO_FACTS) -> str:
    """What a rep is advised to do, by the first matching playbook that says so; "" where none does."""
    said = (playbook.strategy for playbook in _matching(policy, classes, facts))
    return next((words[policy.language] for words in said if words), "")


def marks(policy: Policy, classes: Classes, facts: Facts = NO_FACTS) -> tuple[str, ...]:
    """Codes of all marks that matching playbooks give, in the order of the policy's marks."""
    given = {mark for playbook in _matching(policy, classes, facts) for mark in playbook.marks}
    return tuple(mark for mark in policy.marks if mark in given)


def due_round(task: TaskPlan, classes: Classes, before: Classes, days_in_class: int) -> int | None:
    """Which time the task is to be opened for an account by now, 0 for the first; None: not (any more).

    Args:
        task: of a playbook that matches the account.
        classes: where the account is.
        before: dimension → the class that it was in just before, "" or None where there was none.
        days_in_class: days since it entered the classes that the playbook is for.
    """
    if task.came_from and not in_any(before, task.came_from):
        return None
    if in_any(classes, task.until):
        return None
    number = days_in_class // task.remind_again_days if task.remind_again_days else 0
    return None if task.last_round is not None and number > task.last_round else number


def occasion_dimensions(playbook: Playbook) -> tuple[str, ...]:
    """The dimensions whose last change begins a new occasion, and with it the count of rounds.

    Where a task is for customers who came from somewhere, only that change counts: it does not begin
    anew because such a customer grew in the meantime.
    """
    came_from = playbook.task.came_from if playbook.task else {}
    return tuple(came_from or playbook.when)


def takers(
    task: TaskPlan, owner: str, managers: Mapping[str, str], fallback: str
) -> tuple[str, ...]:
    """Who may be given a task, the first choice first; whoever is inactive is to be passed over.

    Args:
        task: for the owner, or for the owner's manager.
        owner: id of the account's owner, "" for none.
        managers: user id → id of the user's manager.
        fallback: id of who takes what nobody else can, "" for nobody.
    """
    people = (managers.get(owner, ""), fallback, owner) if task.for_manager else (owner, fallback)
    return tuple(dict.fromkeys(person for person in people if person))


def task_text(
    playbook: Playbook, language: Language, words: Mapping[str, str], reason: str
) -> tuple[str, str]:
    """Subject and description of a playbook's task.

    Args:
        playbook: one that has a task.
        language: of the texts.
        words: what the placeholders ``account``, ``tier``, ``loyalty``, ``risk`` and ``value`` stand for.
        reason: why the account is in its classes; opens the description.

    Returns:
        A subject of one line and at most ``LONGEST_SUBJECT`` characters, and a description of the
        reason, a blank line, how the task is done, and the checklist.

    Raises:
        ValueError: for a playbook without a task.
    """
    task = playbook.task
    if task is None:
        raise ValueError(f"the playbook {playbook.purpose!r} opens no task")
    plain = {name: _one_line(text) for name, text in words.items()}
    how = [HOW[task.kind][language]] if task.kind else []
    steps = [f"☐ {fill(step, plain)}" for step in task.checklist[language]]
    subject = _subject(task.subject[language], plain)
    return subject, "\n".join([reason, "", *how, *steps])


def in_every(classes: Classes, conditions: Conditions) -> bool:
    """Whether an account has one of the classes in every dimension."""
    return all(_is_one_of(classes.get(name), codes) for name, codes in conditions.items())


def in_any(classes: Classes, conditions: Conditions) -> bool:
    """Whether an account has one of the classes in any of the dimensions."""
    return any(_is_one_of(classes.get(name), codes) for name, codes in conditions.items())


def _is_one_of(given: str | None, codes: tuple[str, ...]) -> bool:
    if not given:
        return False
    return given in codes or (";" in given and not set(given.split(";")).isdisjoint(codes))


def _facts_fit(playbook: Playbook, facts: Facts) -> bool:
    """A fact that nobody asked for is neither there nor missing."""
    return all(_is_known(facts.get(name)) for name in playbook.has) and all(
        name in facts and not _is_known(facts[name]) for name in playbook.lacks
    )


def _is_known(fact: object) -> bool:
    """None, an empty text and a count of nothing are no facts."""
    return fact is not None and fact not in ("", 0)


def _subject(template: str, words: Mapping[str, str]) -> str:
    """A long name is cut first, so that the words behind it are still read."""
    subject = fill(template, words)
    if len(subject) > LONGEST_SUBJECT:
        name = _cut(words.get("account", ""), _LONGEST_NAME)
        subject = fill(template, {**words, "account": name})
    return _cut(subject, LONGEST_SUBJECT)


def _one_line(text: str) -> str:
    printable = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return re.sub(r"\s+", " ", printable).strip()


def _cut(text: str, length: int) -> str:
    """At most ``length`` characters, the last an ellipsis; never within a composed character."""
    if len(text) <= length:
        return text
    end = length - 1
    while end > 0 and (_attaches(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip() + "…"


def _attaches(char: str) -> bool:
    return char == _JOINER or unicodedata.category(char) in {"Mn", "Me", "Mc"}
