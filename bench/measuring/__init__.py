"""What the benchmarks share: a CRM to measure against, meters, the least possible, how results are told."""

import sys
from pathlib import Path

# The benchmarks run from a checkout, installed or not.
sys.path.append(str(Path(__file__).resolve().parents[2]))
