"""How well the verdicts would have done on the organisation's own past, and whether simpler means do as well.

::

    past deals → cut-offs ─┬→ verdicts as of each day ─┐
                           ├→ simpler means, learnt ───┼→ figures → one finding
                           └→ what really followed ────┘

Start reading at :mod:`classifiers.backtest.walk`.
"""

from __future__ import annotations

from classifiers.backtest.finding import Finding, Kind, concluded
from classifiers.backtest.judging import CutOff, Judged
from classifiers.backtest.period import Period, cut_offs, latest_cut, needed_days, purchase_period
from classifiers.backtest.pooling import Pooled, pooled
from classifiers.backtest.sentences import notes, sentence
from classifiers.backtest.walk import walk

__all__ = [
    "CutOff",
    "Finding",
    "Judged",
    "Kind",
    "Period",
    "Pooled",
    "concluded",
    "cut_offs",
    "latest_cut",
    "needed_days",
    "notes",
    "pooled",
    "purchase_period",
    "sentence",
    "walk",
]
