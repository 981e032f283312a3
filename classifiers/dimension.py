"""What a dimension is: one question asked of every account, and the few answers it can have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import narwhals as nw

from classifiers.settings import Settings

Labels = Mapping[str, str]
"""A text in each language: ``en``, ``zh-Hans``, ``zh-Hant``."""


@dataclass(frozen=True, slots=True)
class Class:
    """One answer. The code never changes; the labels are what people see."""

    code: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class TierThresholds:
    """Trailing sales, in the home currency, from which an account is large or medium.

    ``proposed`` tells that they come from the organisation's own sales rather than from the
    policy. Both are 0 where there are no sales to propose them from.
    """

    large_from: float
    medium_from: float
    proposed: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number that a decision compares with: the policy's and those proposed from the data."""

    settings: Settings
    tiers: TierThresholds


@dataclass(frozen=True, slots=True)
class Decision:
    """A class code and the code of the rule that gave it, both as columns (null: no answer)."""

    answer: nw.Expr
    rule: nw.Expr


@dataclass(frozen=True, slots=True)
class Dimension:
    """One question.

    Args:
        name: its stable name; the rule goes to the column ``<name>_rule``.
        column: the verdict column that holds the class code.
        labels: the question's name as people see it.
        classes: the answers, in their natural order.
        reads: the columns that decide; they are the facts of a verdict.
        decide: the expressions, given the thresholds.
        thresholds: the numbers that decided, by name, for the verdict's evidence.
    """

    name: str
    column: str
    labels: Labels
    classes: tuple[Class, ...]
    reads: tuple[str, ...]
    decide: Callable[[Thresholds], Decision]
    thresholds: Callable[[Thresholds], Mapping[str, float]]

    def columns(self, thresholds: Thresholds) -> list[nw.Expr]:
        """The verdict columns of this dimension."""
        decision = self.decide(thresholds)
        return [decision.answer.alias(self.column), decision.rule.alias(f"{self.name}_rule")]

    def label(self, code: str, language: str) -> str:
        """What people read for a class code.

        Raises:
            KeyError: for a code or language that this dimension does not have.
        """
        return next(c.labels[language] for c in self.classes if c.code == code)


@dataclass(frozen=True, slots=True)
class Case:
    """When the condition holds, this is the answer and this the rule that gave it."""

    condition: nw.Expr
    answer: str | None
    rule: str


def first_match(cases: list[Case], otherwise: tuple[str | None, str]) -> Decision:
    """The decision of the first case that holds, read from the top like a manager's list of rules."""
    answer, rule = (_text(value) for value in otherwise)
    for case in reversed(cases):
        hit = nw.when(case.condition)
        answer = hit.then(_text(case.answer)).otherwise(answer)
        rule = hit.then(_text(case.rule)).otherwise(rule)
    return Decision(answer, rule)


def _text(value: str | None) -> nw.Expr:
    return nw.lit(None, nw.String) if value is None else nw.lit(value)
