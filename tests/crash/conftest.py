"""Where the tests of deaths find the office that the tests of the run work in."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "sync"))
