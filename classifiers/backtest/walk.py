"""Goes back to earlier days, classifies every account as if it were then, and looks what really followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from classifiers.backtest.facts import Facts, called_on, known_on, until
from classifiers.backtest.judging import CutOff, judge
from classifiers.classify import classify
from classifiers.engine import Engine, Frame
from classifiers.settings import Settings

_JUDGED = frozenset({"loyalty", "churn_risk"})
"""The questions whose answers the days after them prove right or wrong."""


def walk(
    accounts: Frame,
    deals: Frame,
    *,
    cuts: Sequence[int],
    settings: Settings,
    engine: Engine,
    begin: Callable[[int], None] = lambda _cut: None,
) -> tuple[CutOff, ...]:
    """Judge the whole pipeline on each cut-off; what is dated after one never reaches its verdicts.

    Args:
        accounts: as for :func:`classifiers.classify.classify`; the classes that the CRM shows now
            are left out, since nobody knew them then.
        deals: likewise, those after the cut-offs included.
        cuts: day numbers, oldest first, each with its horizon over; a day on which nobody had
            bought yet is left out.
        settings: the policy's numbers.
        engine: where the tables are computed.
        begin: told each cut-off before it is judged.
    """
    accounts = accounts.select("account_id")
    seen: dict[int, Facts] = {}

    def facts_of(cut: int) -> Facts | None:
        if cut not in seen:
            seen[cut] = known_on(accounts, deals, cut=cut, settings=settings, engine=engine)
        return _teaching(seen[cut])

    judged = []
    for cut in cuts:
        begin(cut)
        past = until(deals, cut)
        found = classify(accounts, past, today=cut, settings=settings, engine=engine, asked=_JUDGED)
        now, called = called_on(found, deals, engine=engine)
        seen[cut] = now
        if len(now.churned):
            before = facts_of(cut - settings.horizon_days)
            model, horizon = found.model.as_dict(), settings.horizon_days
            judged.append(judge(now, called, before, as_of=cut, horizon=horizon, model=model))
    return tuple(judged)


def _teaching(facts: Facts) -> Facts | None:
    """An earlier day teaches something if some of its customers left and some stayed."""
    return facts if 0 < facts.churned.sum() < len(facts.churned) else None
