"""Sets Python up for reading very many customers: less looking for rubbish, shorter waits between threads."""

from __future__ import annotations

import gc
import sys

_SWITCH_AFTER = 0.0002
"""Seconds for which a thread may keep the others waiting. A page comes in a dozen pieces; at each of them the
thread that fetches it waits so long for the one that reads the page before, and with Python's usual 5 ms that
adds up to more than the page itself takes."""


def set_pace() -> None:
    """Set up this process; for programs of their own, not for what is imported into somebody else's."""
    gc.set_threshold(
        50_000, 20, 100
    )  # a sixth of a pull goes into looking for what pages never hold
    sys.setswitchinterval(_SWITCH_AFTER)
