"""One open question about Zoho, and what an experiment showed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connector.model import Json
from sync.probes.bench import Bench


def _always(_setting: Json) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What an experiment showed, and the stand-in's setting that behaves so; None settles nothing."""

    text: str
    setting: Json = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and how to answer it.

    Args:
        number: of the probe it belongs to, as administrators know the list.
        text: the question.
        relies: whether fenlei relies on the answer, and why not.
        switch: of :class:`connector.standin.switches.Switches`; empty where the stand-in has none.
        experiment: tries it out; None where only a person can.
        by_hand: how a person finds out, where we could not.
        is_safe: whether fenlei can live with an answer that it relies on.
    """

    number: int
    text: str
    relies: str
    switch: str = ""
    experiment: Callable[[Bench], Seen] | None = None
    by_hand: str = ""
    is_safe: Callable[[Json], bool] = _always


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with what was seen; ``ran`` tells an experiment from a reason why there was none."""

    question: Question
    ran: bool
    seen: str
    setting: Json = None

    @property
    def settled(self) -> bool:
        """Whether we know more than before."""
        return self.setting is not None

    @property
    def worrying(self) -> bool:
        """Whether Zoho does not keep what fenlei relies on, or did not within the time we looked."""
        relies = self.question.relies.startswith("Yes")
        return self.ran and relies and not (self.settled and self.question.is_safe(self.setting))

    def as_json(self) -> dict[str, Json]:
        """For ``--json`` and the file."""
        return {
            "probe": self.question.number,
            "question": self.question.text,
            "ran": self.ran,
            "seen": self.seen,
            "switch": self.question.switch or None,
            "setting": self.setting,
            "relies": self.question.relies,
            "worrying": self.worrying,
            "by_hand": "" if self.settled else self.question.by_hand,
        }
