"""Lets the tests of follow-up use the office that the tests of the run work in."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
