"""Makes the modules of the benchmarks importable, which are commands and no package."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "bench"))
