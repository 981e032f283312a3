"""The place where tables are worked out: on this machine, or on many, without the rules knowing which."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy table, whichever engine it belongs to."""

Columns: TypeAlias = dict[str, NDArray[np.generic]]
"""Named columns of equal length, as NumPy holds them."""


class Engine(Protocol):
    """Where lazy tables are computed. The classifiers ask for nothing else.

    Everything between these two calls stays lazy and inside the engine, so that accounts are never
    walked through one by one in Python.
    """

    def keep(self, frame: Frame, name: str) -> Frame:
        """Compute ``frame`` once and give back a frame over the stored result.

        ``name`` only labels the result: frames that were kept before under the same name stay valid.
        """

    def fetch(self, frame: Frame) -> Columns:
        """Bring a small table (counts, never accounts) into NumPy; columns must hold no nulls."""
