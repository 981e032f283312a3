"""What the benchmarks share: a CRM to measure against, meters, the least possible, how results are told."""

import sys
from pathlib import Path

# The benchmarks measure the checkout that they lie in, whatever else is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
