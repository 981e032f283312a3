"""Which playbooks apply to an account, how soon to follow up, and what its task says.

Pure functions over a policy and an account's classes; nothing here knows the CRM or today's date.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from sync.policy.model import Playbook, Policy
from sync.policy.placeholders import fill
from sync.words import Language

Classes = Mapping[str, str | None]
"""Dimension → the account's class, None where it has none (a prospect has no churn risk)."""

LONGEST_SUBJECT = 200
"""Characters of a subject, which leaves room for a suffix within Zoho's 255."""

_LONGEST_NAME = 80
_JOINER = "\u200d"


def matching(policy: Policy, classes: Classes) -> tuple[Playbook, ...]:
    """The playbooks for an account of these classes, in the order of the file."""
    return tuple(playbook for playbook in policy.playbooks if _matches(playbook, classes))


def follow_up_days(policy: Policy, classes: Classes) -> int:
    """Days until the next follow-up: of the first matching playbook that gives an interval."""
    given = (playbook.follow_up_days for playbook in matching(policy, classes))
    return next((days for days in given if days is not None), policy.otherwise_days)


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
        reason, a blank line and the checklist.

    Raises:
        ValueError: for a playbook without a task.
    """
    if playbook.task is None:
        raise ValueError(f"the playbook {playbook.purpose!r} opens no task")
    plain = {name: _one_line(text) for name, text in words.items()}
    steps = [f"☐ {fill(step, plain)}" for step in playbook.task.checklist[language]]
    subject = _subject(playbook.task.subject[language], plain)
    return subject, "\n".join([reason, "", *steps])


def _matches(playbook: Playbook, classes: Classes) -> bool:
    return all(classes.get(dimension) in codes for dimension, codes in playbook.when.items())


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
