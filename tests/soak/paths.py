"""Puts the offices, photographs and lives of the other tests within reach of the soak's commands."""

from __future__ import annotations

import sys
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1]

for folder in (_TESTS.parent, _TESTS, _TESTS / "sync", _TESTS / "crash", _TESTS / "machine"):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
