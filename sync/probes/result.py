"""What a probe is about to do, and what it found out, in words for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connector.model import Json, Organisation
from sync.probes.answer import Answer

MOST_TASKS = 4


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What a probe is about to do, for a person to agree to."""

    organisation: Organisation
    subject: str

    @property
    def sentence(self) -> str:
        """Before anything is made."""
        return (
            f"In {self.organisation.name} ({self.organisation.kind}) up to {MOST_TASKS} tasks named "
            f"'{self.subject} …' are opened, related to nobody and owned by the CRM user. They are changed "
            "about twenty times, twice at most with workflow rules allowed. In the end they are deleted, "
            "or closed where the consent does not cover deleting. That costs about 100 API credits and "
            "takes one to ten minutes."
        )


@dataclass(frozen=True, slots=True)
class Probed:
    """What was found out.

    Args:
        answers: one a question, in the order of asking; none where a person declined.
        left: id of each task that a person may delete → what became of it.
        file: where it is kept.
    """

    organisation: Organisation
    at: str
    answers: tuple[Answer, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None

    @property
    def settings(self) -> dict[str, Json]:
        """Switch of the stand-in → the setting under which it behaves as this organisation does."""
        return {
            answer.question.switch: answer.setting
            for answer in self.answers
            if answer.question.switch and answer.settled
        }

    def as_json(self) -> dict[str, Json]:
        """For ``--json`` and for the file."""
        return {
            "status": "done" if self.answers else "declined",
            "organisation": self.organisation.name,
            "organisation_id": self.organisation.id,
            "edition": self.organisation.edition,
            "kind": self.organisation.kind,
            "at": self.at,
            "answers": [answer.as_json() for answer in self.answers],
            "switches": self.settings,
            "left": dict(self.left),
        }

    @property
    def sentence(self) -> str:
        """For people."""
        if not self.answers:
            return "Nothing was made and nothing was tried."
        settled = sum(answer.settled for answer in self.answers)
        kept = f"It is kept in {self.file}." if self.file else ""
        return (
            f"{settled} of {len(self.answers)} questions are settled for {self.organisation.name}. "
            f"{kept} {self._what_to_mind}{self._what_is_left}"
        )

    @property
    def worries(self) -> tuple[Answer, ...]:
        """Answers on which fenlei relies and that are not as it needs them."""
        return tuple(answer for answer in self.answers if answer.worrying)

    @property
    def _what_to_mind(self) -> str:
        seen = "; ".join(answer.seen for answer in self.worries)
        return f"Take care, fenlei relies on something else: {seen}. " if seen else ""

    @property
    def _what_is_left(self) -> str:
        if not self.left:
            return "Nothing of it is left in Zoho."
        listed = ", ".join(f"{task_id} ({how})" for task_id, how in self.left.items())
        return f"Please delete these tasks in Zoho: {listed}."
