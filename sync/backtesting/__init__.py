"""Looks back: how well the verdicts would have done on the organisation's own past, in figures and a picture.

Start reading at :mod:`sync.backtesting.looking_back`.
"""

from __future__ import annotations

from sync.backtesting.errors import CannotLookBack
from sync.backtesting.looking_back import backtest
from sync.backtesting.record import Record
from sync.backtesting.table import shown

__all__ = ["CannotLookBack", "Record", "backtest", "shown"]
