"""What a dimension is: one question asked of every account, and the few answers it can have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import narwhals as nw

from classifiers.settings import Settings
from classifiers.stability import WITHIN_MARGIN, chance_room, steady, was_column

Labels = Mapping[str, str]
"""A text in each language: ``en``, ``zh-Hans``, ``zh-Hant``."""


@dataclass(frozen=True, slots=True)
class Class:
    """One answer. The code never changes; the labels are what people see, in this colour (``#rrggbb``)."""

    code: str
    labels: Labels
    colour: str = ""


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
class ValueThresholds:
    """Expected spend of a year, in the home currency, from which an account's value is high or middle.

    ``proposed`` and 0 as for :class:`TierThresholds`.
    """

    high_from: float
    middle_from: float
    proposed: bool


NO_SIGNAL = "no_signal"
"""The kind of forecast that found nothing to go by, and gives everybody the same probability."""

NO_USABLE_SIGNAL = "no_usable_signal"
"""The rule of an answer that would take a signal to be another one."""

NO_SOURCE = "no_source"
"""The rule of a dimension that abstains, because the organisation keeps nothing to answer it from."""

NOT_ASKED = "not_asked"
"""The rule of a dimension that the policy leaves out."""

NO_VALUES = ValueThresholds(0.0, 0.0, proposed=True)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number that a decision compares with: the policy's and those proposed from the data.

    ``previous`` names the dimensions whose classes of before stand in the table; see
    :mod:`classifiers.stability`. ``signal`` tells whether the probabilities differ between accounts at
    all: without a usable signal nobody may be called loyal or churned by them. ``sources`` names what the
    organisation has to go by: columns of :data:`classifiers.profile.PROFILE` and
    :data:`classifiers.dealings.SOURCES`. ``today`` is a day number.
    """

    settings: Settings
    tiers: TierThresholds
    values: ValueThresholds = NO_VALUES
    previous: frozenset[str] = frozenset()
    signal: bool = True
    sources: frozenset[str] = frozenset()
    today: int = 0

    def chances(self, dimension: str, limits: Sequence[float]) -> list[nw.Expr]:
        """The limits of a probability between classes, steady where the classes of before are known.

        Args:
            dimension: the column of the class.
            limits: rising, one less than the dimension's rising classes.
        """
        rooms = [chance_room(limit, self.settings.probability_margin) for limit in limits]
        return steady(limits, rooms, self._was(dimension))

    def amounts(self, dimension: str, limits: Sequence[float]) -> list[nw.Expr]:
        """The same for limits of an amount."""
        rooms = [limit * self.settings.amount_margin for limit in limits]
        return steady(limits, rooms, self._was(dimension))

    def _was(self, dimension: str) -> nw.Expr | None:
        return nw.col(was_column(dimension)) if dimension in self.previous else None


@dataclass(frozen=True, slots=True)
class Decision:
    """A class code and the code of the rule that gave it, both as columns (null: no answer)."""

    answer: nw.Expr
    rule: nw.Expr


@dataclass(frozen=True, slots=True)
class Score:
    """A number that a dimension works out before it decides; ``kind`` is the type of its column."""

    kind: type[nw.Int64 | nw.Float64]
    of: Callable[[Thresholds], nw.Expr]


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
        rising: the classes between which one number decides, by rising number; an account that
            hovers at a limit then keeps its class.
        needs: sources of which at least one must be there; without any the dimension abstains for
            everybody. Empty where the deals alone are enough.
        after: verdict columns of other dimensions that this one reads.
        says: rule → what it means for an account, as a sentence in each language; facts and thresholds
            stand in it as ``{name}``.
        requirements: the numbers of the requirements that it meets.
        scores: column → a number that it goes by, which stands in the verdicts beside its answer.
        several: an account may have several of the classes; their codes then stand in one text, in the
            order of ``classes`` and separated by ``;``.
    """

    name: str
    column: str
    labels: Labels
    classes: tuple[Class, ...]
    reads: tuple[str, ...]
    decide: Callable[[Thresholds], Decision]
    thresholds: Callable[[Thresholds], Mapping[str, float]]
    rising: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()
    says: Mapping[str, Labels] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    scores: Mapping[str, Score] = field(default_factory=dict)
    several: bool = False

    def abstains(self, sources: Collection[str]) -> bool:
        """Whether the organisation has nothing that this question could be answered from."""
        return bool(self.needs) and self.needs.isdisjoint(sources)

    def columns(self, thresholds: Thresholds) -> list[nw.Expr]:
        """The verdict columns of this dimension."""
        if self.abstains(thresholds.sources):
            return self._no_answer(NO_SOURCE)
        decision = self.decide(thresholds)
        rule = decision.rule
        if self.column in thresholds.previous:
            plain = self.decide(replace(thresholds, previous=frozenset()))
            stays = nw.when(plain.answer != decision.answer)
            rule = stays.then(nw.lit(WITHIN_MARGIN)).otherwise(rule)
        return [decision.answer.alias(self.column), rule.alias(f"{self.name}_rule")]

    def unasked(self) -> list[nw.Expr]:
        """The same columns where nobody wants to know."""
        return self._no_answer(NOT_ASKED)

    def _no_answer(self, rule: str) -> list[nw.Expr]:
        return [_text(None).alias(self.column), _text(rule).alias(f"{self.name}_rule")]

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


def first_match(cases: Sequence[Case], otherwise: tuple[str | None, str]) -> Decision:
    """The decision of the first case that holds, read from the top like a manager's list of rules."""
    answer, rule = (_text(value) for value in otherwise)
    for case in reversed(cases):
        hit = nw.when(case.condition)
        answer = hit.then(_text(case.answer)).otherwise(answer)
        rule = hit.then(_text(case.rule)).otherwise(rule)
    return Decision(answer, rule)


def _text(value: str | None) -> nw.Expr:
    return nw.lit(None, nw.String) if value is None else nw.lit(value)
