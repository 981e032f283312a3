"""Lets the tests of the protocol use the offices of ``tests/sync``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "sync"))
